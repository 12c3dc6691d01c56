//! The family Objects.

use std::rc::Rc;

use ttvm_isa::{Fault, Text};

use super::mismatch;
use crate::value::{Object, Value};

fn object_of(operation: &'static str, value: Value) -> Result<Rc<Object>, Fault> {
    match value {
        Value::Object(object) => Ok(object),
        other => Err(mismatch(operation, "an object", &[&other])),
    }
}

pub(crate) fn new([]: [Value; 0]) -> Result<Value, Fault> {
    Ok(Value::Object(Rc::default()))
}

pub(crate) fn set(name: &Text, [object, value]: [Value; 2]) -> Result<Value, Fault> {
    let mut object = object_of("SET_FIELD", object)?;
    Rc::make_mut(&mut object).set(name, value);
    Ok(Value::Object(object))
}

pub(crate) fn get(name: &Text, [object]: [Value; 1]) -> Result<Value, Fault> {
    Ok(object_of("GET_FIELD", object)?.get(name).cloned().unwrap_or(Value::Null))
}

pub(crate) fn has(name: &Text, [object]: [Value; 1]) -> Result<Value, Fault> {
    Ok(Value::answer(object_of("HAS_FIELD", object)?.get(name).is_some()))
}

pub(crate) fn delete(name: &Text, [object]: [Value; 1]) -> Result<Value, Fault> {
    let mut object = object_of("DELETE_FIELD", object)?;
    Rc::make_mut(&mut object).remove(name);
    Ok(Value::Object(object))
}

pub(crate) fn keys([object]: [Value; 1]) -> Result<Value, Fault> {
    let object = object_of("KEYS", object)?;
    Ok(Value::list(object.iter().map(|(name, _)| Value::str(name.as_str())).collect()))
}
