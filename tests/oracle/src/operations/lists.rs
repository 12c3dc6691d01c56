//! The family Lists, and `LEN`, `INDEX`, `SLICE`, `CONTAINS` of other sequences.

use std::rc::Rc;

use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;
use ttvm_isa::{Fault, limits};

use super::{mismatch, place, too_many_elements};
use crate::{
    compare::{equals, total_order},
    value::Value,
};

fn list_of(operation: &'static str, value: Value) -> Result<Rc<Vec<Value>>, Fault> {
    match value {
        Value::List(items) => Ok(items),
        other => Err(mismatch(operation, "a list", &[&other])),
    }
}

fn index_of(operation: &'static str, value: &Value) -> Result<BigInt, Fault> {
    match value {
        Value::Int(int) => Ok(int.clone()),
        other => Err(mismatch(operation, "an integer index", &[other])),
    }
}

pub(crate) fn len([a]: [Value; 1]) -> Result<Value, Fault> {
    Ok(Value::int(match &a {
        Value::List(items) => items.len(),
        Value::Object(object) => object.len(),
        Value::Map(map) => map.len(),
        Value::Str(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::I64Array(array) => array.len(),
        Value::F64Array(array) => array.len(),
        other => return Err(mismatch("LEN", "a list or object", &[other])),
    }))
}

pub(crate) fn index([list, index]: [Value; 2]) -> Result<Value, Fault> {
    let within = |length: usize| place(&index_of("INDEX", &index)?, length);
    match &list {
        Value::List(items) => Ok(items[within(items.len())?].clone()),
        Value::I64Array(array) => Ok(Value::int(array[within(array.len())?])),
        Value::F64Array(array) => Ok(Value::Float(array[within(array.len())?])),
        Value::Bytes(bytes) => Ok(Value::int(bytes[within(bytes.len())?])),
        Value::Str(text) => {
            let characters: Vec<char> = text.chars().collect();
            Ok(Value::str(characters[within(characters.len())?]))
        }
        other => Err(mismatch("INDEX", "a list", &[other])),
    }
}

pub(crate) fn append([list, value]: [Value; 2]) -> Result<Value, Fault> {
    let mut items = list_of("APPEND", list)?;
    Rc::make_mut(&mut items).push(value);
    Ok(Value::List(items))
}

pub(crate) fn set_index([list, index, value]: [Value; 3]) -> Result<Value, Fault> {
    let mut items = list_of("SET_INDEX", list)?;
    let place = place(&index_of("SET_INDEX", &index)?, items.len())?;
    Rc::make_mut(&mut items)[place] = value;
    Ok(Value::List(items))
}

/// A bound of `SLICE` and `SUBSTR`, moved to the nearest place that exists.
pub(crate) fn clamp(bound: &BigInt, length: usize) -> usize {
    if bound.sign() == Sign::Minus { 0 } else { bound.to_usize().map_or(length, |bound| bound.min(length)) }
}

pub(crate) fn slice([list, start, end]: [Value; 3]) -> Result<Value, Fault> {
    let bounds = |length: usize| {
        let start = clamp(&index_of("SLICE", &start)?, length);
        let end = clamp(&index_of("SLICE", &end)?, length);
        Ok(start..end.max(start))
    };
    Ok(match &list {
        Value::List(items) => Value::list(items[bounds(items.len())?].to_vec()),
        Value::Bytes(bytes) => Value::Bytes(Rc::new(bytes[bounds(bytes.len())?].to_vec())),
        Value::I64Array(array) => Value::I64Array(Rc::new(array[bounds(array.len())?].to_vec())),
        Value::F64Array(array) => Value::F64Array(Rc::new(array[bounds(array.len())?].to_vec())),
        other => return Err(mismatch("SLICE", "a list", &[other])),
    })
}

pub(crate) fn concat([a, b]: [Value; 2]) -> Result<Value, Fault> {
    match (a, b) {
        (Value::List(mut a), Value::List(b)) => {
            Rc::make_mut(&mut a).extend(b.iter().cloned());
            Ok(Value::List(a))
        }
        (a, b) => {
            let wrong = if matches!(a, Value::List(_)) { b } else { a };
            Err(mismatch("LIST_CONCAT", "a list", &[&wrong]))
        }
    }
}

pub(crate) fn reverse([list]: [Value; 1]) -> Result<Value, Fault> {
    let mut items = list_of("REVERSE", list)?;
    Rc::make_mut(&mut items).reverse();
    Ok(Value::List(items))
}

pub(crate) fn sort([list]: [Value; 1]) -> Result<Value, Fault> {
    let mut items = list_of("SORT", list)?;
    Rc::make_mut(&mut items).sort_by(total_order);
    Ok(Value::List(items))
}

pub(crate) fn range([from, to]: [Value; 2]) -> Result<Value, Fault> {
    let (Value::Int(from), Value::Int(to)) = (&from, &to) else {
        return Err(mismatch("RANGE", "two integers", &[&from, &to]));
    };
    let count = to - from;
    if count > BigInt::from(limits::ELEMENTS_MAX) {
        return Err(too_many_elements());
    }
    let count = count.to_u64().unwrap_or(0);
    Ok(Value::list((0..count).map(|step| Value::Int(from + step)).collect()))
}

pub(crate) fn contains([list, value]: [Value; 2]) -> Result<Value, Fault> {
    match (&list, &value) {
        (Value::List(items), value) => Ok(Value::answer(items.iter().any(|item| equals(item, value)))),
        (Value::Str(text), Value::Str(part)) => Ok(Value::answer(text.contains(part.as_str()))),
        (Value::Str(_), other) => Err(mismatch("CONTAINS", "a string", &[other])),
        (other, _) => Err(mismatch("CONTAINS", "a list", &[other])),
    }
}
