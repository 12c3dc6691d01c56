//! Arithmetic: ints exactly, floats as IEEE says, mixed operands as floats.
//!
//! The common cases (two 64-bit ints, two floats) are inlined; the rest is out of line.

use std::borrow::Cow;

use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive, Zero};
use ttvm_isa::{Fault, limits::INTEGER_BITS_MAX};

use super::{
    compare::{Number, number},
    expect::{as_float, mismatch, mismatch_both},
    order::{TWO_NUMBERS, floats},
};
use crate::{big::Big, value::Value};

/// Two numbers, brought to one type.
enum Operands<'a> {
    Ints(Cow<'a, BigInt>, Cow<'a, BigInt>),
    Floats(f64, f64),
}

fn as_big(number: Number<'_>) -> Option<Cow<'_, BigInt>> {
    match number {
        Number::Int(int) => Some(Cow::Owned(BigInt::from(int))),
        Number::Big(big) => Some(Cow::Borrowed(big)),
        Number::Float(_) => None,
    }
}

fn operands<'a>(operation: &'static str, a: &'a Value, b: &'a Value) -> Result<Operands<'a>, Fault> {
    let ints = (number(a).and_then(as_big), number(b).and_then(as_big));
    if let (Some(a), Some(b)) = ints {
        return Ok(Operands::Ints(a, b));
    }
    match (as_float(a), as_float(b)) {
        (Some(a), Some(b)) => Ok(Operands::Floats(a, b)),
        _ => Err(mismatch_both(operation, TWO_NUMBERS, a, b)),
    }
}

/// `ADD`.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are numbers, [`Fault::Limit`] when the result is too big.
#[inline]
pub fn add(a: &Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => match x.checked_add(*y) {
            Some(sum) => Ok(Value::Int(sum)),
            None => add_slow(a, b),
        },
        (Value::Float(x), Value::Float(y)) => Ok(Value::Float(x + y)),
        _ => add_slow(a, b),
    }
}

#[inline(never)]
fn add_slow(a: &Value, b: &Value) -> Result<Value, Fault> {
    match operands("ADD", a, b)? {
        Operands::Ints(a, b) => Big::value(&*a + &*b),
        Operands::Floats(a, b) => Ok(Value::Float(a + b)),
    }
}

/// `SUB`.
///
/// # Errors
/// As for [`add`].
#[inline]
pub fn sub(a: &Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => match x.checked_sub(*y) {
            Some(difference) => Ok(Value::Int(difference)),
            None => sub_slow(a, b),
        },
        (Value::Float(x), Value::Float(y)) => Ok(Value::Float(x - y)),
        _ => sub_slow(a, b),
    }
}

#[inline(never)]
fn sub_slow(a: &Value, b: &Value) -> Result<Value, Fault> {
    match operands("SUB", a, b)? {
        Operands::Ints(a, b) => Big::value(&*a - &*b),
        Operands::Floats(a, b) => Ok(Value::Float(a - b)),
    }
}

/// `MUL`.
///
/// # Errors
/// As for [`add`].
#[inline]
pub fn mul(a: &Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => match x.checked_mul(*y) {
            Some(product) => Ok(Value::Int(product)),
            None => mul_slow(a, b),
        },
        (Value::Float(x), Value::Float(y)) => Ok(Value::Float(x * y)),
        _ => mul_slow(a, b),
    }
}

#[inline(never)]
fn mul_slow(a: &Value, b: &Value) -> Result<Value, Fault> {
    match (number(a), number(b)) {
        (Some(Number::Int(x)), Some(Number::Int(y))) => return Big::value(BigInt::from(i128::from(x) * i128::from(y))),
        (Some(Number::Int(x)), Some(Number::Big(y))) | (Some(Number::Big(y)), Some(Number::Int(x))) => {
            return Big::value(y * x);
        }
        _ => {}
    }
    match operands("MUL", a, b)? {
        // The product has at least one bit less than both together.
        Operands::Ints(a, b) if a.bits() + b.bits() > INTEGER_BITS_MAX + 1 => Err(Big::too_big()),
        Operands::Ints(a, b) => Big::value(&*a * &*b),
        Operands::Floats(a, b) => Ok(Value::Float(a * b)),
    }
}

/// `DIV`: two ints truncate toward zero.
///
/// # Errors
/// [`Fault::DivisionByZero`], or as for [`add`].
#[inline]
pub fn div(a: &Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => match x.checked_div(*y) {
            Some(quotient) => Ok(Value::Int(quotient)),
            None => div_slow(a, b),
        },
        (Value::Float(x), Value::Float(y)) if *y != 0.0 => Ok(Value::Float(x / y)),
        _ => div_slow(a, b),
    }
}

#[inline(never)]
fn div_slow(a: &Value, b: &Value) -> Result<Value, Fault> {
    match operands("DIV", a, b)? {
        Operands::Ints(_, b) if b.is_zero() => Err(Fault::DivisionByZero),
        Operands::Floats(_, 0.0) => Err(Fault::DivisionByZero),
        Operands::Ints(a, b) => Big::value(&*a / &*b),
        Operands::Floats(a, b) => Ok(Value::Float(a / b)),
    }
}

/// `MOD`: the remainder with the sign of the divisor.
///
/// # Errors
/// As for [`div`].
#[inline]
pub fn modulo(a: &Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) if *y != 0 => {
            let remainder = x.wrapping_rem(*y);
            let is_other_side = remainder != 0 && (remainder < 0) != (*y < 0);
            Ok(Value::Int(if is_other_side { remainder + y } else { remainder }))
        }
        _ => modulo_slow(a, b),
    }
}

#[inline(never)]
fn modulo_slow(a: &Value, b: &Value) -> Result<Value, Fault> {
    match operands("MOD", a, b)? {
        Operands::Ints(_, b) if b.is_zero() => Err(Fault::DivisionByZero),
        Operands::Floats(_, 0.0) => Err(Fault::DivisionByZero),
        Operands::Ints(a, b) => {
            let remainder = &*a % &*b;
            let is_other_side = !remainder.is_zero() && remainder.is_negative() != b.is_negative();
            Big::value(if is_other_side { remainder + &*b } else { remainder })
        }
        Operands::Floats(a, b) => {
            let remainder = a % b;
            Ok(Value::Float(if remainder == 0.0 {
                0.0_f64.copysign(b)
            } else if (remainder < 0.0) != (b < 0.0) {
                remainder + b
            } else {
                remainder
            }))
        }
    }
}

/// `REM`: the remainder with the sign of the dividend.
///
/// # Errors
/// As for [`div`].
#[inline]
pub fn remainder(a: &Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) if *y != 0 => Ok(Value::Int(x.wrapping_rem(*y))),
        _ => remainder_slow(a, b),
    }
}

#[inline(never)]
fn remainder_slow(a: &Value, b: &Value) -> Result<Value, Fault> {
    match operands("REM", a, b)? {
        Operands::Ints(_, b) if b.is_zero() => Err(Fault::DivisionByZero),
        Operands::Floats(_, 0.0) => Err(Fault::DivisionByZero),
        Operands::Ints(a, b) => Big::value(&*a % &*b),
        Operands::Floats(a, b) => Ok(Value::Float(a % b)),
    }
}

/// `ADD_F`: adds any two numbers as floats.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are numbers.
#[inline]
pub fn add_float(a: &Value, b: &Value) -> Result<Value, Fault> {
    let (a, b) = floats("ADD_F", a, b)?;
    Ok(Value::Float(a + b))
}

/// `SUB_F`.
///
/// # Errors
/// As for [`add_float`].
#[inline]
pub fn sub_float(a: &Value, b: &Value) -> Result<Value, Fault> {
    let (a, b) = floats("SUB_F", a, b)?;
    Ok(Value::Float(a - b))
}

/// `MUL_F`.
///
/// # Errors
/// As for [`add_float`].
#[inline]
pub fn mul_float(a: &Value, b: &Value) -> Result<Value, Fault> {
    let (a, b) = floats("MUL_F", a, b)?;
    Ok(Value::Float(a * b))
}

/// `DIV_F`.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are numbers and the divisor is not zero.
#[inline]
pub fn div_float(a: &Value, b: &Value) -> Result<Value, Fault> {
    let (a, b) = floats("DIV_F", a, b)?;
    if b == 0.0 {
        return Err(Fault::mismatch("DIV_F", "non-zero divisor", "zero".to_owned()));
    }
    Ok(Value::Float(a / b))
}

/// `NEG`.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is a number.
pub fn neg(a: &Value) -> Result<Value, Fault> {
    match number(a) {
        Some(Number::Int(int)) => match int.checked_neg() {
            Some(negative) => Ok(Value::Int(negative)),
            None => Big::value(-BigInt::from(int)),
        },
        Some(Number::Float(float)) => Ok(Value::Float(-float)),
        Some(Number::Big(big)) => Big::value(-big),
        None => Err(mismatch("NEG", "a number", a)),
    }
}

/// `ABS`.
///
/// # Errors
/// As for [`neg`].
pub fn abs(a: &Value) -> Result<Value, Fault> {
    match number(a) {
        Some(Number::Int(int)) => match int.checked_abs() {
            Some(absolute) => Ok(Value::Int(absolute)),
            None => Big::value(BigInt::from(int).abs()),
        },
        Some(Number::Float(float)) => Ok(Value::Float(float.abs())),
        Some(Number::Big(big)) => Big::value(big.abs()),
        None => Err(mismatch("ABS", "a number", a)),
    }
}

/// `POW`: an int to a negative int power is a float.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are numbers, [`Fault::Limit`] when the result is too big, which is
/// found out before it is computed.
pub fn pow(a: &Value, b: &Value) -> Result<Value, Fault> {
    if let (Value::Int(base), Value::Int(exponent)) = (a, b)
        && let Ok(exponent) = u32::try_from(*exponent)
        && let Some(power) = base.checked_pow(exponent)
    {
        return Ok(Value::Int(power));
    }
    match operands("POW", a, b)? {
        Operands::Ints(base, exponent) if exponent.is_negative() => {
            // Rounded once each; the power is of the same bits on every machine.
            let of = |int: &BigInt| int.to_f64().expect("every int is near a float or infinite");
            Ok(Value::Float(libm::pow(of(&base), of(&exponent))))
        }
        Operands::Ints(base, exponent) => int_pow(&base, &exponent),
        Operands::Floats(base, exponent) => Ok(Value::Float(libm::pow(base, exponent))),
    }
}

fn int_pow(base: &BigInt, exponent: &BigInt) -> Result<Value, Fault> {
    if exponent.is_zero() || base.is_one() {
        return Ok(Value::Int(1));
    }
    if base.is_zero() {
        return Ok(Value::Int(0));
    }
    if (-base).is_one() {
        return Ok(Value::Int(if exponent.bit(0) { -1 } else { 1 }));
    }
    // The power has at least (bits - 1) * exponent + 1 bits.
    let bits_min = exponent.to_u64().and_then(|exponent| (base.bits() - 1).checked_mul(exponent));
    match (bits_min, exponent.to_u32()) {
        (Some(bits_min), Some(exponent)) if bits_min < INTEGER_BITS_MAX => Big::value(base.pow(exponent)),
        _ => Err(Big::too_big()),
    }
}
