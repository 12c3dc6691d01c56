//! Hashed nodes: entries of a map whose order nobody has asked for yet, in a table with open addressing.
//!
//! A map that outgrows one leaf while nobody else holds it becomes a hashed node; one that gets too large is split at
//! the median of its keys into two, which then are neighbours in the tree. What needs the order of keys, and what
//! changes a node that somebody else holds too, puts it in order first, once (`map/settle.rs`): then it is a part of
//! the tree like others and never becomes hashed again. Only keys with an inline hash live here, no containers.
//!
//! A node is its size and its table (`map/table.rs`), a separate object that belongs to it alone.

use super::{
    Map,
    insert::Outcome,
    settle,
    table::{self, Cell, FREE_INT, Place, Slot, Slots},
};
use crate::{
    heap::{Gc, Kind, NoRoom},
    list::Item,
    ops::compare::total_cmp,
    value::Value,
};

/// Slots of the smallest table: it takes over a full leaf.
const SLOTS_MIN: usize = 64;

/// Slots of the largest table: splitting it, or putting it in order, takes about half a millisecond.
const SLOTS_MAX: usize = 8192;

/// A table with as many slots has at most this many entries. Up to there a key is found in 2.5 steps on
/// average, and its absence in 8.5.
const fn entries_max(slots: usize) -> usize {
    slots / 4 * 3
}

/// Whether a key can be in a hashed node.
#[inline(always)]
pub(super) fn takes(key: &Value) -> bool {
    matches!(key, Value::Int(_) | Value::Str(_)) || table::hash(key).is_some()
}

/// The table of a hashed node.
#[inline(always)]
fn table_of(elements: &[Value]) -> &Map {
    match elements {
        [_, Value::Map(table)] => table,
        _ => unreachable!("a hashed node is a size and a table"),
    }
}

/// The size and the table of a hashed node that nobody else holds.
#[inline(always)]
fn parts_mut(map: &mut Map) -> Result<(&mut i64, &mut Map), NoRoom> {
    match map.values_mut().edit_or_copy(0)?.into_slice() {
        [Value::Int(size), Value::Map(table)] => Ok((size, table)),
        _ => unreachable!("a hashed node is a size and a table"),
    }
}

/// The value of a key in the hashed node with these elements.
#[inline(always)]
pub(super) fn get<'a>(elements: &'a [Value], key: &Value) -> Option<Item<'a>> {
    match (table::slots(table_of(elements)), key) {
        (Slots::Ints(slots), Value::Int(key)) if *key != FREE_INT => match table::place_int(slots, *key) {
            Place::Found(index) => Some(Item::Int(slots[index][1])),
            Place::Free(_) => None,
        },
        (Slots::Ints(_), _) => None,
        (Slots::Values(slots), _) => match table::place(slots, key, table::hash(key)?) {
            Place::Found(index) => Some(Item::Value(&slots[index][1])),
            Place::Free(_) => None,
        },
    }
}

/// Sets the value of a key that can be in a hashed node; nobody else holds the node.
#[inline(always)]
pub(super) fn insert(map: &mut Map, key: Value, value: Value) -> Result<Outcome, NoRoom> {
    let (size, table) = parts_mut(map)?;
    if let Some(slots) = table::slots_mut::<i64>(table) {
        if let (Value::Int(int), Value::Int(of_int)) = (&key, &value)
            && *int != FREE_INT
        {
            return match table::place_int(slots, *int) {
                Place::Found(at) => Ok(Outcome::Replaced(Value::Int(std::mem::replace(&mut slots[at][1], *of_int)))),
                Place::Free(at) if (*size as usize) < entries_max(slots.len()) => {
                    slots[at] = [*int, *of_int];
                    *size += 1;
                    Ok(Outcome::Added)
                }
                Place::Free(_) => insert_into_full(map, key, value),
            };
        }
        table::widen(table)?;
    }
    insert_value(map, key, value)
}

/// The same, where the table holds values.
fn insert_value(map: &mut Map, key: Value, value: Value) -> Result<Outcome, NoRoom> {
    let hash = table::hash(&key).expect("the caller looked whether the key can be here");
    let (size, table) = parts_mut(map)?;
    let slots = table::slots_mut::<Value>(table).expect("the caller looked at the table");
    match table::place(slots, &key, hash) {
        Place::Found(at) => Ok(Outcome::Replaced(std::mem::replace(&mut slots[at][1], value))),
        Place::Free(at) if (*size as usize) < entries_max(slots.len()) => {
            slots[at] = [key, value];
            *size += 1;
            Ok(Outcome::Added)
        }
        Place::Free(_) => insert_into_full(map, key, value),
    }
}

#[cold]
#[inline(never)]
fn insert_into_full(map: &mut Map, key: Value, value: Value) -> Result<Outcome, NoRoom> {
    let (_, table) = parts_mut(map)?;
    let count = table.0.length() / 2;
    if count == SLOTS_MAX {
        return split(map, key, value);
    }
    table::resize(table, 2 * count)?;
    drop(insert(map, key, value)?);
    Ok(Outcome::Grown)
}

/// Takes all entries out of the hashed node with these elements.
pub(super) fn drain(elements: &mut [Value]) -> Vec<Slot<Value>> {
    let [Value::Int(size), Value::Map(table)] = elements else { unreachable!("a hashed node is a size and a table") };
    let mut entries = Vec::with_capacity(*size as usize);
    table::drain(table, |entry| entries.push(entry));
    entries
}

/// A hashed node of these entries, with at least as many slots.
fn node(entries: Vec<Slot<Value>>, slots_min: usize) -> Result<Map, NoRoom> {
    let count = entries.len();
    let mut slots = slots_min;
    while entries_max(slots) < count {
        slots *= 2;
    }
    let table = if entries.iter().all(i64::can_hold) {
        table::of::<i64>(entries, slots)?
    } else {
        table::of::<Value>(entries, slots)?
    };
    let mut node = Gc::with_capacity(Kind::MapHashed, settle::NODE_ELEMENTS)?;
    let mut edit = node.edit_or_copy(0)?;
    edit.push(Value::Int(count as i64))?;
    edit.push(Value::Map(table))?;
    Ok(Map(node.into()))
}

/// Makes a full leaf that nobody else holds and a new key a hashed node, and says whether all the keys allow it.
pub(super) fn take_over(leaf: &mut Map, key: &Value, value: &Value) -> Result<bool, NoRoom> {
    let elements = &**leaf.values();
    let (keys, values) = elements.split_at(elements.len() / 2);
    if !keys.iter().all(takes) {
        return Ok(false);
    }
    let old = keys.iter().zip(values);
    let entries = old.chain([(key, value)]).map(|(key, value)| [key.clone(), value.clone()]).collect();
    *leaf = node(entries, SLOTS_MIN)?;
    Ok(true)
}

/// Splits a full node at the median of its keys; the new key goes to its half.
fn split(map: &mut Map, key: Value, value: Value) -> Result<Outcome, NoRoom> {
    let mut low = drain(map.values_mut().edit_or_copy(0)?.slice());
    let middle = low.len() / 2;
    low.select_nth_unstable_by(middle, |a, b| total_cmp(&a[0], &b[0]));
    let separator = low[middle][0].clone();
    let high = low.split_off(middle);
    let is_high = total_cmp(&key, &separator).is_ge();
    // The half that gets the new key will probably get more; the other one may be full for ever.
    let slots_of = |is_growing| if is_growing { SLOTS_MAX } else { SLOTS_MIN };
    let (mut left, mut right) = (node(low, slots_of(!is_high))?, node(high, slots_of(is_high))?);
    drop(insert(if is_high { &mut right } else { &mut left }, key, value)?);
    *map = left;
    Ok(Outcome::Split(separator, right))
}

/// Removes a key from a hashed node that nobody else holds, and gives the value it had.
pub(super) fn remove(map: &mut Map, key: &Value) -> Result<Option<Value>, NoRoom> {
    let (size, table) = parts_mut(map)?;
    let removed = if let Some(slots) = table::slots_mut::<i64>(table) {
        let Value::Int(key) = key else { return Ok(None) };
        if *key == FREE_INT {
            return Ok(None);
        }
        table::remove(slots, table::place_int(slots, *key)).map(Value::Int)
    } else {
        let (Some(slots), Some(hash)) = (table::slots_mut::<Value>(table), table::hash(key)) else { return Ok(None) };
        table::remove(slots, table::place(slots, key, hash))
    };
    if removed.is_some() {
        *size -= 1;
        let count = table.0.length() / 2;
        if count > SLOTS_MIN && (*size as usize) < count / 8 {
            table::resize(table, count / 2)?;
        }
    }
    Ok(removed)
}

/// The least and the greatest key of the hashed node with these elements, if all are ints.
pub(super) fn int_bounds(elements: &[Value]) -> Option<(i64, i64)> {
    let mut bounds = (i64::MAX, i64::MIN);
    let mut widen = |key: i64| bounds = (bounds.0.min(key), bounds.1.max(key));
    match table::slots(table_of(elements)) {
        Slots::Ints(slots) => slots.iter().filter(|[key, _]| !key.is_free()).for_each(|[key, _]| widen(*key)),
        Slots::Values(slots) => {
            for [key, _] in slots.iter().filter(|[key, _]| !key.is_free()) {
                let Value::Int(key) = key else { return None };
                widen(*key);
            }
        }
    }
    Some(bounds)
}
