//! Blocks of memory: free lists of this thread, by size, above the global allocator.
//!
//! Only this file calls the allocator. Blocks may be given back on another thread than the one that took
//! them. Not here: what is in a block.

#![expect(unsafe_code, reason = "calls the allocator and links free blocks")]

use std::{
    alloc::{Layout, alloc, dealloc, realloc},
    cell::Cell,
    ptr::{NonNull, null_mut},
};

use super::{
    header::{Header, NoRoom},
    reclaim,
};

/// Blocks come in multiples of this.
const STEP_BYTES: usize = 16;

/// The largest size class; larger blocks come from the global allocator each time.
const CLASS_MAX: usize = 64;

/// Bytes that one free list may hold. Sixteen megabytes a thread at worst, for programs that free many
/// objects of every size.
const LIST_BYTES_MAX: usize = if cfg!(feature = "plain-blocks") { 0 } else { 256 * 1024 };

/// A block that nobody uses.
struct FreeBlock {
    next: *mut FreeBlock,
}

/// Whether this thread still keeps free lists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing was freed yet.
    Fresh,
    /// Free lists are kept, and given back when the thread ends.
    Open,
    /// The thread is ending: every block goes straight to the global allocator.
    Closed,
}

/// What a thread keeps. Has no destructor, so that values may be dropped at any time while a thread ends.
struct Local {
    heads: [Cell<*mut FreeBlock>; CLASS_MAX + 1],
    /// Blocks that each list may still take; 0 before the first block is freed.
    room: [Cell<u32>; CLASS_MAX + 1],
    phase: Cell<Phase>,
    pending: Cell<Option<NonNull<Header>>>,
    balance: Cell<i64>,
    /// The account that is charged for what this thread marks as shared; 0 for none.
    account: Cell<u16>,
    /// Bytes that this thread has charged to that account and not yet told it.
    charged: Cell<i64>,
    #[cfg(any(test, feature = "count-objects"))]
    live: Cell<i64>,
}

/// Empties what a thread keeps when the thread ends.
struct Cleaner;

thread_local! {
    static LOCAL: Local = const {
        Local {
            heads: [const { Cell::new(null_mut()) }; CLASS_MAX + 1],
            room: [const { Cell::new(0) }; CLASS_MAX + 1],
            phase: Cell::new(Phase::Fresh),
            pending: Cell::new(None),
            balance: Cell::new(0),
            account: Cell::new(0),
            charged: Cell::new(0),
            #[cfg(any(test, feature = "count-objects"))]
            live: Cell::new(0),
        }
    };
    static CLEANER: Cleaner = const { Cleaner };
}

impl Drop for Cleaner {
    fn drop(&mut self) {
        LOCAL.with(|local| local.phase.set(Phase::Closed));
        for room in 0..=CLASS_MAX {
            LOCAL.with(|local| local.room[room].set(0));
        }
        while reclaim::reclaim(usize::MAX) {}
        for class in 1..=CLASS_MAX {
            loop {
                let head = LOCAL.with(|local| local.heads[class].get());
                if head.is_null() {
                    break;
                }
                // SAFETY: blocks on a free list are unused blocks of the list's class.
                unsafe {
                    LOCAL.with(|local| local.heads[class].set((*head).next));
                    dealloc(head.cast(), class_layout(class));
                }
            }
        }
    }
}

/// The objects that wait to be taken apart on this thread (see `reclaim.rs`).
pub(super) fn pending() -> Option<NonNull<Header>> {
    LOCAL.with(|local| local.pending.get())
}

/// Sets what [`pending`] gives.
pub(super) fn set_pending(top: Option<NonNull<Header>>) {
    LOCAL.with(|local| local.pending.set(top));
}

/// Whether the thread is ending, so that nothing may be left for later.
pub(super) fn is_closed() -> bool {
    LOCAL.with(|local| local.phase.get() == Phase::Closed)
}

/// Makes sure that what this thread keeps is given back when it ends.
pub(super) fn open() {
    LOCAL.with(|local| {
        if local.phase.get() == Phase::Fresh {
            local.phase.set(Phase::Open);
            for (class, room) in local.room.iter().enumerate().skip(1) {
                let blocks = LIST_BYTES_MAX / (class * STEP_BYTES);
                room.set(u32::try_from(blocks).expect("the constant is small"));
            }
            if CLEANER.try_with(|_| ()).is_err() {
                local.phase.set(Phase::Closed);
                local.room.iter().for_each(|room| room.set(0));
            }
        }
    });
}

/// The bytes of blocks taken on this thread since the last call, less those of objects that were given back without
/// ever being shared and of those newly marked as shared; a shared object changed in place counts as taken.
///
/// So the sum over the turns of a process is what it allocated, still holds and never sent (rule P80).
#[must_use]
pub fn take_balance() -> i64 {
    LOCAL.with(|local| local.balance.replace(0))
}

/// Adds to what [`take_balance`] gives.
#[inline(always)]
pub(super) fn note_bytes(bytes: i64) {
    LOCAL.with(|local| local.balance.set(local.balance.get() + bytes));
}

/// Notes that an object of so many bytes was marked as shared. Gives the account that it is charged to.
#[inline(always)]
pub(super) fn note_shared(bytes: i64) -> u16 {
    LOCAL.with(|local| {
        local.balance.set(local.balance.get() - bytes);
        let account = local.account.get();
        if account != 0 {
            local.charged.set(local.charged.get() + bytes);
        }
        account
    })
}

/// Notes that an object of so many bytes is charged to an account no more. `false`: to one that this thread does not
/// charge, which is to be told.
pub(super) fn note_uncharged(account: u16, bytes: i64) -> bool {
    LOCAL.with(|local| {
        let is_present = local.account.get() == account;
        if is_present {
            local.charged.set(local.charged.get() - bytes);
        }
        is_present
    })
}

/// Sets the account that this thread charges.
pub(super) fn set_account(account: u16) {
    LOCAL.with(|local| local.account.set(account));
}

/// Takes what this thread has charged and not yet told.
pub(super) fn take_charged() -> i64 {
    LOCAL.with(|local| local.charged.replace(0))
}

/// The objects made on this thread less those freed on it.
#[cfg(any(test, feature = "count-objects"))]
#[must_use]
pub fn live_objects() -> i64 {
    LOCAL.with(|local| local.live.get())
}

#[cfg(any(test, feature = "count-objects"))]
fn count_live(change: i64) {
    LOCAL.with(|local| local.live.set(local.live.get() + change));
}

#[cfg(not(any(test, feature = "count-objects")))]
#[inline(always)]
fn count_live(_change: i64) {}

fn class_layout(class: usize) -> Layout {
    Layout::from_size_align(class * STEP_BYTES, STEP_BYTES).expect("classes are small multiples of a power of two")
}

fn large_layout(bytes: usize) -> Result<Layout, NoRoom> {
    Layout::from_size_align(bytes, STEP_BYTES).map_err(|_| NoRoom::Memory { bytes })
}

/// The size class and size of the block that holds this many bytes; class 0 for large ones.
#[inline]
pub(super) const fn block_for(bytes: usize) -> (u8, usize) {
    let class = bytes.div_ceil(STEP_BYTES);
    if class <= CLASS_MAX { (class as u8, class * STEP_BYTES) } else { (0, bytes) }
}

/// Takes a block of this class and size, as [`block_for`] gives them.
#[inline]
pub(super) fn take(class: u8, bytes: usize) -> Result<NonNull<u8>, NoRoom> {
    if class == 0 {
        return take_global(0, bytes);
    }
    LOCAL.with(|local| {
        let class = usize::from(class);
        let head = local.heads[class].get();
        if head.is_null() {
            return take_global(class, bytes);
        }
        // SAFETY: blocks on a free list are unused, valid and large enough for a link.
        local.heads[class].set(unsafe { (*head).next });
        local.room[class].set(local.room[class].get() + 1);
        local.balance.set(local.balance.get() + bytes as i64);
        count_live(1);
        Ok(NonNull::new(head).expect("tested above").cast())
    })
}

#[cold]
#[inline(never)]
fn take_global(class: usize, bytes: usize) -> Result<NonNull<u8>, NoRoom> {
    let layout = if class == 0 { large_layout(bytes)? } else { class_layout(class) };
    // SAFETY: the layout has at least the size of a header.
    let block = NonNull::new(unsafe { alloc(layout) }).ok_or(NoRoom::Memory { bytes })?;
    note_bytes(bytes as i64);
    count_live(1);
    Ok(block)
}

/// Gives a block back.
///
/// # Safety
/// The block came from [`take`] (or [`resize`]) with this class and size, and nobody uses it any more.
#[inline]
pub(super) unsafe fn give(block: NonNull<u8>, class: u8, bytes: usize) {
    count_live(-1);
    LOCAL.with(|local| {
        let index = usize::from(class);
        let room = local.room[index].get();
        if room == 0 {
            // SAFETY: the caller's promise.
            unsafe { give_slowly(block, class, bytes) };
            return;
        }
        local.room[index].set(room - 1);
        let block = block.cast::<FreeBlock>().as_ptr();
        // SAFETY: the block is unused, and every class has room for a link. Class 0 never has room.
        unsafe { block.write(FreeBlock { next: local.heads[index].get() }) };
        local.heads[index].set(block);
    });
}

/// # Safety
/// As for [`give`].
#[cold]
#[inline(never)]
unsafe fn give_slowly(block: NonNull<u8>, class: u8, bytes: usize) {
    if class != 0 {
        open();
    }
    let layout = match class {
        0 => large_layout(bytes).expect("it was a layout when the block was taken"),
        _ => class_layout(usize::from(class)),
    };
    // SAFETY: the caller's promise; blocks of all classes come from the global allocator with this layout.
    unsafe { dealloc(block.as_ptr(), layout) };
}

/// Moves a large block to a larger size, keeping its bytes.
///
/// # Safety
/// The block came from [`take`] or [`resize`] with class 0 and `old_bytes`; on success it is replaced by the result.
pub(super) unsafe fn resize(block: NonNull<u8>, old_bytes: usize, bytes: usize) -> Result<NonNull<u8>, NoRoom> {
    let old_layout = large_layout(old_bytes)?;
    let layout = large_layout(bytes)?;
    // SAFETY: the caller's promise; the new size is not zero and was checked by making a layout of it.
    let block = NonNull::new(unsafe { realloc(block.as_ptr(), old_layout, layout.size()) });
    let block = block.ok_or(NoRoom::Memory { bytes })?;
    note_bytes(bytes as i64 - old_bytes as i64);
    Ok(block)
}
