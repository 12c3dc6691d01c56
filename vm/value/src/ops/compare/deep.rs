//! Comparing values inside values: a work list instead of recursion, in pieces, and shared parts once.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};

use super::{
    leaves::{are_functions, captured, floats, function_cmp, leaf, unlike},
    memo::{Memo, Pair, pair},
    pairs::{Next, Pairs},
};
use crate::{list::Item, value::Value, work::Fuel};

/// Steps after which pairs found equal are remembered: small values are compared faster without.
const STEPS_WITHOUT_MEMO: u64 = 2048;

/// Compares two values by the total order, or for equality: then anything but `Equal` means different.
pub(super) async fn compare<const EQUALITY: bool>(a: &Value, b: &Value, fuel: &Fuel) -> Ordering {
    let mut comparison = Comparison::new();
    let mut ordering = comparison.shallow::<EQUALITY>(a, b, None, fuel);
    while ordering == Ordering::Equal {
        if fuel.burn(1) {
            fuel.pause().await;
        }
        match comparison.step::<EQUALITY>(fuel) {
            Some(next) => ordering = next,
            None => break,
        }
    }
    ordering
}

/// Containers on whose elements a comparison works, the innermost last.
struct Comparison<'a> {
    frames: Vec<Frame<'a>>,
    steps: u64,
    /// None before anything is remembered.
    memo: Option<Box<Memo>>,
}

struct Frame<'a> {
    pairs: Pairs<'a>,
    /// What is known to be equal when all pairs are.
    of: Option<Pair>,
}

impl<'a> Comparison<'a> {
    fn new() -> Self {
        Self { frames: Vec::new(), steps: 0, memo: None }
    }

    /// Compares the next pair or piece; none when there is nothing left.
    #[inline]
    fn step<const EQUALITY: bool>(&mut self, fuel: &Fuel) -> Option<Ordering> {
        self.steps += 1;
        let frame = self.frames.last_mut()?;
        Some(match frame.pairs.next::<EQUALITY>(fuel) {
            Next::Pair(Item::Int(a), Item::Int(b)) => a.cmp(&b),
            Next::Pair(Item::Float(a), Item::Float(b)) => floats::<EQUALITY>(a, b),
            Next::Pair(Item::Value(a), Item::Value(b)) => self.values::<EQUALITY>(a, b, fuel),
            // One of them is a number: nothing to go into.
            Next::Pair(a, b) => unlike::<EQUALITY>(&a.to_value(), &b.to_value()),
            Next::Piece(ordering) => ordering,
            Next::End(ordering) => {
                let done = self.frames.pop();
                if let Some(pair) = done.and_then(|frame| frame.of)
                    && ordering == Ordering::Equal
                    && self.steps > STEPS_WITHOUT_MEMO
                {
                    self.memo.get_or_insert_default().insert(pair);
                }
                ordering
            }
        })
    }

    /// Compares two values unless they were found equal before.
    #[inline]
    fn values<const EQUALITY: bool>(&mut self, a: &'a Value, b: &'a Value, fuel: &Fuel) -> Ordering {
        if let (Value::Int(a), Value::Int(b)) = (a, b) {
            return a.cmp(b);
        }
        let pair = pair(a, b);
        if let (Some(memo), Some(pair)) = (&mut self.memo, pair)
            && memo.contains(pair)
        {
            return Ordering::Equal;
        }
        self.shallow::<EQUALITY>(a, b, pair, fuel)
    }

    fn push(&mut self, pairs: Pairs<'a>, of: Option<Pair>) -> Ordering {
        self.frames.push(Frame { pairs, of });
        Ordering::Equal
    }

    /// Compares what can be compared at once; what may still differ inside goes on the work list.
    fn shallow<const EQUALITY: bool>(&mut self, a: &'a Value, b: &'a Value, of: Option<Pair>, fuel: &Fuel) -> Ordering {
        let mut left = u32::MAX;
        let ordering = leaf::<EQUALITY>(a, b, &mut left);
        fuel.burn(u64::from(u32::MAX - left));
        if let Some(ordering) = ordering {
            return ordering;
        }
        match (a, b) {
            (Value::Str(a), Value::Str(b)) => self.push(Pairs::Bytes(a.as_bytes(), b.as_bytes()), None),
            (Value::Bytes(a), Value::Bytes(b)) => self.push(Pairs::Bytes(a.as_slice(), b.as_slice()), None),
            (Value::Exception(a), Value::Exception(b)) => {
                self.push(Pairs::Bytes(a.message().as_bytes(), b.message().as_bytes()), None)
            }
            (Value::I64Array(a), Value::I64Array(b)) => self.push(Pairs::Ints(a.as_slice(), b.as_slice()), None),
            (Value::F64Array(a), Value::F64Array(b)) => self.push(Pairs::Floats(a.as_slice(), b.as_slice()), None),
            (Value::BigInt(a), Value::BigInt(b)) => self.push(digits(a.number(), b.number()), None),
            _ if are_functions(a, b) => match function_cmp(a, b) {
                Ordering::Equal => self.push(Pairs::Captures(captured(a).iter(), captured(b).iter()), of),
                different => different,
            },
            _ => self.containers::<EQUALITY>(a, b, of),
        }
    }

    fn containers<const EQUALITY: bool>(&mut self, a: &'a Value, b: &'a Value, of: Option<Pair>) -> Ordering {
        match (a, b) {
            // NaN differs from itself for `EQ`, so that a list may differ from itself.
            (Value::List(a), Value::List(b)) if !EQUALITY && a.is_same(b) => Ordering::Equal,
            (Value::Object(a), Value::Object(b)) if !EQUALITY && a.is_same(b) => Ordering::Equal,
            (Value::Map(a), Value::Map(b)) if !EQUALITY && a.is_same(b) => Ordering::Equal,
            (Value::List(a), Value::List(b)) if EQUALITY && a.len() != b.len() => Ordering::Less,
            (Value::List(a), Value::List(b)) => {
                if let (Some(a), Some(b)) = (a.as_ints(), b.as_ints()) {
                    return self.push(Pairs::Ints(a, b), None);
                }
                if let (Some(a), Some(b)) = (a.as_floats(), b.as_floats()) {
                    return self.push(Pairs::Floats(a, b), None);
                }
                self.push(Pairs::Items(a.iter(), b.iter()), of)
            }
            (Value::Object(a), Value::Object(b)) if a.len() != b.len() => a.len().cmp(&b.len()),
            (Value::Object(a), Value::Object(b)) if EQUALITY => self.push(Pairs::Lookup(a.iter(), b), of),
            (Value::Object(a), Value::Object(b)) => {
                // Taken from the end: first all names, then all values.
                self.push(Pairs::Fields(a.sorted(), b.sorted()), of);
                self.push(Pairs::Names(a.sorted(), b.sorted()), None)
            }
            (Value::Map(a), Value::Map(b)) if a.len() != b.len() => a.len().cmp(&b.len()),
            (Value::Map(a), Value::Map(b)) => {
                self.push(Pairs::Values(a.iter(), b.iter()), of);
                self.push(Pairs::Keys(a.iter(), b.iter()), None)
            }
            _ => unreachable!("everything else is compared at once"),
        }
    }
}

/// The digits of two ints of one length and sign.
fn digits<'a>(a: &'a BigInt, b: &'a BigInt) -> Pairs<'a> {
    let digits = |int: &'a BigInt| int.iter_u64_digits().rev();
    Pairs::Digits(digits(a), digits(b), a.sign() == Sign::Minus)
}
