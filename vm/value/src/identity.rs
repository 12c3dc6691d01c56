//! Process identifiers, references, what processes keep for others, and resources: immediate values that name something elsewhere.

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

/// Something that a process keeps for others, by that process.
macro_rules! define_kept {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $name(pub Pid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("#", stringify!($name), "<{}>"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )* };
}

define_kept! {
    /// A barrier, by the process that keeps it.
    Barrier
    /// What will come of something, by the process that waits for it.
    Future
    /// A bounded queue of values, by the process that keeps it.
    Stream
}

/// Something outside the machine that a process owns, such as a socket, by its number.
///
/// Ordered by kind, because that stands in the upper bits, then by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Resource(u64);

/// What a [`Resource`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// A TCP connection, or what accepts them.
    Conn,
    /// A UDP socket.
    Socket,
    /// A connection to a database.
    Database,
}

/// Bits of a resource that are its number: enough for one each nanosecond of two years.
const RESOURCE_NUMBER_BITS: u32 = 56;

impl Resource {
    /// A resource of its parts; bits of the number that do not fit are cut off.
    #[must_use]
    pub const fn new(kind: ResourceKind, number: u64) -> Self {
        Self((kind as u64) << RESOURCE_NUMBER_BITS | (number & ((1 << RESOURCE_NUMBER_BITS) - 1)))
    }

    /// What it is.
    #[must_use]
    pub const fn kind(self) -> ResourceKind {
        match self.0 >> RESOURCE_NUMBER_BITS {
            0 => ResourceKind::Conn,
            1 => ResourceKind::Socket,
            _ => ResourceKind::Database,
        }
    }

    /// Its number, which no other resource of the machine has.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0 & ((1 << RESOURCE_NUMBER_BITS) - 1)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:?}<{}>", self.kind(), self.number())
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({})", self.kind(), self.number())
    }
}
