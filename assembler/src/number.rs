//! Number literals: integers of any size, floats, counts.

use std::sync::Arc;

use nom::{
    IResult, Parser as _,
    branch::alt,
    bytes::complete::tag,
    character::complete::{one_of, satisfy},
    combinator::{all_consuming, opt, recognize, value},
    multi::many0_count,
    sequence::{pair, preceded},
};
use num_bigint::{BigInt, Sign};
use ttvm_isa::{Float, Integer};

/// Why a word is no integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntegerError {
    /// It does not look like one.
    NotAnInteger,
    /// It has more digits than allowed.
    TooLong {
        /// The digits it has.
        digits: usize,
    },
}

/// Reads an integer: an optional sign, then decimal digits, or `0x` or `0b` and digits; `_` between digits.
///
/// # Errors
/// [`IntegerError`]; the limit keeps the time small, which grows with the square of the length.
pub(crate) fn integer(word: &str, digits_max: usize) -> Result<Integer, IntegerError> {
    let (is_negative, radix, digits) = spelled_integer(word).map_err(|_| IntegerError::NotAnInteger)?.1;
    let digits: Vec<u8> = digits.bytes().filter(|byte| *byte != b'_').collect();
    let too_long = IntegerError::TooLong { digits: digits.len() };
    if digits.len() > digits_max {
        return Err(too_long);
    }
    let sign = if is_negative { Sign::Minus } else { Sign::Plus };
    let digit_values: Vec<u8> = digits.iter().map(|digit| digit_value(*digit)).collect();
    let big =
        BigInt::from_radix_be(sign, &digit_values, radix).expect("the grammar lets only digits of the radix pass");
    // A number of up to this many bits has at most `digits_max` decimal digits, since 3.3219 < log2(10): what is
    // written in another base can always be written in decimal too, as the disassembler does.
    let bits_max = (digits_max as u64).saturating_mul(33_219) / 10_000;
    if radix != 10 && big.bits() > bits_max {
        return Err(too_long);
    }
    Ok(i64::try_from(&big).map_or_else(|_| Integer::Big(Arc::new(big)), Integer::Small))
}

fn digit_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.to_ascii_lowercase() - b'a' + 10,
    }
}

/// Sign, radix and digits.
fn spelled_integer(word: &str) -> IResult<&str, (bool, u32, &str)> {
    let sign = opt(alt((value(true, tag("-")), value(false, tag("+"))))).map(|sign| sign.unwrap_or(false));
    let unsigned = alt((
        preceded(tag("0x"), digits(16)).map(|digits| (16, digits)),
        preceded(tag("0b"), digits(2)).map(|digits| (2, digits)),
        digits(10).map(|digits| (10, digits)),
    ));
    let (rest, (is_negative, (radix, digits))) = all_consuming(pair(sign, unsigned)).parse(word)?;
    Ok((rest, (is_negative, radix, digits)))
}

/// Digits of a radix, the first and last of them no `_`.
fn digits<'a>(radix: u32) -> impl nom::Parser<&'a str, Output = &'a str, Error = nom::error::Error<&'a str>> {
    let digit = move || satisfy(move |character| character.is_digit(radix));
    let more = preceded(many0_count(one_of("_")), digit());
    recognize(pair(digit(), many0_count(more)))
}

/// Reads a float: anything that Rust's `f64` parser takes.
pub(crate) fn float(word: &str) -> Option<Float> {
    word.parse().ok().map(Float::new)
}

/// The float nearest to an integer.
pub(crate) fn float_of(integer: &Integer) -> Float {
    let nearest = integer.to_string().parse();
    Float::new(nearest.expect("the decimal digits of an integer are a float literal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(word: &str) -> Result<String, IntegerError> {
        integer(word, 40).map(|integer| integer.to_string())
    }

    #[test]
    fn integers_have_signs_bases_and_separators() {
        for (word, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("+7", "7"),
            ("1_000__000", "1000000"),
            ("0xff", "255"),
            ("-0xFF_FF", "-65535"),
            ("0b1010", "10"),
            ("9223372036854775808", "9223372036854775808"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("007", "7"),
        ] {
            assert_eq!(read(word).as_deref(), Ok(expected), "{word}");
        }
    }

    #[test]
    fn what_is_no_integer_is_refused() {
        for word in ["", "-", "_1", "1_", "0x", "0x_1", "0b2", "1.0", "12a", "--1", "0X1", "٣"] {
            assert_eq!(read(word), Err(IntegerError::NotAnInteger), "{word}");
        }
    }

    #[test]
    fn the_number_of_digits_has_a_limit() {
        assert!(read(&"9".repeat(40)).is_ok());
        assert_eq!(read(&"9".repeat(41)), Err(IntegerError::TooLong { digits: 41 }));
        assert!(read(&format!("0x{}", "f".repeat(33))).is_ok());
        assert_eq!(read(&format!("0x{}", "f".repeat(34))), Err(IntegerError::TooLong { digits: 34 }));
    }

    #[test]
    fn numbers_next_to_the_limits_of_64_bits_keep_their_form() {
        assert_eq!(integer("9223372036854775807", 40), Ok(Integer::Small(i64::MAX)));
        assert!(matches!(integer("9223372036854775808", 40), Ok(Integer::Big(_))));
    }
}
