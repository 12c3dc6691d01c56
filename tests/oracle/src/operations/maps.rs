//! The family Maps.

use std::{collections::BTreeMap, rc::Rc};

use ttvm_isa::Fault;

use super::mismatch;
use crate::{compare::Key, value::Value};

type Map = Rc<BTreeMap<Key, Value>>;

fn map_of(operation: &'static str, value: Value) -> Result<Map, Fault> {
    match value {
        Value::Map(map) => Ok(map),
        other => Err(mismatch(operation, "a map", &[&other])),
    }
}

pub(crate) fn new([]: [Value; 0]) -> Result<Value, Fault> {
    Ok(Value::Map(Rc::default()))
}

pub(crate) fn put([map, key, value]: [Value; 3]) -> Result<Value, Fault> {
    let mut map = map_of("MAP_PUT", map)?;
    // A key that is there already stays: a function may equal another by the order and print differently.
    Rc::make_mut(&mut map).insert(Key(key), value);
    Ok(Value::Map(map))
}

pub(crate) fn get([map, key]: [Value; 2]) -> Result<Value, Fault> {
    Ok(map_of("MAP_GET", map)?.get(&Key(key)).cloned().unwrap_or(Value::Null))
}

pub(crate) fn remove([map, key]: [Value; 2]) -> Result<Value, Fault> {
    let mut map = map_of("MAP_REMOVE", map)?;
    Rc::make_mut(&mut map).remove(&Key(key));
    Ok(Value::Map(map))
}

pub(crate) fn has([map, key]: [Value; 2]) -> Result<Value, Fault> {
    Ok(Value::answer(map_of("MAP_HAS", map)?.contains_key(&Key(key))))
}

pub(crate) fn keys([map]: [Value; 1]) -> Result<Value, Fault> {
    Ok(Value::list(map_of("MAP_KEYS", map)?.keys().map(|key| key.0.clone()).collect()))
}

pub(crate) fn size([map]: [Value; 1]) -> Result<Value, Fault> {
    Ok(Value::int(map_of("MAP_SIZE", map)?.len()))
}
