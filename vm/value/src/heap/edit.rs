//! Changing the elements of an object that has one reference.
//!
//! Guards rule H2: an [`Edit`] exists only while its reference is the only one. An object may move when it grows.

#![expect(unsafe_code, reason = "writes elements through the only reference")]

use std::{mem::size_of, ptr, slice};

use ttvm_isa::limits::ELEMENTS_MAX;

use super::{
    blocks,
    gc::{Any, Gc, elements},
    header::{CODE_VALUES, Element, Header, Kind, NoRoom},
};
use crate::{value::Value, work::Fuel};

/// The only reference to an object, borrowed to change it.
pub(crate) struct Edit<'a, E: Element>(&'a mut Gc<E>);

impl<'a, E: Element> Edit<'a, E> {
    /// To be called only by `Gc`, after it made sure that the reference is the only one.
    #[inline(always)]
    pub(super) fn new(object: &'a mut Gc<E>) -> Self {
        debug_assert!(object.as_any().is_unique(), "H2: only the single holder changes an object");
        Self(object)
    }

    #[inline(always)]
    fn header_mut(&mut self) -> &mut Header {
        // SAFETY: H2: the reference is the only one and this borrow has it to itself.
        unsafe { self.0.pointer().as_mut() }
    }

    fn length(&self) -> usize {
        self.0.len()
    }

    fn spare(&self) -> usize {
        self.0.as_any().header().capacity as usize - self.length()
    }

    /// Sets the object's flags.
    pub(crate) fn set_flags(&mut self, flags: u16) {
        self.header_mut().set_flags(flags);
    }

    /// The elements, to be changed, for as long as the borrow of the reference.
    #[inline(always)]
    pub(crate) fn into_slice(self) -> &'a mut [E] {
        let length = self.0.len();
        // SAFETY: H1, H2; the first `length` elements are initialised.
        unsafe { slice::from_raw_parts_mut(elements(self.0.pointer()), length) }
    }

    /// The elements, to be changed.
    #[inline(always)]
    pub(crate) fn slice(&mut self) -> &mut [E] {
        // SAFETY: as in `into_slice`.
        unsafe { slice::from_raw_parts_mut(elements(self.0.pointer()), self.0.len()) }
    }

    /// Makes room for this many more elements; grows at least to double, so that appending is O(1) amortised.
    ///
    /// # Errors
    /// When the object would be too large or there is no memory.
    #[inline(always)]
    pub(crate) fn reserve(&mut self, additional: usize) -> Result<(), NoRoom> {
        if additional <= self.spare() { Ok(()) } else { self.grow(additional, ELEMENTS_MAX) }
    }

    /// Like [`Edit::reserve`], but grows to double only up to `capacity_max`.
    ///
    /// # Errors
    /// As for [`Edit::reserve`].
    #[inline(always)]
    pub(crate) fn reserve_within(&mut self, additional: usize, capacity_max: usize) -> Result<(), NoRoom> {
        if additional <= self.spare() { Ok(()) } else { self.grow(additional, capacity_max) }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, additional: usize, capacity_max: usize) -> Result<(), NoRoom> {
        let length = self.length();
        let needed = length.checked_add(additional).filter(|&needed| needed <= ELEMENTS_MAX).ok_or(NoRoom::Elements)?;
        let old_class = self.0.as_any().header().size_class;
        let old_capacity = self.0.as_any().header().capacity as usize;
        let capacity = needed.max((old_capacity * 2).min(capacity_max));
        if old_class == 0 {
            let bytes_of = |capacity: usize| size_of::<Header>() + capacity * size_of::<E>();
            // SAFETY: a large block of exactly this size; the object's only reference is ours and follows it.
            unsafe {
                let block = blocks::resize(self.0.pointer().cast(), bytes_of(old_capacity), bytes_of(capacity))?;
                self.0.move_to(block.cast());
            }
            self.header_mut().capacity = u32::try_from(capacity).expect("at most ELEMENTS_MAX");
            return Ok(());
        }
        let mut larger = Gc::with_capacity(self.0.as_any().kind(), capacity)?;
        let flags = self.0.flags();
        // SAFETY: the elements move; setting both lengths makes exactly one of the objects their owner.
        unsafe {
            ptr::copy_nonoverlapping(elements::<E>(self.0.pointer()), elements::<E>(larger.pointer()), length);
            self.header_mut().length = 0;
        }
        let mut edit = Edit::new(&mut larger);
        edit.set_flags(flags);
        edit.header_mut().length = u32::try_from(length).expect("at most ELEMENTS_MAX");
        *self.0 = larger;
        Ok(())
    }

    /// Puts an element at the end.
    ///
    /// # Errors
    /// As for [`Edit::reserve`].
    #[inline(always)]
    pub(crate) fn push(&mut self, element: E) -> Result<(), NoRoom> {
        self.reserve(1)?;
        let length = self.length();
        // SAFETY: there is room behind the last element.
        unsafe { elements::<E>(self.0.pointer()).add(length).write(element) };
        self.header_mut().length += 1;
        Ok(())
    }

    /// Puts an element at the end if there is room, and says whether there was.
    #[inline(always)]
    pub(crate) fn push_within(&mut self, element: E) -> bool {
        let length = self.length();
        if length == self.0.as_any().header().capacity as usize {
            return false;
        }
        // SAFETY: there is room behind the last element.
        unsafe { elements::<E>(self.0.pointer()).add(length).write(element) };
        self.header_mut().length += 1;
        true
    }

    /// Puts an element before the one at `index`.
    ///
    /// # Errors
    /// As for [`Edit::reserve`].
    pub(crate) fn insert(&mut self, index: usize, element: E) -> Result<(), NoRoom> {
        let length = self.length();
        assert!(index <= length, "the caller gives an index within the object");
        self.reserve(1)?;
        // SAFETY: there is room for one more; the elements from `index` on move by one.
        unsafe {
            let place = elements::<E>(self.0.pointer()).add(index);
            ptr::copy(place, place.add(1), length - index);
            place.write(element);
        }
        self.header_mut().length += 1;
        Ok(())
    }

    /// Takes the element at `index` out.
    pub(crate) fn remove(&mut self, index: usize) -> E {
        let length = self.length();
        assert!(index < length, "the caller gives an index within the object");
        // SAFETY: the element is read once, and the ones behind it close the gap.
        unsafe {
            let place = elements::<E>(self.0.pointer()).add(index);
            let element = place.read();
            ptr::copy(place.add(1), place, length - index - 1);
            self.header_mut().length -= 1;
            element
        }
    }

    /// Makes the object empty without dropping its elements: what is still in them is never freed.
    pub(crate) fn forget_elements(&mut self) {
        self.header_mut().length = 0;
    }

    /// Puts copies of these elements at the end.
    ///
    /// # Errors
    /// As for [`Edit::reserve`].
    pub(crate) fn extend_from_slice(&mut self, slice: &[E]) -> Result<(), NoRoom> {
        self.reserve(slice.len())?;
        self.fill_from(slice);
        Ok(())
    }

    /// Puts this many copies of an element at the end.
    ///
    /// # Errors
    /// As for [`Edit::reserve`].
    #[inline(always)]
    pub(crate) fn fill(&mut self, element: &E, count: usize) -> Result<(), NoRoom> {
        self.reserve(count)?;
        let length = self.length();
        for index in length..length + count {
            // SAFETY: room was reserved behind the last element. If a copy fails, those before it are forgotten.
            unsafe { elements::<E>(self.0.pointer()).add(index).write(element.clone()) };
        }
        self.header_mut().length += u32::try_from(count).expect("at most ELEMENTS_MAX");
        Ok(())
    }

    /// Puts copies of these elements at the end, where there is room.
    pub(super) fn fill_from(&mut self, slice: &[E]) {
        assert!(slice.len() <= self.spare(), "the caller reserved room");
        if std::mem::needs_drop::<E>() {
            for element in slice {
                let copy = element.clone();
                let length = self.length();
                // SAFETY: there is room behind the last element.
                unsafe { elements::<E>(self.0.pointer()).add(length).write(copy) };
                self.header_mut().length += 1;
            }
            return;
        }
        let length = self.length();
        // SAFETY: there is room; elements without a destructor are plain data (`u8`, `i64`, `f64`).
        unsafe {
            ptr::copy_nonoverlapping(slice.as_ptr(), elements::<E>(self.0.pointer()).add(length), slice.len());
        }
        self.header_mut().length += u32::try_from(slice.len()).expect("at most ELEMENTS_MAX");
    }

    /// Moves all elements from `index` on to the end of another object, which has room for them.
    pub(crate) fn move_tail(&mut self, index: usize, to: &mut Edit<'_, E>) -> Result<(), NoRoom> {
        let length = self.length();
        assert!(index <= length, "the caller gives an index within the object");
        let count = length - index;
        to.reserve(count)?;
        let to_length = to.length();
        // SAFETY: two different objects (both borrows are exclusive), room was reserved, and setting both
        // lengths makes exactly one of the objects the owner.
        unsafe {
            let from = elements::<E>(self.0.pointer()).add(index);
            ptr::copy_nonoverlapping(from, elements::<E>(to.0.pointer()).add(to_length), count);
        }
        self.header_mut().length = u32::try_from(index).expect("at most ELEMENTS_MAX");
        to.header_mut().length += u32::try_from(count).expect("at most ELEMENTS_MAX");
        Ok(())
    }
}

impl<E: Element> Gc<E> {
    /// Makes an object of these elements.
    ///
    /// # Errors
    /// As for [`Gc::with_capacity`].
    pub(crate) fn collect(kind: Kind, iterator: impl ExactSizeIterator<Item = E>) -> Result<Self, NoRoom> {
        let mut object = Self::with_capacity(kind, iterator.len())?;
        let mut edit = Edit::new(&mut object);
        for element in iterator {
            edit.push(element)?;
        }
        Ok(object)
    }
}

/// Elements that are copied at once.
const PIECE: usize = 1 << 12;

/// Equal elements that are put in at once.
const ROW: usize = 64;

impl<E: Element> Gc<E> {
    /// Makes an object of copies of these elements, with pauses.
    ///
    /// # Errors
    /// As for [`Gc::with_capacity`].
    pub(crate) async fn copy_in_pieces(kind: super::Kind, slice: &[E], fuel: &Fuel) -> Result<Self, NoRoom> {
        let mut object = Self::with_capacity(kind, slice.len())?;
        for piece in slice.chunks(PIECE) {
            Edit::new(&mut object).extend_from_slice(piece)?;
            fuel.spend(piece.len() as u64 / 4 + 1).await;
        }
        Ok(object)
    }

    /// Makes an object of this many equal elements, with pauses.
    ///
    /// # Errors
    /// As for [`Gc::with_capacity`].
    pub(crate) async fn fill_in_pieces(
        kind: super::Kind,
        element: E,
        length: usize,
        fuel: &Fuel,
    ) -> Result<Self, NoRoom> {
        let mut object = Self::with_capacity(kind, length)?;
        let row: [E; ROW] = std::array::from_fn(|_| element.clone());
        for start in (0..length).step_by(ROW) {
            Edit::new(&mut object).extend_from_slice(&row[..ROW.min(length - start)])?;
            fuel.spend(ROW as u64 / 4).await;
        }
        Ok(object)
    }
}

impl Any {
    /// Gives the object another kind and other elements, for all who hold it, and gives the old elements.
    ///
    /// # Safety
    /// The object is known to one process only and no literal, nobody borrows its elements, and both kinds hold values.
    pub(crate) unsafe fn exchange(&self, kind: Kind, new: Vec<Value>) -> Vec<Value> {
        let header = self.header();
        let (length, capacity) = (header.length as usize, header.capacity as usize);
        assert!(header.kind.element_code() == CODE_VALUES && kind.element_code() == CODE_VALUES, "H1");
        assert!(new.len() <= capacity, "the new elements fit in the old block");
        debug_assert!(!header.is_shared(), "H5");
        let object = self.pointer();
        // SAFETY: the caller's promise. Each old element is taken out once, each new one put in once.
        unsafe {
            let old = (0..length).map(|index| elements::<Value>(object).add(index).read()).collect();
            (*object.as_ptr()).kind = kind;
            (*object.as_ptr()).length = u32::try_from(new.len()).expect("at most the capacity");
            for (index, element) in new.into_iter().enumerate() {
                elements::<Value>(object).add(index).write(element);
            }
            old
        }
    }

    /// Puts a value where null is, for all who hold the object.
    ///
    /// # Safety
    /// The object is known to one process only and no literal, it holds values, the one at `index` is null, and nobody
    /// borrows that element.
    pub(crate) unsafe fn remember(&self, index: usize, value: Value) {
        debug_assert!(index < self.length() && !self.header().is_shared(), "H7");
        // SAFETY: the caller's promise; null needs no drop.
        unsafe { elements::<Value>(self.pointer()).add(index).write(value) };
    }

    /// Whether others than this process may know the object.
    pub(crate) fn is_shared(&self) -> bool {
        self.header().is_shared()
    }

    /// Whether this is the only reference; if so the object belongs to this thread again.
    pub(crate) fn claim(&mut self) -> bool {
        self.header().claim()
    }
}
