//! What is still to be compared of two containers.

use std::{cmp::Ordering, iter::Rev, slice};

use num_bigint::U64Digits;

use super::leaves::floats_cmp;
use crate::{
    list::{Item, Items},
    map::Entries,
    object::{Fields, Object, Sorted},
    value::Value,
    work::Fuel,
};

/// Elements of flat sequences that are compared at once.
const PIECE: usize = 4096;

/// Bytes or numbers that are compared in one step.
const FLAT_PER_STEP: usize = 16;

/// Values still to be compared.
pub(super) enum Pairs<'a> {
    /// Elements; if all are equal the lengths decide.
    Items(Items<'a>, Items<'a>),
    /// Keys of two maps of one size.
    Keys(Entries<'a>, Entries<'a>),
    /// Values of two maps with equal keys.
    Values(Entries<'a>, Entries<'a>),
    /// Names of two objects of one size, in their order.
    Names(Sorted<'a>, Sorted<'a>),
    /// Values of two objects with equal names.
    Fields(Sorted<'a>, Sorted<'a>),
    /// Fields that the other object, of the same size, must have.
    Lookup(Fields<'a>, &'a Object),
    /// Captures; if all are equal the lengths decide.
    Captures(slice::Iter<'a, Value>, slice::Iter<'a, Value>),
    /// Bytes of strs and bytes.
    Bytes(&'a [u8], &'a [u8]),
    /// Ints side by side.
    Ints(&'a [i64], &'a [i64]),
    /// Floats side by side.
    Floats(&'a [f64], &'a [f64]),
    /// Digits of two ints of one length and sign, from the highest on; `true` if both are negative.
    Digits(Rev<U64Digits<'a>>, Rev<U64Digits<'a>>, bool),
}

/// The next pair, how the next piece compares, or how the containers compare when there is nothing left.
pub(super) enum Next<'a> {
    Pair(Item<'a>, Item<'a>),
    Piece(Ordering),
    End(Ordering),
}

impl<'a> Pairs<'a> {
    pub fn next<const EQUALITY: bool>(&mut self, fuel: &Fuel) -> Next<'a> {
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
            Self::Names(a, b) => match a.next().zip(b.next()) {
                Some(((a, _), (b, _))) => Next::Piece(a.as_bytes().cmp(b.as_bytes())),
                None => Next::End(Ordering::Equal),
            },
            Self::Fields(a, b) => values(a.next().zip(b.next()).map(|((_, a), (_, b))| (a, b))),
            Self::Lookup(fields, other) => match fields.next() {
                Some((name, value)) => match other.get(name) {
                    Some(other) => values(Some((value, other))),
                    None => Next::End(Ordering::Less),
                },
                None => Next::End(Ordering::Equal),
            },
            Self::Captures(a, b) => match (a.next(), b.next()) {
                (Some(a), Some(b)) => values(Some((a, b))),
                (a, b) => Next::End(a.is_some().cmp(&b.is_some())),
            },
            Self::Bytes(a, b) => piece(a, b, fuel, |a, b| a.cmp(b)),
            Self::Ints(a, b) => piece(a, b, fuel, |a, b| a.cmp(b)),
            Self::Floats(a, b) => piece(a, b, fuel, floats_cmp::<EQUALITY>),
            Self::Digits(a, b, are_negative) => digits(a, b, *are_negative, fuel),
        }
    }
}

/// Compares the first elements of both and goes on behind them.
fn piece<'a, T>(a: &mut &'a [T], b: &mut &'a [T], fuel: &Fuel, compare: impl Fn(&[T], &[T]) -> Ordering) -> Next<'a> {
    let count = a.len().min(b.len()).min(PIECE);
    if count == 0 {
        return Next::End(a.len().cmp(&b.len()));
    }
    fuel.burn((count / FLAT_PER_STEP) as u64);
    let (first, second) = (&a[..count], &b[..count]);
    (*a, *b) = (&a[count..], &b[count..]);
    Next::Piece(compare(first, second))
}

/// Compares the next digits of two ints.
fn digits<'a>(a: &mut Rev<U64Digits<'_>>, b: &mut Rev<U64Digits<'_>>, are_negative: bool, fuel: &Fuel) -> Next<'a> {
    if a.len() == 0 {
        return Next::End(Ordering::Equal);
    }
    fuel.burn(PIECE as u64);
    let ordering = a.by_ref().take(PIECE).cmp(b.by_ref().take(PIECE));
    Next::Piece(if are_negative { ordering.reverse() } else { ordering })
}
