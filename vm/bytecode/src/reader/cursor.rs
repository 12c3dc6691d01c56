//! A place in the file that knows its offset and its section, so that every error can name them.
//!
//! Only this file cuts bytes off: whatever it hands out was there.

use serde::{Deserialize, Serialize};
use ttvm_isa::codec::{self, DecodeError};

use super::ReadError;
use crate::format::{
    Section,
    records::{self, Record},
};

/// The unread bytes of a section, or of the whole file.
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    offset: u64,
    section: Section,
}

impl<'a> Cursor<'a> {
    /// A cursor over `bytes`, which begin at `offset` of the file.
    pub(crate) fn new(bytes: &'a [u8], offset: u64, section: Section) -> Self {
        Self { rest: bytes, offset, section }
    }

    /// Says that what follows belongs to another section.
    pub(crate) fn enter(&mut self, section: Section) {
        self.section = section;
    }

    /// Where in the file the next byte stands.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes are left.
    pub(crate) fn remaining(&self) -> u64 {
        self.rest.len() as u64
    }

    /// Whether no byte is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether the next bytes are `beginning`, or all that are left are the beginning of it.
    pub(crate) fn begins_like(&self, beginning: &[u8]) -> bool {
        self.rest.starts_with(beginning) || beginning.starts_with(self.rest)
    }

    /// Cuts off `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], ReadError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.truncated())?;
        self.rest = rest;
        self.offset += count as u64;
        Ok(taken)
    }

    /// Cuts off a fixed number of bytes.
    pub(crate) fn array<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], ReadError> {
        let bytes = self.take(COUNT)?;
        Ok(bytes.try_into().expect("take gives exactly as many bytes as asked for"))
    }

    /// Cuts off one byte.
    pub(crate) fn byte(&mut self) -> Result<u8, ReadError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// Reads a number in minimal LEB128.
    pub(crate) fn number(&mut self) -> Result<u32, ReadError> {
        let (section, offset, remaining) = (self.section, self.offset, self.remaining());
        self.with_bytes(codec::read_number).map_err(|reason| match reason {
            DecodeError::Truncated => ReadError::Truncated { section, offset, remaining },
            _ => ReadError::BadNumber { section, offset },
        })
    }

    /// Lets `read` cut bytes off the front.
    pub(crate) fn with_bytes<T>(&mut self, read: impl FnOnce(&mut &'a [u8]) -> T) -> T {
        let before = self.rest.len();
        let result = read(&mut self.rest);
        self.offset += (before - self.rest.len()) as u64;
        result
    }

    /// Reads a metadata record, which must be written as [`records::encode`] writes it.
    ///
    /// `scratch` is room for writing it again; it is only a parameter to be used more than once.
    pub(crate) fn record<T>(&mut self, record: Record, scratch: &mut Vec<u8>) -> Result<T, ReadError>
    where
        T: Deserialize<'a> + Serialize,
    {
        let (value, length) = records::decode::<T>(self.rest).map_err(|reason| self.bad_record(record, &reason))?;
        scratch.clear();
        records::encode(scratch, &value);
        let (section, start) = (self.section, self.offset);
        let read = self.take(length)?;
        match read.iter().zip(scratch.iter()).position(|(read, written)| read != written) {
            None if read.len() == scratch.len() => Ok(value),
            difference => {
                let offset = start + difference.unwrap_or(0) as u64;
                Err(ReadError::BadNumber { section, offset })
            }
        }
    }

    fn bad_record(&self, record: Record, reason: &bincode::error::DecodeError) -> ReadError {
        use bincode::error::DecodeError as Reason;
        let (section, offset) = (self.section, self.offset);
        match reason {
            // A length beyond what a file may have can only lead past this file's end.
            Reason::UnexpectedEnd { .. } | Reason::LimitExceeded | Reason::OutsideUsizeRange(_) => self.truncated(),
            Reason::Utf8 { .. } => ReadError::BadText { section, offset },
            Reason::InvalidIntegerType { .. } => ReadError::BadNumber { section, offset },
            _ => ReadError::BadRecord { offset, record },
        }
    }

    /// The error that what begins here needs more bytes than are left.
    pub(crate) fn truncated(&self) -> ReadError {
        ReadError::Truncated { section: self.section, offset: self.offset, remaining: self.remaining() }
    }

    /// Checks that nothing is left.
    pub(crate) fn finish(self) -> Result<(), ReadError> {
        if self.is_empty() {
            Ok(())
        } else {
            let count = self.remaining();
            Err(ReadError::TrailingBytes { section: self.section, offset: self.offset, count })
        }
    }
}
