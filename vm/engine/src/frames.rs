//! The call stack of a process: one array of 16-byte cells, frames one behind the other.
//!
//! ```text
//! cell 0     header: [ site: *const Site | spare ]   written by the caller: where and how it goes on
//! cell 1..n  slots: variables, then temporaries
//! ```
//!
//! Rules, cited by the interpreter:
//!
//! * F1: every cell that is no header holds a value that may be dropped; cells above the newest frame hold
//!   none that need it. So unwinding is dropping cells, and a slot may be overwritten without asking
//!   what it was as long as a heap value in it is dropped.
//! * F2: a frame is only entered with room for its function's `frame_cells`.
//! * F3: the stack holds no pointers into itself: growing it is a copy.

use std::{
    alloc::{Layout, alloc_zeroed, dealloc},
    ptr::{self, NonNull},
};

use ttvm_isa::{Fault, limits};
use ttvm_value::Value;

use crate::code::Site;

/// Cells of a new stack: an entry frame and a few small ones.
const CELLS_INITIAL: usize = 64;

/// The cells of a process.
pub(crate) struct Frames {
    cells: NonNull<Value>,
    capacity: usize,
}

impl Frames {
    pub fn new() -> Self {
        match Self::with_capacity(CELLS_INITIAL) {
            Some(frames) => frames,
            None => std::alloc::handle_alloc_error(Self::layout(CELLS_INITIAL)),
        }
    }

    /// Cells that hold nothing: all zero bits, which is the int 0.
    fn with_capacity(capacity: usize) -> Option<Self> {
        // SAFETY: the layout has a size above 0.
        let cells = unsafe { alloc_zeroed(Self::layout(capacity)) };
        NonNull::new(cells.cast()).map(|cells| Self { cells, capacity })
    }

    fn layout(capacity: usize) -> Layout {
        Layout::array::<Value>(capacity).expect("STACK_CELLS_MAX keeps stacks far below isize::MAX bytes")
    }

    /// The first cell.
    #[inline(always)]
    pub fn base(&self) -> *mut Value {
        self.cells.as_ptr()
    }

    /// The address behind the last cell.
    #[inline(always)]
    pub fn limit(&self) -> *mut Value {
        self.base().wrapping_add(self.capacity)
    }

    /// The number of cells there is room for.
    pub fn capacity(&self) -> usize {
        self.capacity
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
        if cells <= self.capacity {
            return Ok(());
        }
        let capacity = cells.max(self.capacity * 2).min(limits::STACK_CELLS_MAX);
        let grown = Self::with_capacity(capacity).ok_or_else(too_deep)?;
        // SAFETY: both arrays have at least the old capacity; the old one is freed without dropping values (F3).
        unsafe { ptr::copy_nonoverlapping(self.base(), grown.base(), self.capacity) };
        *self = grown;
        Ok(())
    }
}

impl Drop for Frames {
    /// Frees the array; the process has dropped the values before.
    fn drop(&mut self) {
        // SAFETY: allocated by `with_capacity` with this layout.
        unsafe { dealloc(self.cells.as_ptr().cast(), Self::layout(self.capacity)) };
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
unsafe fn drop_slot(slot: *mut Value) {
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
        slot.cast::<u64>().write(7);
        value
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
