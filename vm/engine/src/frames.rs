//! The call stack of a process: one array of 16-byte cells, frames one behind the other.
//!
//! ```text
//! cell 0     header: [ site: *const Site | spare ]   written by the caller: where and how it goes on
//! cell 1..n  slots: variables, then temporaries
//! ```
//!
//! The array lies within the process while it is small, else on the heap.
//!
//! Rules, cited by the interpreter:
//!
//! * F1: every cell that is no header holds a value that may be dropped; cells above the newest frame hold
//!   none that need it. So unwinding is dropping cells, and a slot may be overwritten without asking
//!   what it was as long as a heap value in it is dropped.
//! * F2: a frame is only entered with room for its function's `frame_cells`.
//! * F3: the stack holds no pointers into itself: growing it is a copy, and between turns the process may be moved.

use std::{
    alloc::{Layout, alloc_zeroed, dealloc},
    cell::UnsafeCell,
    mem::MaybeUninit,
    ptr::{self, NonNull},
};

use ttvm_isa::{Fault, limits};
use ttvm_value::Value;

use crate::code::Site;

/// Cells within a process itself: enough for one small function that waits for messages.
const CELLS_INLINE: usize = 8;

/// Where the header of a process's first frame lies. The cell before is what it returns to.
pub(crate) const OUTERMOST: usize = 1;

/// The cells of a process: the first few within it, or all of them on the heap.
pub(crate) struct Frames {
    inline: UnsafeCell<[MaybeUninit<Value>; CELLS_INLINE]>,
    /// Null, or the cells on the heap, behind one that says how many they are.
    spilled: *mut Value,
    /// Behind the last cell, while the process runs: a turn begins with [`Frames::begin_turn`].
    limit: *mut Value,
}

impl Frames {
    /// Cells that hold nothing: all zero bits, which is the int 0.
    pub fn new() -> Self {
        Self {
            inline: UnsafeCell::new([const { MaybeUninit::zeroed() }; CELLS_INLINE]),
            spilled: ptr::null_mut(),
            limit: ptr::null_mut(),
        }
    }

    /// Cells on the heap that hold nothing, behind one with their number.
    fn allocate(capacity: usize) -> Option<NonNull<Value>> {
        // SAFETY: the layout has a size above 0, and room for the number in front.
        unsafe {
            let block = NonNull::new(alloc_zeroed(Self::layout(capacity)))?.cast::<Value>();
            block.cast::<usize>().write(capacity);
            Some(block.add(1))
        }
    }

    fn layout(capacity: usize) -> Layout {
        Layout::array::<Value>(capacity + 1).expect("STACK_CELLS_MAX keeps stacks far below isize::MAX bytes")
    }

    /// The first cell. Moving the process makes it invalid (F3).
    #[inline(always)]
    pub fn base(&self) -> *mut Value {
        if self.spilled.is_null() { self.inline.get().cast() } else { self.spilled }
    }

    /// Finds the limit anew: the process may have been moved since its last turn.
    pub fn begin_turn(&mut self) {
        self.limit = self.base().wrapping_add(self.capacity());
    }

    /// The address behind the last cell, during a turn.
    #[inline(always)]
    pub fn limit(&self) -> *mut Value {
        debug_assert_eq!(self.limit, self.base().wrapping_add(self.capacity()), "F3: a turn found the limit");
        self.limit
    }

    /// The number of cells there is room for.
    pub fn capacity(&self) -> usize {
        if self.spilled.is_null() { CELLS_INLINE } else { self.spilled_cells() }
    }

    /// Whether the cells lie on the heap.
    #[inline(always)]
    pub fn is_spilled(&self) -> bool {
        !self.spilled.is_null()
    }

    /// Whether there is room for so many cells.
    #[inline(always)]
    pub fn has_room(&self, cells: usize) -> bool {
        cells <= self.capacity()
    }

    /// The number of cells on the heap.
    pub fn spilled_cells(&self) -> usize {
        if self.spilled.is_null() {
            return 0;
        }
        // SAFETY: `allocate` wrote it in front of the cells.
        unsafe { self.spilled.sub(1).cast::<usize>().read() }
    }

    /// Makes room for at least `cells` cells. Pointers into the stack are invalid afterwards.
    ///
    /// # Errors
    /// [`Fault::Limit`] above `STACK_CELLS_MAX`, or when there is no memory.
    #[cold]
    pub fn grow(&mut self, cells: usize) -> Result<(), Fault> {
        let too_deep = || Fault::Limit { what: "cells of the call stack", max: limits::STACK_CELLS_MAX as u64 };
        if cells > limits::STACK_CELLS_MAX {
            return Err(too_deep());
        }
        let before = self.capacity();
        if cells <= before {
            return Ok(());
        }
        let capacity = cells.max(before * 2).min(limits::STACK_CELLS_MAX);
        let grown = Self::allocate(capacity).ok_or_else(too_deep)?;
        // SAFETY: both arrays have at least the old capacity; the old one is freed without dropping values (F3).
        unsafe { ptr::copy_nonoverlapping(self.base(), grown.as_ptr(), before) };
        self.free();
        self.spilled = grown.as_ptr();
        self.begin_turn();
        Ok(())
    }

    /// Frees the cells on the heap, none of which holds anything. Those within the process may still have the bits of what
    /// was moved there (F3), so they are made anew.
    #[inline]
    pub fn shrink(&mut self) {
        if self.is_spilled() {
            *self = Self::new();
        }
    }

    fn free(&mut self) {
        if !self.spilled.is_null() {
            let layout = Self::layout(self.spilled_cells());
            // SAFETY: allocated by `allocate` with this layout, from the cell in front on.
            unsafe { dealloc(self.spilled.sub(1).cast(), layout) };
        }
    }
}

impl Drop for Frames {
    /// Frees the array; the process has dropped the values before.
    fn drop(&mut self) {
        self.free();
    }
}

/// Reads the header of the frame at `frame`.
///
/// # Safety
/// `frame` is the header cell of a live frame.
#[inline(always)]
pub(crate) unsafe fn header(frame: *mut Value) -> *const Site {
    // SAFETY: a header's first word is the site that `set_header` wrote.
    unsafe { frame.cast::<*const Site>().read() }
}

/// Writes a frame's header.
///
/// # Safety
/// `frame` is a cell of the stack that holds nothing that must be dropped.
#[inline(always)]
pub(crate) unsafe fn set_header(frame: *mut Value, site: *const Site) {
    // SAFETY: the cell is valid for writes and holds nothing to drop.
    unsafe { frame.cast::<*const Site>().write(site) };
}

/// Makes a header an ordinary empty cell again (F1).
///
/// # Safety
/// As for [`header`].
#[inline(always)]
pub(crate) unsafe fn clear_header(frame: *mut Value) {
    // SAFETY: tag 0 with any payload is an int.
    unsafe { frame.cast::<u64>().write(0) };
}

/// Overwrites a slot, dropping what it held (rule R2 of register code).
///
/// # Safety
/// `slot` is a slot of a live frame.
#[inline(always)]
pub(crate) unsafe fn set(slot: *mut Value, value: Value) {
    // SAFETY: F1: the slot holds a value; it is read out before it is overwritten.
    unsafe {
        if (*slot).is_heap() {
            drop_slot(slot);
        }
        slot.write(value);
    }
}

#[inline(never)]
/// Drops what a slot holds; it must be overwritten next.
///
/// # Safety
/// `slot` is a slot of a live frame.
pub(crate) unsafe fn drop_slot(slot: *mut Value) {
    // SAFETY: the caller is about to overwrite the slot.
    unsafe { ptr::drop_in_place(slot) };
}

/// Takes a value out of a slot, leaving nothing that must be dropped.
///
/// # Safety
/// `slot` is a slot of a live frame.
#[inline(always)]
pub(crate) unsafe fn take(slot: *mut Value) -> Value {
    // SAFETY: F1; the slot becomes `Undefined` (tag 7), so the value has one owner.
    unsafe {
        let value = slot.read();
        forget(slot);
        value
    }
}

/// Makes a slot `Undefined` without dropping what it holds, which belongs to another slot now.
///
/// # Safety
/// `slot` is a slot of a live frame.
#[inline(always)]
pub(crate) unsafe fn forget(slot: *mut Value) {
    // SAFETY: F1; tag 7 is `Undefined`, whatever the payload.
    unsafe { slot.cast::<u64>().write(7) };
}

/// Copies the bits of a value, word by word: they were mostly written so, and a processor makes one load of two words
/// wait until the stores of both have left its store buffer.
///
/// # Safety
/// Both are slots of live frames. What `to` held is not dropped, and if `from` holds a counted object, one of the two
/// must be forgotten.
#[inline(always)]
pub(crate) unsafe fn move_bits(from: *const Value, to: *mut Value) {
    // SAFETY: a value is two words. Volatile, else the compiler makes one access of both.
    unsafe {
        let (from, to) = (from.cast::<MaybeUninit<u64>>(), to.cast::<MaybeUninit<u64>>());
        let (tag, payload) = (from.read_volatile(), from.add(1).read_volatile());
        to.write(tag);
        to.add(1).write(payload);
    }
}

/// As [`take`], for a value that was just written: see [`move_bits`].
///
/// # Safety
/// `slot` is a slot of a live frame.
#[inline(always)]
pub(crate) unsafe fn take_moved(slot: *mut Value) -> Value {
    let mut value = MaybeUninit::uninit();
    // SAFETY: F1; the slot becomes `Undefined`, so the value has one owner.
    unsafe {
        move_bits(slot, value.as_mut_ptr());
        forget(slot);
        value.assume_init()
    }
}

/// Drops what a slot holds.
///
/// # Safety
/// `slot` is a slot of a live frame.
#[inline(always)]
pub(crate) unsafe fn clear(slot: *mut Value) {
    // SAFETY: F1.
    unsafe {
        if (*slot).is_heap() {
            drop_slot(slot);
            slot.cast::<u64>().write(0);
        }
    }
}
