//! Numbers: how ints and floats meet, exactly.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::FromPrimitive;

use crate::value::Value;

/// A value that is a number.
#[derive(Clone, Debug)]
pub(crate) enum Number {
    Int(BigInt),
    Float(f64),
}

impl Number {
    /// The number that a value is.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Int(int) => Some(Self::Int(int.clone())),
            Value::Float(float) => Some(Self::Float(*float)),
            _ => None,
        }
    }

    /// The nearest double.
    pub(crate) fn to_float(&self) -> f64 {
        match self {
            Self::Int(int) => nearest_float(int),
            Self::Float(float) => *float,
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Self::Int(int) => *int == BigInt::ZERO,
            Self::Float(float) => *float == 0.0,
        }
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        match number {
            Number::Int(int) => Self::Int(int),
            Number::Float(float) => Self::Float(float),
        }
    }
}

/// The double nearest to an int, ties to even, infinite beyond the largest: what reading its digits gives.
pub(crate) fn nearest_float(int: &BigInt) -> f64 {
    if int.bits() > 1100 {
        return if *int > BigInt::ZERO { f64::INFINITY } else { f64::NEG_INFINITY };
    }
    int.to_string().parse().expect("an int's digits are a float")
}

/// Compares by exact value, as IEEE says: `None` if one is NaN, and -0 equals 0.
pub(crate) fn by_value(a: &Number, b: &Number) -> Option<Ordering> {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => Some(a.cmp(b)),
        (Number::Float(a), Number::Float(b)) => a.partial_cmp(b),
        (Number::Int(int), Number::Float(float)) => int_with_float(int, *float),
        (Number::Float(float), Number::Int(int)) => int_with_float(int, *float).map(Ordering::reverse),
    }
}

fn int_with_float(int: &BigInt, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float.is_infinite() {
        return Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = BigInt::from_f64(float.floor()).expect("a finite float has a whole part");
    let above_whole = float > float.floor();
    Some(match int.cmp(&whole) {
        Ordering::Equal if above_whole => Ordering::Less,
        other => other,
    })
}

/// The total order: by exact value, an int before the equal float, -0 before 0, NaN last and equal to itself.
pub(crate) fn total(a: &Number, b: &Number) -> Ordering {
    let is_nan = |number: &Number| matches!(number, Number::Float(float) if float.is_nan());
    let by_kind = |number: &Number| match number {
        Number::Int(_) => 0,
        Number::Float(float) if float.is_sign_negative() => 1,
        Number::Float(_) => 2,
    };
    match by_value(a, b) {
        None => is_nan(a).cmp(&is_nan(b)),
        // Among equal values only zeros have two signs; any other float has the sign of its equal.
        Some(Ordering::Equal) => by_kind(a).cmp(&by_kind(b)),
        Some(order) => order,
    }
}
