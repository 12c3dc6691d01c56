//! Lists and their instructions, and those that take any sequence (`LEN`, `INDEX`, `SLICE`, `CONTAINS`).

use num_bigint::BigInt;
use num_traits::ToPrimitive;
use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

use super::{
    compare::{Number, equals, float_total_cmp, number, total_cmp},
    expect::{clamped, index as index_of, mismatch, mismatch_both, string},
    strings,
};
use crate::{
    array::{F64Array, I64Array},
    big::Big,
    bytes::Bytes,
    heap::NoRoom,
    list::{Chunk, FlatMut, List},
    text::Str,
    value::Value,
};

const A_LIST: &str = "a list";

fn into_list(operation: &'static str, value: Value) -> Result<List, Fault> {
    match value {
        Value::List(list) => Ok(list),
        other => Err(mismatch(operation, A_LIST, &other)),
    }
}

/// `MAKE_LIST`: a list of these values, the first at index 0.
///
/// # Errors
/// [`Fault::Limit`] when there is no room.
pub fn make_list(values: impl ExactSizeIterator<Item = Value>) -> Result<Value, Fault> {
    Ok(Value::List(List::collect(values)?))
}

/// `LEN`.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is a list, object, map, array, str or bytes.
#[inline]
pub fn len(value: &Value) -> Result<Value, Fault> {
    let length = match value {
        Value::List(list) => list.len(),
        Value::Object(object) => object.len(),
        Value::Map(map) => map.len(),
        Value::Str(text) => text.char_count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::I64Array(array) => array.len(),
        Value::F64Array(array) => array.len(),
        other => return Err(mismatch("LEN", "a list or object", other)),
    };
    Ok(Value::Int(length as i64))
}

/// `INDEX`: an element of a list, array or bytes, or a character of a str.
///
/// # Errors
/// [`Fault::TypeMismatch`] for other operands, [`Fault::IndexOutOfBounds`].
#[inline]
pub fn index(container: &Value, at: &Value) -> Result<Value, Fault> {
    if let (Value::List(list), Value::Int(int)) = (container, at)
        && let Ok(position) = usize::try_from(*int)
        && let Some(item) = list.get(position)
    {
        return Ok(item.to_value());
    }
    index_slow(container, at)
}

#[inline(never)]
fn index_slow(container: &Value, at: &Value) -> Result<Value, Fault> {
    let within = |length| index_of("INDEX", at, length);
    match container {
        Value::List(list) => {
            let item = list.get(within(list.len())?).expect("the index was tested");
            Ok(item.to_value())
        }
        Value::I64Array(array) => Ok(Value::Int(array.as_slice()[within(array.len())?])),
        Value::F64Array(array) => Ok(Value::Float(array.as_slice()[within(array.len())?])),
        Value::Bytes(bytes) => Ok(Value::Int(i64::from(bytes[within(bytes.len())?]))),
        Value::Str(text) => strings::character(text, within(text.char_count())?),
        other => Err(mismatch("INDEX", A_LIST, other)),
    }
}

/// `APPEND`: the list with the value at its end.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the first operand is a list, [`Fault::Limit`] when there is no room.
#[inline]
pub fn append(list: Value, value: Value) -> Result<Value, Fault> {
    let mut list = into_list("APPEND", list)?;
    list.push(value)?;
    Ok(Value::List(list))
}

/// `SET_INDEX`: the list with the value at the index.
///
/// # Errors
/// As for [`append`], or [`Fault::IndexOutOfBounds`].
#[inline]
pub fn set_index(list: Value, at: &Value, value: Value) -> Result<Value, Fault> {
    let mut list = into_list("SET_INDEX", list)?;
    let index = index_of("SET_INDEX", at, list.len())?;
    list.set(index, value)?;
    Ok(Value::List(list))
}

/// `SLICE`: the elements from `start` to `end`, `end` excluded; what lies outside is left out.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operands are a list, bytes or array, and ints.
pub fn slice(container: &Value, start: &Value, end: &Value) -> Result<Value, Fault> {
    let range = |length| -> Result<std::ops::Range<usize>, Fault> {
        let start = clamped("SLICE", start, length)?;
        let end = clamped("SLICE", end, length)?;
        Ok(start..end.max(start))
    };
    match container {
        Value::List(list) => {
            let range = range(list.len())?;
            Ok(Value::List(list.slice(range.start, range.end)?))
        }
        Value::Bytes(bytes) => Ok(Value::Bytes(Bytes::new(&bytes[range(bytes.len())?])?)),
        Value::I64Array(array) => Ok(Value::I64Array(I64Array::from_slice(&array.as_slice()[range(array.len())?])?)),
        Value::F64Array(array) => Ok(Value::F64Array(F64Array::from_slice(&array.as_slice()[range(array.len())?])?)),
        other => Err(mismatch("SLICE", A_LIST, other)),
    }
}

/// `LIST_CONCAT`: the elements of both.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are lists, [`Fault::Limit`] when there is no room.
pub fn list_concat(a: Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::List(mut a), Value::List(b)) => {
            a.extend(b)?;
            Ok(Value::List(a))
        }
        (Value::List(_), other) => Err(mismatch("LIST_CONCAT", A_LIST, other)),
        (other, _) => Err(mismatch("LIST_CONCAT", A_LIST, &other)),
    }
}

/// `REVERSE`.
///
/// # Errors
/// As for [`append`].
pub fn reverse(list: Value) -> Result<Value, Fault> {
    let mut list = into_list("REVERSE", list)?;
    if list.len() > 1 {
        match list.to_mut()? {
            FlatMut::Values(values) => values.reverse(),
            FlatMut::Ints(ints) => ints.reverse(),
            FlatMut::Floats(floats) => floats.reverse(),
        }
    }
    Ok(Value::List(list))
}

/// `SORT`: by the total order, equal elements in their old order.
///
/// # Errors
/// As for [`append`].
pub fn sort(list: Value) -> Result<Value, Fault> {
    let mut list = into_list("SORT", list)?;
    if list.len() > 1 {
        match list.to_mut()? {
            FlatMut::Values(values) => values.sort_by(total_cmp),
            // Equal ints cannot be told apart, so their order does not matter.
            FlatMut::Ints(ints) => ints.sort_unstable(),
            FlatMut::Floats(floats) => floats.sort_by(|a, b| float_total_cmp(*a, *b)),
        }
    }
    Ok(Value::List(list))
}

/// `RANGE`: the ints from `from` to `to`, `to` excluded.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are ints, [`Fault::Limit`] when there are too many.
pub fn range(from: &Value, to: &Value) -> Result<Value, Fault> {
    if let (Value::Int(from), Value::Int(to)) = (from, to) {
        let count = i128::from(*to) - i128::from(*from);
        let count = usize::try_from(count.max(0)).map_err(|_| NoRoom::Elements)?;
        if count > ELEMENTS_MAX {
            return Err(NoRoom::Elements.into());
        }
        let ints = (0..count).map(|step| from + step as i64);
        return Ok(Value::List(if count == 0 { List::new() } else { List::from_ints(ints)? }));
    }
    let big = |value: &Value| match number(value) {
        Some(Number::Int(int)) => Some(BigInt::from(int)),
        Some(Number::Big(big)) => Some(big.clone()),
        _ => None,
    };
    let (Some(mut next), Some(end)) = (big(from), big(to)) else {
        return Err(mismatch_both("RANGE", "two integers", from, to));
    };
    let mut list = List::new();
    if next < end && (&end - &next).to_usize().is_none_or(|count| count > ELEMENTS_MAX) {
        return Err(NoRoom::Elements.into());
    }
    while next < end {
        list.push(Big::value(next.clone())?)?;
        next += 1;
    }
    Ok(Value::List(list))
}

/// `CONTAINS`: whether an element equals the value; for a str whether it contains the str.
///
/// # Errors
/// [`Fault::TypeMismatch`] for other operands.
pub fn contains(container: &Value, value: &Value) -> Result<bool, Fault> {
    match container {
        Value::List(list) => Ok(list.chunks().any(|chunk| match (chunk, value) {
            (Chunk::Ints(ints), Value::Int(wanted)) => ints.contains(wanted),
            (Chunk::Floats(floats), Value::Float(wanted)) => floats.contains(wanted),
            (Chunk::Values(values), wanted) => values.iter().any(|value| equals(value, wanted)),
            // A packed chunk only has elements of its one type.
            (Chunk::Ints(_) | Chunk::Floats(_), _) => false,
        })),
        Value::Str(text) => Ok(text.as_str().contains(Str::as_str(string("CONTAINS", value)?))),
        other => Err(mismatch("CONTAINS", A_LIST, other)),
    }
}
