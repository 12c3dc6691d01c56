//! Looks constants up while code is read, and checks that the code uses them in order.

use std::{cell::Cell, collections::HashSet};

use ttvm_isa::{Float, Integer, Text, codec::Constants};

use super::Constant;
use crate::reader::{Cursor, ReadError};

/// The pool of a file that is being read.
///
/// An entry may be used when all entries before it have been: the file's pool is then the one that the
/// writer would make, and no other order of the same entries is a file.
pub(crate) struct Pool {
    constants: Vec<Constant>,
    /// Where each entry begins; files are smaller than 4 GiB.
    offsets: Vec<u32>,
    /// How many entries have been used, always the first ones.
    used: Cell<u32>,
}

impl Pool {
    /// Reads all entries of the section.
    pub(crate) fn decode(mut cursor: Cursor<'_>) -> Result<Self, ReadError> {
        let (mut constants, mut offsets) = (Vec::new(), Vec::new());
        while !cursor.is_empty() {
            let offset = u32::try_from(cursor.offset()).expect("the reader refuses files beyond FILE_BYTES_MAX");
            offsets.push(offset);
            constants.push(Constant::decode(&mut cursor)?);
        }
        let mut seen = HashSet::with_capacity(constants.len());
        for (constant, offset) in constants.iter().zip(&offsets) {
            if !seen.insert(constant) {
                return Err(ReadError::DuplicateConstant { offset: u64::from(*offset) });
            }
        }
        drop(seen);
        Ok(Self { constants, offsets, used: Cell::new(0) })
    }

    /// The entry that must be used next, if a lookup of `index` failed because it skipped that one.
    pub(crate) fn skipped_by(&self, index: u32) -> Option<u32> {
        let used = self.used.get();
        (index > used && (index as usize) < self.constants.len()).then_some(used)
    }

    /// Checks that the code has used every entry.
    pub(crate) fn finish(&self) -> Result<(), ReadError> {
        let used = self.used.get();
        match self.offsets.get(used as usize) {
            Some(offset) => Err(ReadError::UnusedConstant { offset: u64::from(*offset), index: used }),
            None => Ok(()),
        }
    }

    fn get(&self, index: u32) -> Option<&Constant> {
        if index > self.used.get() { None } else { self.constants.get(index as usize) }
    }

    fn mark_used(&self, index: u32) {
        if index == self.used.get() {
            self.used.set(index + 1);
        }
    }
}

impl Constants for Pool {
    fn integer(&self, index: u32) -> Option<Integer> {
        match self.get(index)? {
            Constant::Integer(integer) => {
                self.mark_used(index);
                Some(integer.clone())
            }
            Constant::Float(_) | Constant::Text(_) => None,
        }
    }

    fn float(&self, index: u32) -> Option<Float> {
        match self.get(index)? {
            Constant::Float(float) => {
                self.mark_used(index);
                Some(*float)
            }
            Constant::Integer(_) | Constant::Text(_) => None,
        }
    }

    fn text(&self, index: u32) -> Option<Text> {
        match self.get(index)? {
            Constant::Text(text) => {
                self.mark_used(index);
                Some(text.clone())
            }
            Constant::Integer(_) | Constant::Float(_) => None,
        }
    }
}
