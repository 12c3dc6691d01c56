//! Lists and their instructions, and those that take any sequence (`LEN`, `INDEX`, `SLICE`, `CONTAINS`).

use num_bigint::BigInt;
use num_traits::ToPrimitive;
use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

use super::{
    compare::{Number, equals, equals_in_pieces, number, small_equals, small_in_pieces},
    expect::{clamped, index as index_of, mismatch, mismatch_both, string},
    sorting, strings,
};
use crate::{
    array::{F64Array, I64Array},
    big::Big,
    bytes::Bytes,
    heap::NoRoom,
    list::{Chunk, FlatMut, List},
    value::Value,
    work::{Fuel, whole},
};

const A_LIST: &str = "a list";

/// What making a big int is worth in steps.
const STEPS_PER_BIG: u64 = 16;

/// Elements that are worked on at once.
const PIECE: usize = 1024;

/// Elements that may be in a short list.
const FEW: usize = 64;

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
        Value::Str(text) => whole(async |fuel| strings::index_in_pieces(text, at, fuel).await),
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
    whole(async |fuel| slice_in_pieces(container, start, end, fuel).await)
}

/// `SLICE`, with pauses.
///
/// # Errors
/// As for [`slice()`].
pub async fn slice_in_pieces(container: &Value, start: &Value, end: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let range = |length| -> Result<std::ops::Range<usize>, Fault> {
        let start = clamped("SLICE", start, length)?;
        let end = clamped("SLICE", end, length)?;
        Ok(start..end.max(start))
    };
    Ok(match container {
        Value::List(list) => {
            let range = range(list.len())?;
            Value::List(list.slice_in_pieces(range.start, range.end, fuel).await?)
        }
        Value::Bytes(bytes) => Value::Bytes(Bytes::copy_in_pieces(&bytes[range(bytes.len())?], fuel).await?),
        Value::I64Array(array) => {
            Value::I64Array(I64Array::copy_in_pieces(&array.as_slice()[range(array.len())?], fuel).await?)
        }
        Value::F64Array(array) => {
            Value::F64Array(F64Array::copy_in_pieces(&array.as_slice()[range(array.len())?], fuel).await?)
        }
        other => return Err(mismatch("SLICE", A_LIST, other)),
    })
}

/// `LIST_CONCAT`: the elements of both.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are lists, [`Fault::Limit`] when there is no room.
pub fn list_concat(a: Value, b: &Value) -> Result<Value, Fault> {
    whole(async |fuel| list_concat_in_pieces(a, b, fuel).await)
}

/// `LIST_CONCAT`, with pauses.
///
/// # Errors
/// As for [`list_concat`].
pub async fn list_concat_in_pieces(a: Value, b: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    match (a, b) {
        (Value::List(mut a), Value::List(b)) => {
            a.extend_in_pieces(b, fuel).await?;
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

/// `REVERSE`, with pauses.
///
/// # Errors
/// As for [`append`].
pub async fn reverse_in_pieces(list: Value, fuel: &Fuel) -> Result<Value, Fault> {
    let mut list = into_list("REVERSE", list)?;
    if list.len() > 1 {
        list.own_in_pieces(fuel).await?;
        match list.to_mut()? {
            FlatMut::Values(values) => reverse_slice(values, fuel).await,
            FlatMut::Ints(ints) => reverse_slice(ints, fuel).await,
            FlatMut::Floats(floats) => reverse_slice(floats, fuel).await,
        }
    }
    Ok(Value::List(list))
}

async fn reverse_slice<T>(elements: &mut [T], fuel: &Fuel) {
    let (first, second) = elements.split_at_mut(elements.len() / 2);
    for (first, second) in first.chunks_mut(PIECE).zip(second.rchunks_mut(PIECE)) {
        for (a, b) in first.iter_mut().zip(second.iter_mut().rev()) {
            std::mem::swap(a, b);
        }
        fuel.spend(first.len() as u64).await;
    }
}

/// `SORT`: by the total order, equal elements in their old order.
///
/// # Errors
/// As for [`append`].
pub fn sort(list: Value) -> Result<Value, Fault> {
    let mut list = into_list("SORT", list)?;
    if list.len() > 1 {
        sorting::sort_at_once(&mut list)?;
    }
    Ok(Value::List(list))
}

/// `SORT`, with pauses.
///
/// # Errors
/// As for [`append`].
pub async fn sort_in_pieces(list: Value, fuel: &Fuel) -> Result<Value, Fault> {
    let mut list = into_list("SORT", list)?;
    if list.len() > 1 {
        sorting::sort(&mut list, fuel).await?;
    }
    Ok(Value::List(list))
}

/// `RANGE`: the ints from `from` to `to`, `to` excluded.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are ints, [`Fault::Limit`] when there are too many.
pub fn range(from: &Value, to: &Value) -> Result<Value, Fault> {
    whole(async |fuel| range_in_pieces(from, to, fuel).await)
}

/// `RANGE`, with pauses.
///
/// # Errors
/// As for [`range`].
pub async fn range_in_pieces(from: &Value, to: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    if let (Value::Int(from), Value::Int(to)) = (from, to) {
        let count = i128::from(*to) - i128::from(*from);
        let count = usize::try_from(count.max(0)).map_err(|_| NoRoom::Elements)?;
        if count > ELEMENTS_MAX {
            return Err(NoRoom::Elements.into());
        }
        return Ok(Value::List(List::range_in_pieces(*from, count, fuel).await?));
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
        fuel.spend(STEPS_PER_BIG).await;
    }
    Ok(Value::List(list))
}

/// `CONTAINS`: whether an element equals the value; for a str whether it contains the str.
///
/// # Errors
/// [`Fault::TypeMismatch`] for other operands.
pub fn contains(container: &Value, value: &Value) -> Result<bool, Fault> {
    if let Some(is_found) = short_contains(container, value) {
        return Ok(is_found);
    }
    whole(async |fuel| contains_in_pieces(container, value, fuel).await)
}

/// `CONTAINS` of operands that are right, if it is short.
#[must_use]
pub fn short_contains(container: &Value, value: &Value) -> Option<bool> {
    match (container, value) {
        (Value::Str(text), Value::Str(wanted)) if text.len() <= PIECE => Some(text.contains(wanted.as_str())),
        (Value::List(list), wanted) if list.len() <= FEW => {
            for chunk in list.chunks() {
                let is_found = match (chunk, wanted) {
                    (Chunk::Ints(ints), Value::Int(wanted)) => ints.contains(wanted),
                    (Chunk::Floats(floats), Value::Float(wanted)) => floats.contains(wanted),
                    (Chunk::Values(values), wanted) => any_small_equals(values, wanted)?,
                    // A packed chunk only has elements of its one type.
                    (Chunk::Ints(_) | Chunk::Floats(_), _) => false,
                };
                if is_found {
                    return Some(true);
                }
            }
            Some(false)
        }
        _ => None,
    }
}

/// Whether one of a few values is equal to another one, if all those in front of it are compared in a few steps.
fn any_small_equals(values: &[Value], wanted: &Value) -> Option<bool> {
    for value in values {
        if small_equals(value, wanted)? {
            return Some(true);
        }
    }
    Some(false)
}

/// `CONTAINS`, with pauses.
///
/// # Errors
/// As for [`contains`].
pub async fn contains_in_pieces(container: &Value, value: &Value, fuel: &Fuel) -> Result<bool, Fault> {
    let list = match container {
        Value::List(list) => list,
        Value::Str(text) => {
            let wanted = string("CONTAINS", value)?;
            return Ok(strings::position_in_pieces(text, wanted, 0, fuel).await.is_some());
        }
        other => return Err(mismatch("CONTAINS", A_LIST, other)),
    };
    for chunk in list.chunks() {
        for piece in chunk.pieces(PIECE) {
            let is_found = match (piece, value) {
                (Chunk::Ints(ints), Value::Int(wanted)) => ints.contains(wanted),
                (Chunk::Floats(floats), Value::Float(wanted)) => floats.contains(wanted),
                (Chunk::Values(values), wanted) if !wanted.is_heap() => {
                    values.iter().any(|value| equals(value, wanted))
                }
                (Chunk::Values(values), wanted) => any_equals(values, wanted, fuel).await,
                // A packed chunk only has elements of its one type.
                (Chunk::Ints(_) | Chunk::Floats(_), _) => false,
            };
            if is_found {
                return Ok(true);
            }
            fuel.spend(piece.len() as u64 / 4 + 1).await;
        }
    }
    Ok(false)
}

async fn any_equals(values: &[Value], wanted: &Value, fuel: &Fuel) -> bool {
    for value in values {
        let is_equal = match small_in_pieces::<true>(value, wanted, fuel) {
            Some(ordering) => ordering.is_eq(),
            None => equals_in_pieces(value, wanted, fuel).await,
        };
        if is_equal {
            return true;
        }
        fuel.spend(0).await;
    }
    false
}
