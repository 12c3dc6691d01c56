//! `TYPE_OF`, `TO_STR`, `TO_INT`, `TO_FLOAT`.

use num_bigint::BigInt;
use num_traits::Num;
use ttvm_isa::{Fault, limits};

use super::{arithmetic::int_to_float, limited, mathematics::whole, mismatch};
use crate::{text::Printed, value::Value};

pub(crate) fn type_of([a]: [Value; 1]) -> Result<Value, Fault> {
    Ok(Value::str(a.type_name()))
}

pub(crate) fn to_str([a]: [Value; 1]) -> Result<Value, Fault> {
    Ok(Value::str(Printed(&a).to_string()))
}

pub(crate) fn to_int([a]: [Value; 1]) -> Result<Value, Fault> {
    match &a {
        Value::Int(_) => Ok(a),
        Value::Float(float) => whole("TO_INT", float.trunc()),
        Value::Bool(bool) => Ok(Value::answer(*bool)),
        Value::Str(text) => read_int(text.trim())?.ok_or_else(|| unreadable("TO_INT", text, "an int")),
        other => Err(mismatch("TO_INT", "a number, bool or string", &[other])),
    }
}

/// Names at most the first 100 characters.
fn unreadable(operation: &'static str, text: &str, wanted: &str) -> Fault {
    let shown: String = text.chars().take(100).collect();
    let dots = if shown.len() < text.len() { "..." } else { "" };
    Fault::Argument { operation, error: format!("cannot read \"{shown}{dots}\" as {wanted}") }
}

/// Reads what `PUSH_INT` would take; `None` if it would not.
fn read_int(text: &str) -> Result<Option<Value>, Fault> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ => (10, digits),
    };
    let plain = digits.replace('_', "");
    let is_plain = plain.chars().all(|digit| digit.is_digit(radix));
    if plain.is_empty() || !is_plain || digits.starts_with('_') || digits.ends_with('_') {
        return Ok(None);
    }
    let is_small = i64::from_str_radix(&plain, radix).is_ok();
    if radix == 10 && plain.len() > limits::INTEGER_DIGITS_MAX && !is_small {
        return Err(Fault::Limit { what: "decimal digits", max: limits::INTEGER_DIGITS_MAX as u64 });
    }
    let int = BigInt::from_str_radix(&format!("{sign}{plain}"), radix).expect("only digits are left");
    limited(int).map(Some)
}

pub(crate) fn to_float([a]: [Value; 1]) -> Result<Value, Fault> {
    match &a {
        Value::Int(int) => Ok(int_to_float(int)),
        Value::Float(_) => Ok(a),
        Value::Bool(bool) => Ok(Value::Float(f64::from(u8::from(*bool)))),
        Value::Str(text) => text.trim().parse().map(Value::Float).map_err(|_| unreadable("TO_FLOAT", text, "a float")),
        other => Err(mismatch("TO_FLOAT", "a number, bool or string", &[other])),
    }
}
