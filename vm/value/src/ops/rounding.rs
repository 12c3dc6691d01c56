//! Square roots, and ints from floats.

use num_bigint::BigInt;
use num_traits::{FromPrimitive, ToPrimitive};
use ttvm_isa::Fault;

use super::{
    compare::{Number, number},
    expect::mismatch,
};
use crate::{big::Big, value::Value};

/// `SQRT`: NaN of a negative number.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is a number.
pub fn sqrt(a: &Value) -> Result<Value, Fault> {
    let root = match number(a) {
        Some(Number::Int(int)) => (int as f64).sqrt(),
        Some(Number::Float(float)) => float.sqrt(),
        Some(Number::Big(big)) => big_sqrt(big),
        None => return Err(mismatch("SQRT", "a number", a)),
    };
    Ok(Value::Float(root))
}

/// The root of an int whose value may be beyond the floats though its root is not.
fn big_sqrt(big: &BigInt) -> f64 {
    const EXACT_BITS: u64 = 128;
    let halved_bits = big.bits().saturating_sub(EXACT_BITS) / 2;
    let top = (big >> (2 * halved_bits)).to_f64().unwrap_or(f64::NAN);
    // 2^halved_bits; beyond the floats it is infinite, and so is the root.
    let scale = i32::try_from(halved_bits).map_or(f64::INFINITY, |bits| libm::scalbn(1.0, bits));
    top.sqrt() * scale
}

/// The int that a whole float is.
///
/// # Errors
/// [`Fault::Argument`] for infinities and NaN.
pub(super) fn int_of_float(operation: &'static str, float: f64) -> Result<Value, Fault> {
    // Every float of this range is exact as an `i64`; the upper bound is 2^63.
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float) {
        return Ok(Value::Int(float as i64));
    }
    match BigInt::from_f64(float) {
        Some(int) => Big::value(int),
        None => Err(Fault::Argument { operation, error: format!("there is no int for {float}") }),
    }
}

macro_rules! define_rounding {
    ($($name:ident $mnemonic:literal $method:ident $doc:literal;)*) => { $(
        #[doc = $doc]
        ///
        /// # Errors
        /// [`Fault::TypeMismatch`] unless the operand is a number, [`Fault::Argument`] if it is infinite or NaN.
        pub fn $name(a: &Value) -> Result<Value, Fault> {
            match a {
                Value::Int(_) | Value::BigInt(_) => Ok(a.clone()),
                Value::Float(float) => int_of_float($mnemonic, float.$method()),
                other => Err(mismatch($mnemonic, "a number", other)),
            }
        }
    )* };
}

define_rounding! {
    floor "FLOOR" floor "`FLOOR`: the largest int not above the number.";
    ceil "CEIL" ceil "`CEIL`: the smallest int not below the number.";
    round "ROUND" round "`ROUND`: the nearest int, halves away from zero.";
}
