//! `TYPE_OF`, `TO_STR`, `TO_INT`, `TO_FLOAT`.

use num_bigint::BigInt;
use num_traits::Num;
use ttvm_isa::{Fault, limits};

use super::{arithmetic::int_to_float, mathematics::whole, mismatch};
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
        Value::Str(text) => {
            let unreadable =
                || Fault::Argument { operation: "TO_INT", error: format!("cannot read {text:?} as an int") };
            read_int(text).map(Value::Int).ok_or_else(unreadable)
        }
        other => Err(mismatch("TO_INT", "a number, bool or string", &[other])),
    }
}

/// Reads what `PUSH_INT` would take, with white space around it.
fn read_int(text: &str) -> Option<BigInt> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x" | "0X") => (16, &digits[2..]),
        Some("0b" | "0B") => (2, &digits[2..]),
        _ => (10, digits),
    };
    let plain = digits.replace('_', "");
    let is_plain = plain.chars().all(|digit| digit.is_digit(radix));
    if plain.is_empty() || !is_plain || digits.starts_with('_') || plain.len() > limits::INTEGER_DIGITS_MAX {
        return None;
    }
    BigInt::from_str_radix(&format!("{sign}{plain}"), radix).ok()
}

pub(crate) fn to_float([a]: [Value; 1]) -> Result<Value, Fault> {
    match &a {
        Value::Int(int) => Ok(int_to_float(int)),
        Value::Float(_) => Ok(a),
        Value::Bool(bool) => Ok(Value::Float(f64::from(u8::from(*bool)))),
        Value::Str(text) => {
            let error = || Fault::Argument { operation: "TO_FLOAT", error: format!("cannot read {text:?} as a float") };
            text.trim().parse().map(Value::Float).map_err(|_| error())
        }
        other => Err(mismatch("TO_FLOAT", "a number, bool or string", &[other])),
    }
}
