//! Taking dead objects apart: never recursively, and a bounded piece at a time.
//!
//! A dead object that led to others stands on a stack of its thread. The stack needs no memory: of an object
//! that stands on it, the elements are taken out from the last to the first, and the slot behind the
//! remaining ones, which is empty by then, holds the link to the object below. (Tried: a vector of pointers;
//! it may fail to grow, and a wide list made it as long as the list.)

use std::{mem::ManuallyDrop, ptr, ptr::NonNull};

use num_bigint::BigInt;

use super::{
    blocks,
    gc::{block_bytes, elements},
    header::{CODE_BIG, CODE_VALUES, Header},
};
use crate::value::Value;

/// Elements that one drop takes out at most; what is left goes on with the next one or with [`reclaim`].
/// 1024 elements are 2 to 20 us.
const ELEMENTS_PER_DROP: usize = 1024;

type Link = Option<NonNull<Header>>;

/// Frees an object, and what only it led to, at once or piece by piece.
///
/// # Safety
/// The object's last reference is gone and nobody else frees it.
#[cold]
#[inline(never)]
pub(super) unsafe fn free(object: NonNull<Header>) {
    // SAFETY: the caller's promise.
    if unsafe { enter(object) } {
        if blocks::is_closed() {
            reclaim(usize::MAX);
        } else {
            blocks::open();
            reclaim(ELEMENTS_PER_DROP);
        }
    }
}

/// Takes apart what waits on this thread, at most `budget` elements, and says whether there is more.
///
/// Never blocks and never recurses. A thread that ends does the rest by itself.
pub fn reclaim(budget: usize) -> bool {
    let mut budget = budget;
    while let Some(object) = blocks::pending() {
        if budget == 0 {
            return true;
        }
        budget -= 1;
        // SAFETY: objects on the stack are dead and owned by it; an object that stands on it has its
        // remaining elements in front of its link.
        unsafe { take_out(object, &mut budget) };
    }
    false
}

/// Takes elements out of the topmost object until one leads to another dead object, none is left or the
/// budget is spent.
///
/// # Safety
/// The object is the topmost of the stack.
unsafe fn take_out(object: NonNull<Header>, budget: &mut usize) {
    let slots = elements::<Value>(object);
    // SAFETY: see the caller: `length` values, then the link.
    unsafe {
        let header = object.as_ptr();
        let mut length = (*header).length as usize;
        let link = slots.add(length).cast::<Link>().read();
        while length > 0 && *budget > 0 {
            length -= 1;
            *budget -= 1;
            let value = ManuallyDrop::new(slots.add(length).read());
            if let Some(child) = dead_child(&value) {
                (*header).length = length as u32;
                slots.add(length).cast::<Link>().write(link);
                enter(child);
                return;
            }
        }
        (*header).length = length as u32;
        if length > 0 {
            slots.add(length).cast::<Link>().write(link);
        } else {
            blocks::set_pending(link);
            give_block(object);
        }
    }
}

/// The object that the value led to, if the value was its last reference.
///
/// # Safety
/// The value is not used any more.
#[inline(always)]
unsafe fn dead_child(value: &ManuallyDrop<Value>) -> Option<NonNull<Header>> {
    if !value.is_heap() {
        return None;
    }
    // SAFETY: the value is given up here, and its reference counted down exactly once.
    let pointer = unsafe { ptr::read(value.any_unchecked()) }.into_pointer();
    // SAFETY: the reference kept the object alive until now.
    if unsafe { pointer.as_ref() }.release() { Some(pointer) } else { None }
}

/// Frees a dead object that leads nowhere, or puts it on the stack: then the result is true.
///
/// # Safety
/// As for [`free`].
unsafe fn enter(object: NonNull<Header>) -> bool {
    let mut object = object;
    let mut is_waiting = false;
    loop {
        // SAFETY: the object is dead and ours; its length and kind say what is in it.
        unsafe {
            let header = object.as_ptr();
            let length = (*header).length as usize;
            match (*header).kind.element_code() {
                CODE_VALUES if length > 0 => {
                    // The last element makes place for the link; what it led to is next.
                    let slot = elements::<Value>(object).add(length - 1);
                    let value = ManuallyDrop::new(slot.read());
                    slot.cast::<Link>().write(blocks::pending());
                    (*header).length = (length - 1) as u32;
                    blocks::set_pending(Some(object));
                    is_waiting = true;
                    match dead_child(&value) {
                        Some(child) => object = child,
                        None => return true,
                    }
                    continue;
                }
                CODE_BIG => {
                    for index in 0..length {
                        ptr::drop_in_place(elements::<BigInt>(object).add(index));
                    }
                }
                _ => {}
            }
            give_block(object);
            return is_waiting;
        }
    }
}

/// # Safety
/// The object is dead, ours and empty.
unsafe fn give_block(object: NonNull<Header>) {
    // SAFETY: the header is valid until the block is given back, with the class and size it was taken with.
    unsafe {
        let header = object.as_ref();
        let (class, bytes) = (header.size_class, block_bytes(header));
        blocks::give(object.cast(), class, bytes);
    }
}

/// Frees a literal at once.
///
/// # Safety
/// The object is a literal made by this crate on the heap, flat, and nobody refers to it any more.
pub(super) unsafe fn free_literal(object: NonNull<Header>) {
    // SAFETY: the caller's promise; a flat object is never put on the stack.
    let is_waiting = unsafe { enter(object) };
    debug_assert!(!is_waiting, "H4: literals of a pool are flat");
}
