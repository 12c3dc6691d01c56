//! `SQRT`, `FLOOR`, `CEIL`, `ROUND`.

use num_bigint::BigInt;
use num_traits::FromPrimitive;
use ttvm_isa::Fault;

use super::one_number;
use crate::{number::Number, value::Value};

pub(crate) fn sqrt([a]: [Value; 1]) -> Result<Value, Fault> {
    Ok(Value::Float(one_number("SQRT", &a)?.to_float().sqrt()))
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
        None => Err(Fault::Argument { operation, error: format!("{float} has no int value") }),
    }
}
