//! Strs and their instructions. Positions count characters (Unicode scalar values).

use std::{borrow::Cow, fmt::Write};

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

use super::{
    expect::{mismatch, mismatch_both, string},
    text::{to_str, write_display},
};
use crate::{
    heap::NoRoom,
    list::List,
    text::{Str, StrBuilder},
    value::Value,
};

/// `CONCAT`: the left str is extended in place if nobody else holds it.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are strs, [`Fault::Limit`] when there is no room.
#[inline]
pub fn concat(a: Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Str(mut a), Value::Str(b)) => {
            if a.is_empty() {
                return Ok(Value::Str(b.clone()));
            }
            a.push_str(b)?;
            Ok(Value::Str(a))
        }
        (a, b) => Err(mismatch_both("CONCAT", "two strings", &a, b)),
    }
}

/// `STR_LEN`: the number of characters.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is a str.
pub fn str_len(text: &Value) -> Result<Value, Fault> {
    Ok(Value::Int(string("STR_LEN", text)?.char_count() as i64))
}

/// Where the character at `index` begins, or the end.
fn byte_position(text: &Str, index: usize) -> usize {
    if text.is_ascii() {
        return index.min(text.len());
    }
    text.char_indices().nth(index).map_or(text.len(), |(position, _)| position)
}

/// The character at an index that lies within the str, as a str.
pub(super) fn character(text: &Str, index: usize) -> Result<Value, Fault> {
    let rest = &text[byte_position(text, index)..];
    let character = rest.chars().next().expect("the caller tested the index");
    Ok(Value::Str(Str::from_char(character)?))
}

/// An int of any size.
fn any_int<'a>(operation: &'static str, value: &'a Value) -> Result<Cow<'a, BigInt>, Fault> {
    match value {
        Value::Int(int) => Ok(Cow::Owned(BigInt::from(*int))),
        Value::BigInt(big) => Ok(Cow::Borrowed(big.number())),
        other => Err(mismatch(operation, "an integer", other)),
    }
}

/// The positions that `start` and `length` name, those below 0 moved to 0.
fn span(start: &Value, length: &Value) -> Result<(usize, usize), Fault> {
    if let (Value::Int(start), Value::Int(length)) = (start, length) {
        let within = |position: i64| usize::try_from(position.max(0)).unwrap_or(usize::MAX);
        return Ok((within(*start), within(start.saturating_add(*length))));
    }
    let (start, length) = (any_int("SUBSTR", start)?, any_int("SUBSTR", length)?);
    let within = |position: &BigInt| {
        if position.is_negative() { 0 } else { position.to_usize().unwrap_or(usize::MAX) }
    };
    Ok((within(&start), within(&(&*start + &*length))))
}

/// `SUBSTR`: `length` characters from `start` on; what lies outside the str is left out.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operands are a str and two ints.
pub fn substr(text: &Value, start: &Value, length: &Value) -> Result<Value, Fault> {
    let text = string("SUBSTR", text)?;
    let (start, end) = span(start, length)?;
    let from = byte_position(text, start);
    let rest = &text[from..];
    let count = end.saturating_sub(start);
    let bytes = if text.is_ascii() {
        count.min(rest.len())
    } else {
        rest.char_indices().nth(count).map_or(rest.len(), |(position, _)| position)
    };
    if bytes == text.len() {
        return Ok(Value::Str(text.clone()));
    }
    Value::str(&rest[..bytes])
}

/// `SPLIT`: the parts between separators; an empty separator gives the characters.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are strs, [`Fault::Limit`] when there is no room.
pub fn split(text: &Value, separator: &Value) -> Result<Value, Fault> {
    let (text, separator) = (string("SPLIT", text)?, string("SPLIT", separator)?);
    if separator.is_empty() {
        return characters(text);
    }
    let mut parts = List::new();
    for part in text.split(separator.as_str()) {
        parts.push(Value::str(part)?)?;
    }
    Ok(Value::List(parts))
}

/// `CHARS`: the characters, a str each.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is a str, [`Fault::Limit`] when there is no room.
pub fn chars(text: &Value) -> Result<Value, Fault> {
    characters(string("CHARS", text)?)
}

fn characters(text: &Str) -> Result<Value, Fault> {
    let mut list = List::new();
    for character in text.chars() {
        list.push(Value::Str(Str::from_char(character)?))?;
    }
    Ok(Value::List(list))
}

/// `JOIN`: the elements as `TO_STR` gives them, with the separator between.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operands are a list and a str, [`Fault::Limit`] when there is no room.
pub fn join(list: &Value, separator: &Value) -> Result<Value, Fault> {
    let Value::List(list) = list else { return Err(mismatch("JOIN", "a list", list)) };
    let separator = string("JOIN", separator)?;
    let mut text = Str::empty();
    for (index, item) in list.iter().enumerate() {
        if index > 0 {
            text.push_str(separator)?;
        }
        text.push_str(&to_str(&item.to_value())?)?;
    }
    Ok(Value::Str(text))
}

/// `FIND`: the character index of the first occurrence, or -1.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are strs.
pub fn find(text: &Value, wanted: &Value) -> Result<Value, Fault> {
    let (text, wanted) = (string("FIND", text)?, string("FIND", wanted)?);
    Ok(Value::Int(match text.as_str().find(wanted.as_str()) {
        Some(position) if text.is_ascii() => position as i64,
        Some(position) => text[..position].chars().count() as i64,
        None => -1,
    }))
}

/// `REPLACE`: the str with every `from` replaced.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless all are strs, [`Fault::Argument`] if `from` is empty, [`Fault::Limit`]
/// when there is no room.
pub fn replace(text: &Value, from: &Value, to: &Value) -> Result<Value, Fault> {
    let (subject, from, to) = (string("REPLACE", text)?, string("REPLACE", from)?, string("REPLACE", to)?);
    if from.is_empty() {
        return Err(Fault::Argument { operation: "REPLACE", error: "the str to replace is empty".to_owned() });
    }
    let mut parts = subject.split(from.as_str());
    let first = parts.next().unwrap_or_default();
    if first.len() == subject.len() {
        return Ok(text.clone());
    }
    let mut result = Str::new(first)?;
    for part in parts {
        result.push_str(to)?;
        result.push_str(part)?;
    }
    Ok(Value::Str(result))
}

/// `UPPER`.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is a str, [`Fault::Limit`] when there is no room.
pub fn upper(text: &Value) -> Result<Value, Fault> {
    let text = string("UPPER", text)?;
    fits(text)?;
    Value::str(&text.to_uppercase())
}

/// `LOWER`.
///
/// # Errors
/// As for [`upper`].
pub fn lower(text: &Value) -> Result<Value, Fault> {
    let text = string("LOWER", text)?;
    fits(text)?;
    Value::str(&text.to_lowercase())
}

/// Fails if the other case of a text, at most three times as long, might be too long to be built.
fn fits(text: &str) -> Result<(), Fault> {
    let bytes = text.len().saturating_mul(3);
    let mut probe: Vec<u8> = Vec::new();
    if text.len() > ELEMENTS_MAX / 3 && probe.try_reserve_exact(bytes).is_err() {
        return Err(NoRoom::Memory { bytes }.into());
    }
    Ok(())
}

/// `TRIM`: the str without white space at its ends.
///
/// # Errors
/// As for [`upper`].
pub fn trim(text: &Value) -> Result<Value, Fault> {
    let subject = string("TRIM", text)?;
    let trimmed = subject.trim();
    if trimmed.len() == subject.len() { Ok(text.clone()) } else { Value::str(trimmed) }
}

/// `FORMAT`: the str with each `{}` replaced by the next element; `{{` and `}}` are braces.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operands are a str and a list, [`Fault::Argument`] for a single brace
/// or another number of elements than places, [`Fault::Limit`] when there is no room.
pub fn format(pattern: &Value, list: &Value) -> Result<Value, Fault> {
    let pattern = string("FORMAT", pattern)?;
    let Value::List(list) = list else { return Err(mismatch("FORMAT", "a list", list)) };
    let wrong = |error: String| Fault::Argument { operation: "FORMAT", error };
    let mut result = StrBuilder::new();
    let mut items = list.iter();
    let mut place_count = 0_usize;
    let mut rest = pattern.as_str();
    while let Some(position) = rest.find(['{', '}']) {
        // The builder keeps its errors for the end, where they are reported.
        let _ = result.write_str(&rest[..position]);
        let braces = rest.get(position..position + 2).unwrap_or_default();
        match braces {
            "{{" | "}}" => {
                let _ = result.write_str(&braces[1..]);
            }
            "{}" => {
                place_count += 1;
                if let Some(item) = items.next() {
                    let _ = write_display(&mut result, &item.to_value());
                }
            }
            _ => return Err(wrong("a single brace (write {{ or }} for a brace)".to_owned())),
        }
        rest = &rest[position + 2..];
    }
    let _ = result.write_str(rest);
    if place_count != list.len() {
        let plural = |count| if count == 1 { "" } else { "s" };
        let (places, elements) = (plural(place_count), plural(list.len()));
        return Err(wrong(format!("{place_count} place{places} for {} element{elements}", list.len())));
    }
    Ok(Value::Str(result.finish()?))
}
