//! Hashed nodes: entries of a map whose order nobody has asked for yet, in a table with open addressing.
//!
//! A map that outgrows one leaf while nobody else holds it becomes a hashed node; one that gets too large is split at
//! the median of its keys into two, which then are neighbours in the tree. What needs the order of keys, and what
//! changes a node that somebody else holds too, puts it in order first, once (`map/settle.rs`): then it is a part of
//! the tree like others and never becomes hashed again. Only keys with an inline hash live here, no containers.
//!
//! A node is its size, its table (`map/table.rs`), a separate object that belongs to it alone, and the number of the
//! table's slots if it is one of packed ints, else 0. So looking up touches nothing of the table but the line where the key
//! is: the headers of tables are far apart, one more miss of the cache for each look-up of a big map. Guards rule H6.

#![expect(unsafe_code, reason = "reads tables without their headers")]

use std::cmp::Ordering;

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

/// The slots of the table of a hashed node.
#[inline(always)]
fn slots(elements: &[Value]) -> Slots<'_> {
    match elements {
        [_, Value::Map(table), Value::Int(0)] => Slots::Values(table::slots(table)),
        [_, Value::Map(table), Value::Int(packed)] => {
            // SAFETY: H6.
            Slots::Ints(unsafe { table.0.first::<i64>(2 * *packed as usize) }.as_chunks().0)
        }
        _ => unreachable!("a hashed node is a size, a table and a number of slots"),
    }
}

/// What a hashed node consists of.
struct Parts<'a> {
    size: &'a mut i64,
    table: &'a mut Map,
    packed: &'a mut i64,
}

impl<'a> Parts<'a> {
    #[inline(always)]
    fn of(elements: &'a mut [Value]) -> Self {
        match elements {
            [Value::Int(size), Value::Map(table), Value::Int(packed)] => Self { size, table, packed },
            _ => unreachable!("a hashed node is a size, a table and a number of slots"),
        }
    }

    /// The slots, if they are packed ints.
    #[inline(always)]
    fn ints(&mut self) -> Option<&mut [Slot<i64>]> {
        if *self.packed == 0 {
            return None;
        }
        // SAFETY: H6.
        Some(unsafe { self.table.0.first_mut::<i64>(2 * *self.packed as usize) }.as_chunks_mut().0)
    }

    /// Changes the table.
    fn change(self, how: impl FnOnce(&mut Map) -> Result<(), NoRoom>) -> Result<(), NoRoom> {
        // While it changes, nothing is said of it.
        *self.packed = 0;
        let done = how(self.table);
        *self.packed = table::packed_slots(self.table) as i64;
        done
    }
}

/// The parts of a hashed node that nobody else holds. It is never copied: its table has one reference (H6).
#[inline(always)]
fn parts_mut(map: &mut Map) -> Parts<'_> {
    Parts::of(map.values_mut().edit().expect("the caller made sure of it").into_slice())
}

/// The value of a key in the hashed node with these elements.
#[inline(always)]
pub(super) fn get<'a>(elements: &'a [Value], key: &Value) -> Option<Item<'a>> {
    match (slots(elements), key) {
        (Slots::Ints(_), Value::Int(key)) => get_packed(elements, *key)?.map(Item::Int),
        (Slots::Ints(_), _) => None,
        (Slots::Values(slots), _) => match table::place(slots, key, table::hash(key)?) {
            Place::Found(index) => Some(Item::Value(&slots[index][1])),
            Place::Free(_) => None,
        },
    }
}

/// The value of an int in the hashed node with these elements, if its table is one of packed ints.
#[inline(always)]
#[expect(clippy::option_option, reason = "whether the table says it, and whether there is a value")]
pub(super) fn get_packed(elements: &[Value], key: i64) -> Option<Option<i64>> {
    match slots(elements) {
        Slots::Ints(slots) if key != FREE_INT => table::value_of_int(slots, key),
        _ => None,
    }
}

/// Sets the value of an int key to an int and gives the one it had before, if the table is one of packed ints, has room, and
/// nobody else holds the node.
#[inline(always)]
#[expect(clippy::option_option, reason = "whether it was done, and whether there was a value before")]
pub(super) fn put_int(map: &mut Map, key: i64, value: i64) -> Option<Option<i64>> {
    let mut parts = Parts::of(map.values_mut().edit()?.into_slice());
    let size = *parts.size;
    let slots = parts.ints()?;
    if key == FREE_INT {
        return None;
    }
    match table::place_int(slots, key, table::hash_of_packed(key)?) {
        Place::Found(at) => Some(Some(std::mem::replace(&mut slots[at][1], value))),
        Place::Free(at) if (size as usize) < entries_max(slots.len()) => {
            slots[at] = [key, value];
            *parts.size = size + 1;
            Some(None)
        }
        Place::Free(_) => None,
    }
}

/// Sets the value of a key that can be in a hashed node; nobody else holds the node.
#[inline(always)]
pub(super) fn insert(map: &mut Map, key: Value, value: Value) -> Result<Outcome, NoRoom> {
    if let (Value::Int(int), Value::Int(of_int)) = (&key, &value)
        && let Some(before) = put_int(map, *int, *of_int)
    {
        return Ok(before.map_or(Outcome::Added, |before| Outcome::Replaced(Value::Int(before))));
    }
    let parts = parts_mut(map);
    if *parts.packed != 0 {
        if matches!((&key, &value), (Value::Int(key), Value::Int(_)) if *key != FREE_INT) {
            return insert_into_full(map, key, value);
        }
        parts.change(table::widen)?;
    }
    insert_value(map, key, value)
}

/// The same, where the table holds values.
fn insert_value(map: &mut Map, key: Value, value: Value) -> Result<Outcome, NoRoom> {
    let hash = table::hash(&key).expect("the caller looked whether the key can be here");
    let Parts { size, table, .. } = parts_mut(map);
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
    let parts = parts_mut(map);
    let count = parts.table.0.length() / 2;
    if count == SLOTS_MAX {
        return split(map, key, value);
    }
    parts.change(|table| table::resize(table, 2 * count))?;
    drop(insert(map, key, value)?);
    Ok(Outcome::Grown)
}

/// Takes all entries out of the hashed node with these elements.
pub(super) fn drain(elements: &mut [Value]) -> Vec<Slot<Value>> {
    let Parts { size, table, packed } = Parts::of(elements);
    let mut entries = Vec::with_capacity(*size as usize);
    if std::mem::take(packed) == 0 {
        table::drain_cells::<Value>(table, |entry| entries.push(entry));
    } else {
        table::drain_cells::<i64>(table, |entry| entries.push(i64::unpack(entry)));
    }
    entries
}

/// A hashed node of as many entries as there are, with at least as many slots.
fn node<C: Cell>(entries: impl Iterator<Item = Slot<C>>, count: usize, slots_min: usize) -> Result<Map, NoRoom> {
    let mut slots = slots_min;
    while entries_max(slots) < count {
        slots *= 2;
    }
    let table = table::of(entries, slots)?;
    let mut node = Gc::with_capacity(Kind::MapHashed, settle::NODE_ELEMENTS)?;
    let mut edit = node.edit_or_copy(0)?;
    let packed = table::packed_slots(&table) as i64;
    edit.push(Value::Int(count as i64))?;
    edit.push(Value::Map(table))?;
    edit.push(Value::Int(packed))?;
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
    let entries: Vec<Slot<Value>> =
        old.chain([(key, value)]).map(|(key, value)| [key.clone(), value.clone()]).collect();
    *leaf = node_of_values(entries, SLOTS_MIN)?;
    Ok(true)
}

/// A hashed node of these entries, packed if they can be.
fn node_of_values(entries: Vec<Slot<Value>>, slots_min: usize) -> Result<Map, NoRoom> {
    let count = entries.len();
    if entries.iter().all(i64::can_hold) {
        node(entries.into_iter().map(i64::pack), count, slots_min)
    } else {
        node(entries.into_iter(), count, slots_min)
    }
}

/// Splits a full node at the median of its keys; the new key goes to its half.
fn split(map: &mut Map, key: Value, value: Value) -> Result<Outcome, NoRoom> {
    // Taken out: whatever happens, no table without its entries stays behind.
    let mut full = std::mem::take(map);
    let Parts { size, table, packed } = parts_mut(&mut full);
    let count = *size as usize;
    let (mut left, separator, mut right) = if std::mem::take(packed) != 0 {
        let node_of = |entries: Vec<Slot<i64>>, slots| node(entries.iter().copied(), entries.len(), slots);
        halves(table, count, i64::cmp, &key, node_of)?
    } else {
        halves(table, count, total_cmp, &key, node_of_values)?
    };
    drop(insert(if total_cmp(&key, &separator).is_ge() { &mut right } else { &mut left }, key, value)?);
    *map = left;
    Ok(Outcome::Split(separator, right))
}

/// Makes two nodes of a full table for which a key is too many, and says what separates them.
fn halves<C: Cell>(
    table: &mut Map,
    count: usize,
    compare: fn(&C, &C) -> Ordering,
    key: &Value,
    node_of: impl Fn(Vec<Slot<C>>, usize) -> Result<Map, NoRoom>,
) -> Result<(Map, Value, Map), NoRoom> {
    let mut low: Vec<Slot<C>> = Vec::with_capacity(count);
    table::drain_cells(table, |entry| low.push(entry));
    let middle = low.len() / 2;
    low.select_nth_unstable_by(middle, |a, b| compare(&a[0], &b[0]));
    let separator = low[middle][0].key();
    let high = low.split_off(middle);
    let is_high = total_cmp(key, &separator).is_ge();
    // The half that gets the new key will probably get more; the other one may be full for ever.
    let slots_of = |is_growing| if is_growing { SLOTS_MAX } else { SLOTS_MIN };
    Ok((node_of(low, slots_of(!is_high))?, separator, node_of(high, slots_of(is_high))?))
}

/// Removes a key from a hashed node that nobody else holds, and gives the value it had.
pub(super) fn remove(map: &mut Map, key: &Value) -> Result<Option<Value>, NoRoom> {
    let mut parts = parts_mut(map);
    let removed = if let Some(slots) = parts.ints() {
        let Value::Int(key) = key else { return Ok(None) };
        if *key == FREE_INT {
            return Ok(None);
        }
        table::remove(slots, table::place_int(slots, *key, key.hash())).map(Value::Int)
    } else {
        let (Some(slots), Some(hash)) = (table::slots_mut::<Value>(parts.table), table::hash(key)) else {
            return Ok(None);
        };
        table::remove(slots, table::place(slots, key, hash))
    };
    if removed.is_some() {
        *parts.size -= 1;
        let count = parts.table.0.length() / 2;
        if count > SLOTS_MIN && (*parts.size as usize) < count / 8 {
            parts.change(|table| table::resize(table, count / 2))?;
        }
    }
    Ok(removed)
}

/// The least and the greatest key of the hashed node with these elements, if all are ints.
pub(super) fn int_bounds(elements: &[Value]) -> Option<(i64, i64)> {
    let mut bounds = (i64::MAX, i64::MIN);
    let mut widen = |key: i64| bounds = (bounds.0.min(key), bounds.1.max(key));
    match slots(elements) {
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
