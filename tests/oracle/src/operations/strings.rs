//! Strings: `CONCAT` and the string part of the family Conversions and strings.

use std::rc::Rc;

use num_bigint::BigInt;
use ttvm_isa::Fault;

use super::{lists::clamp, mismatch};
use crate::{text::Printed, value::Value};

fn str_of<'a>(operation: &'static str, value: &'a Value) -> Result<&'a str, Fault> {
    match value {
        Value::Str(text) => Ok(text),
        other => Err(mismatch(operation, "a string", &[other])),
    }
}

fn int_of<'a>(operation: &'static str, value: &'a Value) -> Result<&'a BigInt, Fault> {
    match value {
        Value::Int(int) => Ok(int),
        other => Err(mismatch(operation, "an integer", &[other])),
    }
}

fn argument(operation: &'static str, error: impl Into<String>) -> Fault {
    Fault::Argument { operation, error: error.into() }
}

pub(crate) fn concat([a, b]: [Value; 2]) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Str(mut a), Value::Str(b)) => {
            Rc::make_mut(&mut a).push_str(&b);
            Ok(Value::Str(a))
        }
        (a, b) => Err(mismatch("CONCAT", "two strings", &[&a, &b])),
    }
}

pub(crate) fn length([s]: [Value; 1]) -> Result<Value, Fault> {
    Ok(Value::int(str_of("STR_LEN", &s)?.chars().count()))
}

pub(crate) fn substr([s, start, length]: [Value; 3]) -> Result<Value, Fault> {
    let text = str_of("SUBSTR", &s)?;
    let start = int_of("SUBSTR", &start)?;
    let length = int_of("SUBSTR", &length)?;
    let characters: Vec<char> = text.chars().collect();
    let first = clamp(start, characters.len());
    let end = clamp(&(start + length), characters.len()).max(first);
    Ok(Value::str(characters[first..end].iter().collect::<String>()))
}

pub(crate) fn characters(operation: &'static str, s: &Value) -> Result<Value, Fault> {
    Ok(Value::list(str_of(operation, s)?.chars().map(Value::str).collect()))
}

pub(crate) fn split([s, separator]: [Value; 2]) -> Result<Value, Fault> {
    let text = str_of("SPLIT", &s)?;
    let separator = str_of("SPLIT", &separator)?;
    if separator.is_empty() {
        return characters("SPLIT", &s);
    }
    Ok(Value::list(text.split(separator).map(Value::str).collect()))
}

pub(crate) fn join([list, separator]: [Value; 2]) -> Result<Value, Fault> {
    let Value::List(items) = &list else { return Err(mismatch("JOIN", "a list", &[&list])) };
    let separator = str_of("JOIN", &separator)?;
    let parts: Vec<String> = items.iter().map(|item| Printed(item).to_string()).collect();
    Ok(Value::str(parts.join(separator)))
}

pub(crate) fn find([s, part]: [Value; 2]) -> Result<Value, Fault> {
    let text = str_of("FIND", &s)?;
    let part = str_of("FIND", &part)?;
    Ok(match text.find(part) {
        Some(byte) => Value::int(text[..byte].chars().count()),
        None => Value::int(-1),
    })
}

pub(crate) fn replace([s, from, to]: [Value; 3]) -> Result<Value, Fault> {
    let text = str_of("REPLACE", &s)?;
    let from = str_of("REPLACE", &from)?;
    let to = str_of("REPLACE", &to)?;
    if from.is_empty() {
        return Err(argument("REPLACE", "the str to replace is empty"));
    }
    Ok(Value::str(text.replace(from, to)))
}

/// `UPPER LOWER TRIM`.
pub(crate) fn changed(
    operation: &'static str,
    [s]: [Value; 1],
    change: impl FnOnce(&str) -> String,
) -> Result<Value, Fault> {
    Ok(Value::str(change(str_of(operation, &s)?)))
}

pub(crate) fn bytes_of([a]: [Value; 1]) -> Result<Value, Fault> {
    match &a {
        Value::Bytes(_) => Ok(a),
        Value::Str(text) => Ok(Value::Bytes(Rc::new(text.as_bytes().to_vec()))),
        Value::List(items) => {
            let bytes: Result<Vec<u8>, Fault> = items.iter().map(byte).collect();
            Ok(Value::Bytes(Rc::new(bytes?)))
        }
        other => Err(mismatch("BYTES_OF", "a string or a list", &[other])),
    }
}

fn byte(value: &Value) -> Result<u8, Fault> {
    match value {
        Value::Int(int) => u8::try_from(int).map_err(|_| argument("BYTES_OF", format!("{int} is no byte (0 to 255)"))),
        other => Err(mismatch("BYTES_OF", "integers from 0 to 255", &[other])),
    }
}

pub(crate) fn format([s, list]: [Value; 2]) -> Result<Value, Fault> {
    let pattern = str_of("FORMAT", &s)?;
    let Value::List(items) = &list else { return Err(mismatch("FORMAT", "a list", &[&list])) };
    let mut text = String::new();
    let mut places = 0;
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        match (character, rest.peek()) {
            ('{', Some('{')) | ('}', Some('}')) => {
                rest.next();
                text.push(character);
            }
            ('{', Some('}')) => {
                rest.next();
                if let Some(item) = items.get(places) {
                    text.push_str(&Printed(item).to_string());
                }
                places += 1;
            }
            ('{' | '}', _) => return Err(argument("FORMAT", "a single brace (write {{ or }} for a brace)")),
            _ => text.push(character),
        }
    }
    if places != items.len() {
        let counted = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        let error = format!("{} for {}", counted(places, "place"), counted(items.len(), "element"));
        return Err(argument("FORMAT", error));
    }
    Ok(Value::str(text))
}
