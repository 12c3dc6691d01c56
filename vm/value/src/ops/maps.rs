//! Maps and their instructions.

use ttvm_isa::Fault;

use super::expect::mismatch;
use crate::{
    list::List,
    map::Map,
    value::Value,
    work::{Fuel, whole},
};

const A_MAP: &str = "a map";

fn map<'a>(operation: &'static str, value: &'a Value) -> Result<&'a Map, Fault> {
    match value {
        Value::Map(map) => Ok(map),
        other => Err(mismatch(operation, A_MAP, other)),
    }
}

/// `MAP_NEW`.
#[must_use]
pub fn map_new() -> Value {
    Value::Map(Map::new())
}

/// `MAP_PUT`: the map with the key set.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the first operand is a map, [`Fault::Limit`] when there is no room.
pub fn map_put(m: Value, key: Value, value: Value) -> Result<Value, Fault> {
    match m {
        Value::Map(mut map) => {
            map.insert(key, value)?;
            Ok(Value::Map(map))
        }
        other => Err(mismatch("MAP_PUT", A_MAP, &other)),
    }
}

/// `MAP_GET`: the key's value, or null.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the first operand is a map.
#[inline]
pub fn map_get(m: &Value, key: &Value) -> Result<Value, Fault> {
    Ok(map("MAP_GET", m)?.get(key).unwrap_or(Value::Null))
}

/// `MAP_REMOVE`: the map without the key.
///
/// # Errors
/// As for [`map_put`].
pub fn map_remove(m: Value, key: &Value) -> Result<Value, Fault> {
    match m {
        Value::Map(mut map) => {
            map.remove(key)?;
            Ok(Value::Map(map))
        }
        other => Err(mismatch("MAP_REMOVE", A_MAP, &other)),
    }
}

/// `MAP_REMOVE`, with pauses.
///
/// # Errors
/// As for [`map_put`].
pub async fn map_remove_in_pieces(m: Value, key: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    match m {
        Value::Map(mut map) => {
            map.remove_in_pieces(key, fuel).await?;
            Ok(Value::Map(map))
        }
        other => Err(mismatch("MAP_REMOVE", A_MAP, &other)),
    }
}

/// `MAP_HAS`.
///
/// # Errors
/// As for [`map_get`].
pub fn map_has(m: &Value, key: &Value) -> Result<bool, Fault> {
    Ok(map("MAP_HAS", m)?.contains(key))
}

/// `MAP_KEYS`: the keys in the total order.
///
/// # Errors
/// As for [`map_put`].
pub fn map_keys(m: &Value) -> Result<Value, Fault> {
    whole(async |fuel| map_keys_in_pieces(m, fuel).await)
}

/// `MAP_KEYS`, with pauses.
///
/// # Errors
/// As for [`map_keys`].
pub async fn map_keys_in_pieces(m: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let entries = map("MAP_KEYS", m)?.iter();
    Ok(Value::List(List::collect_in_pieces(entries.map(|(key, _)| key.to_value()), fuel).await?))
}

/// `MAP_SIZE`.
///
/// # Errors
/// As for [`map_get`].
pub fn map_size(m: &Value) -> Result<Value, Fault> {
    Ok(Value::Int(map("MAP_SIZE", m)?.len() as i64))
}
