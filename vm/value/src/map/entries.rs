//! Going through maps in the total order of keys.

use super::{Map, Node, as_map, dense};
use crate::{
    list::{Item, Items},
    value::Value,
};

/// The entries of a map (see [`Map::iter`]).
#[derive(Clone)]
pub struct Entries<'a> {
    /// The children still to visit of the nodes above the leaf.
    above: Vec<std::slice::Iter<'a, Value>>,
    place: At<'a>,
    left: usize,
}

/// Where the next entry is.
#[derive(Clone)]
enum At<'a> {
    /// In this node, which was not entered yet.
    Before(&'a Map),
    /// Among these keys and values of a leaf.
    Leaf(std::iter::Zip<std::slice::Iter<'a, Value>, std::slice::Iter<'a, Value>>),
    /// In a dense map: the next key, and the values from there on.
    Dense(i64, Items<'a>),
}

impl<'a> Entries<'a> {
    pub(super) fn of(map: &'a Map) -> Self {
        let place = if map.is_dense() {
            let (first, values) = dense::parts(map.values());
            At::Dense(first, values.iter())
        } else {
            At::Before(map)
        };
        Self { above: Vec::new(), place, left: map.len() }
    }

    /// Goes down to the first leaf of a map.
    fn descend(&mut self, map: &'a Map) {
        let mut map = map;
        loop {
            // Before anything in it is borrowed (rule H5).
            map.settle();
            match map.node() {
                Node::Hashed(_) => unreachable!("it was put in order"),
                Node::Leaf(keys, values) => {
                    self.place = At::Leaf(keys.iter().zip(values));
                    return;
                }
                Node::Inner(_, children) => {
                    map = as_map(&children[0]);
                    self.above.push(children[1..].iter());
                }
            }
        }
    }

    /// The next child of the nodes above.
    fn next_child(&mut self) -> Option<&'a Map> {
        loop {
            match self.above.last_mut()?.next() {
                Some(child) => return Some(as_map(child)),
                None => drop(self.above.pop()),
            }
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Item<'a>, Item<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let node = match &mut self.place {
                At::Before(map) => *map,
                At::Leaf(entries) => match entries.next() {
                    Some((key, value)) => {
                        self.left -= 1;
                        return Some((Item::Value(key), Item::Value(value)));
                    }
                    None => self.next_child()?,
                },
                At::Dense(next, values) => {
                    let (key, value) = (*next, values.next()?);
                    // Behind the greatest int comes no other.
                    *next = next.wrapping_add(1);
                    self.left -= 1;
                    return Some((Item::Int(key), value));
                }
            };
            self.descend(node);
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Entries<'_> {}

impl<'a> IntoIterator for &'a Map {
    type Item = (Item<'a>, Item<'a>);
    type IntoIter = Entries<'a>;

    fn into_iter(self) -> Entries<'a> {
        self.iter()
    }
}
