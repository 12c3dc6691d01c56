//! Gives constants their indexes while code is written.

use std::collections::{HashMap, hash_map::Entry};

use ttvm_isa::{
    Float, Integer, Text,
    codec::{Constants, Intern},
};

use super::{Constant, ConstantError};

/// The pool of a file that is being written.
#[derive(Default)]
pub(crate) struct Interner {
    indexes: HashMap<Constant, u32>,
    constants: Vec<Constant>,
    bytes: Vec<u8>,
    refused: Option<ConstantError>,
}

impl Interner {
    /// The entries so far as bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All entries as bytes.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Why a constant met so far cannot stand in a file, if one cannot.
    pub(crate) fn refused(&self) -> Option<ConstantError> {
        self.refused
    }

    fn intern(&mut self, constant: Constant) -> u32 {
        match self.indexes.entry(constant) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                if let Err(reason) = entry.key().check() {
                    self.refused.get_or_insert(reason);
                    return u32::MAX;
                }
                let index = u32::try_from(self.constants.len())
                    .expect("the writer stops when the entries, 2 bytes or more each, exceed FILE_BYTES_MAX");
                entry.key().encode(&mut self.bytes);
                self.constants.push(entry.key().clone());
                *entry.insert(index)
            }
        }
    }

    fn get(&self, index: u32) -> Option<&Constant> {
        self.constants.get(index as usize)
    }
}

impl Intern for Interner {
    fn integer(&mut self, value: &Integer) -> u32 {
        self.intern(Constant::Integer(value.clone()))
    }

    fn float(&mut self, value: Float) -> u32 {
        self.intern(Constant::Float(value))
    }

    fn text(&mut self, value: &Text) -> u32 {
        self.intern(Constant::Text(value.clone()))
    }
}

/// Lets the writer read back what it has just written.
impl Constants for Interner {
    fn integer(&self, index: u32) -> Option<Integer> {
        match self.get(index)? {
            Constant::Integer(integer) => Some(integer.clone()),
            Constant::Float(_) | Constant::Text(_) => None,
        }
    }

    fn float(&self, index: u32) -> Option<Float> {
        match self.get(index)? {
            Constant::Float(float) => Some(*float),
            Constant::Integer(_) | Constant::Text(_) => None,
        }
    }

    fn text(&self, index: u32) -> Option<Text> {
        match self.get(index)? {
            Constant::Text(text) => Some(text.clone()),
            Constant::Integer(_) | Constant::Float(_) => None,
        }
    }
}
