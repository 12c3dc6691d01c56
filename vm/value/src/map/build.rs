//! Building trees of sorted entries.

use super::{CHILDREN_MAX, LEAF_ENTRIES_MAX, Map, Node, as_map};
use crate::{
    heap::{Gc, Kind, NoRoom},
    value::Value,
    work::{Fuel, whole},
};

/// What putting an entry in its place is worth in steps.
const STEPS_PER_ENTRY: u64 = 4;

/// A tree of these entries, whose keys rise.
pub(super) async fn tree(
    mut entries: impl Iterator<Item = [Value; 2]>,
    count: usize,
    fuel: &Fuel,
) -> Result<Map, NoRoom> {
    let mut level = Vec::with_capacity(count.div_ceil(LEAF_ENTRIES_MAX));
    for (start, end) in shares(count, LEAF_ENTRIES_MAX) {
        level.push(leaf(entries.by_ref().take(end - start), end - start)?);
        fuel.spend(STEPS_PER_ENTRY * (end - start) as u64).await;
    }
    above(level, fuel).await
}

/// The root of the tree above these nodes, each with its lowest key.
async fn above(mut level: Vec<(Value, Map)>, fuel: &Fuel) -> Result<Map, NoRoom> {
    while level.len() > 1 {
        let mut above = Vec::with_capacity(level.len().div_ceil(CHILDREN_MAX));
        for (start, end) in shares(level.len(), CHILDREN_MAX) {
            above.push(inner_node(&level[start..end])?);
            fuel.spend(STEPS_PER_ENTRY * (end - start) as u64).await;
        }
        level = above;
    }
    Ok(level.pop().map_or_else(Map::new, |(_, root)| root))
}

/// Makes an inner node that has more children than [`CHILDREN_MAX`] a tree of smaller ones, if it would be copied to be changed.
pub(super) fn narrow_to_copy(map: &mut Map) -> Result<(), NoRoom> {
    if map.entry_count() <= CHILDREN_MAX || map.0.claim() {
        return Ok(());
    }
    let Node::Inner(separators, children) = map.node() else { unreachable!("the caller has an inner node") };
    // The lowest key of all is not needed: it separates nothing.
    let lowest = std::iter::once(Value::Null).chain(separators.iter().cloned());
    let level = lowest.zip(children.iter().map(|child| as_map(child).clone())).collect();
    *map = whole(async |fuel| above(level, fuel).await)?;
    Ok(())
}

/// Parts of nearly the same size, each at most `most`.
fn shares(count: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let parts = count.div_ceil(most);
    (0..parts).map(move |part| (part * count / parts, (part + 1) * count / parts))
}

/// A leaf of these entries, with its lowest key.
fn leaf(entries: impl Iterator<Item = [Value; 2]>, count: usize) -> Result<(Value, Map), NoRoom> {
    let mut leaf = Gc::with_capacity(Kind::MapLeaf, 2 * count)?;
    let mut edit = leaf.edit_or_copy(0)?;
    let mut values = Vec::with_capacity(count);
    for [key, value] in entries {
        edit.push(key)?;
        values.push(value);
    }
    for value in values {
        edit.push(value)?;
    }
    Ok((leaf[0].clone(), Map(leaf.into())))
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
