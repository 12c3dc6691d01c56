//! References to heap objects: [`Any`] to an object of any kind, [`Gc`] to one whose element type is known.
//!
//! Guards rules H1 and H2 of `heap.rs`. Not here: changing objects (`edit.rs`), freeing them (`reclaim.rs`).

#![expect(unsafe_code, reason = "objects are a header and elements behind it")]

use std::{marker::PhantomData, mem::size_of, ops::Deref, ptr::NonNull, slice};

use ttvm_isa::limits::ELEMENTS_MAX;

use super::{
    blocks,
    edit::Edit,
    header::{Element, Header, Kind, NoRoom},
    reclaim,
};

/// A counted reference to a heap object of any kind.
#[repr(transparent)]
pub(crate) struct Any(NonNull<Header>);

/// A counted reference to a heap object with elements of type `E`.
#[repr(transparent)]
pub(crate) struct Gc<E: Element>(Any, PhantomData<E>);

impl Clone for Any {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.header().retain();
        Self(self.0)
    }
}

impl Drop for Any {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the reference is given up here and not used again.
        unsafe { release(self.0) };
    }
}

/// Counts a reference down and frees the object if it was the last.
///
/// Out of line, so that all variants of `Value` drop by one and the same call: the compiler then makes one
/// test of the tag of them, which is inlined everywhere.
///
/// # Safety
/// The reference is not used any more.
#[inline(never)]
unsafe fn release(object: NonNull<Header>) {
    // SAFETY: until it is counted down the reference keeps the object alive; then it may be freed, if it was
    // the last.
    unsafe {
        if object.as_ref().release() {
            reclaim::free(object);
        }
    }
}

impl Any {
    #[inline(always)]
    pub(crate) fn header(&self) -> &Header {
        // SAFETY: a reference keeps its object alive, and nobody writes to a header while others read it (H2);
        // the count is atomic.
        unsafe { self.0.as_ref() }
    }

    /// What the object is.
    #[inline(always)]
    pub(crate) fn kind(&self) -> Kind {
        self.header().kind
    }

    /// The number of its elements.
    #[inline(always)]
    pub(crate) fn length(&self) -> usize {
        self.header().length as usize
    }

    /// Whether both refer to the same object.
    #[inline(always)]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// Where the object lies, to tell it from others while it is alive.
    pub(crate) fn address(&self) -> usize {
        self.0.as_ptr() as usize
    }

    /// Whether this is the only reference to the object.
    pub(crate) fn is_unique(&self) -> bool {
        self.header().is_unique()
    }

    /// The object as one with elements of type `E`, if it is one.
    #[inline(always)]
    pub(crate) fn of<E: Element>(&self) -> Option<&Gc<E>> {
        if self.kind().element_code() == E::CODE {
            // SAFETY: both types are transparent over the same pointer; H1 for the element type.
            Some(unsafe { &*std::ptr::from_ref(self).cast::<Gc<E>>() })
        } else {
            None
        }
    }

    /// The same as [`Any::of`], to change the object or replace it by another with the same element type.
    #[inline(always)]
    pub(crate) fn of_mut<E: Element>(&mut self) -> Option<&mut Gc<E>> {
        if self.kind().element_code() == E::CODE {
            // SAFETY: as in `of`. What the holder puts in place of it is an `Any` again when the borrow ends.
            Some(unsafe { &mut *std::ptr::from_mut(self).cast::<Gc<E>>() })
        } else {
            None
        }
    }

    /// The first elements of the object, without a look at its header: that may be far away.
    ///
    /// # Safety
    /// The object has elements of type `E`, at least `count` of them.
    #[inline(always)]
    pub(crate) unsafe fn first<E: Element>(&self, count: usize) -> &[E] {
        // SAFETY: the caller; the reference keeps the object alive.
        unsafe { slice::from_raw_parts(elements(self.0), count) }
    }

    /// The same, to change them.
    ///
    /// # Safety
    /// As for [`Any::first`], and this is the only reference to the object (H2).
    #[inline(always)]
    pub(crate) unsafe fn first_mut<E: Element>(&mut self, count: usize) -> &mut [E] {
        // SAFETY: the caller; this borrow has the only reference to itself.
        unsafe { slice::from_raw_parts_mut(elements(self.0), count) }
    }

    pub(super) fn pointer(&self) -> NonNull<Header> {
        self.0
    }

    /// Gives the reference away without counting it down.
    pub(super) fn into_pointer(self) -> NonNull<Header> {
        let pointer = self.0;
        std::mem::forget(self);
        pointer
    }

    /// Takes over a reference.
    ///
    /// # Safety
    /// The pointer leads to a live object, and one of its counted references (none for literals) is handed over.
    pub(super) unsafe fn from_pointer(pointer: NonNull<Header>) -> Self {
        Self(pointer)
    }
}

impl<E: Element> Clone for Gc<E> {
    #[inline(always)]
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<E: Element> From<Gc<E>> for Any {
    fn from(object: Gc<E>) -> Self {
        object.0
    }
}

impl<E: Element> Deref for Gc<E> {
    type Target = [E];

    #[inline(always)]
    fn deref(&self) -> &[E] {
        // SAFETY: H1 and the first `length` elements of an object are always initialised.
        unsafe { slice::from_raw_parts(elements(self.0.0), self.0.length()) }
    }
}

/// Where the elements of an object begin.
#[inline(always)]
pub(super) fn elements<E>(object: NonNull<Header>) -> *mut E {
    // SAFETY: every object's block begins with a whole header.
    unsafe { object.as_ptr().add(1).cast() }
}

/// The bytes of the block of an object whose header is `header`.
pub(crate) fn block_bytes(header: &Header) -> usize {
    match header.size_class {
        0 => size_of::<Header>() + header.capacity as usize * header.kind.element_bytes(),
        class => usize::from(class) * 16,
    }
}

impl<E: Element> Gc<E> {
    /// Makes an object without elements that has room for at least `capacity`.
    ///
    /// # Errors
    /// When it would be too large or there is no memory.
    pub(crate) fn with_capacity(kind: Kind, capacity: usize) -> Result<Self, NoRoom> {
        assert!(kind.element_code() == E::CODE, "H1: the kind fixes the element type");
        if capacity > ELEMENTS_MAX {
            return Err(NoRoom::Elements);
        }
        // At most 2^32 elements of at most 32 bytes: no overflow in 64 bits.
        let (class, bytes) = blocks::block_for(size_of::<Header>() + capacity * size_of::<E>());
        let block = blocks::take(class, bytes)?.cast::<Header>();
        let room = u32::try_from((bytes - size_of::<Header>()) / size_of::<E>()).expect("capacity was checked");
        // SAFETY: the block is ours and has room for the header.
        unsafe { block.write(Header::fresh(kind, class, room)) };
        Ok(Self(Any(block), PhantomData))
    }

    /// Makes an object of copies of these elements, with room for `spare` more.
    ///
    /// # Errors
    /// As for [`Gc::with_capacity`].
    pub(crate) fn from_slice(kind: Kind, slice: &[E], spare: usize) -> Result<Self, NoRoom> {
        let mut object = Self::with_capacity(kind, slice.len().saturating_add(spare))?;
        object.edit().expect("it was just made").fill_from(slice);
        Ok(object)
    }

    /// The reference without its type.
    #[inline(always)]
    pub(crate) fn as_any(&self) -> &Any {
        &self.0
    }

    /// The flags of the object.
    #[inline(always)]
    pub(crate) fn flags(&self) -> u16 {
        self.0.header().flags()
    }

    /// Access to change the object, if this is its only reference.
    #[inline(always)]
    pub(crate) fn edit(&mut self) -> Option<Edit<'_, E>> {
        if self.0.header().claim() { Some(Edit::new(self)) } else { None }
    }

    /// Access to change the object, which is copied first if there are other references, with room for
    /// `spare` more elements.
    ///
    /// # Errors
    /// As for [`Gc::with_capacity`].
    #[inline]
    pub(crate) fn edit_or_copy(&mut self, spare: usize) -> Result<Edit<'_, E>, NoRoom> {
        if !self.0.header().claim() {
            self.replace_by_copy(spare)?;
        }
        Ok(Edit::new(self))
    }

    #[cold]
    #[inline(never)]
    fn replace_by_copy(&mut self, spare: usize) -> Result<(), NoRoom> {
        let mut copy = Self::from_slice(self.0.kind(), self, spare)?;
        copy.edit().expect("it was just made").set_flags(self.flags());
        *self = copy;
        Ok(())
    }

    pub(super) fn pointer(&self) -> NonNull<Header> {
        self.0.0
    }

    /// Puts another pointer in place of this one, which no longer leads to an object.
    ///
    /// # Safety
    /// The object has moved to `pointer` together with its only reference.
    pub(super) unsafe fn move_to(&mut self, pointer: NonNull<Header>) {
        self.0.0 = pointer;
    }
}
