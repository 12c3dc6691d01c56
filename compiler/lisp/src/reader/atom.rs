//! Words: numbers and names.

use ttvm_isa::limits;

use crate::{datum::DatumKind, error::Errors, problem::Problem, source::Span};

/// What a word is.
pub(super) fn atom(word: &str, span: Span, errors: &mut Errors) -> DatumKind {
    match word {
        "." => {
            let help = Some("lists end by themselves; functions take a fixed number of arguments");
            errors.report(span, Problem::UnknownSyntax { what: "the dot is".to_owned(), help });
            return DatumKind::Broken;
        }
        "+inf.0" => return DatumKind::Float(f64::INFINITY),
        "-inf.0" => return DatumKind::Float(f64::NEG_INFINITY),
        "+nan.0" | "-nan.0" => return DatumKind::Float(f64::NAN),
        _ => {}
    }
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let begins_like_number = unsigned.strip_prefix('.').unwrap_or(unsigned).starts_with(|c: char| c.is_ascii_digit());
    if !begins_like_number {
        return DatumKind::Symbol(word.to_owned());
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return checked(word.to_owned(), unsigned.len(), limits::INTEGER_DIGITS_MAX, span, errors);
    }
    let is_float = unsigned.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    match word.parse() {
        Ok(float) if is_float => DatumKind::Float(float),
        _ => {
            let is_ratio = unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/');
            errors.report(span, Problem::MalformedNumber { word: word.to_owned(), is_ratio });
            DatumKind::Broken
        }
    }
}

/// `#x` or `#b` and digits of that radix.
pub(super) fn integer(word: &str, radix: u32, span: Span, errors: &mut Errors) -> DatumKind {
    let spelled = &word[2..];
    let (sign, digits) = match spelled.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", spelled.strip_prefix('+').unwrap_or(spelled)),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        errors.report(span, Problem::MalformedNumber { word: word.to_owned(), is_ratio: false });
        return DatumKind::Broken;
    }
    // So many digits say no more than INTEGER_DIGITS_MAX decimal ones: a decimal digit has 3.3219 bits or more.
    let bits_max = limits::INTEGER_DIGITS_MAX / 10_000 * 33_219;
    let (prefix, digits_max) = if radix == 16 { ("0x", bits_max / 4) } else { ("0b", bits_max) };
    checked(format!("{sign}{prefix}{digits}"), digits.len(), digits_max, span, errors)
}

fn checked(spelling: String, digits: usize, digits_max: usize, span: Span, errors: &mut Errors) -> DatumKind {
    if digits > digits_max {
        let problem = Problem::TooLong { what: "integer", found: digits, unit: "digits", found_max: digits_max };
        errors.report(span, problem);
        return DatumKind::Broken;
    }
    DatumKind::Integer(spelling)
}
