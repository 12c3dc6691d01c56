//! Equality, the total order and the order of numbers.
//!
//! Numbers are compared by exact value, never by rounding one to the type of the other. Not here: values inside
//! values (`compare/small.rs`, `compare/deep.rs`), what the comparison instructions push (`ops/order.rs`).

mod deep;
mod leaves;
mod memo;
mod pairs;
mod small;

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_traits::FromPrimitive;

use crate::{
    value::Value,
    work::{Fuel, whole},
};

/// A number, borrowed from its value.
#[derive(Clone, Copy)]
pub enum Number<'a> {
    /// An int of 64 bits.
    Int(i64),
    /// A float.
    Float(f64),
    /// A larger int.
    Big(&'a BigInt),
}

/// The number that a value is, if it is one.
#[inline]
#[must_use]
pub fn number(value: &Value) -> Option<Number<'_>> {
    match value {
        Value::Int(int) => Some(Number::Int(*int)),
        Value::Float(float) => Some(Number::Float(*float)),
        Value::BigInt(big) => Some(Number::Big(big.number())),
        _ => None,
    }
}

/// 2 to the power 63, the first float above all 64-bit ints.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;

fn int_with_float(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= TWO_63 {
        return Some(Ordering::Less);
    }
    if float < -TWO_63 {
        return Some(Ordering::Greater);
    }
    // Within these bounds the whole part is exact as an int, and so is what is cut off as a float.
    let whole = float.trunc();
    let fraction = float - whole;
    Some(int.cmp(&(whole as i64)).then(0.0_f64.partial_cmp(&fraction)?))
}

fn big_with_float(big: &BigInt, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    let by_sign = if big.sign() == Sign::Minus { Ordering::Less } else { Ordering::Greater };
    if float.abs() < TWO_63 {
        return Some(by_sign);
    }
    match BigInt::from_f64(float) {
        // A float this large has no fraction.
        Some(whole) => Some(big.cmp(&whole)),
        None => Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater }),
    }
}

/// Compares by exact value; NaN compares with nothing.
#[inline]
#[must_use]
pub fn number_cmp(a: Number<'_>, b: Number<'_>) -> Option<Ordering> {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
        (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
        (Number::Int(a), Number::Float(b)) => int_with_float(a, b),
        (Number::Float(a), Number::Int(b)) => int_with_float(b, a).map(Ordering::reverse),
        (Number::Big(a), Number::Big(b)) => Some(a.cmp(b)),
        (Number::Big(a), Number::Float(b)) => big_with_float(a, b),
        (Number::Float(a), Number::Big(b)) => big_with_float(b, a).map(Ordering::reverse),
        (Number::Big(a), Number::Int(_)) => {
            Some(if a.sign() == Sign::Minus { Ordering::Less } else { Ordering::Greater })
        }
        (Number::Int(_), Number::Big(b)) => {
            Some(if b.sign() == Sign::Minus { Ordering::Greater } else { Ordering::Less })
        }
    }
}

/// The total order of floats: -0 before 0, NaN last and equal to itself.
#[inline]
#[must_use]
pub fn float_total_cmp(a: f64, b: f64) -> Ordering {
    match a.partial_cmp(&b) {
        Some(Ordering::Equal) => b.is_sign_negative().cmp(&a.is_sign_negative()),
        Some(ordering) => ordering,
        None => a.is_nan().cmp(&b.is_nan()),
    }
}

/// The total order of numbers: by exact value, an int before the equal float.
#[inline]
#[must_use]
pub fn number_total_cmp(a: Number<'_>, b: Number<'_>) -> Ordering {
    if let (Number::Float(a), Number::Float(b)) = (a, b) {
        return float_total_cmp(a, b);
    }
    let is_float = |number: &Number<'_>| matches!(number, Number::Float(_));
    match number_cmp(a, b) {
        Some(ordering) => ordering.then(is_float(&a).cmp(&is_float(&b))),
        // Only one of them is a float, so it is the NaN.
        None => is_float(&a).cmp(&is_float(&b)),
    }
}

/// Compares two values by the total order.
#[inline]
#[must_use]
pub fn total_cmp(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Str(a), Value::Str(b)) => a.as_bytes().cmp(b.as_bytes()),
        _ => deep_cmp(a, b),
    }
}

#[inline(never)]
fn deep_cmp(a: &Value, b: &Value) -> Ordering {
    small_cmp(a, b).unwrap_or_else(|| whole(async |fuel| total_cmp_in_pieces(a, b, fuel).await))
}

/// Compares two values by the total order if that takes few steps.
#[must_use]
pub fn small_cmp(a: &Value, b: &Value) -> Option<Ordering> {
    small::compare::<false>(a, b, &mut { small::STEPS })
}

/// Compares two values, for equality or by the total order, if that takes few steps, and burns them.
#[inline]
pub(super) fn small_in_pieces<const EQUALITY: bool>(a: &Value, b: &Value, fuel: &Fuel) -> Option<Ordering> {
    let mut left = small::STEPS;
    let ordering = small::compare::<EQUALITY>(a, b, &mut left);
    fuel.burn(u64::from(small::STEPS - left));
    ordering
}

/// Compares two values by the total order, with pauses.
pub async fn total_cmp_in_pieces(a: &Value, b: &Value, fuel: &Fuel) -> Ordering {
    deep::compare::<false>(a, b, fuel).await
}

/// Whether the value is compared in few steps with every other of which this holds too.
#[inline]
#[must_use]
pub fn is_small(value: &Value) -> bool {
    small::is_small(value)
}

/// Whether two values are equal as `EQ` says: structurally, never across types, floats as IEEE says.
#[inline]
#[must_use]
pub fn equals(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        _ => deep_equals(a, b),
    }
}

#[inline(never)]
fn deep_equals(a: &Value, b: &Value) -> bool {
    small_equals(a, b).unwrap_or_else(|| whole(async |fuel| equals_in_pieces(a, b, fuel).await))
}

/// Whether two values are equal, if that is found out in few steps.
#[must_use]
pub fn small_equals(a: &Value, b: &Value) -> Option<bool> {
    small::compare::<true>(a, b, &mut { small::STEPS }).map(Ordering::is_eq)
}

/// Whether two values are equal, with pauses.
pub async fn equals_in_pieces(a: &Value, b: &Value, fuel: &Fuel) -> bool {
    deep::compare::<true>(a, b, fuel).await.is_eq()
}
