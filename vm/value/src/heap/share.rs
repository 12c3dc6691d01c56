//! Marking what a value leads to as shared, before another thread may see it.
//!
//! Guards rule H3. Not here: when to mark (whoever sends), how counts then work (`header.rs`).

#![expect(
    unsafe_code,
    reason = "values move between threads once they are marked; a pass that stops keeps its place in them"
)]

use std::{mem::ManuallyDrop, slice};

use ttvm_isa::Fault;

use super::{
    blocks,
    gc::{Any, block_bytes},
    literal::StaticStr,
};
use crate::{map::settle, object::Object, text::Str, value::Value};

/// Putting an entry of a map in order takes as long as looking at so many values.
const VALUES_PER_ENTRY: usize = 16;

/// Elements that are looked at before a pass is begun.
const ALONE_VALUES_MAX: usize = 16;

/// A value that may move to another thread: everything it leads to is shared or a literal.
#[derive(Debug)]
pub struct SharedValue(ManuallyDrop<Value>);

// SAFETY: the counts of everything the value leads to are atomic (H3) and nothing shared changes while
// two references exist (H2), so any thread may hold and drop it.
unsafe impl Send for SharedValue {}
// SAFETY: a `&SharedValue` only gives clones, which count atomically.
unsafe impl Sync for SharedValue {}

impl SharedValue {
    /// Marks what the value leads to as shared and says what was newly marked.
    #[inline]
    #[must_use]
    pub fn new(value: Value) -> (Self, Marked) {
        let needs_mark = value.any().is_some_and(|object| object.header().needs_mark());
        let marked = if needs_mark { mark_whole(&value) } else { Marked::default() };
        (Self(ManuallyDrop::new(value)), marked)
    }

    /// A text compiled into the machine.
    #[inline]
    #[must_use]
    pub fn fixed<const N: usize>(text: &'static StaticStr<N>) -> Self {
        // A literal needs no mark.
        Self(ManuallyDrop::new(Value::Str(Str::from_static(text))))
    }

    /// The value, on the thread that holds it now.
    #[must_use]
    pub fn into_value(self) -> Value {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is not dropped and not used any more, so the value is taken out once.
        unsafe { ManuallyDrop::take(&mut this.0) }
    }

    /// The value, to be looked at.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Whether the value's bytes are charged to an account (rule P85): that of whoever marked it.
    #[must_use]
    pub fn is_charged(&self) -> bool {
        self.0.any().is_some_and(|object| object.header().account() != 0)
    }

    /// One more reference to the value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::clone(&self.0)
    }
}

/// An object that is made of what is shared: names first, then as many values. Only the object itself is marked.
///
/// Each part is written to its place by itself: arrays of values that are moved right after they were written cost more
/// than all the rest.
pub struct NewObject(Object);

impl NewObject {
    /// Without fields, with room for so many.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    #[inline(always)]
    pub fn new(fields: usize) -> Result<Self, Fault> {
        Ok(Self(Object::with_room(fields)?))
    }

    /// Adds a name that is compiled into the machine, or the value of a field.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    #[inline(always)]
    pub fn add(&mut self, part: SharedValue) -> Result<(), Fault> {
        Ok(self.0.add_part(part.into_value())?)
    }

    /// The object. There must be a value for each name, and the names must differ.
    #[inline(always)]
    #[must_use]
    pub fn finish(self) -> SharedValue {
        let value = Value::Object(self.0);
        if let Some(object) = value.any() {
            mark(object, &mut Marked::default());
        }
        SharedValue(ManuallyDrop::new(value))
    }
}

impl Clone for SharedValue {
    fn clone(&self) -> Self {
        // What is marked stays marked.
        Self(ManuallyDrop::new(self.to_value()))
    }
}

impl Drop for SharedValue {
    fn drop(&mut self) {
        // SAFETY: `into_value` forgets `self`, so this is the only place that drops the value.
        unsafe { ManuallyDrop::drop(&mut self.0) };
    }
}

/// What a marking pass found that was not shared before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// Objects.
    pub objects: u64,
    /// Bytes of their blocks.
    pub bytes: u64,
}

/// A marking pass over a large value that stopped on the way, to go on later. Dropping it finishes it, because
/// others may lead to parts of the value.
#[derive(Debug)]
pub struct Marking {
    pass: Pass<'static>,
    value: Value,
}

// SAFETY: a pass goes with the process that sends, whose values it walks; only one thread has both at a time.
unsafe impl Send for Marking {}

impl Drop for Marking {
    fn drop(&mut self) {
        // Rule H3: what is marked already must not lead to what is not.
        self.pass.advance_to_end();
    }
}

/// Where a pass is.
#[derive(Debug)]
struct Pass<'a> {
    level: slice::Iter<'a, Value>,
    levels: Vec<slice::Iter<'a, Value>>,
    marked: Marked,
    /// What the pass did besides, in values that it could have looked at.
    extra: usize,
}

impl Marking {
    /// Marks what the value leads to as shared, looking at about `left` values at most, of which those are left then that it
    /// did not look at. A few are always looked at for nothing.
    ///
    /// # Errors
    /// The pass, if there is more to mark: see [`Marking::advance`].
    ///
    /// # Safety
    /// Until the pass is done or dropped, nothing that the value leads to is marked or sent by anybody else, or used on
    /// another thread than this pass: the process that sends does not run meanwhile.
    #[inline(always)]
    pub unsafe fn begin(value: Value, left: &mut usize) -> Result<(SharedValue, Marked), Self> {
        if let Some(marked) = mark_alone(&value) {
            return Ok((SharedValue(ManuallyDrop::new(value)), marked));
        }
        // SAFETY: the caller's promise.
        unsafe { Self::begin_pass(value, left) }
    }

    /// # Safety
    /// As for [`Marking::begin`].
    #[inline(never)]
    unsafe fn begin_pass(value: Value, left: &mut usize) -> Result<(SharedValue, Marked), Self> {
        let mut pass = Pass::new(&value);
        if pass.advance(left) {
            let marked = pass.marked;
            return Ok((SharedValue(ManuallyDrop::new(value)), marked));
        }
        // SAFETY: the elements belong to objects that the value leads to, which it keeps alive. Nobody changes them:
        // whoever else leads to one of them shares it with the value, so that nobody holds its only reference (H2).
        let pass = unsafe { std::mem::transmute::<Pass<'_>, Pass<'static>>(pass) };
        Err(Self { pass, value })
    }

    /// Goes on, looking at about `values_max` values at most. Gives the value when all it leads to is marked.
    ///
    /// # Errors
    /// The pass, if there is still more to mark.
    pub fn advance(mut self, mut values_max: usize) -> Result<(SharedValue, Marked), Self> {
        if !self.pass.advance(&mut values_max) {
            return Err(self);
        }
        Ok((SharedValue(ManuallyDrop::new(self.value.take())), self.pass.marked))
    }
}

#[inline(never)]
fn mark_whole(value: &Value) -> Marked {
    mark_alone(value).unwrap_or_else(|| Pass::new(value).finish())
}

/// Marks a value of which at most the object itself needs a mark, as that of most messages does, without a [`Pass`];
/// `None` for others.
#[inline(always)]
fn mark_alone(value: &Value) -> Option<Marked> {
    let Some(object) = value.any().filter(|object| object.header().needs_mark()) else {
        return Some(Marked::default());
    };
    // Rule H5, before looking what is in it.
    settle(object);
    let mut inner = children(object);
    if inner.len() > ALONE_VALUES_MAX
        || inner.any(|value| value.any().is_some_and(|object| object.header().needs_mark()))
    {
        return None;
    }
    let mut marked = Marked::default();
    mark(object, &mut marked);
    Some(marked)
}

/// Marks an object that is in order, and counts it if it was not marked before.
#[inline]
fn mark(object: &Any, marked: &mut Marked) -> bool {
    let is_new = object.header().share();
    if is_new {
        let bytes = block_bytes(object.header());
        let account = blocks::note_shared(bytes as i64);
        if account != 0 {
            object.header().set_account(account);
        }
        marked.objects += 1;
        marked.bytes += bytes as u64;
    }
    is_new
}

impl<'a> Pass<'a> {
    /// Marks all that is left.
    fn finish(mut self) -> Marked {
        self.advance_to_end();
        self.marked
    }

    fn advance_to_end(&mut self) {
        while !self.advance(&mut { usize::MAX }) {}
    }

    fn new(root: &'a Value) -> Self {
        let mut pass = Self { level: [].iter(), levels: Vec::new(), marked: Marked::default(), extra: 0 };
        if let Some(object) = root.any()
            && pass.mark(object)
        {
            pass.level = children(object);
        }
        pass
    }

    fn mark(&mut self, object: &Any) -> bool {
        // Rule H5: what is shared is in order.
        self.extra += settle(object) * VALUES_PER_ENTRY;
        mark(object, &mut self.marked)
    }

    /// Goes on while any values are left to be looked at; `true` when everything is marked.
    fn advance(&mut self, left: &mut usize) -> bool {
        while *left > 0 {
            *left = left.saturating_sub(1 + std::mem::take(&mut self.extra));
            let Some(value) = self.level.next() else {
                match self.levels.pop() {
                    Some(below) => self.level = below,
                    None => return true,
                }
                continue;
            };
            let Some(object) = value.any() else { continue };
            if self.mark(object) {
                let inner = children(object);
                if inner.len() > 0 {
                    self.levels.push(std::mem::replace(&mut self.level, inner));
                }
            }
        }
        self.levels.is_empty() && self.level.len() == 0
    }
}

impl Value {
    /// Marks everything the value leads to as shared between threads, so that its counts are atomic from
    /// now on, and says how many objects were newly marked.
    ///
    /// Takes 2 to 3 ns an object, once in its life. What is shared already is passed over. A pass that stops on the
    /// way is [`Marking`].
    #[inline]
    pub fn mark_shared(&self) -> u64 {
        mark_whole(self).objects
    }

    /// The same for a value of which at most the object itself needs a mark and that holds few others, as nearly all that
    /// processes hand over; `None`, with nothing marked, for others.
    #[inline(always)]
    #[must_use]
    pub fn mark_alone(&self) -> Option<u64> {
        mark_alone(self).map(|marked| marked.objects)
    }
}

/// The values an object holds; none for flat objects.
fn children(object: &Any) -> slice::Iter<'_, Value> {
    match object.of::<Value>() {
        Some(values) => values.iter(),
        None => [].iter(),
    }
}
