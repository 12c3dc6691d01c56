//! Dense maps: keys that are consecutive ints, in one object of keys and values in turn.
//!
//! A key's place is its distance from the first key, so looking up and appending cost what they cost in a
//! list. Only a whole map is dense, never a part of a tree. A tree becomes dense when it has grown to
//! [`DENSE_ENTRIES_MIN`] with such keys in rising order ([`gather`]). Whatever a dense map cannot do in
//! place, a key elsewhere, a removal before the end, an update while somebody else holds it, makes it a tree
//! first ([`spread`]), once: a tree of another size never becomes dense again.

use ttvm_isa::limits::ELEMENTS_MAX;

use super::{CHILDREN_MAX, LEAF_ENTRIES_MAX, Map, Node, as_map};
use crate::{
    heap::{Gc, Kind, NoRoom},
    value::Value,
};

/// Entries a map has at least when it becomes dense. Smaller trees are searched in two steps; and this many
/// copies, when a shared dense map becomes a tree, cost about as much as ten updates of a shared tree.
pub(super) const DENSE_ENTRIES_MIN: usize = 1024;

/// How far a key lies behind the first one, if a dense map of these elements has it or it is the next.
#[inline(always)]
fn distance(elements: &[Value], key: &Value) -> Option<usize> {
    let (Some(Value::Int(first)), Value::Int(key)) = (elements.first(), key) else { return None };
    // A key outside becomes a distance beyond the end: those within are as many as ints lie between the ends.
    let distance = key.wrapping_sub(*first) as u64;
    if distance <= (elements.len() / 2) as u64 { Some(distance as usize) } else { None }
}

/// Where the value of a key lies in a dense map's elements, if it has the key.
#[inline(always)]
pub(super) fn position(elements: &[Value], key: &Value) -> Option<usize> {
    let place = 2 * distance(elements, key)? + 1;
    (place < elements.len()).then_some(place)
}

/// Where a dense map can set the value of this key in place: of one that it has, or of the next.
#[inline(always)]
pub(super) fn place_for(map: &mut Map, key: &Value) -> Option<usize> {
    let elements = map.values();
    let (place, end) = (2 * distance(elements, key)? + 1, elements.len());
    // Behind the greatest int comes no other: the distance of the least one looks like the next.
    let fits = place < end || (!matches!(key, Value::Int(i64::MIN)) && end + 2 <= ELEMENTS_MAX);
    (fits && map.0.claim()).then_some(place)
}

/// Sets the value of a key at its place, as [`place_for`] gave it, and gives the one it had before.
#[inline(always)]
pub(super) fn insert(map: &mut Map, place: usize, key: Value, value: Value) -> Result<Option<Value>, NoRoom> {
    let mut edit = map.values_mut().edit_or_copy(2)?;
    if let Some(before) = edit.slice().get_mut(place) {
        return Ok(Some(std::mem::replace(before, value)));
    }
    edit.reserve(2)?;
    edit.push(key)?;
    edit.push(value)?;
    Ok(None)
}

/// Removes the last key, if that is this one and nobody else holds the map, and gives its value.
pub(super) fn remove_last(map: &mut Map, key: &Value) -> Option<Value> {
    let place = position(map.values(), key)?;
    if place + 1 != map.values().len() {
        return None;
    }
    let mut edit = map.values_mut().edit()?;
    let value = edit.remove(place);
    drop(edit.remove(place - 1));
    Some(value)
}

/// Makes a tree dense if a key was just put at its end and it has grown to the size where that is looked for.
#[inline]
pub(super) fn gather(map: &mut Map) -> Result<(), NoRoom> {
    let is_of_size = (DENSE_ENTRIES_MIN..DENSE_ENTRIES_MIN + LEAF_ENTRIES_MAX).contains(&map.len());
    if is_of_size { gather_keys(map) } else { Ok(()) }
}

#[cold]
#[inline(never)]
fn gather_keys(map: &mut Map) -> Result<(), NoRoom> {
    // A fresh last leaf is the sign of a key put at the end: once for each leaf's worth of keys.
    let mut last = &*map;
    while let Node::Inner(_, children) = last.node() {
        last = as_map(children.last().expect("inner nodes have children"));
    }
    if last.entry_count() != 1 {
        return Ok(());
    }
    let mut expected = None;
    for (key, _) in map.iter() {
        let Value::Int(key) = key else { return Ok(()) };
        if expected.is_some_and(|expected| expected != *key) {
            return Ok(());
        }
        expected = key.checked_add(1);
    }
    let mut dense = Gc::with_capacity(Kind::MapDense, 4 * map.len())?;
    let mut edit = dense.edit_or_copy(0)?;
    for (key, value) in map.iter() {
        edit.push(key.clone())?;
        edit.push(value.clone())?;
    }
    *map = Map(dense.into());
    Ok(())
}

/// Makes a dense map a tree.
#[cold]
#[inline(never)]
pub(super) fn spread(map: &mut Map) -> Result<(), NoRoom> {
    let mut level = Vec::new();
    let elements = &**map.values();
    for (start, end) in shares(elements.len() / 2, LEAF_ENTRIES_MAX) {
        let part = &elements[2 * start..2 * end];
        let mut leaf = Gc::with_capacity(Kind::MapLeaf, part.len())?;
        let mut edit = leaf.edit_or_copy(0)?;
        for half in 0..2 {
            for value in part.iter().skip(half).step_by(2) {
                edit.push(value.clone())?;
            }
        }
        level.push((part[0].clone(), Map(leaf.into())));
    }
    while level.len() > 1 {
        let mut above = Vec::new();
        for (start, end) in shares(level.len(), CHILDREN_MAX) {
            above.push(inner_node(&level[start..end])?);
        }
        level = above;
    }
    *map = level.pop().map_or_else(Map::new, |(_, root)| root);
    Ok(())
}

/// Parts of nearly the same size, each at most `most`.
fn shares(count: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let parts = count.div_ceil(most);
    (0..parts).map(move |part| (part * count / parts, (part + 1) * count / parts))
}

/// An inner node of these children, each with its lowest key.
fn inner_node(children: &[(Value, Map)]) -> Result<(Value, Map), NoRoom> {
    let size: usize = children.iter().map(|(_, child)| child.len()).sum();
    let mut node = Gc::with_capacity(Kind::MapInner, 2 * children.len())?;
    let mut edit = node.edit_or_copy(0)?;
    edit.push(Value::Int(size as i64))?;
    for (lowest, _) in &children[1..] {
        edit.push(lowest.clone())?;
    }
    for (_, child) in children {
        edit.push(Value::Map(child.clone()))?;
    }
    Ok((children[0].0.clone(), Map(node.into())))
}
