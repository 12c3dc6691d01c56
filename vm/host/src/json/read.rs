//! From JSON text to a value.
//!
//! Guards that nothing is lost or hidden: ints of any size stay exact, a number with a point or an exponent is
//! a float, and one too large for a float is an error.

use std::fmt;

use num_bigint::BigInt;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Deserializer, Error};
use ttvm_isa::{
    Fault,
    limits::{INTEGER_DIGITS_MAX, JSON_DEPTH_MAX},
};
use ttvm_value::{Object, Str, Value};

use crate::json::TooDeep;

/// Reads one value that takes up all of `source`.
///
/// # Errors
/// What is wrong, with line and column (in bytes).
pub(super) fn read(source: &str) -> Result<Value, Error> {
    let mut deserializer = Deserializer::from_str(source);
    // The limit built in is lower than ours, which `Reader` keeps.
    deserializer.disable_recursion_limit();
    let parsed = Reader { depth: 0 }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    parsed.into_value()
}

/// What one position of the text gives.
enum Parsed {
    Value(Value),
    /// The text of a number. `serde_json` hands over a number that has no machine type as a map of one entry
    /// with this as its value; no str of the text ever arrives by the same way, whatever its key.
    Number(String),
}

impl Parsed {
    fn into_value<E: serde::de::Error>(self) -> Result<Value, E> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Number(digits) => number(&digits),
        }
    }
}

/// Reads what stands inside this many lists and objects.
#[derive(Clone, Copy)]
struct Reader {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Parsed;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Parsed, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::Value(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Parsed, E> {
        Ok(Parsed::Value(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Parsed, E> {
        Ok(Parsed::Value(Value::Int(value)))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Parsed, E> {
        made(match i64::try_from(value) {
            Ok(value) => Ok(Value::Int(value)),
            Err(_) => Value::big(BigInt::from(value)),
        })
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Parsed, E> {
        made(Value::str(text))
    }

    fn visit_string<E>(self, digits: String) -> Result<Parsed, E> {
        Ok(Parsed::Number(digits))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Parsed, A::Error> {
        if self.depth >= JSON_DEPTH_MAX {
            return Err(A::Error::custom(TooDeep));
        }
        let inside = Self { depth: self.depth + 1 };
        let mut values = Vec::new();
        while let Some(element) = elements.next_element_seed(inside)? {
            values.push(element.into_value()?);
        }
        made(Value::list(values.into_iter()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Parsed, A::Error> {
        // One level more than for lists, because this may be a number, which is known after its entry.
        if self.depth > JSON_DEPTH_MAX {
            return Err(A::Error::custom(TooDeep));
        }
        let inside = Self { depth: self.depth + 1 };
        let mut object = Object::new();
        while let Some(key) = entries.next_key::<String>()? {
            match entries.next_value_seed(inside)? {
                Parsed::Value(value) => {
                    Str::new(&key).and_then(|key| object.set(&key, value)).map_err(A::Error::custom)?;
                }
                Parsed::Number(digits) => return number(&digits).map(Parsed::Value),
            }
        }
        if self.depth == JSON_DEPTH_MAX { Err(A::Error::custom(TooDeep)) } else { made(Ok(Value::Object(object))) }
    }
}

fn made<E: serde::de::Error>(value: Result<Value, Fault>) -> Result<Parsed, E> {
    value.map(Parsed::Value).map_err(E::custom)
}

/// The value of a number in JSON's notation.
fn number<E: serde::de::Error>(digits: &str) -> Result<Value, E> {
    if digits.contains(['.', 'e', 'E']) {
        let float: f64 = digits.parse().expect("every number of JSON is one of Rust's too");
        return if float.is_finite() {
            Ok(Value::Float(float))
        } else {
            Err(E::custom("a number too large for a float"))
        };
    }
    if digits.len() > INTEGER_DIGITS_MAX {
        return Err(E::custom(format_args!("an int of more than {INTEGER_DIGITS_MAX} digits")));
    }
    let int: BigInt = digits.parse().expect("what has no point and no exponent is an integer");
    Value::big(int).map_err(E::custom)
}
