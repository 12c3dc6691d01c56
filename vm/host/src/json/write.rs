//! From a value to compact JSON text.
//!
//! Guards that what is written reads back the same: floats keep a point or an exponent, and what JSON cannot
//! say is an error that names it, never a near guess such as null for `NaN`.

use std::{fmt::Display, io};

use num_bigint::BigInt;
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Error, Number};
use ttvm_isa::limits::{ELEMENTS_MAX, INTEGER_DIGITS_MAX, JSON_DEPTH_MAX};
use ttvm_value::{Value, list::Item};

use crate::json::TooDeep;

/// Writes the value without any blank space.
///
/// # Errors
/// What it holds that has no JSON form. An error of [`io`] when the text gets longer than a str may be, or there is no
/// memory for it.
pub(super) fn write(value: &Value) -> Result<String, Error> {
    let mut text = Text(Vec::new());
    serde_json::to_writer(&mut text, &Element { value, depth: 0 })?;
    String::from_utf8(text.0).map_err(Error::custom)
}

/// A text that is no longer than a str may be.
struct Text(Vec<u8>);

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > ELEMENTS_MAX || self.0.try_reserve(bytes.len()).is_err() {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A value that stands inside this many lists and objects.
struct Element<'a> {
    value: &'a Value,
    depth: usize,
}

impl Element<'_> {
    /// The depth of what stands inside this list or object.
    fn depth_inside<E: serde::ser::Error>(&self) -> Result<usize, E> {
        if self.depth >= JSON_DEPTH_MAX { Err(E::custom(TooDeep)) } else { Ok(self.depth + 1) }
    }

    fn list<S: Serializer>(&self, serializer: S, values: impl Iterator<Item = Value>) -> Result<S::Ok, S::Error> {
        let depth = self.depth_inside()?;
        let mut elements = serializer.serialize_seq(None)?;
        for value in values {
            elements.serialize_element(&Element { value: &value, depth })?;
        }
        elements.end()
    }
}

impl Serialize for Element<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::BigInt(value) => big_int(value)?.serialize(serializer),
            Value::Float(value) if value.is_finite() => serializer.serialize_f64(*value),
            Value::Float(value) => Err(no_form(format_args!("the float {value}"))),
            Value::Str(text) => serializer.serialize_str(text),
            Value::List(list) => self.list(serializer, list.iter().map(Item::to_value)),
            Value::I64Array(array) => self.list(serializer, array.as_slice().iter().map(|int| Value::Int(*int))),
            Value::F64Array(array) => self.list(serializer, array.as_slice().iter().map(|float| Value::Float(*float))),
            Value::Object(object) => {
                let depth = self.depth_inside()?;
                serializer.collect_map(object.iter().map(|(key, value)| (key.as_str(), Element { value, depth })))
            }
            Value::Map(map) => {
                let depth = self.depth_inside()?;
                let mut entries = serializer.serialize_map(Some(map.len()))?;
                for (key, value) in map.iter() {
                    let (key, value) = (key.to_value(), value.to_value());
                    let Some(key) = key.as_str() else {
                        return Err(no_form(format_args!("a map with the key {key:?}, which is no string,")));
                    };
                    entries.serialize_entry(key, &Element { value: &value, depth })?;
                }
                entries.end()
            }
            Value::Bytes(_) => Err(no_form("a value of type bytes")),
            Value::Pid(_) => Err(no_form("a value of type pid")),
            Value::Ref(_) => Err(no_form("a value of type ref")),
            Value::Barrier(_) => Err(no_form("a value of type barrier")),
            Value::Future(_) => Err(no_form("a value of type future")),
            Value::Stream(_) => Err(no_form("a value of type stream")),
            Value::Resource(_) => Err(no_form("a value of type resource")),
            Value::Function(_) | Value::Closure(_) => Err(no_form("a value of type function")),
            Value::Exception(_) => Err(no_form("a value of type exception")),
            Value::Undefined => Err(no_form("an undefined variable")),
        }
    }
}

/// A big int. Its digits are limited as in reading, which also bounds the time this takes.
fn big_int<E: serde::ser::Error>(int: &BigInt) -> Result<Number, E> {
    // A digit has less than 4 bits: an int of more bits has too many digits, and need not be written to know.
    let too_many = || E::custom(format_args!("an int of more than {INTEGER_DIGITS_MAX} digits"));
    if int.bits() > INTEGER_DIGITS_MAX as u64 * 4 {
        return Err(too_many());
    }
    let digits = int.to_string();
    if digits.len() > INTEGER_DIGITS_MAX {
        return Err(too_many());
    }
    Ok(digits.parse().expect("decimal digits are a number of JSON"))
}

fn no_form<E: serde::ser::Error>(what: impl Display) -> E {
    E::custom(format_args!("{what} has no JSON form"))
}
