//! Removing from maps: a node that gets small is merged with a neighbour if both fit in one node.
//!
//! Nodes are not filled up from neighbours: a small node beside a full one stays small, which keeps the
//! removal short; no node is ever left empty beside another. Hashed nodes are not merged.

use super::{
    CHILDREN_MAX, LEAF_ENTRIES_MAX, Map, Node, as_map, as_map_mut, directory, hashed, insert::edit_inner, search,
};
use crate::{
    heap::{Gc, Kind, NoRoom},
    value::Value,
};

const HAS_KEY: &str = "the caller looked whether the map has the key";

/// A node with fewer entries is merged if it can be.
const ENTRIES_MIN: usize = CHILDREN_MAX / 3;

/// Removes a key, if the map has it, and gives its value.
pub(super) fn remove(map: &mut Map, key: &Value) -> Result<Option<Value>, NoRoom> {
    if map.is_hashed() && map.0.claim() {
        return hashed::remove(map, key);
    }
    if !map.contains(key) {
        return Ok(None);
    }
    let value = remove_in(map, key)?;
    while let Node::Inner(_, [only]) = map.node() {
        *map = as_map(only).clone();
    }
    Ok(Some(value))
}

fn remove_in(map: &mut Map, key: &Value) -> Result<Value, NoRoom> {
    match map.node() {
        Node::Hashed(_) => {
            if map.0.claim() {
                return Ok(hashed::remove(map, key)?.expect(HAS_KEY));
            }
            map.settle();
            remove_in(map, key)
        }
        Node::Leaf(keys, _) => {
            let count = keys.len();
            let index = search(keys, key).expect(HAS_KEY);
            let mut edit = map.values_mut().edit_or_copy(0)?;
            let value = edit.remove(count + index);
            drop(edit.remove(index));
            Ok(value)
        }
        Node::Inner(..) => {
            let (count, index, mut edit) = edit_inner(map, key, 0)?;
            let child = as_map_mut(&mut edit.slice()[count + index]);
            let value = remove_in(child, key)?;
            let (is_small, is_empty) = (child.entry_count() < ENTRIES_MIN, child.is_empty());
            directory::add_to_size(&mut edit.slice()[0], -1);
            if is_empty && count > 1 {
                directory::take_from(&mut edit.slice()[0]);
                drop(edit.remove(count + index));
                drop(edit.remove(index.max(1)));
            } else if is_small {
                merge_around(map, index)?;
            }
            Ok(value)
        }
    }
}

/// Merges the child at `index` with a neighbour if both fit in one node.
fn merge_around(map: &mut Map, index: usize) -> Result<(), NoRoom> {
    let Node::Inner(separators, children) = map.node() else { unreachable!("only inner nodes have children") };
    let count = children.len();
    let fits = |left: usize| {
        let Some([left, right]) = children.get(left..left + 2) else { return false };
        let most = match (as_map(left).node(), as_map(right).node()) {
            (Node::Leaf(..), Node::Leaf(..)) => LEAF_ENTRIES_MAX,
            (Node::Inner(..), Node::Inner(..)) => CHILDREN_MAX,
            // Where hashed nodes are or were, neighbours may differ.
            _ => return false,
        };
        as_map(left).entry_count() + as_map(right).entry_count() <= most
    };
    let left = match index.checked_sub(1) {
        Some(left) if fits(left) => left,
        _ if fits(index) => index,
        _ => return Ok(()),
    };
    let merged = merge(as_map(&children[left]), &separators[left], as_map(&children[left + 1]))?;
    let mut edit = map.values_mut().edit_or_copy(0)?;
    directory::take_from(&mut edit.slice()[0]);
    edit.slice()[count + left] = Value::Map(merged);
    drop(edit.remove(count + left + 1));
    drop(edit.remove(1 + left));
    Ok(())
}

/// One node of two neighbours.
fn merge(left: &Map, separator: &Value, right: &Map) -> Result<Map, NoRoom> {
    let length = left.values().len() + right.values().len();
    let (kind, parts): (_, [&[Value]; 6]) = match (left.node(), right.node()) {
        (Node::Leaf(left_keys, left_values), Node::Leaf(right_keys, right_values)) => {
            (Kind::MapLeaf, [&[], left_keys, &[], right_keys, left_values, right_values])
        }
        (Node::Inner(left_keys, left_children), Node::Inner(right_keys, right_children)) => {
            let between = std::slice::from_ref(separator);
            let size = &left.values()[..1];
            (Kind::MapInner, [size, left_keys, between, right_keys, left_children, right_children])
        }
        _ => unreachable!("the caller merges nodes of one kind"),
    };
    let mut object = Gc::with_capacity(kind, length)?;
    let mut edit = object.edit_or_copy(0)?;
    for part in parts {
        edit.extend_from_slice(part)?;
    }
    if kind == Kind::MapInner {
        edit.slice()[0] = Value::Int((left.len() + right.len()) as i64);
    }
    Ok(Map(object.into()))
}
