//! Process identifiers, references and barriers: immediate values that name something elsewhere.

use std::fmt;

/// Bits of a pid that are the index of its control block.
const INDEX_BITS: u32 = 24;

/// A process: its creation number (40 bits) and the index of its control block (24 bits).
///
/// Ordered by creation number, because that stands in the upper bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Pid(u64);

impl Pid {
    /// The highest index.
    pub const INDEX_MAX: u32 = (1 << INDEX_BITS) - 1;

    /// A pid of its parts; bits that do not fit are cut off.
    #[must_use]
    pub const fn new(number: u64, index: u32) -> Self {
        Self(number << INDEX_BITS | (index & ((1 << INDEX_BITS) - 1)) as u64)
    }

    /// A pid of its bits.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// All bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The creation number: main is 1, the first child 2.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0 >> INDEX_BITS
    }

    /// The index of the control block.
    #[must_use]
    pub const fn index(self) -> u32 {
        (self.0 & ((1 << INDEX_BITS) - 1)) as u32
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

impl fmt::Debug for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pid({})", self.number())
    }
}

/// A reference, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Ref(pub u64);

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#Ref<{}>", self.0)
    }
}

impl fmt::Debug for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ref({})", self.0)
    }
}

/// A barrier, by the process that keeps it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Barrier(pub Pid);

impl fmt::Display for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#Barrier<{}>", self.0)
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Barrier({})", self.0)
    }
}
