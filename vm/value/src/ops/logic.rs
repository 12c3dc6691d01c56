//! Truth: `NOT`, `AND`, `OR` and what the conditional jumps ask.

use ttvm_isa::Fault;

use super::expect::{mismatch, mismatch_both};
use crate::value::Value;

/// Whether `JZ` does not jump: everything but int 0, false and null is true.
#[inline(always)]
#[must_use]
pub fn truth(value: &Value) -> bool {
    !matches!(value, Value::Int(0) | Value::Bool(false) | Value::Null)
}

/// The truth of a bool or an int.
#[inline]
fn condition(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(condition) => Some(*condition),
        Value::Int(int) => Some(*int != 0),
        Value::BigInt(_) => Some(true),
        _ => None,
    }
}

/// `NOT`.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is a bool or an int.
#[inline]
pub fn not(a: &Value) -> Result<Value, Fault> {
    condition(a).map(|a| Value::Bool(!a)).ok_or_else(|| mismatch("NOT", "Bool or Int", a))
}

/// `AND`.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both operands are bools or ints.
#[inline]
pub fn and(a: &Value, b: &Value) -> Result<Value, Fault> {
    match (condition(a), condition(b)) {
        (Some(a), Some(b)) => Ok(Value::Bool(a & b)),
        _ => Err(mismatch_both("AND", "two Booleans", a, b)),
    }
}

/// `OR`.
///
/// # Errors
/// As for [`and`].
#[inline]
pub fn or(a: &Value, b: &Value) -> Result<Value, Fault> {
    match (condition(a), condition(b)) {
        (Some(a), Some(b)) => Ok(Value::Bool(a | b)),
        _ => Err(mismatch_both("OR", "two Booleans", a, b)),
    }
}
