//! Putting hashed nodes in order, in place, for all who hold them.
//!
//! Guards rule H5: an object of kind `MapHashed` is known to one process only, and nobody borrows what is in it
//! beyond one call of a method of `Map`: looking up gives copies, and whoever iterates puts in order first. So it may
//! be exchanged although there are other references. Not here: when that is needed.

#![expect(unsafe_code, reason = "changes an object that may have several references")]

use std::alloc::{Layout, handle_alloc_error};

use super::{Map, build, hashed};
use crate::{
    heap::{Any, Kind, NoRoom},
    ops::compare::total_cmp,
    value::Value,
    work::whole,
};

/// Elements that a hashed node has room for: as many as the smallest inner node has.
pub(super) const NODE_ELEMENTS: usize = 4;

/// Puts a node in order if it is hashed: it becomes a part of the tree, with the same entries. Says how many they were.
#[inline(always)]
pub(crate) fn settle(node: &Any) -> usize {
    if node.kind() == Kind::MapHashed { settle_hashed(node) } else { 0 }
}

#[inline(never)]
fn settle_hashed(node: &Any) -> usize {
    // SAFETY: H5. The old elements are the node's own from here on; meanwhile it is an empty leaf.
    let mut old = unsafe { node.exchange(Kind::MapLeaf, Vec::new()) };
    let mut entries = hashed::drain(&mut old);
    let count = entries.len();
    entries.sort_unstable_by(|a, b| total_cmp(&a[0], &b[0]));
    let (kind, elements) = match ordered(entries) {
        Ok(parts) => parts,
        Err(reason) => fail(reason),
    };
    // SAFETY: H5: it still is what it was a moment ago, and nobody else came in between.
    drop(unsafe { node.exchange(kind, elements) });
    count
}

/// The kind and elements, [`NODE_ELEMENTS`] at most, of a node with these entries.
fn ordered(mut entries: Vec<[Value; 2]>) -> Result<(Kind, Vec<Value>), NoRoom> {
    if entries.len() <= NODE_ELEMENTS / 2 {
        let (keys, values): (Vec<_>, Vec<_>) = entries.into_iter().map(|[key, value]| (key, value)).unzip();
        return Ok((Kind::MapLeaf, keys.into_iter().chain(values).collect()));
    }
    let size = entries.len();
    let right = entries.split_off(entries.len() / 2);
    let separator = right[0][0].clone();
    let [left, right] = [entries, right].map(|half| {
        let count = half.len();
        whole(async |fuel| build::tree(half.into_iter(), count, fuel).await)
    });
    Ok((Kind::MapInner, vec![Value::Int(size as i64), separator, Value::Map(left?), Value::Map(right?)]))
}

/// Ends the program as every other allocation of Rust does that fails.
#[cold]
fn fail(reason: NoRoom) -> ! {
    let bytes = match reason {
        NoRoom::Memory { bytes } => bytes,
        NoRoom::Elements => unreachable!("nodes are small"),
    };
    handle_alloc_error(Layout::from_size_align(bytes, align_of::<Value>()).expect("nodes are small"))
}

impl Map {
    /// Puts the map's root in order if it is hashed.
    #[inline(always)]
    pub(super) fn settle(&self) {
        settle(&self.0);
    }
}
