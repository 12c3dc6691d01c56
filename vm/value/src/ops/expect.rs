//! Operands of the expected type, or the error that programs know.

use num_traits::ToPrimitive;
use ttvm_isa::Fault;

use super::text::{debug_text, debug_texts};
use crate::{text::Str, value::Value};

/// The error that one operand has the wrong type.
#[cold]
#[inline(never)]
pub(crate) fn mismatch(operation: &'static str, expected: &'static str, value: &Value) -> Fault {
    Fault::mismatch(operation, expected, debug_text(value))
}

/// The error that one of two operands has the wrong type; both are shown.
#[cold]
#[inline(never)]
pub(crate) fn mismatch_both(operation: &'static str, expected: &'static str, a: &Value, b: &Value) -> Fault {
    Fault::mismatch(operation, expected, debug_texts(&[a, b]))
}

/// The operand as a str.
#[inline]
pub(crate) fn string<'a>(operation: &'static str, value: &'a Value) -> Result<&'a Str, Fault> {
    match value {
        Value::Str(text) => Ok(text),
        other => Err(mismatch(operation, "a string", other)),
    }
}

/// The error of an index outside of what has `length` elements.
#[cold]
#[inline(never)]
pub(crate) fn out_of_bounds(index: &Value, length: usize) -> Fault {
    Fault::IndexOutOfBounds { index: index.to_string(), length }
}

/// The operand as an index of something with `length` elements.
#[inline]
pub(crate) fn index(operation: &'static str, value: &Value, length: usize) -> Result<usize, Fault> {
    match value {
        Value::Int(int) => match usize::try_from(*int) {
            Ok(index) if index < length => Ok(index),
            _ => Err(out_of_bounds(value, length)),
        },
        Value::BigInt(_) => Err(out_of_bounds(value, length)),
        other => Err(mismatch(operation, "an integer index", other)),
    }
}

/// The operand as a position from 0 to `length`; what lies outside is moved to the nearer end.
pub(crate) fn clamped(operation: &'static str, value: &Value, length: usize) -> Result<usize, Fault> {
    match value {
        Value::Int(int) => Ok(usize::try_from((*int).max(0)).unwrap_or(usize::MAX).min(length)),
        Value::BigInt(big) => Ok(if big.sign() == num_bigint::Sign::Minus { 0 } else { length }),
        other => Err(mismatch(operation, "an integer index", other)),
    }
}

/// The operand as a float, if it is a number.
#[inline]
pub(crate) fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(int) => Some(*int as f64),
        Value::Float(float) => Some(*float),
        Value::BigInt(big) => big.number().to_f64(),
        _ => None,
    }
}
