//! The comparison instructions, as conditions.
//!
//! Not here: how values compare (`compare.rs`).

use std::cmp::Ordering;

use ttvm_isa::Fault;

use super::{
    compare::{number, number_cmp, number_total_cmp, small_cmp, total_cmp, total_cmp_in_pieces},
    expect::{as_float, mismatch_both},
};
use crate::{value::Value, work::Fuel};

/// What arithmetic and comparison of numbers take.
pub(super) const TWO_NUMBERS: &str = "two numbers (int or float)";

/// What the instructions for floats say they take; they take any two numbers.
pub(super) const TWO_FLOATS: &str = "two floats";

/// Floats that differ by less are equal for `EQ_F`.
const EPSILON: f64 = f64::EPSILON;

macro_rules! define_order {
    ($($name:ident $float_name:ident $mnemonic:literal $float_mnemonic:literal $operator:tt;)*) => { $(
        #[doc = concat!("`", $mnemonic, "`: by exact value; false if one is NaN.")]
        ///
        /// # Errors
        /// [`Fault::TypeMismatch`] unless both are numbers.
        #[inline]
        pub fn $name(a: &Value, b: &Value) -> Result<bool, Fault> {
            match (a, b) {
                (Value::Int(a), Value::Int(b)) => Ok(a $operator b),
                (Value::Float(a), Value::Float(b)) => Ok(a $operator b),
                _ => Ok(ordering($mnemonic, a, b)?.is_some_and(|ordering| ordering $operator Ordering::Equal)),
            }
        }

        #[doc = concat!("`", $float_mnemonic, "`: compares as floats.")]
        ///
        /// # Errors
        /// [`Fault::TypeMismatch`] unless both are numbers.
        #[inline]
        pub fn $float_name(a: &Value, b: &Value) -> Result<bool, Fault> {
            let (a, b) = floats($float_mnemonic, a, b)?;
            Ok(a $operator b)
        }
    )* };
}

define_order! {
    greater_than    greater_than_float    "GT" "GT_F" >;
    less_than       less_than_float       "LT" "LT_F" <;
    greater_or_equal greater_or_equal_float "GE" "GE_F" >=;
    less_or_equal   less_or_equal_float   "LE" "LE_F" <=;
}

#[inline(never)]
fn ordering(operation: &'static str, a: &Value, b: &Value) -> Result<Option<Ordering>, Fault> {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => Ok(number_cmp(a, b)),
        _ => Err(mismatch_both(operation, TWO_NUMBERS, a, b)),
    }
}

/// Two numbers as floats.
#[inline]
pub(super) fn floats(operation: &'static str, a: &Value, b: &Value) -> Result<(f64, f64), Fault> {
    match (as_float(a), as_float(b)) {
        (Some(a), Some(b)) => Ok((a, b)),
        _ => Err(mismatch_both(operation, TWO_FLOATS, a, b)),
    }
}

fn are_near(a: f64, b: f64) -> bool {
    // Infinities are equal but have no difference.
    a == b || (a - b).abs() < EPSILON
}

/// `EQ_F`: identical, or differing by less than 2.220446049250313e-16.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are numbers.
pub fn equal_float(a: &Value, b: &Value) -> Result<bool, Fault> {
    let (a, b) = floats("EQ_F", a, b)?;
    Ok(are_near(a, b))
}

/// `NE_F`: the opposite of [`equal_float`].
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are numbers.
pub fn not_equal_float(a: &Value, b: &Value) -> Result<bool, Fault> {
    let (a, b) = floats("NE_F", a, b)?;
    Ok(!are_near(a, b))
}

/// `EQ_NUM`: whether two numbers have exactly the same value, whatever their types.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are numbers.
pub fn equal_number(a: &Value, b: &Value) -> Result<bool, Fault> {
    Ok(ordering("EQ_NUM", a, b)? == Some(Ordering::Equal))
}

/// `CMP`: -1, 0 or 1 by the total order.
#[must_use]
pub fn compare(a: &Value, b: &Value) -> Value {
    Value::Int(total_cmp(a, b) as i64)
}

/// `CMP`, if it takes few steps.
#[must_use]
pub fn compare_small(a: &Value, b: &Value) -> Option<Value> {
    small_cmp(a, b).map(|ordering| Value::Int(ordering as i64))
}

/// `CMP`, with pauses.
pub async fn compare_in_pieces(a: &Value, b: &Value, fuel: &Fuel) -> Value {
    Value::Int(total_cmp_in_pieces(a, b, fuel).await as i64)
}

fn numbers_total(operation: &'static str, a: &Value, b: &Value) -> Result<Ordering, Fault> {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => Ok(number_total_cmp(a, b)),
        _ => Err(mismatch_both(operation, TWO_NUMBERS, a, b)),
    }
}

/// `MIN`: the smaller number by the total order, the first when they are equal.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are numbers.
pub fn min(a: &Value, b: &Value) -> Result<Value, Fault> {
    Ok(if numbers_total("MIN", a, b)?.is_le() { a.clone() } else { b.clone() })
}

/// `MAX`: the larger number by the total order, the first when they are equal.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are numbers.
pub fn max(a: &Value, b: &Value) -> Result<Value, Fault> {
    Ok(if numbers_total("MAX", a, b)?.is_ge() { a.clone() } else { b.clone() })
}
