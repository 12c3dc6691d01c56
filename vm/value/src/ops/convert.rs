//! Conversions between types: `TYPE_OF`, `TO_STR`, `TO_INT`, `TO_FLOAT`, `BYTES_OF`.

use std::fmt::Display;

use num_bigint::BigInt;
use ttvm_isa::{
    Fault,
    limits::{INTEGER_BITS_MAX, INTEGER_DIGITS_MAX},
};

use super::{expect::mismatch, rounding::int_of_float, text};
use crate::{
    big::Big,
    bytes::Bytes,
    heap::literal::StaticStr,
    text::Str,
    value::Value,
    work::{Fuel, whole},
};

macro_rules! type_name {
    ($text:literal) => {{
        static NAME: StaticStr<{ $text.len() }> = StaticStr::new($text);
        Str::from_static(&NAME)
    }};
}

/// `TYPE_OF`: the name of the value's type.
#[must_use]
pub fn type_of(value: &Value) -> Value {
    Value::Str(match value {
        Value::Int(_) | Value::BigInt(_) => type_name!("int"),
        Value::Float(_) => type_name!("float"),
        Value::Null => type_name!("null"),
        Value::Bool(_) => type_name!("bool"),
        Value::Pid(_) => type_name!("pid"),
        Value::Ref(_) => type_name!("ref"),
        Value::Barrier(_) => type_name!("barrier"),
        Value::Future(_) => type_name!("future"),
        Value::Stream(_) => type_name!("stream"),
        Value::Resource(_) => type_name!("resource"),
        Value::Function(_) | Value::Closure(_) => type_name!("function"),
        Value::Undefined => type_name!("undefined"),
        Value::Str(_) => type_name!("str"),
        Value::List(_) => type_name!("list"),
        Value::Object(_) => type_name!("object"),
        Value::Bytes(_) => type_name!("bytes"),
        Value::I64Array(_) | Value::F64Array(_) => type_name!("array"),
        Value::Map(_) => type_name!("map"),
        Value::Exception(_) => type_name!("exception"),
    })
}

/// `TO_STR`: the value as `PRINT` writes it.
///
/// # Errors
/// [`Fault::Limit`] when it is too long or there is no memory.
pub fn to_str(value: &Value) -> Result<Value, Fault> {
    Ok(Value::Str(text::to_str(value)?))
}

/// `TO_STR` of a value whose text is short.
#[must_use]
pub fn short_to_str(value: &Value) -> Option<Result<Value, Fault>> {
    text::short_to_str(value).map(|text| text.map(Value::Str))
}

/// `TO_STR`, with pauses.
///
/// # Errors
/// As for [`to_str`].
pub async fn to_str_in_pieces(value: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    Ok(Value::Str(text::to_str_in_pieces(value, fuel).await?))
}

/// `TO_INT`: an int of a number (truncating), bool or str (in the syntax of the assembler, white space at
/// its ends left out).
///
/// # Errors
/// [`Fault::TypeMismatch`] for other types, [`Fault::Argument`] if there is no such int, [`Fault::Limit`]
/// when it has too many digits.
pub fn to_int(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Int(_) | Value::BigInt(_) => Ok(value.clone()),
        Value::Float(float) => int_of_float("TO_INT", float.trunc()),
        Value::Bool(condition) => Ok(Value::Int(i64::from(*condition))),
        Value::Str(text) => parse_int(text.trim())?.ok_or_else(|| unreadable("TO_INT", text, "an int")),
        other => Err(mismatch("TO_INT", "a number, bool or string", other)),
    }
}

/// `TO_FLOAT`: a float of a number, bool or str.
///
/// # Errors
/// [`Fault::TypeMismatch`] for other types, [`Fault::Argument`] if the str is no float.
pub fn to_float(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Bool(condition) => Ok(Value::Float(f64::from(u8::from(*condition)))),
        Value::Str(text) => {
            let float = text.trim().parse().map_err(|_| unreadable("TO_FLOAT", text, "a float"))?;
            Ok(Value::Float(float))
        }
        other => match super::expect::as_float(other) {
            Some(float) => Ok(Value::Float(float)),
            None => Err(mismatch("TO_FLOAT", "a number, bool or string", other)),
        },
    }
}

/// `BYTES_OF`: the UTF-8 of a str, or the bytes of a list of ints from 0 to 255.
///
/// # Errors
/// [`Fault::TypeMismatch`] for other operands, [`Fault::Argument`] for other ints.
pub fn bytes_of(value: &Value) -> Result<Value, Fault> {
    whole(async |fuel| bytes_of_in_pieces(value, fuel).await)
}

/// `BYTES_OF`, with pauses.
///
/// # Errors
/// As for [`bytes_of`].
pub async fn bytes_of_in_pieces(value: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    match value {
        Value::Bytes(_) => Ok(value.clone()),
        Value::Str(text) => Ok(Value::Bytes(Bytes::copy_in_pieces(text.as_bytes(), fuel).await?)),
        Value::List(list) => {
            let bytes = list.iter().map(|item| byte(&item.to_value()));
            Ok(Value::Bytes(Bytes::collect_in_pieces(bytes, fuel).await?))
        }
        other => Err(mismatch("BYTES_OF", "a string or a list", other)),
    }
}

fn byte(value: &Value) -> Result<u8, Fault> {
    let no_byte =
        |int: &dyn Display| Fault::Argument { operation: "BYTES_OF", error: format!("{int} is no byte (0 to 255)") };
    match value {
        Value::Int(int) => u8::try_from(*int).map_err(|_| no_byte(int)),
        Value::BigInt(int) => Err(no_byte(int.number())),
        other => Err(mismatch("BYTES_OF", "integers from 0 to 255", other)),
    }
}

#[cold]
fn unreadable(operation: &'static str, text: &Str, wanted: &str) -> Fault {
    let shown: String = text.chars().take(100).collect();
    let dots = if shown.len() < text.len() { "..." } else { "" };
    Fault::Argument { operation, error: format!("cannot read \"{shown}{dots}\" as {wanted}") }
}

/// Reads decimal digits with a sign, or digits behind `0x` or `0b`; `_` may stand between digits.
fn parse_int(text: &str) -> Result<Option<Value>, Fault> {
    let (is_negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x', ..] => (16, &digits[2..]),
        [b'0', b'b', ..] => (2, &digits[2..]),
        _ => (10, digits),
    };
    let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
    let ends_are_digits =
        [digits.as_bytes().first(), digits.as_bytes().last()].iter().all(|end| end.is_some_and(is_digit));
    if !ends_are_digits || !digits.bytes().all(|byte| byte == b'_' || is_digit(&byte)) {
        return Ok(None);
    }
    let plain: String = digits.chars().filter(|character| *character != '_').collect();
    if let Ok(int) = i64::from_str_radix(&plain, radix) {
        return Ok(Some(Value::Int(if is_negative { -int } else { int })));
    }
    if radix == 10 && plain.len() > INTEGER_DIGITS_MAX {
        return Err(Fault::Limit { what: "decimal digits", max: INTEGER_DIGITS_MAX as u64 });
    }
    if plain.len() as u64 > INTEGER_BITS_MAX {
        return Err(Big::too_big());
    }
    let Some(int) = BigInt::parse_bytes(plain.as_bytes(), radix) else { return Ok(None) };
    Ok(Some(Big::value(if is_negative { -int } else { int })?))
}
