//! Dense maps: keys that are consecutive ints, kept as the first of them and the list of their values.
//!
//! A key's place is its distance from the first key, so looking up and appending cost what they cost in a
//! list. Only a whole map is dense, never a part of a tree. A hashed map becomes dense when its table
//! grows, it has at least [`DENSE_ENTRIES_MIN`] entries, and its keys are such ones ([`gather`]). Whatever a dense map cannot do in
//! place, a key elsewhere, a removal before the end, an update while somebody else holds it, makes it a tree
//! first ([`spread`]), once: a tree never becomes dense again. If others hold the dense map and all of them are in one process,
//! it remembers the tree for the next update of that kind, until it is changed itself. Guards rule H7.

#![expect(unsafe_code, reason = "remembers a tree in an object that may have several references")]

use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

use super::{Map, build, hashed};
use crate::{
    heap::{Gc, Kind, NoRoom},
    list::{Item, List},
    value::Value,
    work::Fuel,
};

/// Entries a map has at least when it becomes dense: smaller ones fit in the cache anyway.
const DENSE_ENTRIES_MIN: usize = 768;

/// Where the tree is.
const TREE: usize = 2;

/// The first key and the values of a dense map.
#[inline(always)]
pub(super) fn parts(elements: &[Value]) -> (i64, &List) {
    match elements {
        [Value::Int(first), Value::List(values), _] => (*first, values),
        _ => unreachable!("a dense map is its first key, its values and perhaps a tree"),
    }
}

/// The values of a dense map that nobody else holds, which is no tree as well from here on.
#[inline(always)]
fn values_mut(map: &mut Map) -> Option<&mut List> {
    match map.values_mut().edit()?.into_slice() {
        [_, Value::List(values), tree] => {
            if !matches!(tree, Value::Null) {
                *tree = Value::Null;
            }
            Some(values)
        }
        _ => unreachable!("a dense map is its first key, its values and perhaps a tree"),
    }
}

/// The tree that a dense map is as well, if it remembers one.
pub(super) fn tree(map: &Map) -> Option<Map> {
    match map.values()[TREE] {
        Value::Map(ref tree) => Some(tree.clone()),
        _ => None,
    }
}

/// How far a key lies behind the first one. A key outside becomes a distance beyond the end: those within are as
/// many as ints lie between the ends.
#[inline(always)]
fn distance(first: i64, key: &Value) -> Option<usize> {
    if let Value::Int(key) = key { Some(key.wrapping_sub(first) as u64 as usize) } else { None }
}

/// The value of a key in the dense map with these elements.
#[inline(always)]
pub(super) fn get<'a>(elements: &'a [Value], key: &Value) -> Option<Item<'a>> {
    let (first, values) = parts(elements);
    values.get(distance(first, key)?)
}

/// The value of an int key in the dense map with these elements, if its values are packed ints.
#[inline(always)]
#[expect(clippy::option_option, reason = "whether the values are such ones, and whether there is one")]
pub(super) fn get_int(elements: &[Value], key: i64) -> Option<Option<i64>> {
    let (first, values) = parts(elements);
    Some(values.as_ints()?.get(key.wrapping_sub(first) as u64 as usize).copied())
}

/// Sets the value of an int key to an int in place, if the values are packed ints that have room and nobody else holds
/// them; else gives false.
#[inline(always)]
pub(super) fn put_int(map: &mut Map, key: i64, value: i64) -> bool {
    let Some(edit) = map.values_mut().edit() else { return false };
    let [Value::Int(first), Value::List(values), Value::Null] = edit.into_slice() else { return false };
    let place = key.wrapping_sub(*first) as u64 as usize;
    let end = values.len();
    // Behind the greatest int comes no other: see `place_for`.
    if place < end {
        values.set_int_in_place(place, value)
    } else {
        place == end && key != i64::MIN && values.push_int_in_place(value)
    }
}

/// Where a dense map can set the value of this key in place: of one that it has, or of the next.
#[inline(always)]
pub(super) fn place_for(map: &mut Map, key: &Value) -> Option<usize> {
    let (first, values) = parts(map.values());
    let (place, end) = (distance(first, key)?, values.len());
    // Behind the greatest int comes no other: the distance of the least one looks like the next.
    let is_next = place == end && end < ELEMENTS_MAX && !matches!(key, Value::Int(i64::MIN));
    ((place < end || is_next) && map.0.claim()).then_some(place)
}

/// Sets the value at a place, as [`place_for`] gave it, and gives the one that was there before.
#[inline(always)]
pub(super) fn insert(map: &mut Map, place: usize, value: Value) -> Result<Option<Value>, Fault> {
    let values = values_mut(map).expect("`place_for` looked whether somebody else holds the map");
    if let Some(before) = values.get(place).map(Item::to_value) {
        values.set(place, value)?;
        return Ok(Some(before));
    }
    match value {
        Value::Int(int) if values.push_int_in_place(int) => {}
        value => values.push(value)?,
    }
    Ok(None)
}

/// Whether setting a value at a place copies all of the map's values once: they are packed, and it is of another kind.
pub(super) fn is_copied_for(map: &mut Map, value: &Value) -> bool {
    values_mut(map).is_some_and(|values| values.is_copied_for(value))
}

/// Makes sure that setting a value at a place copies little.
pub(super) async fn prepare(map: &mut Map, value: &Value, fuel: &Fuel) -> Result<(), Fault> {
    match values_mut(map) {
        Some(values) => values.prepare_in_pieces(value, fuel).await,
        None => Ok(()),
    }
}

/// Removes the last key, if that is this one and nobody else holds the map, and gives its value.
pub(super) fn remove_last(map: &mut Map, key: &Value) -> Option<Value> {
    let (first, values) = parts(map.values());
    if distance(first, key)? + 1 != values.len() {
        return None;
    }
    values_mut(map)?.pop_in_place()
}

/// Makes a hashed map whose table has just grown dense, if it is large enough and its keys allow it.
#[cold]
pub(super) fn gather(map: &mut Map) -> Result<(), Fault> {
    if !map.is_hashed() || map.len() < DENSE_ENTRIES_MIN {
        return Ok(());
    }
    // As many different keys as there are ints between the ends.
    match hashed::int_bounds(map.values()) {
        Some((least, greatest)) if greatest.wrapping_sub(least) as u64 == map.len() as u64 - 1 => {
            let values: Vec<Value> = map.iter().map(|(_, value)| value.to_value()).collect();
            let parts = [Value::Int(least), Value::List(List::collect(values.into_iter())?), Value::Null];
            *map = Map(Gc::collect(Kind::MapDense, parts.into_iter())?.into());
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Makes a dense map a tree.
pub(super) async fn spread(map: &mut Map, fuel: &Fuel) -> Result<(), NoRoom> {
    if let Some(tree) = tree(map) {
        *map = tree;
        return Ok(());
    }
    let (first, values) = parts(map.values());
    let keys = (first..=i64::MAX).map(Value::Int);
    let entries = values.iter().zip(keys).map(|(value, key)| [key, value.to_value()]);
    let tree = build::tree(entries, values.len(), fuel).await?;
    if !map.0.is_shared() && !map.0.claim() {
        // SAFETY: H7: no other process knows it, there was no tree a moment ago, and literals are no dense maps.
        unsafe { map.0.remember(TREE, Value::Map(tree.clone())) };
    }
    *map = tree;
    Ok(())
}
