//! The 16 bytes in front of every heap object, and the arithmetic of its reference count.
//!
//! Counts are plain until an object is shared with another thread, atomic from then on, and stick at a top
//! value instead of wrapping. Not here: allocating (`blocks.rs`), freeing (`reclaim.rs`).

#![expect(unsafe_code, reason = "the trait that ties kinds to element types is a promise")]

use std::{
    mem::size_of,
    sync::atomic::{AtomicU16, AtomicU32, Ordering, fence},
};

use num_bigint::BigInt;
use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

use crate::value::Value;

/// Marks a count as atomic: the object may be known to several threads.
const SHARED: u32 = 1 << 31;

/// A plain count that reaches this stays there and the object is never freed.
/// Small in tests, so that they can reach it.
const LOCAL_TOP: u32 = if cfg!(test) { 1 << 16 } else { SHARED - 1 };

/// An atomic count that reaches this counts as stuck. Lies far below [`STUCK`], so that threads which
/// change the count at the same moment cannot bring it back below before they notice.
const SHARED_TOP: u32 = if cfg!(test) { 1 << 16 } else { 1 << 29 };

/// Where a stuck atomic count is put back by whoever notices.
const STUCK: u32 = SHARED | (1 << 30);

/// What a heap object is. The upper three bits are the element type (rule H1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Elements are the list's.
    ListValues = 0x00,
    /// A list in 32-wide chunks: length, height, root.
    ListTree = 0x01,
    /// An object with few fields: keys, then values.
    ObjectSmall = 0x02,
    /// An object with many fields: index, entries, deleted entries.
    ObjectLarge = 0x03,
    /// A function and what it captured.
    Closure = 0x04,
    /// A map or part of one that has no children: keys, then values.
    MapLeaf = 0x05,
    /// A map or part of one with children: size, separators, children.
    MapInner = 0x06,
    /// Message, kind, instruction, trace.
    Exception = 0x07,
    /// A map whose keys are consecutive ints: keys and values in turn.
    MapDense = 0x08,
    /// A map or part of one whose entries are in a table: size, table.
    MapHashed = 0x09,
    /// The table of a hashed node: keys and values in turn.
    MapValues = 0x0a,
    /// UTF-8.
    Str = 0x20,
    /// Bytes.
    Bytes = 0x21,
    /// A list of ints of 64 bits.
    ListInts = 0x40,
    /// An array of ints of 64 bits.
    I64Array = 0x41,
    /// The table of a hashed node whose keys and values are ints of 64 bits: keys and values in turn.
    MapInts = 0x42,
    /// A list of floats.
    ListFloats = 0x60,
    /// An array of floats.
    F64Array = 0x61,
    /// One integer that does not fit in 64 bits.
    BigInt = 0x80,
}

/// Types that heap objects can hold.
///
/// # Safety
/// No two types have the same `CODE`, and `CODE` is the element type of exactly those kinds whose objects
/// hold elements of this type.
pub(crate) unsafe trait Element: Sized + Clone {
    /// The upper three bits of the kinds that hold this type.
    const CODE: u8;
}

/// The code of [`Value`] elements, the only ones that lead to other objects.
pub(crate) const CODE_VALUES: u8 = 0;

/// The code of [`BigInt`] elements, which have memory of their own.
pub(crate) const CODE_BIG: u8 = 4;

// SAFETY: the five codes differ and agree with the comments in `Kind`.
unsafe impl Element for Value {
    const CODE: u8 = CODE_VALUES;
}
// SAFETY: as above.
unsafe impl Element for u8 {
    const CODE: u8 = 1;
}
// SAFETY: as above.
unsafe impl Element for i64 {
    const CODE: u8 = 2;
}
// SAFETY: as above.
unsafe impl Element for f64 {
    const CODE: u8 = 3;
}
// SAFETY: as above.
unsafe impl Element for BigInt {
    const CODE: u8 = CODE_BIG;
}

impl Kind {
    /// The code of the type of the object's elements.
    #[inline(always)]
    pub(crate) const fn element_code(self) -> u8 {
        self as u8 >> 5
    }

    /// The bytes of one element.
    pub(crate) const fn element_bytes(self) -> usize {
        match self.element_code() {
            CODE_VALUES => size_of::<Value>(),
            1 => 1,
            CODE_BIG => size_of::<BigInt>(),
            _ => 8,
        }
    }
}

/// What stands in front of every heap object's elements.
#[repr(C, align(8))]
pub(crate) struct Header {
    count: AtomicU32,
    /// What the object is.
    pub(crate) kind: Kind,
    /// The size class of its block; 0 for blocks of the global allocator.
    pub(crate) size_class: u8,
    /// The lowest bit: [`FLAG_ASCII`]. Above it: the number of the account that the object is charged to, 0 for none
    /// and while it is not shared (`accounts.rs`).
    flags: AtomicU16,
    /// Elements there are.
    pub(crate) length: u32,
    /// Elements there is room for.
    pub(crate) capacity: u32,
}

const _: () = assert!(size_of::<Header>() == 16);

/// Of a str: all its characters are ASCII.
pub(crate) const FLAG_ASCII: u16 = 1;

/// Where the number of the account begins in the flags.
const ACCOUNT_SHIFT: u32 = 1;

/// The greatest number of an account that a header has room for.
pub(crate) const ACCOUNT_MAX: u16 = u16::MAX >> ACCOUNT_SHIFT;

impl Header {
    /// The header of a fresh object with one reference and no elements.
    pub(crate) const fn fresh(kind: Kind, size_class: u8, capacity: u32) -> Self {
        Self { count: AtomicU32::new(1), kind, size_class, flags: AtomicU16::new(0), length: 0, capacity }
    }

    /// The header of a literal.
    pub(crate) const fn literal(kind: Kind, flags: u16, length: u32) -> Self {
        Self { count: AtomicU32::new(0), kind, size_class: 0, flags: AtomicU16::new(flags), length, capacity: length }
    }

    /// Makes the object a literal: its references are no longer counted.
    pub(crate) fn make_literal(&self) {
        self.count.store(0, Ordering::Relaxed);
    }

    /// Facts about the elements, such as [`FLAG_ASCII`]; their meaning depends on the kind.
    #[inline(always)]
    pub(crate) fn flags(&self) -> u16 {
        self.flags.load(Ordering::Relaxed) & FLAG_ASCII
    }

    /// Sets those facts.
    pub(crate) fn set_flags(&mut self, flags: u16) {
        debug_assert!(flags <= FLAG_ASCII && self.account() == 0, "only what is not shared is changed");
        *self.flags.get_mut() = flags;
    }

    /// The account that the object is charged to; 0 for none.
    #[inline(always)]
    pub(crate) fn account(&self) -> u16 {
        self.flags.load(Ordering::Relaxed) >> ACCOUNT_SHIFT
    }

    /// Notes what account the object is charged to. To be called only while no other thread knows the object.
    pub(crate) fn set_account(&self, account: u16) {
        debug_assert!(account <= ACCOUNT_MAX, "accounts are numbered so that they fit");
        self.flags.store(self.flags() | account << ACCOUNT_SHIFT, Ordering::Relaxed);
    }

    /// Keeps the tag of a dead object's first element, in place of the count.
    pub(super) fn keep_tag(&mut self, tag: u64) {
        debug_assert!(tag < u64::from(SHARED), "tags are small numbers");
        let count = self.count.get_mut();
        *count = *count & SHARED | tag as u32;
    }

    /// What [`Header::keep_tag`] kept.
    pub(super) fn kept_tag(&mut self) -> u64 {
        u64::from(*self.count.get_mut() & !SHARED)
    }

    /// Counts one more reference.
    #[inline(always)]
    pub(crate) fn retain(&self) {
        let count = self.count.load(Ordering::Relaxed);
        // One comparison singles out plain counts from 1 to the one below the top.
        if count.wrapping_sub(1) < LOCAL_TOP - 1 {
            self.count.store(count + 1, Ordering::Relaxed);
        } else if count & SHARED != 0 {
            self.retain_shared();
        }
    }

    #[cold]
    #[inline(never)]
    fn retain_shared(&self) {
        // Relaxed: a new reference is made from one that exists.
        let before = self.count.fetch_add(1, Ordering::Relaxed);
        if before & !SHARED >= SHARED_TOP {
            self.count.store(STUCK, Ordering::Relaxed);
        }
    }

    /// Counts one reference less and says whether it was the last: then the caller owns the object.
    #[inline(always)]
    #[must_use]
    pub(crate) fn release(&self) -> bool {
        let count = self.count.load(Ordering::Relaxed);
        if count.wrapping_sub(2) < LOCAL_TOP - 2 {
            self.count.store(count - 1, Ordering::Relaxed);
            return false;
        }
        count == 1 || (count & SHARED != 0 && self.release_shared(count))
    }

    #[cold]
    #[inline(never)]
    fn release_shared(&self, count: u32) -> bool {
        if count == SHARED | 1 {
            // The only reference is ours, so nobody else can change the count.
            // Acquire: pairs with the Release below, on the threads that gave up theirs.
            fence(Ordering::Acquire);
            return true;
        }
        // Release: pairs with the Acquire of whoever frees the object.
        let before = self.count.fetch_sub(1, Ordering::Release);
        if before & !SHARED >= SHARED_TOP {
            self.count.store(STUCK, Ordering::Relaxed);
            return false;
        }
        if before == SHARED | 1 {
            fence(Ordering::Acquire);
            return true;
        }
        false
    }

    /// Whether there is exactly one reference; if so, the object belongs to this thread again.
    ///
    /// To be called only by the holder of a reference who has it to itself. Taking the shared mark off
    /// keeps rule H3: the holder may now put in what is not shared.
    #[inline(always)]
    pub(crate) fn claim(&self) -> bool {
        match self.count.load(Ordering::Relaxed) {
            1 => true,
            count if count == SHARED | 1 => {
                self.take_back();
                true
            }
            _ => false,
        }
    }

    #[cold]
    #[inline(never)]
    fn take_back(&self) {
        fence(Ordering::Acquire);
        self.count.store(1, Ordering::Relaxed);
        let bytes = super::gc::block_bytes(self) as i64;
        super::blocks::note_bytes(bytes);
        if self.account() != 0 {
            super::accounts::uncharge(self.account(), bytes);
            self.set_account(0);
        }
    }

    /// Whether there is exactly one reference.
    pub(crate) fn is_unique(&self) -> bool {
        self.count.load(Ordering::Relaxed) & !SHARED == 1
    }

    /// Marks the object as shared and says whether it was not before. Literals need no mark.
    ///
    /// To be called only while no other thread knows the object, or when it is marked already.
    #[must_use]
    pub(crate) fn share(&self) -> bool {
        let count = self.count.load(Ordering::Relaxed);
        if count == 0 || count & SHARED != 0 {
            return false;
        }
        let shared = if count >= LOCAL_TOP.min(SHARED_TOP) { STUCK } else { SHARED | count };
        self.count.store(shared, Ordering::Relaxed);
        true
    }

    /// Whether the object would have to be marked before another thread may know it: it is neither marked nor a literal.
    #[inline(always)]
    pub(crate) fn needs_mark(&self) -> bool {
        let count = self.count.load(Ordering::Relaxed);
        count != 0 && count & SHARED == 0
    }

    /// Whether the object is marked as shared.
    #[inline(always)]
    pub(crate) fn is_shared(&self) -> bool {
        self.count.load(Ordering::Relaxed) & SHARED != 0
    }

    /// Makes a stuck object one with a single reference again, so that a test can free it.
    #[cfg(test)]
    pub(crate) fn unstick(&self) {
        self.count.store(1, Ordering::Relaxed);
    }

    /// Whether the object's references are not counted.
    #[cfg(test)]
    pub(crate) fn is_literal(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }
}

/// Why there is no room for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// It would have more than [`ELEMENTS_MAX`] elements.
    #[error("more than {ELEMENTS_MAX} elements")]
    Elements,
    /// The system gives no more memory.
    #[error("no memory for {bytes} bytes")]
    Memory {
        /// What was asked for.
        bytes: usize,
    },
}

impl From<NoRoom> for Fault {
    #[cold]
    fn from(reason: NoRoom) -> Self {
        match reason {
            NoRoom::Elements => Self::Limit { what: "elements in one value", max: ELEMENTS_MAX as u64 },
            NoRoom::Memory { bytes } => Self::Limit {
                what: "bytes for one value: the system gives no more memory",
                max: u64::try_from(bytes).unwrap_or(u64::MAX).saturating_sub(1),
            },
        }
    }
}
