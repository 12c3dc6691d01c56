//! Strs and their instructions. Positions count characters (Unicode scalar values).

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing preparation may end a test")]
mod tests;

use std::{borrow::Cow, fmt::Write};

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use ttvm_isa::Fault;

use super::{
    expect::{index as index_of, mismatch, mismatch_both, string},
    text::{ShortText, fits as fits_in_text, push_in_pieces},
};
use crate::{
    heap::NoRoom,
    list::List,
    text::{Str, TextInPieces, pieces},
    value::Value,
    work::{Fuel, whole},
};

/// Texts up to this many bytes are short however many parts they have.
const SHORT: usize = 1024;

/// Elements that may be in a short list.
const FEW: usize = 256;

/// What an element is worth in steps.
const STEPS_PER_ITEM: u64 = 8;

/// Bytes that are worked on at once.
const PIECE: usize = 1 << 14;

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

/// `CONCAT`, with pauses.
///
/// # Errors
/// As for [`concat()`].
pub async fn concat_in_pieces(a: Value, b: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Str(mut a), Value::Str(b)) => {
            a.own_and_push_in_pieces(b, fuel).await?;
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
    whole(async |fuel| str_len_in_pieces(text, fuel).await)
}

/// `STR_LEN`, with pauses.
///
/// # Errors
/// As for [`str_len`].
pub async fn str_len_in_pieces(text: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let text = string("STR_LEN", text)?;
    Ok(Value::Int(if text.is_ascii() { text.len() } else { count_in_pieces(text, fuel).await } as i64))
}

/// Where the character at `index` begins, or the end.
async fn byte_position_in_pieces(text: &str, is_ascii: bool, index: usize, fuel: &Fuel) -> usize {
    if is_ascii {
        return index.min(text.len());
    }
    let mut left = index;
    let mut start = 0;
    for piece in pieces(text) {
        let count = piece.chars().count();
        if left < count {
            return start + piece.char_indices().nth(left).map_or(piece.len(), |(position, _)| position);
        }
        left -= count;
        start += piece.len();
        fuel.spend(piece.len() as u64 / 8).await;
    }
    text.len()
}

/// `INDEX` of a str, with pauses.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the index is an int, [`Fault::IndexOutOfBounds`].
pub async fn index_in_pieces(text: &Str, at: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let count = if text.is_ascii() { text.len() } else { count_in_pieces(text, fuel).await };
    let index = index_of("INDEX", at, count)?;
    let rest = &text[byte_position_in_pieces(text, text.is_ascii(), index, fuel).await..];
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
    whole(async |fuel| substr_in_pieces(text, start, length, fuel).await)
}

/// `SUBSTR`, with pauses.
///
/// # Errors
/// As for [`substr`].
pub async fn substr_in_pieces(text: &Value, start: &Value, length: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let text = string("SUBSTR", text)?;
    let (start, end) = span(start, length)?;
    let rest = &text[byte_position_in_pieces(text, text.is_ascii(), start, fuel).await..];
    let bytes = byte_position_in_pieces(rest, text.is_ascii(), end.saturating_sub(start), fuel).await;
    if bytes == text.len() {
        return Ok(Value::Str(text.clone()));
    }
    Ok(Value::Str(Str::copy_in_pieces(&rest[..bytes], fuel).await?))
}

/// `SPLIT`: the parts between separators; an empty separator gives the characters.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are strs, [`Fault::Limit`] when there is no room.
pub fn split(text: &Value, separator: &Value) -> Result<Value, Fault> {
    whole(async |fuel| split_in_pieces(text, separator, fuel).await)
}

/// `SPLIT`, with pauses.
///
/// # Errors
/// As for [`split`].
pub async fn split_in_pieces(text: &Value, separator: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let (text, separator) = (string("SPLIT", text)?, string("SPLIT", separator)?);
    if separator.is_empty() {
        return characters(text, fuel).await;
    }
    if text.len() <= SHORT {
        let parts = text.split(separator.as_str()).map(Value::str).collect::<Result<Vec<_>, _>>()?;
        return Value::list(parts.into_iter());
    }
    // Counted first, so that the list is never copied while it grows.
    let (mut count, mut start) = (1, 0);
    while let Some(position) = position_in_pieces(text, separator, start, fuel).await {
        count += 1;
        start = position + separator.len();
    }
    let mut parts = List::with_room_for_values(count)?;
    start = 0;
    while let Some(position) = position_in_pieces(text, separator, start, fuel).await {
        parts.push_value(Value::Str(Str::copy_in_pieces(&text[start..position], fuel).await?))?;
        start = position + separator.len();
        fuel.spend(STEPS_PER_ITEM).await;
    }
    parts.push_value(Value::Str(Str::copy_in_pieces(&text[start..], fuel).await?))?;
    Ok(Value::List(parts))
}

/// `CHARS`: the characters, a str each.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is a str, [`Fault::Limit`] when there is no room.
pub fn chars(text: &Value) -> Result<Value, Fault> {
    whole(async |fuel| chars_in_pieces(text, fuel).await)
}

/// `CHARS`, with pauses.
///
/// # Errors
/// As for [`chars`].
pub async fn chars_in_pieces(text: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    characters(string("CHARS", text)?, fuel).await
}

async fn characters(text: &Str, fuel: &Fuel) -> Result<Value, Fault> {
    let count = if text.is_ascii() { text.len() } else { count_in_pieces(text, fuel).await };
    let mut list = List::with_room_for_values(count)?;
    for character in text.chars() {
        list.push_value(Value::Str(Str::from_char(character)?))?;
        fuel.spend(STEPS_PER_ITEM / 2).await;
    }
    Ok(Value::List(list))
}

/// `JOIN`: the elements as `TO_STR` gives them, with the separator between.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operands are a list and a str, [`Fault::Limit`] when there is no room.
pub fn join(list: &Value, separator: &Value) -> Result<Value, Fault> {
    whole(async |fuel| join_in_pieces(list, separator, fuel).await)
}

/// `JOIN`, if what it gives is short.
#[must_use]
pub fn short_join(list: &Value, separator: &Value) -> Option<Result<Value, Fault>> {
    let (Value::List(items), Value::Str(separator)) = (list, separator) else { return None };
    if items.len() > FEW {
        return None;
    }
    let mut text = ShortText::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.write_str(separator).ok()?;
        }
        if !text.push(&item.to_value()) {
            return None;
        }
    }
    Some(Value::str(text.as_str()))
}

/// `JOIN`, with pauses.
///
/// # Errors
/// As for [`join`].
pub async fn join_in_pieces(list: &Value, separator: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let Value::List(items) = list else { return Err(mismatch("JOIN", "a list", list)) };
    let separator = string("JOIN", separator)?;
    fits_in_text(list, fuel).await?;
    let separator = Value::Str(separator.clone());
    let mut text = TextInPieces::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            push_in_pieces(&mut text, &separator, fuel).await?;
        }
        push_in_pieces(&mut text, &item.to_value(), fuel).await?;
        fuel.spend(STEPS_PER_ITEM).await;
    }
    Ok(Value::Str(text.finish(fuel).await?))
}

/// `FIND`: the character index of the first occurrence, or -1.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are strs.
pub fn find(text: &Value, wanted: &Value) -> Result<Value, Fault> {
    if let (Value::Str(text), Value::Str(wanted)) = (text, wanted)
        && text.len() <= SHORT
    {
        let position = text.find(wanted.as_str());
        let characters = |position: usize| if text.is_ascii() { position } else { text[..position].chars().count() };
        return Ok(Value::Int(position.map_or(-1, |position| characters(position) as i64)));
    }
    whole(async |fuel| find_in_pieces(text, wanted, fuel).await)
}

/// `FIND`, with pauses.
///
/// # Errors
/// As for [`find`].
pub async fn find_in_pieces(text: &Value, wanted: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let (text, wanted) = (string("FIND", text)?, string("FIND", wanted)?);
    Ok(Value::Int(match position_in_pieces(text, wanted, 0, fuel).await {
        Some(position) if text.is_ascii() => position as i64,
        Some(position) => count_in_pieces(&text[..position], fuel).await as i64,
        None => -1,
    }))
}

/// The number of characters.
async fn count_in_pieces(text: &str, fuel: &Fuel) -> usize {
    let mut count = 0;
    for piece in text.as_bytes().chunks(PIECE) {
        // All but the first byte of a character are 0b10xx_xxxx.
        count += piece.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        fuel.spend(PIECE as u64 / 8).await;
    }
    count
}

/// The byte index of the first occurrence at or behind `start`, which lies between characters.
pub(super) async fn position_in_pieces(text: &str, wanted: &str, start: usize, fuel: &Fuel) -> Option<usize> {
    let mut start = start;
    // An occurrence begins in the first half of a piece, or the piece is the last one. Looking for something long takes
    // long in itself, so pieces are some times as long as it.
    let half = PIECE.max(wanted.len().saturating_mul(4));
    if text.len() - start <= half {
        let position = text[start..].find(wanted);
        fuel.spend(position.unwrap_or(text.len() - start) as u64 / 4).await;
        return position.map(|position| start + position);
    }
    loop {
        let end = text.len().min(start.saturating_add(2 * half));
        let piece = &text[start..text.floor_char_boundary(end)];
        let position = piece.find(wanted);
        fuel.spend(position.unwrap_or(piece.len()) as u64 / 4).await;
        if let Some(position) = position {
            return Some(start + position);
        }
        if end == text.len() {
            return None;
        }
        start = text.floor_char_boundary(start + half);
    }
}

/// `REPLACE`: the str with every `from` replaced.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless all are strs, [`Fault::Argument`] if `from` is empty, [`Fault::Limit`]
/// when there is no room.
pub fn replace(text: &Value, from: &Value, to: &Value) -> Result<Value, Fault> {
    if let (Value::Str(subject), Value::Str(from), Value::Str(to)) = (text, from, to)
        && subject.len() <= SHORT
        && to.len() <= SHORT
        && !from.is_empty()
    {
        return replace_in_short(subject, from, to);
    }
    whole(async |fuel| replace_in_pieces(text, from, to, fuel).await)
}

/// `REPLACE` in a short str, of something by a short one.
fn replace_in_short(subject: &Str, from: &str, to: &str) -> Result<Value, Fault> {
    let mut parts = subject.split(from);
    let first = parts.next().unwrap_or_default();
    if first.len() == subject.len() {
        return Ok(Value::Str(subject.clone()));
    }
    // Mostly the result is short as well, and then it is copied once.
    let mut text = ShortText::new();
    let mut push = |part: &str| text.write_str(part);
    if push(first).is_ok() && parts.clone().all(|part| push(to).is_ok() && push(part).is_ok()) {
        return Value::str(text.as_str());
    }
    let mut result = Str::new(first)?;
    for part in parts {
        result.push_str(to)?;
        result.push_str(part)?;
    }
    Ok(Value::Str(result))
}

/// `REPLACE`, with pauses.
///
/// # Errors
/// As for [`replace`].
pub async fn replace_in_pieces(text: &Value, from: &Value, to: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let (subject, from, to) = (string("REPLACE", text)?, string("REPLACE", from)?, string("REPLACE", to)?);
    if from.is_empty() {
        return Err(Fault::Argument { operation: "REPLACE", error: "the str to replace is empty".to_owned() });
    }
    if subject.len() <= SHORT && to.len() <= SHORT {
        return replace_in_short(subject, from, to);
    }
    let mut result = TextInPieces::new();
    let mut start = 0;
    while let Some(position) = position_in_pieces(subject, from, start, fuel).await {
        result.push(&subject[start..position], fuel).await?;
        result.push(to, fuel).await?;
        start = position + from.len();
        fuel.spend(STEPS_PER_ITEM).await;
    }
    if start == 0 {
        return Ok(text.clone());
    }
    result.push(&subject[start..], fuel).await?;
    Ok(Value::Str(result.finish(fuel).await?))
}

/// `UPPER`.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is a str, [`Fault::Limit`] when there is no room.
pub fn upper(text: &Value) -> Result<Value, Fault> {
    whole(async |fuel| upper_in_pieces(text, fuel).await)
}

/// `UPPER`, with pauses.
///
/// # Errors
/// As for [`upper`].
pub async fn upper_in_pieces(text: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let text = string("UPPER", text)?;
    if text.len() <= SHORT {
        return Value::str(&text.to_uppercase());
    }
    let mut result = TextInPieces::new();
    for piece in pieces(text) {
        result.push(&piece.to_uppercase(), fuel).await?;
        fuel.spend(piece.len() as u64 / 2).await;
    }
    Ok(Value::Str(result.finish(fuel).await?))
}

/// `LOWER`.
///
/// # Errors
/// As for [`upper`].
pub fn lower(text: &Value) -> Result<Value, Fault> {
    whole(async |fuel| lower_in_pieces(text, fuel).await)
}

/// `LOWER`, with pauses.
///
/// # Errors
/// As for [`upper`].
pub async fn lower_in_pieces(text: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let text = string("LOWER", text)?;
    if text.len() <= SHORT {
        return Value::str(&text.to_lowercase());
    }
    let mut result = TextInPieces::new();
    let (mut rest, is_ascii) = (text.as_str(), text.is_ascii());
    while !rest.is_empty() {
        // What a capital sigma becomes depends on its neighbours, up to a line end or blank.
        let least = rest.floor_char_boundary(PIECE.min(rest.len()));
        let end = if is_ascii { least } else { rest[least..].find([' ', '\n']).map_or(rest.len(), |end| least + end) };
        result.push(&rest[..end].to_lowercase(), fuel).await?;
        fuel.spend(end as u64 / 2).await;
        rest = &rest[end..];
    }
    Ok(Value::Str(result.finish(fuel).await?))
}

/// `TRIM`: the str without white space at its ends.
///
/// # Errors
/// As for [`upper`].
pub fn trim(text: &Value) -> Result<Value, Fault> {
    whole(async |fuel| trim_in_pieces(text, fuel).await)
}

/// `TRIM`, with pauses.
///
/// # Errors
/// As for [`upper`].
pub async fn trim_in_pieces(text: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let subject = string("TRIM", text)?;
    let (mut start, mut end) = (0, subject.len());
    for character in subject.chars().take_while(|character| character.is_whitespace()) {
        start += character.len_utf8();
        fuel.spend(1).await;
    }
    for character in subject[start..].chars().rev().take_while(|character| character.is_whitespace()) {
        end -= character.len_utf8();
        fuel.spend(1).await;
    }
    if end - start == subject.len() {
        return Ok(text.clone());
    }
    Ok(Value::Str(Str::copy_in_pieces(&subject[start..end], fuel).await?))
}

/// `FORMAT`: the str with each `{}` replaced by the next element; `{{` and `}}` are braces.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operands are a str and a list, [`Fault::Argument`] for a single brace
/// or another number of elements than places, [`Fault::Limit`] when there is no room.
pub fn format(pattern: &Value, list: &Value) -> Result<Value, Fault> {
    whole(async |fuel| format_in_pieces(pattern, list, fuel).await)
}

/// `FORMAT`, if what it gives is short and nothing is wrong.
#[must_use]
pub fn short_format(pattern: &Value, list: &Value) -> Option<Result<Value, Fault>> {
    let (Value::Str(pattern), Value::List(items)) = (pattern, list) else { return None };
    if pattern.len() > SHORT {
        return None;
    }
    let mut text = ShortText::new();
    let mut items = items.iter();
    let mut rest = pattern.as_str();
    while let Some(part) = next_part(&mut rest) {
        match part? {
            Part::Text(part) => text.write_str(part).ok()?,
            Part::Place => (text.push(&items.next()?.to_value())).then_some(())?,
        }
    }
    items.next().is_none().then(|| Value::str(text.as_str()))
}

/// A part of a pattern of `FORMAT`.
enum Part<'a> {
    /// What stands for itself.
    Text(&'a str),
    /// Where an element goes.
    Place,
}

/// Takes the next part off a pattern, if it is not at its end. There is none where a single brace is.
#[expect(clippy::option_option, reason = "the end of the pattern, and a mistake in it")]
fn next_part<'a>(rest: &mut &'a str) -> Option<Option<Part<'a>>> {
    let all = *rest;
    let position = all.bytes().position(|byte| matches!(byte, b'{' | b'}')).unwrap_or(all.len());
    let (length, part) = match all.as_bytes().get(..2) {
        _ if all.is_empty() => return None,
        _ if position > 0 => (position, Part::Text(&all[..position])),
        Some(b"{{" | b"}}") => (2, Part::Text(&all[..1])),
        Some(b"{}") => (2, Part::Place),
        _ => return Some(None),
    };
    *rest = &all[length..];
    Some(Some(part))
}

/// `FORMAT`, with pauses.
///
/// # Errors
/// As for [`format()`].
pub async fn format_in_pieces(pattern: &Value, list: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let pattern = string("FORMAT", pattern)?;
    let Value::List(items) = list else { return Err(mismatch("FORMAT", "a list", list)) };
    fits_in_text(list, fuel).await?;
    let wrong = |error: String| Fault::Argument { operation: "FORMAT", error };
    let mut text = TextInPieces::new();
    let mut next = items.iter();
    let mut place_count = 0_usize;
    let mut rest = pattern.as_str();
    while let Some(part) = next_part(&mut rest) {
        let bytes = match part {
            Some(Part::Text(part)) => {
                text.write_str(part).map_err(|_| NoRoom::Elements)?;
                part.len()
            }
            Some(Part::Place) => {
                place_count += 1;
                if let Some(item) = next.next() {
                    push_in_pieces(&mut text, &item.to_value(), fuel).await?;
                }
                0
            }
            None => return Err(wrong("a single brace (write {{ or }} for a brace)".to_owned())),
        };
        fuel.spend(STEPS_PER_ITEM + bytes as u64 / 8).await;
    }
    if place_count != items.len() {
        let plural = |count| if count == 1 { "" } else { "s" };
        let (places, elements) = (plural(place_count), plural(items.len()));
        return Err(wrong(format!("{place_count} place{places} for {} element{elements}", items.len())));
    }
    Ok(Value::Str(text.finish(fuel).await?))
}
