//! Ints as bits: two's complement without end.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};
use ttvm_isa::{Fault, limits::INTEGER_BITS_MAX};

use super::{
    compare::{Number, number},
    expect::mismatch_both,
};
use crate::{big::Big, value::Value};

const TWO_INTEGERS: &str = "two integers";

fn big(value: &Value) -> Option<BigInt> {
    match number(value) {
        Some(Number::Int(int)) => Some(BigInt::from(int)),
        Some(Number::Big(big)) => Some(big.clone()),
        _ => None,
    }
}

fn bigs(operation: &'static str, a: &Value, b: &Value) -> Result<(BigInt, BigInt), Fault> {
    match (big(a), big(b)) {
        (Some(a), Some(b)) => Ok((a, b)),
        _ => Err(mismatch_both(operation, TWO_INTEGERS, a, b)),
    }
}

macro_rules! define_bitwise {
    ($($name:ident $mnemonic:literal $operator:tt;)*) => { $(
        #[doc = concat!("`", $mnemonic, "`.")]
        ///
        /// # Errors
        /// [`Fault::TypeMismatch`] unless both are ints.
        #[inline]
        pub fn $name(a: &Value, b: &Value) -> Result<Value, Fault> {
            if let (Value::Int(a), Value::Int(b)) = (a, b) {
                return Ok(Value::Int(a $operator b));
            }
            let (a, b) = bigs($mnemonic, a, b)?;
            Big::value(a $operator b)
        }
    )* };
}

define_bitwise! {
    bit_and "BIT_AND" &;
    bit_or "BIT_OR" |;
    bit_xor "BIT_XOR" ^;
}

#[cold]
fn negative_count(operation: &'static str) -> Fault {
    Fault::Argument { operation, error: "the number of bits is negative".to_owned() }
}

/// `SHL`: never loses bits.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are ints, [`Fault::Argument`] if the count is negative,
/// [`Fault::Limit`] when the result is too big.
pub fn shift_left(a: &Value, count: &Value) -> Result<Value, Fault> {
    if let (Value::Int(int), Value::Int(count)) = (a, count)
        && (0..64).contains(count)
        && (int << count) >> count == *int
    {
        return Ok(Value::Int(int << count));
    }
    let (int, count) = bigs("SHL", a, count)?;
    if count.is_negative() {
        return Err(negative_count("SHL"));
    }
    if int.is_zero() {
        return Ok(Value::Int(0));
    }
    match count.to_u64() {
        Some(count) if count <= INTEGER_BITS_MAX && int.bits() + count <= INTEGER_BITS_MAX => Big::value(int << count),
        _ => Err(Big::too_big()),
    }
}

/// `SHR`: keeps the sign.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are ints, [`Fault::Argument`] if the count is negative.
pub fn shift_right(a: &Value, count: &Value) -> Result<Value, Fault> {
    if let (Value::Int(int), Value::Int(count)) = (a, count)
        && *count >= 0
    {
        return Ok(Value::Int(int >> (*count).min(63)));
    }
    let (int, count) = bigs("SHR", a, count)?;
    if count.is_negative() {
        return Err(negative_count("SHR"));
    }
    match count.to_u64() {
        Some(count) if count < int.bits() => Big::value(int >> count),
        _ => Ok(Value::Int(if int.is_negative() { -1 } else { 0 })),
    }
}
