//! `SQRT`, `FLOOR`, `CEIL`, `ROUND`.

use num_bigint::BigInt;
use num_traits::FromPrimitive;
use ttvm_isa::Fault;

use super::one_number;
use crate::{
    number::{self, Number},
    value::Value,
};

pub(crate) fn sqrt([a]: [Value; 1]) -> Result<Value, Fault> {
    Ok(Value::Float(match one_number("SQRT", &a)? {
        Number::Int(int) => int_sqrt(&int),
        Number::Float(float) => float.sqrt(),
    }))
}

/// The root of an int that may be larger than any float, though its root is not: as many bits as do not fit are
/// taken off, and half of them put back on the root.
fn int_sqrt(int: &BigInt) -> f64 {
    let half_bits = int.bits().saturating_sub(1000).div_ceil(2);
    let root = number::nearest_float(&(int >> (2 * half_bits))).sqrt();
    (0..half_bits).fold(root, |root, _| root * 2.0)
}

/// `FLOOR CEIL ROUND`: an int stays as it is, a float becomes an int.
pub(crate) fn to_whole(
    operation: &'static str,
    [a]: [Value; 1],
    round: impl FnOnce(f64) -> f64,
) -> Result<Value, Fault> {
    match one_number(operation, &a)? {
        Number::Int(int) => Ok(Value::Int(int)),
        Number::Float(float) => whole(operation, round(float)),
    }
}

/// The int of a float without fraction.
pub(crate) fn whole(operation: &'static str, float: f64) -> Result<Value, Fault> {
    match BigInt::from_f64(float) {
        Some(int) => Ok(Value::Int(int)),
        None => Err(Fault::Argument { operation, error: format!("there is no int for {float}") }),
    }
}
