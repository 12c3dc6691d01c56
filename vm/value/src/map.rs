//! Maps: persistent B-trees in the total order of keys.
//!
//! A map is its root node; a map of up to one leaf is that leaf. Nodes that nobody else holds are changed
//! in place, others are copied on the way down. A big map of consecutive ints is no tree while it is only
//! appended to or changed by one holder (`map/dense.rs`). Here: the type and reading; `map/insert.rs` and
//! `map/remove.rs` change.
//!
//! A leaf holds its keys, then its values. An inner node holds its size (keys below it), then the separators
//! (one less than children), then the children, which are maps. The keys of a child are not below the
//! separator in front of it and below the one behind it.

mod dense;
mod insert;
mod remove;

use std::cmp::Ordering;

use ttvm_isa::Fault;

use crate::{
    heap::{Any, Gc, Kind, NoRoom, literal::StaticEmpty},
    ops::compare,
    text::Str,
    value::Value,
};

static EMPTY: StaticEmpty = StaticEmpty::new(Kind::MapLeaf);

/// Entries of a leaf at most: with its header a full leaf has 1008 bytes, a block that free lists keep.
/// (Tried with a million random int keys: 15 is slower by a quarter because of its additional levels, 64 is
/// no faster and makes updating a shared map two to three times slower. Nor is it faster to keep each value
/// beside its key.)
const LEAF_ENTRIES_MAX: usize = 31;

/// Children of an inner node at most: one more, while it is split, fits in the same block as a leaf.
const CHILDREN_MAX: usize = 30;

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
        let half = values.len() / 2;
        let (low, high) = values.split_at(half);
        match self.0.kind() {
            Kind::MapLeaf => Node::Leaf(low, high),
            _ => Node::Inner(&low[1..], high),
        }
    }

    #[inline(always)]
    fn is_leaf(&self) -> bool {
        self.0.kind() == Kind::MapLeaf
    }

    #[inline(always)]
    fn is_dense(&self) -> bool {
        self.0.kind() == Kind::MapDense
    }

    /// Entries of a leaf or of a dense map, children of an inner node.
    fn entry_count(&self) -> usize {
        self.0.length() / 2
    }

    /// The number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        match (self.0.kind(), self.values().first()) {
            (Kind::MapInner, Some(Value::Int(size))) => usize::try_from(*size).expect("sizes count up from 0"),
            _ => self.entry_count(),
        }
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    #[inline]
    #[must_use]
    pub fn get(&self, key: &Value) -> Option<&Value> {
        if self.is_dense() {
            let elements = &**self.values();
            return dense::position(elements, key).map(|place| &elements[place]);
        }
        self.get_in_tree(key)
    }

    #[inline(never)]
    fn get_in_tree(&self, key: &Value) -> Option<&Value> {
        let mut map = self;
        loop {
            match map.node() {
                Node::Leaf(keys, values) => return search(keys, key).ok().map(|index| &values[index]),
                Node::Inner(separators, children) => map = as_map(&children[child_index(separators, key)]),
            }
        }
    }

    /// The value of a str key.
    pub(crate) fn get_str(&self, key: &Str) -> Option<&Value> {
        self.get(&Value::Str(key.clone()))
    }

    /// Whether the map has the key.
    #[must_use]
    pub fn contains(&self, key: &Value) -> bool {
        self.get(key).is_some()
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
                return Ok(dense::insert(self, place, key, value)?);
            }
            dense::spread(self)?;
        }
        self.insert_in_tree(key, value)
    }

    #[inline(never)]
    fn insert_in_tree(&mut self, key: Value, value: Value) -> Result<Option<Value>, Fault> {
        let before = insert::insert(self, key, value)?;
        if before.is_none() {
            dense::gather(self)?;
        }
        Ok(before)
    }

    /// Removes a key, and gives the value it had.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory; what is in the map then is not specified.
    pub fn remove(&mut self, key: &Value) -> Result<Option<Value>, Fault> {
        if !self.contains(key) {
            return Ok(None);
        }
        if self.is_dense() {
            if let Some(value) = dense::remove_last(self, key) {
                return Ok(Some(value));
            }
            dense::spread(self)?;
        }
        Ok(Some(remove::remove(self, key)?))
    }

    /// The keys and values in the total order of keys.
    #[must_use]
    pub fn iter(&self) -> Entries<'_> {
        let entries =
            Entries { above: Vec::new(), keys: &[], values: &[], stride: 1, next: 0, root: None, left: self.len() };
        match &**self.values() {
            elements @ [_, values @ ..] if self.is_dense() => Entries { keys: elements, values, stride: 2, ..entries },
            _ => Entries { root: Some(self), ..entries },
        }
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
    match search(separators, key) {
        Ok(index) => index + 1,
        Err(index) => index,
    }
}

/// Makes an inner node of two children.
fn inner_of(separator: Value, left: Map, right: Map) -> Result<Map, NoRoom> {
    let size = Value::Int((left.len() + right.len()) as i64);
    let parts = [size, separator, Value::Map(left), Value::Map(right)];
    Ok(Map(Gc::collect(Kind::MapInner, parts.into_iter())?.into()))
}

/// The entries of a map (see [`Map::iter`]).
#[derive(Clone)]
pub struct Entries<'a> {
    /// The children still to visit of the nodes above the leaf.
    above: Vec<std::slice::Iter<'a, Value>>,
    /// From a key on, every one of `stride` elements is one; likewise the values.
    keys: &'a [Value],
    values: &'a [Value],
    stride: usize,
    next: usize,
    root: Option<&'a Map>,
    left: usize,
}

impl<'a> Entries<'a> {
    /// Goes down to the first leaf of a map.
    fn descend(&mut self, map: &'a Map) {
        let mut map = map;
        loop {
            match map.node() {
                Node::Leaf(keys, values) => {
                    (self.keys, self.values, self.next) = (keys, values, 0);
                    return;
                }
                Node::Inner(_, children) => {
                    map = as_map(&children[0]);
                    self.above.push(children[1..].iter());
                }
            }
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a Value, &'a Value);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.next == self.keys.len() {
            let map = match self.root.take() {
                Some(root) => root,
                None => loop {
                    match self.above.last_mut()?.next() {
                        Some(child) => break as_map(child),
                        None => drop(self.above.pop()),
                    }
                },
            };
            self.descend(map);
        }
        let entry = (&self.keys[self.next], &self.values[self.next]);
        self.next += self.stride;
        self.left -= 1;
        Some(entry)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Entries<'_> {}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Value, &'a Value);
    type IntoIter = Entries<'a>;

    fn into_iter(self) -> Entries<'a> {
        self.iter()
    }
}
