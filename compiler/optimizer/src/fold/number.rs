//! Constant numbers and how ints and floats meet.

use std::cmp::Ordering;

use num_bigint::BigInt;
use ttvm_isa::{Float, Integer};

use super::RESULT_BITS_MAX;
use crate::literal::Literal;

/// 2^63, the first float that is too large for an int of 64 bits.
const SMALL_END: f64 = 9_223_372_036_854_775_808.0;

/// A constant number.
#[derive(Clone, Debug)]
pub(crate) enum Number {
    /// An int small enough to be computed with here.
    Int(BigInt),
    Float(f64),
}

impl Number {
    /// The number that a constant is, unless it is too large to be computed with here.
    pub fn of(literal: &Literal) -> Option<Self> {
        match literal {
            Literal::Int(Integer::Small(value)) => Some(Self::Int(BigInt::from(*value))),
            Literal::Int(Integer::Big(value)) => {
                (value.bits() <= RESULT_BITS_MAX).then(|| Self::Int((**value).clone()))
            }
            Literal::Float(value) => Some(Self::Float(value.get())),
            Literal::Text(_) | Literal::Bool(_) | Literal::Null => None,
        }
    }

    /// The nearest float; `None` for ints of more than 64 bits.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Int(value) => i64::try_from(value).ok().map(|small| small as f64),
            Self::Float(value) => Some(*value),
        }
    }

    pub fn is_zero(&self) -> bool {
        match self {
            Self::Int(value) => *value == BigInt::ZERO,
            Self::Float(value) => *value == 0.0,
        }
    }
}

/// An int as a constant, unless it is too large.
pub(crate) fn int(value: BigInt) -> Option<Literal> {
    (value.bits() <= RESULT_BITS_MAX).then(|| Literal::Int(value.into()))
}

pub(crate) fn float(value: f64) -> Literal {
    Literal::Float(Float::new(value))
}

/// The int of a float without fraction, if it has 64 bits.
pub(crate) fn whole(value: f64) -> Option<Literal> {
    // Exact: the float has no fraction and lies within the range.
    (-SMALL_END..SMALL_END).contains(&value).then_some(Literal::Int(Integer::Small(value as i64)))
}

/// The order of two numbers by exact value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// One is NaN.
    Without,
    By(Ordering),
}

/// Compares two numbers by exact value; `None` where an int of more than 64 bits meets a float.
pub(crate) fn by_value(a: &Number, b: &Number) -> Option<Order> {
    let order = match (a, b) {
        (Number::Int(a), Number::Int(b)) => Some(a.cmp(b)),
        (Number::Float(a), Number::Float(b)) => a.partial_cmp(b),
        (Number::Int(a), Number::Float(b)) => int_with_float(i64::try_from(a).ok()?, *b),
        (Number::Float(a), Number::Int(b)) => int_with_float(i64::try_from(b).ok()?, *a).map(Ordering::reverse),
    };
    Some(order.map_or(Order::Without, Order::By))
}

fn int_with_float(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    Some(if float >= SMALL_END {
        Ordering::Less
    } else if float < -SMALL_END {
        Ordering::Greater
    } else {
        let whole = float.floor();
        // Within the range the whole part is exactly an int.
        int.cmp(&(whole as i64)).then(if float > whole { Ordering::Less } else { Ordering::Equal })
    })
}

/// The total order of numbers: by value, an int before the equal float, -0 before 0, NaN last.
pub(crate) fn total(a: &Number, b: &Number) -> Option<Ordering> {
    let is_nan = |number: &Number| matches!(number, Number::Float(value) if value.is_nan());
    let among_equals = |number: &Number| match number {
        Number::Int(_) => 0,
        Number::Float(value) if value.is_sign_negative() => 1,
        Number::Float(_) => 2,
    };
    Some(match by_value(a, b)? {
        Order::Without => is_nan(a).cmp(&is_nan(b)),
        // Only zeros of both signs are equal with different signs.
        Order::By(Ordering::Equal) => among_equals(a).cmp(&among_equals(b)),
        Order::By(order) => order,
    })
}
