//! Chunked lists: a tree of nodes with 32 children over flat lists of 32 elements (Bagwell's vector trie
//! without its tail), where an update copies one path and shares the rest.
//!
//! The object of kind `ListTree` holds the length, the shift (5 times the height) and the root. Nodes and
//! leaves are ordinary flat lists; leaves may be packed, each for itself.

use ttvm_isa::limits::ELEMENTS_MAX;

use super::{List, flat};
use crate::{
    heap::{Gc, Kind, NoRoom},
    value::Value,
    work::Fuel,
};

/// Elements of a leaf and children of a node.
pub(super) const WIDTH: usize = 1 << BITS;

const BITS: usize = 5;

/// The length, shift and root of a chunked list.
fn parts(list: &List) -> (usize, usize, &List) {
    match list.0.of::<Value>().map(|values| &**values) {
        Some([Value::Int(length), Value::Int(shift), Value::List(root)]) => (*length as usize, *shift as usize, root),
        _ => unreachable!("`convert` makes these three parts"),
    }
}

/// The length of a chunked list.
pub(super) fn length(list: &List) -> usize {
    parts(list).0
}

fn child(node: &List, index: usize) -> &List {
    match node.0.of::<Value>().map(|values| &values[index]) {
        Some(Value::List(child)) => child,
        _ => unreachable!("nodes hold lists"),
    }
}

/// The children of a node, which is copied first if it is shared.
fn children_mut(node: &mut List) -> Result<&mut [Value], NoRoom> {
    let values = node.0.of_mut::<Value>().expect("nodes hold lists");
    Ok(values.edit_or_copy(1)?.into_slice())
}

fn as_list(value: &mut Value) -> &mut List {
    match value {
        Value::List(list) => list,
        _ => unreachable!("nodes hold lists"),
    }
}

/// The leaf with the element at `index`, which lies within the list.
pub(super) fn leaf(list: &List, index: usize) -> &List {
    let (_, shift, root) = parts(list);
    let (mut node, mut shift) = (root, shift);
    while shift > 0 {
        node = child(node, (index >> shift) % WIDTH);
        shift -= BITS;
    }
    node
}

/// Puts a flat list in chunks. O(length), once in the life of a list.
#[cold]
pub(super) async fn convert(list: &mut List, fuel: &Fuel) -> Result<(), NoRoom> {
    let length = list.0.length();
    let flat = list.flat().expect("the caller gives a flat list");
    let mut level = List::new();
    for start in (0..length).step_by(WIDTH) {
        flat::push(&mut level, Value::List(List::from_chunk(flat.part(start, length.min(start + WIDTH)))?), 1)?;
        fuel.spend(WIDTH as u64).await;
    }
    let mut shift = 0;
    while level.len() > 1 {
        let mut above = List::new();
        let children = level.flat().expect("lists that are pushed to by their only holder stay flat");
        for start in (0..children.len()).step_by(WIDTH) {
            let node = List::from_chunk(children.part(start, children.len().min(start + WIDTH)))?;
            flat::push(&mut above, Value::List(node), 1)?;
            fuel.spend(WIDTH as u64).await;
        }
        level = above;
        shift += BITS;
    }
    let root = level.get(0).expect("only lists with elements are put in chunks").to_value();
    let parts = [Value::Int(length as i64), Value::Int(shift as i64), root];
    *list = List(Gc::collect(Kind::ListTree, parts.into_iter())?.into());
    Ok(())
}

/// Puts a value in place of another.
pub(super) fn set(list: &mut List, index: usize, value: Value) -> Result<(), NoRoom> {
    let (length, shift, _) = parts(list);
    assert!(index < length, "the caller gives an index within the list");
    let mut node = as_list(&mut children_mut(list)?[2]);
    for shift in (1..=shift / BITS).rev().map(|level| level * BITS) {
        node = as_list(&mut children_mut(node)?[(index >> shift) % WIDTH]);
    }
    flat::set(node, index % WIDTH, value)
}

/// Puts a value at the end.
pub(super) fn push(list: &mut List, value: Value) -> Result<(), NoRoom> {
    let (length, shift, _) = parts(list);
    if length >= ELEMENTS_MAX {
        return Err(NoRoom::Elements);
    }
    let [Value::Int(new_length), Value::Int(new_shift), root] = children_mut(list)? else {
        unreachable!("`convert` makes these three parts");
    };
    let mut shift = shift;
    if length == WIDTH << shift {
        *root = node_of(root.take())?;
        shift += BITS;
        *new_shift = shift as i64;
    }
    *new_length = (length + 1) as i64;
    let mut node = as_list(root);
    while shift > 0 {
        let index = (length >> shift) % WIDTH;
        shift -= BITS;
        let values = node.0.of_mut::<Value>().expect("nodes hold lists");
        let mut edit = values.edit_or_copy(1)?;
        if index == edit.slice().len() {
            return edit.push(path_to(value, shift)?);
        }
        node = as_list(&mut edit.into_slice()[index]);
    }
    flat::push(node, value, 1)
}

/// A node with one child.
fn node_of(child: Value) -> Result<Value, NoRoom> {
    Ok(Value::List(List(Gc::collect(Kind::ListValues, std::iter::once(child))?.into())))
}

/// A leaf of one value below as many nodes as `shift` says.
fn path_to(value: Value, shift: usize) -> Result<Value, NoRoom> {
    let mut leaf = List::new();
    flat::push(&mut leaf, value, 1)?;
    let mut path = Value::List(leaf);
    for _ in 0..shift / BITS {
        path = node_of(path)?;
    }
    Ok(path)
}
