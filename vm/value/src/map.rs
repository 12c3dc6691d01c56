//! Maps: persistent B-trees in the total order of keys.
//!
//! A map is its root node; a map of up to one leaf is that leaf. Nodes that nobody else holds are changed
//! in place, others are copied on the way down. A big map of consecutive ints is no tree while it is only
//! appended to or changed by one holder (`map/dense.rs`). A map that only one holder changes, and that nobody has asked
//! for the order of its keys, is hashed, or a tree of hashed nodes (`map/hashed.rs`), until it is put in order
//! (`map/settle.rs`). Programs see none of this. Here: the type and looking up; `map/insert.rs` and `map/remove.rs`
//! change, `map/entries.rs` goes through.
//!
//! A leaf holds its keys, then its values. An inner node holds its size (keys below it), or if it is wide its directory
//! (`map/directory.rs`), then the separators (one less than children), then the children, which are maps. The keys of a
//! child are not below the separator in front of it and below the one behind it.

mod build;
mod dense;
mod directory;
mod entries;
mod hashed;
mod insert;
mod remove;
mod settle;
mod table;

use std::{cmp::Ordering, hint};

use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

pub use self::entries::Entries;
pub(crate) use self::settle::settle;
use crate::{
    heap::{Any, Gc, Kind, NoRoom, literal::StaticEmpty},
    list::Item,
    ops::compare,
    text::Str,
    value::Value,
    work::{Fuel, whole},
};

static EMPTY: StaticEmpty = StaticEmpty::new(Kind::MapLeaf);

/// Entries of a leaf at most: with its header a full leaf has 1008 bytes, a block that free lists keep.
/// (Tried with a million random int keys: 15 is slower by a quarter because of its additional levels, 64 is
/// no faster and makes updating a shared map two to three times slower. Nor is it faster to keep each value
/// beside its key.)
const LEAF_ENTRIES_MAX: usize = 31;

/// Children of an inner node at most: one more, while it is split, fits in the same block as a leaf.
const CHILDREN_MAX: usize = 30;

/// Children of an inner node at most while all are hashed: one level above two million entries instead of two. A node with
/// more than [`CHILDREN_MAX`] that has to be copied is made a tree of smaller ones first, so that no copy takes long.
const HASHED_CHILDREN_MAX: usize = 510;

/// A map from any values to any values.
#[derive(Clone)]
#[repr(transparent)]
pub struct Map(Any);

/// A node of a tree, taken apart.
enum Node<'a> {
    /// Keys and values.
    Leaf(&'a [Value], &'a [Value]),
    /// Separators and children.
    Inner(&'a [Value], &'a [Value]),
    /// Size and table.
    Hashed(&'a [Value]),
}

impl Map {
    /// The empty map; takes no memory.
    #[must_use]
    pub fn new() -> Self {
        Self(EMPTY.object())
    }

    #[inline(always)]
    fn values(&self) -> &Gc<Value> {
        self.0.of::<Value>().expect("nodes hold values")
    }

    fn values_mut(&mut self) -> &mut Gc<Value> {
        self.0.of_mut::<Value>().expect("nodes hold values")
    }

    #[inline(always)]
    fn node(&self) -> Node<'_> {
        let values = &**self.values();
        let (low, high) = values.split_at(values.len() / 2);
        match self.0.kind() {
            Kind::MapLeaf => Node::Leaf(low, high),
            Kind::MapHashed => Node::Hashed(values),
            _ => Node::Inner(&low[1..], high),
        }
    }

    #[inline(always)]
    fn is_hashed(&self) -> bool {
        self.0.kind() == Kind::MapHashed
    }

    #[inline(always)]
    fn is_dense(&self) -> bool {
        self.0.kind() == Kind::MapDense
    }

    /// Entries of a leaf, a dense map or a hashed node, children of an inner node.
    fn entry_count(&self) -> usize {
        if self.is_hashed() { self.len() } else { self.0.length() / 2 }
    }

    /// The number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        match (self.0.kind(), &**self.values()) {
            (Kind::MapInner | Kind::MapHashed, [first, ..]) => {
                usize::try_from(directory::size(first)).expect("sizes count up from 0")
            }
            (Kind::MapDense, [_, Value::List(values), _]) => values.len(),
            (_, elements) => elements.len() / 2,
        }
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key. A copy, because what is looked up in may be put in order before the next look (rule H5).
    #[inline]
    #[must_use]
    pub fn get(&self, key: &Value) -> Option<Value> {
        self.find(key).map(Item::to_value)
    }

    /// The value of an int key where keys and values are packed ints, none if it has none; else none at all, and [`Map::get`]
    /// has to look.
    #[inline(always)]
    #[must_use]
    pub fn get_packed(&self, key: i64) -> Option<Option<i64>> {
        if self.is_dense() { dense::get_int(self.values(), key) } else { self.get_in_tables(key) }
    }

    /// In as few instructions as can be: while a processor waits for a part of a big map, it does what follows up to the
    /// next look-up, if that is not too much for it.
    #[inline(never)]
    #[expect(clippy::option_option, reason = "whether this says it, and whether there is a value")]
    fn get_in_tables(&self, key: i64) -> Option<Option<i64>> {
        let mut map = self;
        loop {
            let elements = &**map.values();
            match map.0.kind() {
                Kind::MapInner => map = as_map(&elements[place_above_table(elements, key)?]),
                Kind::MapHashed => return hashed::get_packed(elements, key),
                _ => return None,
            }
        }
    }

    /// Sets the value of an int key in place where keys and values are packed ints that have room; else gives false, and
    /// [`Map::insert`] has to do it.
    #[inline(always)]
    pub fn put_packed(&mut self, key: i64, value: i64) -> bool {
        if self.is_dense() {
            return dense::put_int(self, key, value);
        }
        self.put_in_tables(key, value)
    }

    #[inline(never)]
    fn put_in_tables(&mut self, key: i64, value: i64) -> bool {
        self.len() < ELEMENTS_MAX && insert::put_int(self, key, value).is_some()
    }

    #[inline(always)]
    fn find(&self, key: &Value) -> Option<Item<'_>> {
        if self.is_dense() {
            return dense::get(self.values(), key);
        }
        self.find_in_tree(key)
    }

    #[inline(never)]
    fn find_in_tree(&self, key: &Value) -> Option<Item<'_>> {
        let mut map = self;
        loop {
            match map.node() {
                Node::Hashed(elements) => return hashed::get(elements, key),
                Node::Leaf(keys, values) => return search(keys, key).ok().map(|index| Item::Value(&values[index])),
                Node::Inner(separators, children) => map = as_map(&children[child_index(separators, key)]),
            }
        }
    }

    /// The value of a str key.
    pub(crate) fn get_str(&self, key: &Str) -> Option<Value> {
        self.get(&Value::Str(key.clone()))
    }

    /// Whether the map has the key.
    #[must_use]
    pub fn contains(&self, key: &Value) -> bool {
        self.find(key).is_some()
    }

    /// Sets the value of a key, and gives the one it had before.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many keys or there is no memory; what is in the map then is not
    /// specified.
    #[inline]
    pub fn insert(&mut self, key: Value, value: Value) -> Result<Option<Value>, Fault> {
        if self.is_dense() {
            if let Some(place) = dense::place_for(self, &key) {
                return dense::insert(self, place, value);
            }
            self.spread()?;
        }
        self.insert_in_tree(key, value)
    }

    /// Like [`Map::insert`]; none, and nothing is changed, if that may change the form of all of the map, which takes long:
    /// see [`Map::prepare_in_pieces`].
    #[inline]
    pub fn insert_at_once(&mut self, key: Value, value: Value) -> Option<Result<Option<Value>, Fault>> {
        if self.is_dense() {
            let Some(place) = dense::place_for(self, &key) else {
                *self = dense::tree(self)?;
                return Some(self.insert_in_tree(key, value));
            };
            return (!dense::is_copied_for(self, &value)).then(|| dense::insert(self, place, value));
        }
        Some(self.insert_in_tree(key, value))
    }

    /// Whether [`Map::insert`] changes the form of all of the map.
    pub fn is_copied_for(&mut self, key: &Value, value: &Value) -> bool {
        self.is_dense()
            && match dense::place_for(self, key) {
                Some(_) => dense::is_copied_for(self, value),
                None => dense::tree(self).is_none(),
            }
    }

    /// Makes sure that setting a value copies little, however large the map is and whoever else holds it.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub async fn prepare_in_pieces(&mut self, key: &Value, value: &Value, fuel: &Fuel) -> Result<(), Fault> {
        if !self.is_dense() {
            return Ok(());
        }
        if dense::place_for(self, key).is_none() {
            return Ok(dense::spread(self, fuel).await?);
        }
        dense::prepare(self, value, fuel).await
    }

    /// Makes a dense map a tree.
    #[cold]
    #[inline(never)]
    fn spread(&mut self) -> Result<(), NoRoom> {
        whole(async |fuel| dense::spread(self, fuel).await)
    }

    #[inline(never)]
    fn insert_in_tree(&mut self, key: Value, value: Value) -> Result<Option<Value>, Fault> {
        insert::insert(self, key, value)
    }

    /// Removes a key, and gives the value it had.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory; what is in the map then is not specified.
    pub fn remove(&mut self, key: &Value) -> Result<Option<Value>, Fault> {
        if self.is_dense() {
            if !self.contains(key) {
                return Ok(None);
            }
            if let Some(value) = dense::remove_last(self, key) {
                return Ok(Some(value));
            }
            self.spread()?;
        }
        Ok(remove::remove(self, key)?)
    }

    /// Like [`Map::remove`], with pauses.
    ///
    /// # Errors
    /// As for [`Map::remove`].
    pub async fn remove_in_pieces(&mut self, key: &Value, fuel: &Fuel) -> Result<Option<Value>, Fault> {
        if self.is_dense() && self.contains(key) {
            if let Some(value) = dense::remove_last(self, key) {
                return Ok(Some(value));
            }
            dense::spread(self, fuel).await?;
        }
        self.remove(key)
    }

    /// Whether removing a key that the map has may change the form of all of the map.
    #[must_use]
    pub fn may_be_spread(&self) -> bool {
        self.is_dense() && dense::tree(self).is_none()
    }

    /// The keys and values in the total order of keys.
    #[must_use]
    pub fn iter(&self) -> Entries<'_> {
        Entries::of(self)
    }

    /// Whether both are the same object.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.is_same(&other.0)
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

fn as_map(value: &Value) -> &Map {
    match value {
        Value::Map(map) => map,
        _ => unreachable!("the children of an inner node are maps"),
    }
}

fn as_map_mut(value: &mut Value) -> &mut Map {
    match value {
        Value::Map(map) => map,
        _ => unreachable!("the children of an inner node are maps"),
    }
}

/// Where a key is among sorted keys, or where it would be.
#[inline(always)]
fn search(keys: &[Value], key: &Value) -> Result<usize, usize> {
    match key {
        // Most keys are ints or strs: compared here without the general comparison.
        Value::Int(wanted) => search_int(keys, *wanted),
        Value::Str(wanted) => keys.binary_search_by(|candidate| match candidate {
            Value::Str(text) if text.is_same(wanted) => Ordering::Equal,
            Value::Str(text) => text.as_bytes().cmp(wanted.as_bytes()),
            other => compare::total_cmp(other, key),
        }),
        _ => keys.binary_search_by(|candidate| compare::total_cmp(candidate, key)),
    }
}

/// Where an int is among sorted keys, or where it would be.
///
/// Counts the keys below it in two rounds without jumps, first every fourth one, then three: loads of one
/// round do not wait for each other, which in big maps, where every node is far away, is worth more than
/// the comparisons that a binary search saves.
#[inline(always)]
fn search_int(keys: &[Value], wanted: i64) -> Result<usize, usize> {
    const STRIDE: usize = 4;
    let is_below = |key: &Value| match key {
        Value::Int(int) => *int < wanted,
        other => compare::total_cmp(other, &Value::Int(wanted)).is_lt(),
    };
    let groups = keys.chunks_exact(STRIDE).filter(|group| is_below(&group[STRIDE - 1])).count();
    let start = groups * STRIDE;
    let rest = &keys[start..keys.len().min(start + STRIDE)];
    let index = start + rest.iter().filter(|key| is_below(key)).count();
    match keys.get(index) {
        Some(Value::Int(int)) if *int == wanted => Ok(index),
        _ => Err(index),
    }
}

/// The child that has the key if one has.
#[inline(always)]
fn child_index(separators: &[Value], key: &Value) -> usize {
    if separators.len() > CHILDREN_MAX
        && let Value::Int(int) = key
        && let Some(rank) = rank_of_int(separators, *int)
    {
        return rank;
    }
    match search(separators, key) {
        Ok(index) => index + 1,
        Err(index) => index,
    }
}

/// Where among the elements of an inner node the child is that has the int if one has; none if the keys that decide are no
/// ints, or if the child may be a leaf: nobody need go down to it and back.
#[inline(always)]
fn place_above_table(elements: &[Value], key: i64) -> Option<usize> {
    let count = elements.len() / 2;
    let rank = match elements {
        [Value::Map(directory), ..] => directory::rank(directory, key)?,
        [Value::Int(size), ..] if *size > (count * LEAF_ENTRIES_MAX) as i64 => rank_of_int(&elements[1..count], key)?,
        _ => return None,
    };
    Some(count + rank)
}

/// How many sorted keys are not above an int, in few instructions and without a jump that depends on keys; each step waits
/// for the one before, as it does not in [`search_int`]. None if it meets a key that is no int: no call is made here, which
/// would cost the caller its registers.
#[inline(always)]
fn rank_of_int(keys: &[Value], wanted: i64) -> Option<usize> {
    let is_behind = |key: &Value| if let Value::Int(int) = key { Some(*int <= wanted) } else { None };
    let mut rest = keys;
    while rest.len() > 1 {
        let high = &rest[rest.len() / 2..];
        rest = hint::select_unpredictable(is_behind(&high[0])?, high, &rest[..high.len()]);
    }
    let below = (rest.as_ptr().addr() - keys.as_ptr().addr()) / size_of::<Value>();
    let last = if let Some(key) = rest.first() { is_behind(key)? } else { false };
    Some(below + usize::from(last))
}

/// Makes an inner node of two children.
fn inner_of(separator: Value, left: Map, right: Map) -> Result<Map, NoRoom> {
    let size = Value::Int((left.len() + right.len()) as i64);
    let parts = [size, separator, Value::Map(left), Value::Map(right)];
    Ok(Map(Gc::collect(Kind::MapInner, parts.into_iter())?.into()))
}
