//! Reading values from bytes that may be anything.

use num_bigint::BigInt;

use super::{NotAValue, tag};
use crate::{
    array::{F64Array, I64Array},
    big::Big,
    exception::Exception,
    list::List,
    map::Map,
    object::Object,
    text::Str,
    value::Value,
};

/// What is read, and where the reading is.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The complete values that are held more than once.
    held: Vec<Value>,
    levels: Vec<Open>,
}

/// A collection that is being read.
struct Open {
    kind: Kind,
    /// Values that are still to come.
    left: usize,
    values: Vec<Value>,
    is_held: bool,
}

enum Kind {
    List,
    /// With the names of its fields.
    Object(Vec<Str>),
    Map,
    Exception {
        instruction: u32,
        message: Str,
        kind: Str,
    },
}

/// What begins.
enum Begun {
    Whole(Value),
    Open(Kind, usize),
}

impl<'a> Reader<'a> {
    /// Reads from the beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, held: Vec::new(), levels: Vec::new() }
    }

    /// Reads the value that is all there is.
    pub fn read(mut self) -> Result<Value, NotAValue> {
        loop {
            let is_held = self.take_if(tag::HELD);
            let mut complete = match self.begin()? {
                Begun::Whole(value) => Some((value, is_held)),
                Begun::Open(kind, left) => {
                    // Each value takes a byte: what cannot be there is not made room for.
                    let values = Vec::with_capacity(left.min(self.bytes.len() - self.at));
                    self.levels.push(Open { kind, left, values, is_held });
                    self.close_if_complete()?
                }
            };
            // With a value, those that it belongs to may be complete.
            while let Some((value, is_held)) = complete {
                if is_held {
                    self.held.push(value.clone());
                }
                let Some(open) = self.levels.last_mut() else { return self.end(value) };
                open.values.push(value);
                open.left -= 1;
                complete = self.close_if_complete()?;
            }
            self.name_of_next()?;
        }
    }

    fn end(&self, value: Value) -> Result<Value, NotAValue> {
        if self.at < self.bytes.len() { Err(NotAValue::Trailing { at: self.at }) } else { Ok(value) }
    }

    /// Takes the innermost collection, if all its parts are there.
    fn close_if_complete(&mut self) -> Result<Option<(Value, bool)>, NotAValue> {
        let at = self.at;
        self.levels.pop_if(|open| open.left == 0).map(|open| open.close(at)).transpose()
    }

    /// In an object, the name before the next value.
    fn name_of_next(&mut self) -> Result<(), NotAValue> {
        if let Some(Open { kind: Kind::Object(_), .. }) = self.levels.last() {
            let name = Str::new(self.text()?)?;
            if let Some(Open { kind: Kind::Object(names), .. }) = self.levels.last_mut() {
                names.push(name);
            }
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<Begun, NotAValue> {
        let at = self.at;
        let value = match self.byte()? {
            tag::NULL => Value::Null,
            tag::FALSE => Value::Bool(false),
            tag::TRUE => Value::Bool(true),
            tag::INT => Value::Int(i64::from_le_bytes(self.word()?)),
            tag::FLOAT => Value::Float(f64::from_le_bytes(self.word()?)),
            tag::BIG_INT => Big::value(BigInt::from_signed_bytes_le(self.block()?))?,
            tag::STR => Value::str(self.text()?)?,
            tag::BYTES => Value::bytes(self.block()?)?,
            tag::INTS => Value::List(List::from_ints(self.words()?.map(i64::from_le_bytes))?),
            tag::FLOATS => Value::List(List::from_floats(self.words()?.map(f64::from_le_bytes))?),
            tag::I64_ARRAY => Value::I64Array(I64Array::collect(self.words()?.map(i64::from_le_bytes))?),
            tag::F64_ARRAY => Value::F64Array(F64Array::collect(self.words()?.map(f64::from_le_bytes))?),
            tag::LIST => return Ok(Begun::Open(Kind::List, self.size()?)),
            tag::OBJECT => return Ok(Begun::Open(Kind::Object(Vec::new()), self.size()?)),
            tag::MAP => {
                let entries = self.size()?;
                let malformed = NotAValue::Malformed { at, expected: "map" };
                return Ok(Begun::Open(Kind::Map, entries.checked_mul(2).ok_or(malformed)?));
            }
            tag::EXCEPTION => return self.exception(),
            tag::AGAIN => {
                let number = self.size()?;
                let held = self.held.get(number).cloned();
                held.ok_or(NotAValue::Malformed { at, expected: "number of a complete value" })?
            }
            found => return Err(NotAValue::UnknownTag { at, found }),
        };
        Ok(Begun::Whole(value))
    }

    /// An exception is a collection of one: its call chain.
    fn exception(&mut self) -> Result<Begun, NotAValue> {
        let at = self.at;
        let instruction = u32::try_from(self.size()?);
        let instruction = instruction.map_err(|_| NotAValue::Malformed { at, expected: "instruction's index" })?;
        let message = Str::new(self.text()?)?;
        let kind = Str::new(self.text()?)?;
        Ok(Begun::Open(Kind::Exception { instruction, message, kind }, 1))
    }

    fn take_if(&mut self, tag: u8) -> bool {
        let is_there = self.bytes.get(self.at) == Some(&tag);
        self.at += usize::from(is_there);
        is_there
    }

    fn byte(&mut self) -> Result<u8, NotAValue> {
        let byte = *self.bytes.get(self.at).ok_or(NotAValue::Truncated { at: self.at })?;
        self.at += 1;
        Ok(byte)
    }

    fn take(&mut self, count: usize) -> Result<&[u8], NotAValue> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..count).ok_or(NotAValue::Truncated { at: self.bytes.len() })?;
        self.at += count;
        Ok(taken)
    }

    fn word(&mut self) -> Result<[u8; 8], NotAValue> {
        let truncated = NotAValue::Truncated { at: self.bytes.len() };
        self.take(8)?.first_chunk().copied().ok_or(truncated)
    }

    fn size(&mut self) -> Result<usize, NotAValue> {
        let at = self.at;
        usize::try_from(u64::from_le_bytes(self.word()?)).map_err(|_| NotAValue::Malformed { at, expected: "size" })
    }

    fn block(&mut self) -> Result<&[u8], NotAValue> {
        let size = self.size()?;
        self.take(size)
    }

    fn text(&mut self) -> Result<&str, NotAValue> {
        let at = self.at;
        std::str::from_utf8(self.block()?).map_err(|_| NotAValue::Malformed { at, expected: "text" })
    }

    fn words(&mut self) -> Result<impl ExactSizeIterator<Item = [u8; 8]> + use<'_>, NotAValue> {
        let at = self.at;
        let size = self.size()?.checked_mul(8).ok_or(NotAValue::Malformed { at, expected: "size" })?;
        let (words, _) = self.take(size)?.as_chunks::<8>();
        Ok(words.iter().copied())
    }
}

impl Open {
    /// The value, whose parts are all there.
    fn close(self, at: usize) -> Result<(Value, bool), NotAValue> {
        let value = match self.kind {
            Kind::List => Value::List(List::collect(self.values.into_iter())?),
            Kind::Object(names) => {
                let mut object = Object::new();
                for (name, value) in names.iter().zip(self.values) {
                    object.set(name, value)?;
                }
                Value::Object(object)
            }
            Kind::Map => {
                let mut map = Map::new();
                let mut values = self.values.into_iter();
                while let (Some(key), Some(value)) = (values.next(), values.next()) {
                    map.insert(key, value)?;
                }
                Value::Map(map)
            }
            Kind::Exception { instruction, message, kind } => {
                let trace = self.values.into_iter().next();
                let Some(Value::List(trace)) = trace else {
                    return Err(NotAValue::Malformed { at, expected: "call chain" });
                };
                Value::Exception(Exception::of_parts(message, kind, instruction, trace))
            }
        };
        Ok((value, self.is_held))
    }
}
