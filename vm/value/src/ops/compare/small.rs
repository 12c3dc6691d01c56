//! Comparing small values: by recursion, which is faster than a work list, within a budget that bounds its depth.
//!
//! Guards that two values which [`is_small`] lets through are compared within [`STEPS`]. Not here: other values
//! (`deep.rs`).

use std::cmp::Ordering;

use super::leaves::{
    BYTES_PER_STEP, are_functions, captured, charge, flat, floats, floats_cmp, function_cmp, leaf, unlike,
};
use crate::{
    list::{Item, List},
    map::Map,
    object::Object,
    value::Value,
};

/// Steps within which small values are compared: one for each value, and what long flat ones cost.
pub(super) const STEPS: u32 = 128;

/// Whether comparing the value with any other for which this holds takes less than [`STEPS`].
#[inline]
pub(super) fn is_small(value: &Value) -> bool {
    if !value.is_heap() {
        return true;
    }
    let mut left = STEPS;
    weigh(value, &mut left);
    left > 0
}

/// Takes a step for each value and what flat ones cost; stops when nothing is left.
fn weigh(value: &Value, left: &mut u32) {
    *left = left.saturating_sub(1);
    match value {
        Value::Str(text) => charge(text.len(), left),
        Value::Bytes(bytes) => charge(bytes.len(), left),
        Value::Exception(exception) => charge(exception.message().len(), left),
        // More than for comparing: who asks may also want the digits, which take time in the square of their number.
        Value::BigInt(big) => charge(usize::try_from(big.bits()).unwrap_or(usize::MAX), left),
        Value::I64Array(array) => charge(size_of_val(array.as_slice()), left),
        Value::F64Array(array) => charge(size_of_val(array.as_slice()), left),
        Value::List(list) => match list.values() {
            Some(values) if values.len() < *left as usize => values.iter().for_each(|value| weigh(value, left)),
            _ => weigh_all(list.len(), list.iter(), left),
        },
        Value::Object(object) => {
            weigh_all(object.len(), object.iter().map(|(_, value)| Item::Value(value)), left);
            // A step for each field, as for each value.
            object.iter().take(STEPS as usize).for_each(|(name, _)| charge(BYTES_PER_STEP + name.len(), left));
        }
        Value::Map(map) => weigh_all(2 * map.len(), map.iter().flat_map(|(key, value)| [key, value]), left),
        Value::Closure(closure) => {
            weigh_all(closure.captured_count(), closure.captured().iter().map(Item::Value), left);
        }
        _ => {}
    }
}

fn weigh_all<'a>(count: usize, items: impl Iterator<Item = Item<'a>>, left: &mut u32) {
    if count > *left as usize {
        *left = 0;
    }
    for item in items {
        match item {
            _ if *left == 0 => return,
            Item::Value(value) => weigh(value, left),
            Item::Int(_) | Item::Float(_) => *left -= 1,
        }
    }
}

/// Compares two values by the total order, or for equality: then anything but `Equal` means different. Nothing if there
/// are not enough steps left.
pub(super) fn compare<const EQUALITY: bool>(a: &Value, b: &Value, left: &mut u32) -> Option<Ordering> {
    *left = left.checked_sub(1)?;
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => Some(floats::<EQUALITY>(*a, *b)),
        (Value::List(a), Value::List(b)) => lists::<EQUALITY>(a, b, left),
        (Value::Object(a), Value::Object(b)) => objects::<EQUALITY>(a, b, left),
        (Value::Map(a), Value::Map(b)) => maps::<EQUALITY>(a, b, left),
        _ if are_functions(a, b) => match function_cmp(a, b) {
            Ordering::Equal => {
                let (a, b) = (captured(a), captured(b));
                values_cmp::<EQUALITY>(a, b, left).map(|ordering| ordering.then(a.len().cmp(&b.len())))
            }
            different => Some(different),
        },
        _ => leaf::<EQUALITY>(a, b, left),
    }
}

/// Compares pairs until one of them differs.
#[inline]
fn pairs_cmp<'a, const EQUALITY: bool>(
    pairs: impl Iterator<Item = (Item<'a>, Item<'a>)>,
    left: &mut u32,
) -> Option<Ordering> {
    for pair in pairs {
        let ordering = match pair {
            (Item::Value(a), Item::Value(b)) => compare::<EQUALITY>(a, b, left)?,
            (a, b) => {
                *left = left.checked_sub(1)?;
                match (a, b) {
                    (Item::Int(a), Item::Int(b)) => a.cmp(&b),
                    (Item::Float(a), Item::Float(b)) => floats::<EQUALITY>(a, b),
                    // One of them is a number: nothing to go into.
                    (a, b) => unlike::<EQUALITY>(&a.to_value(), &b.to_value()),
                }
            }
        };
        if ordering.is_ne() {
            return Some(ordering);
        }
    }
    Some(Ordering::Equal)
}

/// Compares the first values of both, until two of them differ.
#[inline]
fn values_cmp<const EQUALITY: bool>(a: &[Value], b: &[Value], left: &mut u32) -> Option<Ordering> {
    for (a, b) in a.iter().zip(b) {
        let ordering = compare::<EQUALITY>(a, b, left)?;
        if ordering.is_ne() {
            return Some(ordering);
        }
    }
    Some(Ordering::Equal)
}

fn lists<const EQUALITY: bool>(a: &List, b: &List, left: &mut u32) -> Option<Ordering> {
    if EQUALITY && a.len() != b.len() {
        return Some(Ordering::Less);
    }
    // NaN differs from itself for `EQ`, so that a list may differ from itself.
    if !EQUALITY && a.is_same(b) {
        return Some(Ordering::Equal);
    }
    if let (Some(a), Some(b)) = (a.as_ints(), b.as_ints()) {
        return flat::<EQUALITY, _>(a, b, left, <[i64]>::cmp);
    }
    if let (Some(a), Some(b)) = (a.as_floats(), b.as_floats()) {
        return flat::<EQUALITY, _>(a, b, left, floats_cmp::<EQUALITY>);
    }
    let ordering = match (a.values(), b.values()) {
        (Some(a), Some(b)) => values_cmp::<EQUALITY>(a, b, left),
        _ => pairs_cmp::<EQUALITY>(a.iter().zip(b.iter()), left),
    };
    Some(ordering?.then(a.len().cmp(&b.len())))
}

fn objects<const EQUALITY: bool>(a: &Object, b: &Object, left: &mut u32) -> Option<Ordering> {
    if a.len() != b.len() {
        return Some(a.len().cmp(&b.len()));
    }
    if !EQUALITY && a.is_same(b) {
        return Some(Ordering::Equal);
    }
    // Sorting and looking up take longer the more fields there are.
    *left = left.checked_sub(u32::try_from(a.len()).ok()?)?;
    if EQUALITY {
        for (name, value) in a.iter() {
            charge(name.len(), left);
            let Some(other) = b.get(name) else { return Some(Ordering::Less) };
            let ordering = compare::<EQUALITY>(value, other, left)?;
            if ordering.is_ne() {
                return Some(ordering);
            }
        }
        return Some(Ordering::Equal);
    }
    for ((name, _), (other, _)) in a.sorted().zip(b.sorted()) {
        charge(name.len(), left);
        let ordering = name.as_bytes().cmp(other.as_bytes());
        if ordering.is_ne() {
            return Some(ordering);
        }
    }
    let values = a.sorted().zip(b.sorted());
    pairs_cmp::<EQUALITY>(values.map(|((_, a), (_, b))| (Item::Value(a), Item::Value(b))), left)
}

fn maps<const EQUALITY: bool>(a: &Map, b: &Map, left: &mut u32) -> Option<Ordering> {
    if a.len() != b.len() {
        return Some(a.len().cmp(&b.len()));
    }
    if !EQUALITY && a.is_same(b) {
        return Some(Ordering::Equal);
    }
    // Going through it may put it in order, which takes longer the more keys there are.
    if a.len() > *left as usize {
        return None;
    }
    match pairs_cmp::<EQUALITY>(a.iter().zip(b.iter()).map(|((a, _), (b, _))| (a, b)), left)? {
        Ordering::Equal => pairs_cmp::<EQUALITY>(a.iter().zip(b.iter()).map(|((_, a), (_, b))| (a, b)), left),
        different => Some(different),
    }
}
