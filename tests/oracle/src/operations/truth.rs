//! `NOT`, `AND`, `OR`.

use num_bigint::BigInt;
use ttvm_isa::Fault;

use super::mismatch;
use crate::value::Value;

/// What a bool or int means; nothing else has a meaning here.
fn meaning(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(bool) => Some(*bool),
        Value::Int(int) => Some(*int != BigInt::ZERO),
        _ => None,
    }
}

pub(crate) fn not([a]: [Value; 1]) -> Result<Value, Fault> {
    meaning(&a).map(|is_true| Value::Bool(!is_true)).ok_or_else(|| mismatch("NOT", "Bool or Int", &[&a]))
}

pub(crate) fn both(
    operation: &'static str,
    [a, b]: [Value; 2],
    join: impl FnOnce(bool, bool) -> bool,
) -> Result<Value, Fault> {
    match (meaning(&a), meaning(&b)) {
        (Some(x), Some(y)) => Ok(Value::Bool(join(x, y))),
        _ => Err(mismatch(operation, "two Booleans", &[&a, &b])),
    }
}
