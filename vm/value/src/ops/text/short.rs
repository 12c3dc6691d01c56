//! Short texts of values: written by recursion into a buffer on the stack, which bounds its depth.
//!
//! Guards that they are what `write_in_pieces` writes. Not here: longer texts.

use std::fmt::{self, Write};

use super::{Style, write_display_leaf, write_float, write_int};
use crate::{list::Item, value::Value};

/// Bytes of the buffer. Each container on the way down takes at least one of them.
const BYTES: usize = 512;

/// Ints with more bits have digits for more than the buffer.
const BITS_MAX: u64 = 2048;

/// A text in a buffer on the stack. It is never moved while it is in use: that would take as long as writing it.
#[derive(Debug)]
pub(crate) struct ShortText {
    bytes: [u8; BYTES],
    length: usize,
}

impl ShortText {
    /// An empty text.
    #[inline(always)]
    pub const fn new() -> Self {
        Self { bytes: [0; BYTES], length: 0 }
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.length]).expect("only strs were written")
    }

    /// Puts what `PRINT` writes of a value at the end; `false`, and nothing is changed, if there is no room for it.
    pub fn push(&mut self, value: &Value) -> bool {
        let before = self.length;
        let is_written = write(self, value).is_ok();
        if !is_written {
            self.length = before;
        }
        is_written
    }
}

impl Write for ShortText {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Does something with what `PRINT` writes of a value, and with what ends it, if that is short.
pub fn with_short_text<T>(value: &Value, end: &str, then: impl FnOnce(&str) -> T) -> Option<T> {
    let mut text = ShortText::new();
    (text.push(value) && text.write_str(end).is_ok()).then(|| then(text.as_str()))
}

fn write(out: &mut ShortText, value: &Value) -> fmt::Result {
    match value {
        Value::Int(int) => write_int(out, *int, Style::Display),
        Value::Float(float) => write_float(out, *float, Style::Display),
        Value::List(list) => {
            out.write_str("[")?;
            for (index, element) in list.iter().enumerate() {
                separate(out, index)?;
                item(out, element)?;
            }
            out.write_str("]")
        }
        Value::Object(object) => {
            out.write_str("{")?;
            for (index, (name, value)) in object.iter().enumerate() {
                separate(out, index)?;
                out.write_str(name)?;
                out.write_str(": ")?;
                write(out, value)?;
            }
            out.write_str("}")
        }
        // Putting it in order takes longer than a short text.
        Value::Map(map) if map.len() > BYTES => Err(fmt::Error),
        Value::Map(map) => {
            out.write_str("#{")?;
            for (index, (key, value)) in map.iter().enumerate() {
                separate(out, index)?;
                item(out, key)?;
                out.write_str(": ")?;
                item(out, value)?;
            }
            out.write_str("}")
        }
        Value::BigInt(big) if big.bits() > BITS_MAX => Err(fmt::Error),
        other => write_display_leaf(out, other),
    }
}

#[inline]
fn separate(out: &mut ShortText, index: usize) -> fmt::Result {
    if index > 0 { out.write_str(", ") } else { Ok(()) }
}

fn item(out: &mut ShortText, item: Item<'_>) -> fmt::Result {
    match item {
        Item::Value(value) => write(out, value),
        Item::Int(int) => write_int(out, int, Style::Display),
        Item::Float(float) => write_float(out, float, Style::Display),
    }
}
