//! Objects and their instructions. Field names are str values, usually constants of the program.

use ttvm_isa::Fault;

use super::expect::{mismatch, string};
use crate::{
    list::List,
    object::Object,
    value::Value,
    work::{Fuel, whole},
};

const AN_OBJECT: &str = "an object";

#[inline]
fn object<'a>(operation: &'static str, value: &'a Value) -> Result<&'a Object, Fault> {
    match value {
        Value::Object(object) => Ok(object),
        other => Err(mismatch(operation, AN_OBJECT, other)),
    }
}

/// `MAKE_OBJECT`.
#[must_use]
pub fn make_object() -> Value {
    Value::Object(Object::new())
}

/// `SET_FIELD`: the object with the field set; a new field comes last.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the first operand is an object, [`Fault::Limit`] when there is no room.
#[inline]
pub fn set_field(value: Value, name: &Value, field: Value) -> Result<Value, Fault> {
    match value {
        Value::Object(mut object) => {
            object.set(string("SET_FIELD", name)?, field)?;
            Ok(Value::Object(object))
        }
        other => Err(mismatch("SET_FIELD", AN_OBJECT, &other)),
    }
}

/// `GET_FIELD`: the field's value, or null.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the first operand is an object.
#[inline]
pub fn get_field(value: &Value, name: &Value) -> Result<Value, Fault> {
    let object = object("GET_FIELD", value)?;
    Ok(object.get(string("GET_FIELD", name)?).cloned().unwrap_or(Value::Null))
}

/// `HAS_FIELD`.
///
/// # Errors
/// As for [`get_field`].
pub fn has_field(value: &Value, name: &Value) -> Result<bool, Fault> {
    let object = object("HAS_FIELD", value)?;
    Ok(object.contains(string("HAS_FIELD", name)?))
}

/// `DELETE_FIELD`: the object without the field.
///
/// # Errors
/// As for [`set_field`].
pub fn delete_field(value: Value, name: &Value) -> Result<Value, Fault> {
    match value {
        Value::Object(mut object) => {
            object.remove(string("DELETE_FIELD", name)?)?;
            Ok(Value::Object(object))
        }
        other => Err(mismatch("DELETE_FIELD", AN_OBJECT, &other)),
    }
}

/// `KEYS`: the names in the order of their insertion.
///
/// # Errors
/// As for [`set_field`].
pub fn keys(value: &Value) -> Result<Value, Fault> {
    whole(async |fuel| keys_in_pieces(value, fuel).await)
}

/// `KEYS`, with pauses.
///
/// # Errors
/// As for [`keys`].
pub async fn keys_in_pieces(value: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let object = object("KEYS", value)?;
    let mut names = List::with_room_for_values(object.len())?;
    for (name, _) in object {
        names.push_value(Value::Str(name.clone()))?;
        fuel.spend(4).await;
    }
    Ok(Value::List(names))
}
