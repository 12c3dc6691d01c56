//! Lists: packed while all elements are ints or all are floats, and in chunks once a big one was updated
//! while somebody else held it.
//!
//! Which of the four representations a list has cannot be seen by programs. It changes in one direction
//! only (packed to general, flat to chunked), so no sequence of updates goes back and forth. Here: the
//! type and reading; changing flat lists is `list/flat.rs`, chunked ones `list/tree.rs`.

mod flat;
mod pieces;
mod tree;

use ttvm_isa::Fault;

use crate::{
    heap::{Any, Gc, Kind, NoRoom, literal::StaticEmpty},
    value::Value,
    work::whole,
};

static EMPTY: StaticEmpty = StaticEmpty::new(Kind::ListValues);

/// A list this long that is updated while somebody else holds it is put in chunks first, once: copying it
/// for each update would cost more than 1 us, a chunked update costs about 0.2 us.
const CHUNKED_LENGTH_MIN: usize = 1024;

/// A list.
#[derive(Clone)]
#[repr(transparent)]
pub struct List(Any);

/// Consecutive elements of a list as they are stored.
#[derive(Clone, Copy)]
pub enum Chunk<'a> {
    /// Values of any kind.
    Values(&'a [Value]),
    /// Ints of 64 bits.
    Ints(&'a [i64]),
    /// Floats.
    Floats(&'a [f64]),
}

/// All elements of a flat list, to be changed.
pub enum FlatMut<'a> {
    /// Values of any kind.
    Values(&'a mut [Value]),
    /// Ints of 64 bits.
    Ints(&'a mut [i64]),
    /// Floats.
    Floats(&'a mut [f64]),
}

/// One element of a list.
#[derive(Clone, Copy)]
pub enum Item<'a> {
    /// An int of 64 bits.
    Int(i64),
    /// A float.
    Float(f64),
    /// A value of any kind.
    Value(&'a Value),
}

impl Item<'_> {
    /// The element as a value.
    #[inline]
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Item::Int(int) => Value::Int(int),
            Item::Float(float) => Value::Float(float),
            Item::Value(value) => value.clone(),
        }
    }
}

impl<'a> Chunk<'a> {
    /// The number of elements.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Chunk::Values(values) => values.len(),
            Chunk::Ints(ints) => ints.len(),
            Chunk::Floats(floats) => floats.len(),
        }
    }

    /// Whether there are no elements.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at `index`, if there is one.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Item<'a>> {
        match *self {
            Chunk::Values(values) => values.get(index).map(Item::Value),
            Chunk::Ints(ints) => ints.get(index).copied().map(Item::Int),
            Chunk::Floats(floats) => floats.get(index).copied().map(Item::Float),
        }
    }

    /// The elements, at most `length` at a time.
    pub(crate) fn pieces(self, length: usize) -> impl Iterator<Item = Self> {
        (0..self.len()).step_by(length).map(move |start| self.part(start, self.len().min(start + length)))
    }

    /// The elements in this range, which lies within the chunk.
    fn part(&self, start: usize, end: usize) -> Self {
        match *self {
            Chunk::Values(values) => Chunk::Values(&values[start..end]),
            Chunk::Ints(ints) => Chunk::Ints(&ints[start..end]),
            Chunk::Floats(floats) => Chunk::Floats(&floats[start..end]),
        }
    }
}

impl List {
    /// The empty list; takes no memory.
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Self(EMPTY.object())
    }

    /// Makes a list of these values, packed if they allow it.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many or there is no memory.
    pub fn collect(values: impl ExactSizeIterator<Item = Value>) -> Result<Self, Fault> {
        Ok(flat::collect(values)?)
    }

    /// Makes a list of values that are taken out of their places, if the first is no number; `None`, with nothing
    /// taken, for all others and when there is no memory: see [`List::collect`].
    #[must_use]
    pub fn take_general(values: &mut [Value]) -> Option<Self> {
        flat::take_general(values)
    }

    /// Makes a list of ints.
    ///
    /// # Errors
    /// As for [`List::collect`].
    pub fn from_ints(ints: impl ExactSizeIterator<Item = i64>) -> Result<Self, Fault> {
        Ok(Self(Gc::collect(Kind::ListInts, ints)?.into()))
    }

    /// Makes a list of floats.
    ///
    /// # Errors
    /// As for [`List::collect`].
    pub fn from_floats(floats: impl ExactSizeIterator<Item = f64>) -> Result<Self, Fault> {
        Ok(Self(Gc::collect(Kind::ListFloats, floats)?.into()))
    }

    fn from_chunk(chunk: Chunk<'_>) -> Result<Self, NoRoom> {
        Ok(Self(match chunk {
            Chunk::Values(values) => Gc::from_slice(Kind::ListValues, values, 0)?.into(),
            Chunk::Ints(ints) => Gc::from_slice(Kind::ListInts, ints, 0)?.into(),
            Chunk::Floats(floats) => Gc::from_slice(Kind::ListFloats, floats, 0)?.into(),
        }))
    }

    /// Makes a general list of an object of kind `ListValues`.
    pub(crate) fn from_values(values: Gc<Value>) -> Self {
        Self(values.into())
    }

    #[inline(always)]
    fn kind(&self) -> Kind {
        self.0.kind()
    }

    fn is_tree(&self) -> bool {
        self.kind() == Kind::ListTree
    }

    /// The elements, unless the list is chunked.
    #[inline(always)]
    fn flat(&self) -> Option<Chunk<'_>> {
        if let Some(ints) = self.0.of::<i64>() {
            Some(Chunk::Ints(ints))
        } else if let Some(floats) = self.0.of::<f64>() {
            Some(Chunk::Floats(floats))
        } else if self.is_tree() {
            None
        } else {
            self.0.of::<Value>().map(|values| Chunk::Values(values))
        }
    }

    /// The number of elements.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        if self.is_tree() { tree::length(self) } else { self.0.length() }
    }

    /// Whether there are no elements.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at `index`, if there is one.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Item<'_>> {
        match self.flat() {
            Some(chunk) => chunk.get(index),
            None => self.chunk_at(index).and_then(|(chunk, offset)| chunk.get(offset)),
        }
    }

    /// The stored chunk that has the element at `index`, and where in it that is.
    fn chunk_at(&self, index: usize) -> Option<(Chunk<'_>, usize)> {
        if index >= self.len() {
            return None;
        }
        match self.flat() {
            Some(chunk) => Some((chunk, index)),
            None => tree::leaf(self, index).flat().map(|leaf| (leaf, index % tree::WIDTH)),
        }
    }

    /// The elements from `start` on (up to the end of the list), as they are stored.
    #[must_use]
    pub fn chunks_from(&self, start: usize) -> Chunks<'_> {
        Chunks { list: self, next: start }
    }

    /// The elements as they are stored: one chunk, or many if the list is chunked.
    #[must_use]
    pub fn chunks(&self) -> Chunks<'_> {
        self.chunks_from(0)
    }

    /// The elements.
    #[must_use]
    pub fn iter(&self) -> Items<'_> {
        Items { chunks: self.chunks(), chunk: Chunk::Values(&[]), next: 0 }
    }

    /// All elements if they are any values, stored side by side.
    #[inline(always)]
    #[must_use]
    pub fn values(&self) -> Option<&[Value]> {
        match self.flat()? {
            Chunk::Values(values) => Some(values),
            Chunk::Ints(_) | Chunk::Floats(_) => None,
        }
    }

    /// All elements if they are ints of 64 bits stored side by side.
    #[inline(always)]
    #[must_use]
    pub fn as_ints(&self) -> Option<&[i64]> {
        self.0.of::<i64>().map(|ints| &**ints)
    }

    /// All elements if they are floats stored side by side.
    #[inline(always)]
    #[must_use]
    pub fn as_floats(&self) -> Option<&[f64]> {
        self.0.of::<f64>().map(|floats| &**floats)
    }

    /// Whether both are the same object.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.is_same(&other.0)
    }

    /// Whether nobody else holds the list.
    #[must_use]
    pub fn is_owned(&self) -> bool {
        self.0.is_unique()
    }

    /// Whether an update would have to copy: somebody else holds the list and it is big.
    pub fn must_be_chunked(&mut self) -> bool {
        self.0.length() >= CHUNKED_LENGTH_MIN && !self.is_tree() && !self.0.claim()
    }

    /// Puts a value at the end: in place if nobody else holds the list.
    ///
    /// # Errors
    /// [`Fault::Limit`] when the list gets too long or there is no memory.
    #[inline]
    pub fn push(&mut self, value: Value) -> Result<(), Fault> {
        if self.must_be_chunked() {
            whole(async |fuel| tree::convert(self, fuel).await)?;
        }
        if self.is_tree() { Ok(tree::push(self, value)?) } else { Ok(flat::push(self, value, 1)?) }
    }

    /// Puts an int at the end of a packed list that has room and that nobody else holds; else gives false.
    #[inline(always)]
    pub fn push_int_in_place(&mut self, int: i64) -> bool {
        self.kind() == Kind::ListInts && flat::push_in_place(&mut self.0, int)
    }

    /// Puts a float at the end of a packed list that has room and that nobody else holds; else gives false.
    #[inline(always)]
    pub fn push_float_in_place(&mut self, float: f64) -> bool {
        self.kind() == Kind::ListFloats && flat::push_in_place(&mut self.0, float)
    }

    /// Puts an int in place of the one at `index` of a packed list that nobody else holds; else gives false.
    #[inline(always)]
    pub fn set_int_in_place(&mut self, index: usize, int: i64) -> bool {
        self.kind() == Kind::ListInts && flat::set_in_place(&mut self.0, index, int)
    }

    /// Puts a float in place of the one at `index` of a packed list that nobody else holds; else gives false.
    #[inline(always)]
    pub fn set_float_in_place(&mut self, index: usize, float: f64) -> bool {
        self.kind() == Kind::ListFloats && flat::set_in_place(&mut self.0, index, float)
    }

    /// Takes the last element out of a list that is not chunked and that nobody else holds; else gives none.
    pub(crate) fn pop_in_place(&mut self) -> Option<Value> {
        flat::pop_in_place(self)
    }

    /// Puts a value in place of the one at `index`: in place if nobody else holds the list.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    ///
    /// # Panics
    /// When there is no such index; callers test it.
    #[inline]
    pub fn set(&mut self, index: usize, value: Value) -> Result<(), Fault> {
        if self.must_be_chunked() {
            whole(async |fuel| tree::convert(self, fuel).await)?;
        }
        if self.is_tree() { Ok(tree::set(self, index, value)?) } else { Ok(flat::set(self, index, value)?) }
    }

    fn extend_from_chunk(&mut self, chunk: Chunk<'_>) -> Result<(), Fault> {
        if flat::extend(self, chunk)? {
            return Ok(());
        }
        for index in 0..chunk.len() {
            self.push(chunk.get(index).expect("the index is within the chunk").to_value())?;
        }
        Ok(())
    }

    /// The elements from `start` to `end`, `end` excluded; both lie within the list.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub fn slice(&self, start: usize, end: usize) -> Result<Self, Fault> {
        if start >= end {
            return Ok(Self::new());
        }
        if start == 0 && end == self.len() {
            return Ok(self.clone());
        }
        if let Some(chunk) = self.flat() {
            return Ok(Self::from_chunk(chunk.part(start, end))?);
        }
        let mut list = Self::new();
        let mut left = end - start;
        for chunk in self.chunks_from(start) {
            let part = chunk.part(0, chunk.len().min(left));
            left -= part.len();
            list.extend_from_chunk(part)?;
            if left == 0 {
                break;
            }
        }
        Ok(list)
    }

    /// All elements side by side, to be changed; the list is copied first if somebody else holds it.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub fn to_mut(&mut self) -> Result<FlatMut<'_>, Fault> {
        if self.is_tree() {
            let mut list = Self::new();
            for chunk in self.chunks() {
                list.extend_from_chunk(chunk)?;
            }
            *self = list;
        }
        Ok(flat::to_mut(self)?)
    }
}

impl Default for List {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = Item<'a>;
    type IntoIter = Items<'a>;

    fn into_iter(self) -> Items<'a> {
        self.iter()
    }
}

/// The stored chunks of a list (see [`List::chunks`]).
#[derive(Clone)]
pub struct Chunks<'a> {
    list: &'a List,
    next: usize,
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let (chunk, offset) = self.list.chunk_at(self.next)?;
        let part = chunk.part(offset, chunk.len());
        self.next += part.len();
        Some(part)
    }
}

/// The elements of a list (see [`List::iter`]).
#[derive(Clone)]
pub struct Items<'a> {
    chunks: Chunks<'a>,
    chunk: Chunk<'a>,
    next: usize,
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        if self.next == self.chunk.len() {
            self.chunk = self.chunks.next()?;
            self.next = 0;
        }
        let item = self.chunk.get(self.next);
        self.next += 1;
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.chunk.len() - self.next + (self.chunks.list.len() - self.chunks.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Items<'_> {}
