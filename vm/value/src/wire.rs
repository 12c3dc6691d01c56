//! Values as bytes and back, for what outlives the machine: checkpoints on disk.
//!
//! Only data can be written: functions, processes and references belong to one machine. What is held twice is written
//! once, so that a value takes as many bytes as memory, and looks the same when it is read. Bytes are trusted with
//! nothing: reading them takes time and memory within their length, and nothing here calls itself.
//! Not here: files, versions, checksums (whoever writes them).

mod reader;
mod writer;

use thiserror::Error;
use ttvm_isa::Fault;

use self::{reader::Reader, writer::Writer};
use crate::value::Value;

/// What the next value is. Written as one byte; numbers once given stay.
mod tag {
    pub const NULL: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const INT: u8 = 3;
    pub const FLOAT: u8 = 4;
    pub const BIG_INT: u8 = 5;
    pub const STR: u8 = 6;
    pub const BYTES: u8 = 7;
    pub const LIST: u8 = 8;
    pub const INTS: u8 = 9;
    pub const FLOATS: u8 = 10;
    pub const OBJECT: u8 = 11;
    pub const MAP: u8 = 12;
    pub const I64_ARRAY: u8 = 13;
    pub const F64_ARRAY: u8 = 14;
    pub const EXCEPTION: u8 = 15;
    /// One that was written before: its number among those that are held more than once.
    pub const AGAIN: u8 = 16;
    /// The next value will be held more than once: it gets the next number when it is complete.
    pub const HELD: u8 = 17;
}

/// Why a value cannot be written.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("a {kind} cannot be written: it belongs to the machine that made it")]
pub struct NotData {
    /// What it is, as `TYPE_OF` names it.
    pub kind: String,
}

/// Why bytes are no value.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NotAValue {
    /// They end too early.
    #[error("the value ends in the middle, at byte {at}")]
    Truncated {
        /// Where more was expected.
        at: usize,
    },
    /// They mean nothing.
    #[error("no value begins with the byte {found} at byte {at}")]
    UnknownTag {
        /// Where.
        at: usize,
        /// What is there.
        found: u8,
    },
    /// A part means nothing there.
    #[error("what lies at byte {at} is no {expected}")]
    Malformed {
        /// Where.
        at: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// There is something behind the value.
    #[error("something follows the value, at byte {at}")]
    Trailing {
        /// Where.
        at: usize,
    },
    /// The value is larger than values may be, or there is no memory.
    #[error(transparent)]
    Limit(#[from] Fault),
}

/// Writes a value behind what is in `bytes`.
///
/// # Errors
/// [`NotData`] if it leads to something that is no data; what was written so far stays.
pub fn write(value: &Value, bytes: &mut Vec<u8>) -> Result<(), NotData> {
    Writer::new(bytes).write(value)
}

/// Reads the value that is all of `bytes`.
///
/// # Errors
/// [`NotAValue`].
pub fn read(bytes: &[u8]) -> Result<Value, NotAValue> {
    Reader::new(bytes).read()
}
