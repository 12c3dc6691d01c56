//! Equality, the total order and the order of numbers.
//!
//! Numbers are compared by exact value, never by rounding one to the type of the other. Nested values go on
//! a work list, so depth does not matter. Not here: what the comparison instructions push (`ops/order.rs`).

use std::{cmp::Ordering, slice, vec};

use num_bigint::{BigInt, Sign};
use num_traits::FromPrimitive;

use crate::{
    big::Big,
    closure::Closure,
    list::{Item, Items},
    map::Entries,
    value::Value,
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

/// The place of functions and closures, which are compared with each other.
const FUNCTION_RANK: u8 = 15;

/// The place of a value's type in the total order.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Int(_) | Value::Float(_) | Value::BigInt(_) => 0,
        Value::Bool(_) => 1,
        Value::Null => 2,
        Value::Str(_) => 3,
        Value::Bytes(_) => 4,
        Value::List(_) => 5,
        Value::Object(_) => 6,
        Value::Map(_) => 7,
        Value::I64Array(_) | Value::F64Array(_) => 8,
        Value::Pid(_) => 9,
        Value::Ref(_) => 10,
        Value::Barrier(_) => 11,
        Value::Future(_) => 12,
        Value::Stream(_) => 13,
        Value::Resource(_) => 14,
        Value::Function(_) | Value::Closure(_) => FUNCTION_RANK,
        Value::Exception(_) => 16,
        Value::Undefined => 17,
    }
}

/// Values still to be compared, of two containers.
enum Pairs<'a> {
    /// Elements; if all are equal the lengths decide.
    Items(Items<'a>, Items<'a>),
    /// Keys of two maps of one size.
    Keys(Entries<'a>, Entries<'a>),
    /// Values of two maps with equal keys.
    Values(Entries<'a>, Entries<'a>),
    /// Any pairs.
    Fields(vec::IntoIter<(&'a Value, &'a Value)>),
    /// Captures; if all are equal the lengths decide.
    Captures(slice::Iter<'a, Value>, slice::Iter<'a, Value>),
}

/// The next pair, or how the containers compare when there is none.
enum Next<'a> {
    Pair(Item<'a>, Item<'a>),
    End(Ordering),
}

impl<'a> Pairs<'a> {
    fn next(&mut self) -> Next<'a> {
        let items = |pair: Option<(Item<'a>, Item<'a>)>| match pair {
            Some((a, b)) => Next::Pair(a, b),
            None => Next::End(Ordering::Equal),
        };
        let values = |pair: Option<(&'a Value, &'a Value)>| items(pair.map(|(a, b)| (Item::Value(a), Item::Value(b))));
        match self {
            Self::Items(a, b) => match (a.next(), b.next()) {
                (Some(a), Some(b)) => Next::Pair(a, b),
                (a, b) => Next::End(a.is_some().cmp(&b.is_some())),
            },
            Self::Keys(a, b) => items(a.next().zip(b.next()).map(|((a, _), (b, _))| (a, b))),
            Self::Values(a, b) => items(a.next().zip(b.next()).map(|((_, a), (_, b))| (a, b))),
            Self::Fields(pairs) => values(pairs.next()),
            Self::Captures(a, b) => match (a.next(), b.next()) {
                (Some(a), Some(b)) => values(Some((a, b))),
                (a, b) => Next::End(a.is_some().cmp(&b.is_some())),
            },
        }
    }
}

fn captured(value: &Value) -> &[Value] {
    match value {
        Value::Closure(closure) => closure.captured(),
        _ => &[],
    }
}

fn function_cmp(a: &Value, b: &Value) -> Ordering {
    let function = |value: &Value| match value {
        Value::Function(function) => *function,
        Value::Closure(closure) => Closure::function(closure),
        _ => unreachable!("the caller looked at the rank"),
    };
    function(a).total_cmp(function(b))
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
    let mut work = Vec::new();
    let mut ordering = shallow_cmp(a, b, &mut work);
    while ordering == Ordering::Equal {
        let Some(pairs) = work.last_mut() else { break };
        ordering = match pairs.next() {
            Next::Pair(Item::Int(a), Item::Int(b)) => a.cmp(&b),
            Next::Pair(Item::Float(a), Item::Float(b)) => float_total_cmp(a, b),
            Next::Pair(Item::Value(a), Item::Value(b)) => shallow_cmp(a, b, &mut work),
            // One of them is a number: nothing to go into.
            Next::Pair(a, b) => total_cmp(&a.to_value(), &b.to_value()),
            Next::End(ordering) => {
                work.pop();
                ordering
            }
        };
    }
    ordering
}

/// Compares what can be compared at once; containers that may still differ inside go on the work list.
fn shallow_cmp<'a>(a: &'a Value, b: &'a Value, work: &mut Vec<Pairs<'a>>) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Str(a), Value::Str(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Bytes(a), Value::Bytes(b)) => a.as_slice().cmp(b.as_slice()),
        (Value::Pid(a), Value::Pid(b)) => a.cmp(b),
        (Value::Ref(a), Value::Ref(b)) => a.cmp(b),
        (Value::Barrier(a), Value::Barrier(b)) => a.cmp(b),
        (Value::Future(a), Value::Future(b)) => a.cmp(b),
        (Value::Stream(a), Value::Stream(b)) => a.cmp(b),
        (Value::Resource(a), Value::Resource(b)) => a.cmp(b),
        (Value::I64Array(a), Value::I64Array(b)) => a.as_slice().cmp(b.as_slice()),
        (Value::F64Array(a), Value::F64Array(b)) => floats_cmp(a.as_slice(), b.as_slice()),
        (Value::I64Array(_), Value::F64Array(_)) => Ordering::Less,
        (Value::F64Array(_), Value::I64Array(_)) => Ordering::Greater,
        (Value::Exception(a), Value::Exception(b)) => a.message().as_bytes().cmp(b.message().as_bytes()),
        (Value::List(a), Value::List(b)) => {
            if a.is_same(b) {
                return Ordering::Equal;
            }
            if let (Some(a), Some(b)) = (a.as_ints(), b.as_ints()) {
                return a.cmp(b);
            }
            work.push(Pairs::Items(a.iter(), b.iter()));
            Ordering::Equal
        }
        (Value::Object(a), Value::Object(b)) => {
            if a.is_same(b) {
                return Ordering::Equal;
            }
            a.len().cmp(&b.len()).then_with(|| {
                let (a, b) = (a.sorted(), b.sorted());
                let by_names = a.iter().map(|(name, _)| name.as_bytes()).cmp(b.iter().map(|(name, _)| name.as_bytes()));
                let pairs: Vec<_> = a.iter().zip(&b).map(|((_, a), (_, b))| (*a, *b)).collect();
                work.push(Pairs::Fields(pairs.into_iter()));
                by_names
            })
        }
        (Value::Map(a), Value::Map(b)) => {
            if a.is_same(b) {
                return Ordering::Equal;
            }
            a.len().cmp(&b.len()).then_with(|| {
                // Taken from the end: first all keys, then all values.
                work.push(Pairs::Values(a.iter(), b.iter()));
                work.push(Pairs::Keys(a.iter(), b.iter()));
                Ordering::Equal
            })
        }
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => number_total_cmp(a, b),
            _ if rank(a) == FUNCTION_RANK && rank(b) == FUNCTION_RANK => function_cmp(a, b).then_with(|| {
                work.push(Pairs::Captures(captured(a).iter(), captured(b).iter()));
                Ordering::Equal
            }),
            _ => rank(a).cmp(&rank(b)),
        },
    }
}

/// Compares sequences of floats by the total order of floats.
fn floats_cmp(a: &[f64], b: &[f64]) -> Ordering {
    let orderings = a.iter().zip(b).map(|(&a, &b)| float_total_cmp(a, b));
    let mut different = orderings.filter(|ordering| ordering.is_ne());
    different.next().unwrap_or_else(|| a.len().cmp(&b.len()))
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
    let mut work = Vec::new();
    let mut are_equal = shallow_equals(a, b, &mut work);
    while are_equal {
        let Some(pairs) = work.last_mut() else { break };
        are_equal = match pairs.next() {
            Next::Pair(Item::Int(a), Item::Int(b)) => a == b,
            Next::Pair(Item::Float(a), Item::Float(b)) => a == b,
            Next::Pair(Item::Value(a), Item::Value(b)) => shallow_equals(a, b, &mut work),
            Next::Pair(a, b) => equals(&a.to_value(), &b.to_value()),
            Next::End(ordering) => {
                work.pop();
                ordering == Ordering::Equal
            }
        };
    }
    are_equal
}

/// Like [`shallow_cmp`], for equality.
fn shallow_equals<'a>(a: &'a Value, b: &'a Value, work: &mut Vec<Pairs<'a>>) -> bool {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::BigInt(a), Value::BigInt(b)) => Big::number(a) == Big::number(b),
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Null, Value::Null) | (Value::Undefined, Value::Undefined) => true,
        (Value::Str(a), Value::Str(b)) => a.is_same(b) || a.as_bytes() == b.as_bytes(),
        (Value::Bytes(a), Value::Bytes(b)) => a.as_slice() == b.as_slice(),
        (Value::Pid(a), Value::Pid(b)) => a == b,
        (Value::Ref(a), Value::Ref(b)) => a == b,
        (Value::Barrier(a), Value::Barrier(b)) => a == b,
        (Value::Future(a), Value::Future(b)) => a == b,
        (Value::Stream(a), Value::Stream(b)) => a == b,
        (Value::Resource(a), Value::Resource(b)) => a == b,
        (Value::I64Array(a), Value::I64Array(b)) => a.as_slice() == b.as_slice(),
        (Value::F64Array(a), Value::F64Array(b)) => a.as_slice() == b.as_slice(),
        (Value::Exception(a), Value::Exception(b)) => a.message().as_bytes() == b.message().as_bytes(),
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return false;
            }
            if let (Some(a), Some(b)) = (a.as_ints(), b.as_ints()) {
                return a == b;
            }
            work.push(Pairs::Items(a.iter(), b.iter()));
            true
        }
        (Value::Object(a), Value::Object(b)) => {
            if a.len() != b.len() {
                return false;
            }
            let pairs: Option<Vec<_>> = a.iter().map(|(name, value)| Some((value, b.get(name)?))).collect();
            match pairs {
                Some(pairs) => {
                    work.push(Pairs::Fields(pairs.into_iter()));
                    true
                }
                None => false,
            }
        }
        (Value::Map(a), Value::Map(b)) => {
            work.push(Pairs::Values(a.iter(), b.iter()));
            work.push(Pairs::Keys(a.iter(), b.iter()));
            a.len() == b.len()
        }
        _ if rank(a) == FUNCTION_RANK && rank(b) == FUNCTION_RANK => {
            work.push(Pairs::Captures(captured(a).iter(), captured(b).iter()));
            function_cmp(a, b) == Ordering::Equal
        }
        _ => false,
    }
}
