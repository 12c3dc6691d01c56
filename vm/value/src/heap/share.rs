//! Marking what a value leads to as shared, before another thread may see it.
//!
//! Guards rule H3. Not here: when to mark (whoever sends), how counts then work (`header.rs`).

#![expect(unsafe_code, reason = "values move between threads once they are marked")]

use std::{mem::ManuallyDrop, slice};

use super::gc::Any;
use crate::value::Value;

/// A value that may move to another thread: everything it leads to is shared or a literal.
#[derive(Debug)]
pub struct SharedValue(ManuallyDrop<Value>);

// SAFETY: the counts of everything the value leads to are atomic (H3) and nothing shared changes while
// two references exist (H2), so any thread may hold and drop it.
unsafe impl Send for SharedValue {}
// SAFETY: a `&SharedValue` only gives clones, which count atomically.
unsafe impl Sync for SharedValue {}

impl SharedValue {
    /// Marks what the value leads to as shared and says how many objects were newly marked.
    #[must_use]
    pub fn new(value: Value) -> (Self, u64) {
        let marked = value.mark_shared();
        (Self(ManuallyDrop::new(value)), marked)
    }

    /// The value, on the thread that holds it now.
    #[must_use]
    pub fn into_value(self) -> Value {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is not dropped and not used any more, so the value is taken out once.
        unsafe { ManuallyDrop::take(&mut this.0) }
    }

    /// One more reference to the value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::clone(&self.0)
    }
}

impl Drop for SharedValue {
    fn drop(&mut self) {
        // SAFETY: `into_value` forgets `self`, so this is the only place that drops the value.
        unsafe { ManuallyDrop::drop(&mut self.0) };
    }
}

impl Value {
    /// Marks everything the value leads to as shared between threads, so that its counts are atomic from
    /// now on, and says how many objects were newly marked.
    ///
    /// Takes 2 to 3 ns an object, once in its life. What is shared already is passed over.
    pub fn mark_shared(&self) -> u64 {
        let Some(root) = self.any() else { return 0 };
        if !root.header().share() {
            return 0;
        }
        let mut marked = 1;
        let mut levels: Vec<slice::Iter<'_, Value>> = Vec::new();
        let mut level = children(root);
        loop {
            let Some(value) = level.next() else {
                match levels.pop() {
                    Some(below) => level = below,
                    None => return marked,
                }
                continue;
            };
            let Some(object) = value.any() else { continue };
            if object.header().share() {
                marked += 1;
                let inner = children(object);
                if inner.len() > 0 {
                    levels.push(std::mem::replace(&mut level, inner));
                }
            }
        }
    }
}

/// The values an object holds; none for flat objects.
fn children(object: &Any) -> slice::Iter<'_, Value> {
    match object.of::<Value>() {
        Some(values) => values.iter(),
        None => [].iter(),
    }
}
