//! Writing values as bytes.

use std::collections::HashMap;

use super::{NotData, tag};
use crate::{
    list::{Item, List},
    ops::convert::type_of,
    text::Str,
    value::Value,
};

/// What is written, and where the writing is.
pub(super) struct Writer<'a, 'v> {
    bytes: &'a mut Vec<u8>,
    /// The numbers of the complete objects that are held more than once, by address.
    numbers: HashMap<usize, usize>,
    levels: Vec<Level<'v>>,
}

/// A collection that is being written.
struct Level<'v> {
    parts: Box<dyn Iterator<Item = Part<'v>> + 'v>,
    /// The address that gets a number when all parts are written.
    held: Option<usize>,
}

/// A part of a collection.
enum Part<'v> {
    Item(Item<'v>),
    Name(&'v Str),
}

impl<'a, 'v> Writer<'a, 'v> {
    /// Writes behind what is in `bytes`.
    pub fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes, numbers: HashMap::new(), levels: Vec::new() }
    }

    /// Writes a value and all it leads to.
    pub fn write(mut self, value: &'v Value) -> Result<(), NotData> {
        self.value(value)?;
        while let Some(level) = self.levels.last_mut() {
            match level.parts.next() {
                Some(Part::Item(Item::Value(value))) => self.value(value)?,
                Some(Part::Item(Item::Int(int))) => self.int(int),
                Some(Part::Item(Item::Float(float))) => self.float(float),
                Some(Part::Name(name)) => self.text(name.as_str()),
                None => {
                    let held = self.levels.pop().and_then(|level| level.held);
                    self.complete(held);
                }
            }
        }
        Ok(())
    }

    /// A value, or the beginning of one with parts.
    fn value(&mut self, value: &'v Value) -> Result<(), NotData> {
        let address = self.address_if_held(value);
        if let Some(number) = address.and_then(|address| self.numbers.get(&address).copied()) {
            self.bytes.push(tag::AGAIN);
            self.size(number);
            return Ok(());
        }
        if address.is_some() {
            self.bytes.push(tag::HELD);
        }
        let parts = self.begin(value)?;
        match parts {
            Some(parts) => self.levels.push(Level { parts, held: address }),
            None => self.complete(address),
        }
        Ok(())
    }

    /// Where the value lies, if somebody else may hold it too.
    fn address_if_held(&self, value: &Value) -> Option<usize> {
        let object = value.any().filter(|object| !object.is_unique())?;
        Some(std::ptr::from_ref(object.header()) as usize)
    }

    fn complete(&mut self, held: Option<usize>) {
        if let Some(address) = held {
            let number = self.numbers.len();
            self.numbers.insert(address, number);
        }
    }

    /// Writes all of a flat value; of another the beginning, and gives its parts.
    fn begin(&mut self, value: &'v Value) -> Result<Option<Box<dyn Iterator<Item = Part<'v>> + 'v>>, NotData> {
        match value {
            Value::Null => self.bytes.push(tag::NULL),
            Value::Bool(false) => self.bytes.push(tag::FALSE),
            Value::Bool(true) => self.bytes.push(tag::TRUE),
            Value::Int(int) => self.int(*int),
            Value::Float(float) => self.float(*float),
            Value::BigInt(big) => self.block(tag::BIG_INT, &big.number().to_signed_bytes_le()),
            Value::Str(text) => self.block(tag::STR, text.as_str().as_bytes()),
            Value::Bytes(bytes) => self.block(tag::BYTES, bytes.as_slice()),
            Value::I64Array(array) => self.words(tag::I64_ARRAY, array.as_slice().iter().map(|int| int.to_le_bytes())),
            Value::F64Array(array) => {
                self.words(tag::F64_ARRAY, array.as_slice().iter().map(|float| float.to_le_bytes()));
            }
            Value::List(list) => return Ok(self.list(list)),
            Value::Object(object) => {
                self.count(tag::OBJECT, object.len());
                let fields = object.iter();
                let parts = fields.flat_map(|(name, value)| [Part::Name(name), Part::Item(Item::Value(value))]);
                return Ok(Some(Box::new(parts)));
            }
            Value::Map(map) => {
                self.count(tag::MAP, map.len());
                let entries = map.iter();
                return Ok(Some(Box::new(entries.flat_map(|(key, value)| [key, value].map(Part::Item)))));
            }
            Value::Exception(exception) => {
                self.bytes.push(tag::EXCEPTION);
                self.size(exception.instruction() as usize);
                self.text(exception.message().as_str());
                self.text(exception.kind().as_str());
                return Ok(self.list(exception.trace()));
            }
            Value::Pid(_)
            | Value::Ref(_)
            | Value::Barrier(_)
            | Value::Future(_)
            | Value::Stream(_)
            | Value::Resource(_)
            | Value::Function(_)
            | Value::Closure(_)
            | Value::Undefined => {
                return Err(NotData { kind: type_of(value).to_string() });
            }
        }
        Ok(None)
    }

    fn list(&mut self, list: &'v List) -> Option<Box<dyn Iterator<Item = Part<'v>> + 'v>> {
        if let Some(ints) = list.as_ints() {
            self.words(tag::INTS, ints.iter().map(|int| int.to_le_bytes()));
            return None;
        }
        if let Some(floats) = list.as_floats() {
            self.words(tag::FLOATS, floats.iter().map(|float| float.to_le_bytes()));
            return None;
        }
        self.count(tag::LIST, list.len());
        Some(Box::new(list.iter().map(Part::Item)))
    }

    fn int(&mut self, int: i64) {
        self.bytes.push(tag::INT);
        self.bytes.extend(int.to_le_bytes());
    }

    fn float(&mut self, float: f64) {
        self.bytes.push(tag::FLOAT);
        self.bytes.extend(float.to_le_bytes());
    }

    fn count(&mut self, tag: u8, count: usize) {
        self.bytes.push(tag);
        self.size(count);
    }

    fn block(&mut self, tag: u8, block: &[u8]) {
        self.count(tag, block.len());
        self.bytes.extend(block);
    }

    fn text(&mut self, text: &str) {
        self.size(text.len());
        self.bytes.extend(text.as_bytes());
    }

    fn words(&mut self, tag: u8, words: impl ExactSizeIterator<Item = [u8; 8]>) {
        self.count(tag, words.len());
        self.bytes.extend(words.flatten());
    }

    /// A number of things: eight bytes, because most of what is written is longer by far.
    fn size(&mut self, size: usize) {
        self.bytes.extend((size as u64).to_le_bytes());
    }
}
