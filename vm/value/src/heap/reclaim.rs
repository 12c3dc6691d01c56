//! Taking dead objects apart: never recursively, and a bounded piece at a time.
//!
//! A dead object that leads to others waits on a stack of its thread. The stack needs no memory: the link to
//! the object below stands in place of the tag of the first element, and the tag, which is a small number,
//! waits in place of the count, which a dead object needs no more. (Tried: a vector of pointers, which may fail to grow and for a wide list
//! gets as long as the list; a link in the slot of the element that was taken out last, which needs an
//! element to be taken out first and so walked down a nested list without end before it could stop.)

#![expect(unsafe_code, reason = "takes dead objects apart")]

use std::{mem::ManuallyDrop, ptr, ptr::NonNull};

use num_bigint::BigInt;

use super::{
    accounts, blocks,
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
    // SAFETY: the caller's promise; the objects on the stack are dead and belong to it.
    unsafe {
        if !leads_further(object) {
            free_flat(object);
            return;
        }
        let mut budget = if blocks::is_closed() { usize::MAX } else { ELEMENTS_PER_DROP };
        take_apart(object, &mut budget);
        go_on(&mut budget);
    }
}

/// Takes apart what waits on this thread, at most `budget` elements, and says whether there is more.
///
/// Never blocks and never recurses. A thread that ends does the rest by itself.
pub fn reclaim(budget: usize) -> bool {
    let mut budget = budget;
    // SAFETY: the objects on the stack are dead and belong to it.
    unsafe { go_on(&mut budget) };
    blocks::pending().is_some()
}

/// Dead objects that were taken off a thread's stack, to be taken apart for themselves: so it is known whose they were.
///
/// Dropping this takes them apart as any others. They may lead to objects that somebody holds: it must stay with those.
#[derive(Debug)]
pub struct Garbage {
    top: NonNull<Header>,
}

// SAFETY: the dead objects are nobody else's, and it goes with the process that has dropped them, which has all that they
// lead to and that is not shared; only one thread has both at a time.
unsafe impl Send for Garbage {}

impl Garbage {
    /// All that waits on this thread, if anything does.
    #[inline]
    #[must_use]
    pub fn take() -> Option<Self> {
        let top = blocks::pending()?;
        blocks::set_pending(None);
        Some(Self { top })
    }

    /// Takes apart at most `budget` elements. Gives what is left, and what [`take_balance`](crate::take_balance) would
    /// have given for that alone.
    #[must_use]
    pub fn reclaim(self, budget: usize) -> (Option<Self>, i64) {
        let (others, balance) = (Self::take(), blocks::take_balance());
        drop(self);
        reclaim(budget);
        let left = Self::take();
        drop(others);
        let freed = blocks::take_balance();
        blocks::note_bytes(balance);
        (left, freed)
    }
}

impl Drop for Garbage {
    fn drop(&mut self) {
        let others = blocks::pending();
        blocks::set_pending(Some(self.top));
        // Two stacks cannot be made one without a walk: it is as short to be done with this one.
        if others.is_some() || blocks::is_closed() {
            while reclaim(usize::MAX) {}
            blocks::set_pending(others);
        }
    }
}

/// Takes apart what waits until the budget is spent.
///
/// # Safety
/// The objects on the stack are dead and belong to it.
unsafe fn go_on(budget: &mut usize) {
    while *budget > 0 {
        // SAFETY: the caller's promise; what is popped belongs to the taker.
        unsafe {
            match pop() {
                Some(object) => take_apart(object, budget),
                None => return,
            }
        }
    }
}

/// Whether an object has elements that may lead to others.
///
/// # Safety
/// The object was not given back yet.
unsafe fn leads_further(object: NonNull<Header>) -> bool {
    // SAFETY: the caller's promise.
    let header = unsafe { object.as_ref() };
    header.kind.element_code() == CODE_VALUES && header.length > 0
}

/// Puts a dead object that leads further on the stack.
///
/// # Safety
/// The object is dead, ours, and has at least one element.
unsafe fn push(object: NonNull<Header>) {
    if blocks::pending().is_none() {
        blocks::open();
    }
    // SAFETY: the first element is there, and its tag word is as large and as aligned as a link.
    unsafe {
        let tag_word = elements::<u64>(object);
        (*object.as_ptr()).keep_tag(tag_word.read());
        tag_word.cast::<Link>().write(blocks::pending());
    }
    blocks::set_pending(Some(object));
}

/// Takes the topmost object from the stack and makes its first element whole again.
///
/// # Safety
/// The objects on the stack were put there by `push` and not touched since.
unsafe fn pop() -> Link {
    let object = blocks::pending()?;
    // SAFETY: `push` wrote the link and kept the tag.
    unsafe {
        let tag_word = elements::<u64>(object);
        blocks::set_pending(tag_word.cast::<Link>().read());
        tag_word.write((*object.as_ptr()).kept_tag());
    }
    Some(object)
}

/// Takes elements out of a dead object, and of the dead objects they lead to, until one of them is empty
/// and freed. What has elements left when the budget is spent, or when one of its elements comes first, goes
/// on the stack.
///
/// # Safety
/// The object is dead, ours and not on the stack.
unsafe fn take_apart(object: NonNull<Header>, budget: &mut usize) {
    let mut object = object;
    // What is behind a reference would be written for each element.
    let mut left = *budget;
    // SAFETY: the first `length` elements of an object are values; each is taken out once, and the length
    // is set before anybody else looks at it.
    unsafe {
        let mut length = object.as_ref().length as usize;
        while length > 0 {
            if left == 0 {
                *budget = 0;
                (*object.as_ptr()).length = length as u32;
                push(object);
                return;
            }
            left -= 1;
            length -= 1;
            let value = ManuallyDrop::new(elements::<Value>(object).add(length).read());
            let Some(child) = dead_child(&value) else { continue };
            if !leads_further(child) {
                free_flat(child);
                continue;
            }
            (*object.as_ptr()).length = length as u32;
            if length > 0 {
                push(object);
            } else {
                give_block(object);
            }
            object = child;
            length = child.as_ref().length as usize;
        }
        give_block(object);
    }
    *budget = left;
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
    // SAFETY: the value is given up here, and its reference counted down exactly once, before which it kept
    // the object alive.
    unsafe {
        let pointer = ptr::read(value.any_unchecked()).into_pointer();
        if pointer.as_ref().release() { Some(pointer) } else { None }
    }
}

/// Frees a dead object that leads nowhere.
///
/// # Safety
/// The object is dead and ours, and `leads_further` is false.
pub(super) unsafe fn free_flat(object: NonNull<Header>) {
    // SAFETY: the kind says what the elements are.
    unsafe {
        let header = object.as_ref();
        if header.kind.element_code() == CODE_BIG {
            for index in 0..header.length as usize {
                ptr::drop_in_place(elements::<BigInt>(object).add(index));
            }
        }
        give_block(object);
    }
}

/// # Safety
/// The object is dead and ours, and its elements need no dropping any more.
unsafe fn give_block(object: NonNull<Header>) {
    // SAFETY: the header is valid until the block is given back, with the class and size it was taken with.
    unsafe {
        let header = object.as_ref();
        let (class, bytes) = (header.size_class, block_bytes(header));
        if !header.is_shared() {
            blocks::note_bytes(-(bytes as i64));
        } else if header.account() != 0 {
            accounts::uncharge(header.account(), bytes as i64);
        }
        blocks::give(object.cast(), class, bytes);
    }
}
