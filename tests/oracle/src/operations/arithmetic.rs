//! The families Arithmetic (but `CONCAT`) and the float forms of classic programs.

use num_bigint::{BigInt, Sign};
use num_traits::Signed;
use ttvm_isa::{Fault, limits};

use super::{limited, one_number, too_many_bits, two_numbers};
use crate::{
    number::{self, Number, nearest_float},
    value::Value,
};

const NUMBERS: &str = "two numbers (int or float)";
const FLOATS: &str = "two floats";

/// Ints exactly; otherwise both as floats.
fn exactly_or_as_floats(
    operation: &'static str,
    [a, b]: [Value; 2],
    on_ints: impl FnOnce(BigInt, BigInt) -> Result<Value, Fault>,
    on_floats: impl FnOnce(f64, f64) -> f64,
) -> Result<Value, Fault> {
    match two_numbers(operation, NUMBERS, [&a, &b])? {
        (Number::Int(a), Number::Int(b)) => on_ints(a, b),
        (a, b) => Ok(Value::Float(on_floats(a.to_float(), b.to_float()))),
    }
}

pub(crate) fn add(operands: [Value; 2]) -> Result<Value, Fault> {
    exactly_or_as_floats("ADD", operands, |a, b| limited(a + b), |a, b| a + b)
}

pub(crate) fn sub(operands: [Value; 2]) -> Result<Value, Fault> {
    exactly_or_as_floats("SUB", operands, |a, b| limited(a - b), |a, b| a - b)
}

pub(crate) fn mul(operands: [Value; 2]) -> Result<Value, Fault> {
    let product = |a: BigInt, b: BigInt| {
        // A product has at most one bit less than its factors together; refuse before computing it.
        if a.bits() + b.bits() > limits::INTEGER_BITS_MAX + 1 { Err(too_many_bits()) } else { limited(a * b) }
    };
    exactly_or_as_floats("MUL", operands, product, |a, b| a * b)
}

/// Any number may be divided by, but not zero, int or float.
fn with_divisor(
    operation: &'static str,
    operands: [Value; 2],
    on_ints: impl FnOnce(BigInt, BigInt) -> BigInt,
    on_floats: impl FnOnce(f64, f64) -> f64,
) -> Result<Value, Fault> {
    if two_numbers(operation, NUMBERS, [&operands[0], &operands[1]])?.1.is_zero() {
        return Err(Fault::DivisionByZero);
    }
    exactly_or_as_floats(operation, operands, |a, b| Ok(Value::Int(on_ints(a, b))), on_floats)
}

pub(crate) fn div(operands: [Value; 2]) -> Result<Value, Fault> {
    // Division of big ints truncates toward zero.
    with_divisor("DIV", operands, |a, b| a / b, |a, b| a / b)
}

pub(crate) fn rem(operands: [Value; 2]) -> Result<Value, Fault> {
    with_divisor("REM", operands, |a, b| a % b, |a, b| a % b)
}

pub(crate) fn modulo(operands: [Value; 2]) -> Result<Value, Fault> {
    let on_ints = |a: BigInt, b: BigInt| {
        let rest = a % &b;
        if rest != BigInt::ZERO && rest.is_negative() != b.is_negative() { rest + b } else { rest }
    };
    let on_floats = |a: f64, b: f64| {
        let rest = a % b;
        match rest {
            0.0 => 0.0_f64.copysign(b),
            _ if (rest < 0.0) != (b < 0.0) => rest + b,
            _ => rest,
        }
    };
    with_divisor("MOD", operands, on_ints, on_floats)
}

pub(crate) fn neg([a]: [Value; 1]) -> Result<Value, Fault> {
    Ok(match one_number("NEG", &a)? {
        Number::Int(int) => Value::Int(-int),
        Number::Float(float) => Value::Float(-float),
    })
}

pub(crate) fn abs([a]: [Value; 1]) -> Result<Value, Fault> {
    Ok(match one_number("ABS", &a)? {
        Number::Int(int) => Value::Int(int.abs()),
        Number::Float(float) => Value::Float(float.abs()),
    })
}

pub(crate) fn min([a, b]: [Value; 2]) -> Result<Value, Fault> {
    let (x, y) = two_numbers("MIN", NUMBERS, [&a, &b])?;
    Ok(if number::total(&y, &x).is_lt() { b } else { a })
}

pub(crate) fn max([a, b]: [Value; 2]) -> Result<Value, Fault> {
    let (x, y) = two_numbers("MAX", NUMBERS, [&a, &b])?;
    Ok(if number::total(&y, &x).is_gt() { b } else { a })
}

pub(crate) fn pow([a, b]: [Value; 2]) -> Result<Value, Fault> {
    match two_numbers("POW", NUMBERS, [&a, &b])? {
        (Number::Int(base), Number::Int(exponent)) if exponent.sign() != Sign::Minus => int_power(&base, &exponent),
        (a, b) => Ok(Value::Float(libm::pow(a.to_float(), b.to_float()))),
    }
}

fn int_power(base: &BigInt, exponent: &BigInt) -> Result<Value, Fault> {
    if base.bits() <= 1 {
        // -1, 0 and 1 stay small whatever the exponent: only whether it is 0, odd or even counts.
        let is_odd = exponent.bit(0);
        let small = if *exponent == BigInt::ZERO { 0 } else { 2 - u32::from(is_odd) };
        return Ok(Value::Int(base.pow(small)));
    }
    // The power has more than (bits - 1) * exponent bits; refuse before computing it.
    let exponent = u32::try_from(exponent).map_err(|_| too_many_bits())?;
    if (base.bits() - 1) * u64::from(exponent) >= limits::INTEGER_BITS_MAX {
        return Err(too_many_bits());
    }
    limited(base.pow(exponent))
}

fn as_floats(
    operation: &'static str,
    [a, b]: [Value; 2],
    compute: impl FnOnce(f64, f64) -> f64,
) -> Result<Value, Fault> {
    let (a, b) = two_numbers(operation, FLOATS, [&a, &b])?;
    Ok(Value::Float(compute(a.to_float(), b.to_float())))
}

pub(crate) fn add_f(operands: [Value; 2]) -> Result<Value, Fault> {
    as_floats("ADD_F", operands, |a, b| a + b)
}

pub(crate) fn sub_f(operands: [Value; 2]) -> Result<Value, Fault> {
    as_floats("SUB_F", operands, |a, b| a - b)
}

pub(crate) fn mul_f(operands: [Value; 2]) -> Result<Value, Fault> {
    as_floats("MUL_F", operands, |a, b| a * b)
}

pub(crate) fn div_f(operands: [Value; 2]) -> Result<Value, Fault> {
    if two_numbers("DIV_F", FLOATS, [&operands[0], &operands[1]])?.1.is_zero() {
        return Err(Fault::mismatch("DIV_F", "non-zero divisor", "zero".to_owned()));
    }
    as_floats("DIV_F", operands, |a, b| a / b)
}

/// `TO_FLOAT` of an int rounds like mixed arithmetic.
pub(crate) fn int_to_float(int: &BigInt) -> Value {
    Value::Float(nearest_float(int))
}
