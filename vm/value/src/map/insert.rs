//! Inserting into maps: full nodes are split on the way back up.

use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

use super::{
    CHILDREN_MAX, HASHED_CHILDREN_MAX, LEAF_ENTRIES_MAX, Map, Node, as_map, as_map_mut, build, child_index, dense,
    directory, hashed, inner_of, place_above_table, search,
};
use crate::{
    heap::{Gc, Kind, NoRoom, edit::Edit},
    value::Value,
};

/// What inserting into a node did.
pub(super) enum Outcome {
    /// The key was there; this was its value.
    Replaced(Value),
    /// The key is new.
    Added,
    /// The key is new, and a table has grown for it.
    Grown,
    /// The key is new, and from this separator on keys are in another node now.
    Split(Value, Map),
}

/// Sets the value of a key, and gives the one it had before.
pub(super) fn insert(map: &mut Map, key: Value, value: Value) -> Result<Option<Value>, Fault> {
    if map.len() >= ELEMENTS_MAX && !map.contains(&key) {
        return Err(NoRoom::Elements.into());
    }
    match insert_in(map, key, value, true)? {
        Outcome::Replaced(old) => return Ok(Some(old)),
        Outcome::Added => {}
        Outcome::Grown => dense::gather(map)?,
        Outcome::Split(separator, right) => {
            let left = std::mem::take(map);
            *map = inner_of(separator, left, right)?;
        }
    }
    Ok(None)
}

/// Sets the value of an int key to an int where that changes nothing but a table of packed ints that has room, and sizes;
/// nobody else may hold a node on the way. Says whether the key is new; none if nothing was done.
pub(super) fn put_int(map: &mut Map, key: i64, value: i64) -> Option<bool> {
    match map.0.kind() {
        Kind::MapHashed => hashed::put_int(map, key, value).map(|before| before.is_none()),
        Kind::MapInner => {
            let elements = map.values_mut().edit()?.into_slice();
            let child = place_above_table(elements, key)?;
            let is_new = put_int(as_map_mut(&mut elements[child]), key, value)?;
            directory::add_to_size(&mut elements[0], i64::from(is_new));
            Some(is_new)
        }
        _ => None,
    }
}

/// Recurses as deep as the tree is high: at most 8 levels, and 3 more where hashed nodes were put in order.
fn insert_in(map: &mut Map, key: Value, value: Value, is_root: bool) -> Result<Outcome, NoRoom> {
    match map.node() {
        Node::Hashed(_) => {
            if map.0.claim() && hashed::takes(&key) {
                return hashed::insert(map, key, value);
            }
            map.settle();
            insert_in(map, key, value, is_root)
        }
        Node::Leaf(keys, _) => {
            let count = keys.len();
            match search(keys, &key) {
                Ok(index) => {
                    let place = &mut map.values_mut().edit_or_copy(0)?.into_slice()[count + index];
                    Ok(Outcome::Replaced(std::mem::replace(place, value)))
                }
                Err(index) if count < LEAF_ENTRIES_MAX => {
                    insert_entry(map, count, index, key, value)?;
                    Ok(Outcome::Added)
                }
                Err(_) if is_root && map.0.claim() && hashed::takes(&key) && hashed::take_over(map, &key, &value)? => {
                    Ok(Outcome::Added)
                }
                Err(index) => split_leaf(map, index, key, value),
            }
        }
        Node::Inner(..) => {
            let (count, index, mut edit) = edit_inner(map, &key, 2)?;
            let outcome = insert_in(as_map_mut(&mut edit.slice()[count + index]), key, value, false)?;
            if !matches!(outcome, Outcome::Replaced(_)) {
                directory::add_to_size(&mut edit.slice()[0], 1);
            }
            let Outcome::Split(separator, right) = outcome else { return Ok(outcome) };
            directory::take_from(&mut edit.slice()[0]);
            edit.insert(count + index + 1, Value::Map(right))?;
            edit.insert(1 + index, separator)?;
            if has_room(map)? { Ok(Outcome::Added) } else { split_inner(map, index) }
        }
    }
}

/// Access to change an inner node, with room for `spare` more elements: how many children it has, and which of them has the
/// key if one has.
pub(super) fn edit_inner<'a>(
    map: &'a mut Map,
    key: &Value,
    spare: usize,
) -> Result<(usize, usize, Edit<'a, Value>), NoRoom> {
    build::narrow_to_copy(map)?;
    let Node::Inner(separators, children) = map.node() else { unreachable!("the caller has an inner node") };
    let (count, index) = (children.len(), child_index(separators, key));
    Ok((count, index, map.values_mut().edit_or_copy(spare)?))
}

/// Whether an inner node that has got one more child has no more of them than it may. One that may have so many because all are
/// hashed gets a directory.
fn has_room(map: &mut Map) -> Result<bool, NoRoom> {
    let Node::Inner(_, children) = map.node() else { unreachable!("only inner nodes have children") };
    if children.len() <= CHILDREN_MAX {
        return Ok(true);
    }
    let is_wide = children.len() <= HASHED_CHILDREN_MAX && children.iter().all(|child| as_map(child).is_hashed());
    if is_wide {
        directory::give(map)?;
    }
    Ok(is_wide)
}

fn insert_entry(map: &mut Map, count: usize, index: usize, key: Value, value: Value) -> Result<(), NoRoom> {
    // A copy of a small leaf gets room for one more entry, so that small maps stay small.
    let mut edit = map.values_mut().edit_or_copy(2)?;
    edit.reserve_within(2, 2 * LEAF_ENTRIES_MAX)?;
    edit.insert(count + index, value)?;
    edit.insert(index, key)
}

/// Splits a full leaf and inserts an entry at `index`.
fn split_leaf(map: &mut Map, index: usize, key: Value, value: Value) -> Result<Outcome, NoRoom> {
    let count = LEAF_ENTRIES_MAX;
    // Keys that arrive in rising order leave full leaves behind.
    let left_count = if index == count { count } else { count / 2 };
    let mut right = Gc::with_capacity(Kind::MapLeaf, 2 * LEAF_ENTRIES_MAX)?;
    let mut edit = map.values_mut().edit_or_copy(0)?;
    // Keys left, keys right, values left, values right: exchange the middle two, cut in the middle.
    edit.slice()[left_count..count + left_count].rotate_left(count - left_count);
    edit.move_tail(2 * left_count, &mut right.edit_or_copy(0)?)?;
    let mut right = Map(right.into());
    if index <= left_count && left_count < count {
        insert_entry(map, left_count, index, key, value)?;
    } else {
        insert_entry(&mut right, count - left_count, index - left_count, key, value)?;
    }
    let separator = right.values()[0].clone();
    Ok(Outcome::Split(separator, right))
}

/// Splits an inner node that has one child too many; the one behind `index` is new.
fn split_inner(map: &mut Map, index: usize) -> Result<Outcome, NoRoom> {
    let count = map.entry_count();
    let left_count = if index + 2 == count { count - 1 } else { count / 2 };
    let mut right = Gc::with_capacity(Kind::MapInner, 2 * CHILDREN_MAX + 2)?;
    let mut edit = map.values_mut().edit_or_copy(0)?;
    let mut right_edit = right.edit_or_copy(0)?;
    right_edit.push(Value::Int(0))?;
    directory::take_from(&mut edit.slice()[0]);
    // Size, separators left, separator between, separators right, children left, children right: bring the
    // children left in front of the separator between, and cut behind that.
    edit.slice()[left_count..count + left_count].rotate_left(count - left_count);
    edit.move_tail(2 * left_count + 1, &mut right_edit)?;
    let separator = edit.remove(2 * left_count);
    let right_slice = right_edit.into_slice();
    let right_size: usize = right_slice[count - left_count..].iter().map(|child| as_map(child).len()).sum();
    right_slice[0] = Value::Int(right_size as i64);
    directory::add_to_size(&mut edit.slice()[0], -(right_size as i64));
    Ok(Outcome::Split(separator, Map(right.into())))
}
