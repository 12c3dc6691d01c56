//! Comparing what is compared at once: values that hold no others, or are of different types, and short flat ones.
//!
//! Not here: values inside values (`small.rs`, `deep.rs`).

use std::cmp::Ordering;

use super::{float_total_cmp, number, number_total_cmp};
use crate::{closure::Closure, value::Value};

/// Bytes that are compared at once.
const BYTES_AT_ONCE: usize = 4096;

/// Bytes that are compared in one step.
pub(super) const BYTES_PER_STEP: usize = 64;

/// The place of functions and closures, which are compared with each other.
const FUNCTION_RANK: u8 = 15;

/// The place of a value's type in the total order.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Int(_) | Value::Float(_) | Value::BigInt(_) => 0,
        Value::Bool(_) => 1,
        Value::Null => 2,
        Value::Str(_) => 3,
        Value::Bytes(_) => 4,
        Value::List(_) => 5,
        Value::Object(_) => 6,
        Value::Map(_) => 7,
        Value::I64Array(_) | Value::F64Array(_) => 8,
        Value::Pid(_) => 9,
        Value::Ref(_) => 10,
        Value::Barrier(_) => 11,
        Value::Future(_) => 12,
        Value::Stream(_) => 13,
        Value::Resource(_) => 14,
        Value::Function(_) | Value::Closure(_) => FUNCTION_RANK,
        Value::Exception(_) => 16,
        Value::Undefined => 17,
    }
}

/// Whether both are functions or closures.
#[inline]
pub(super) fn are_functions(a: &Value, b: &Value) -> bool {
    let is_function = |value: &Value| matches!(value, Value::Function(_) | Value::Closure(_));
    is_function(a) && is_function(b)
}

/// The values that a function has captured.
pub(super) fn captured(function: &Value) -> &[Value] {
    match function {
        Value::Closure(closure) => closure.captured(),
        _ => &[],
    }
}

/// Compares functions by their code.
pub(super) fn function_cmp(a: &Value, b: &Value) -> Ordering {
    let function = |value: &Value| match value {
        Value::Function(function) => *function,
        Value::Closure(closure) => Closure::function(closure),
        _ => unreachable!("the caller looked at the types"),
    };
    function(a).total_cmp(function(b))
}

/// Compares two values by the total order, or for equality: then anything but `Equal` means different. Takes what that
/// costs off `left`. Nothing if it cannot be done at once: two containers or functions, two long strs, bytes, arrays or
/// ints.
#[inline]
pub(super) fn leaf<const EQUALITY: bool>(a: &Value, b: &Value, left: &mut u32) -> Option<Ordering> {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) if a.is_same(b) => Some(Ordering::Equal),
        (Value::Str(a), Value::Str(b)) => flat::<EQUALITY, _>(a.as_bytes(), b.as_bytes(), left, <[u8]>::cmp),
        _ => rare::<EQUALITY>(a, b, left),
    }
}

fn rare<const EQUALITY: bool>(a: &Value, b: &Value, left: &mut u32) -> Option<Ordering> {
    Some(match (a, b) {
        (Value::Bytes(a), Value::Bytes(b)) => {
            return flat::<EQUALITY, _>(a.as_slice(), b.as_slice(), left, <[u8]>::cmp);
        }
        (Value::Exception(a), Value::Exception(b)) => {
            return flat::<EQUALITY, _>(a.message().as_bytes(), b.message().as_bytes(), left, <[u8]>::cmp);
        }
        (Value::I64Array(a), Value::I64Array(b)) => {
            return flat::<EQUALITY, _>(a.as_slice(), b.as_slice(), left, <[i64]>::cmp);
        }
        (Value::F64Array(a), Value::F64Array(b)) => {
            return flat::<EQUALITY, _>(a.as_slice(), b.as_slice(), left, floats_cmp::<EQUALITY>);
        }
        (Value::List(_), Value::List(_)) | (Value::Object(_), Value::Object(_)) | (Value::Map(_), Value::Map(_)) => {
            return None;
        }
        (Value::BigInt(a), Value::BigInt(b)) => {
            let (a, b) = (a.number(), b.number());
            let bits = usize::try_from(a.bits()).unwrap_or(usize::MAX);
            let are_alike = a.sign() == b.sign() && a.bits() == b.bits();
            if are_alike && bits > BYTES_AT_ONCE * 8 {
                return None;
            }
            charge(bits / 8, left);
            a.cmp(b)
        }
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Pid(a), Value::Pid(b)) => a.cmp(b),
        (Value::Ref(a), Value::Ref(b)) => a.cmp(b),
        (Value::Barrier(a), Value::Barrier(b)) => a.cmp(b),
        (Value::Future(a), Value::Future(b)) => a.cmp(b),
        (Value::Stream(a), Value::Stream(b)) => a.cmp(b),
        (Value::Resource(a), Value::Resource(b)) => a.cmp(b),
        (Value::I64Array(_), Value::F64Array(_)) => Ordering::Less,
        (Value::F64Array(_), Value::I64Array(_)) => Ordering::Greater,
        _ if are_functions(a, b) => return None,
        _ => unlike::<EQUALITY>(a, b),
    })
}

/// Compares numbers by value, other values by their types.
pub(super) fn unlike<const EQUALITY: bool>(a: &Value, b: &Value) -> Ordering {
    if let (Value::Float(a), Value::Float(b)) = (a, b) {
        return floats::<EQUALITY>(*a, *b);
    }
    match (number(a), number(b)) {
        // The total order tells an int from the float of the same value, and so does equality.
        (Some(a), Some(b)) => number_total_cmp(a, b),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Compares two floats.
#[inline]
pub(super) fn floats<const EQUALITY: bool>(a: f64, b: f64) -> Ordering {
    if !EQUALITY {
        return float_total_cmp(a, b);
    }
    if a == b { Ordering::Equal } else { Ordering::Less }
}

/// Compares sequences of floats.
pub(super) fn floats_cmp<const EQUALITY: bool>(a: &[f64], b: &[f64]) -> Ordering {
    if EQUALITY {
        return if a == b { Ordering::Equal } else { Ordering::Less };
    }
    let orderings = a.iter().zip(b).map(|(&a, &b)| float_total_cmp(a, b));
    let mut different = orderings.filter(|ordering| ordering.is_ne());
    different.next().unwrap_or_else(|| a.len().cmp(&b.len()))
}

/// Compares sequences if they are short.
#[inline]
pub(super) fn flat<const EQUALITY: bool, T>(
    a: &[T],
    b: &[T],
    left: &mut u32,
    compare: impl Fn(&[T], &[T]) -> Ordering,
) -> Option<Ordering> {
    if EQUALITY && a.len() != b.len() {
        return Some(Ordering::Less);
    }
    let bytes = a.len().min(b.len()) * size_of::<T>();
    if bytes > BYTES_AT_ONCE {
        return None;
    }
    charge(bytes, left);
    Some(compare(a, b))
}

/// Takes off what comparing so many bytes at once costs.
#[inline]
pub(super) fn charge(bytes: usize, left: &mut u32) {
    *left = left.saturating_sub(u32::try_from(bytes / BYTES_PER_STEP).unwrap_or(u32::MAX));
}
