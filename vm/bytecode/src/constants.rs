//! The constant pool: one entry for each integer, float and string that instructions use.
//!
//! Entries stand in order of their first use in the code, each once. Here: what an entry is, how it looks in
//! bytes, which are allowed. Giving indexes is `constants/interner.rs`, looking them up `constants/pool.rs`.

mod interner;
mod pool;

use std::sync::LazyLock;

use num_bigint::{BigInt, BigUint, Sign};
use thiserror::Error;
use ttvm_isa::{Float, Integer, Text, codec::write_number, limits};

pub(crate) use self::{interner::Interner, pool::Pool};
use crate::{
    format::Section,
    reader::{Cursor, ReadError},
};

/// The byte that begins each kind of entry.
mod kind {
    pub const INTEGER: u8 = 1;
    pub const BIG_POSITIVE: u8 = 2;
    pub const BIG_NEGATIVE: u8 = 3;
    pub const FLOAT: u8 = 4;
    pub const TEXT: u8 = 5;
}

/// The only NaN of the format: quiet, positive, no payload, whatever the machine makes.
const NAN_BITS: u64 = 0x7FF8_0000_0000_0000;

/// The smallest number with one digit more than allowed.
static INTEGER_END: LazyLock<BigUint> = LazyLock::new(|| {
    let digits = u32::try_from(limits::INTEGER_DIGITS_MAX).expect("the limit is a small number");
    BigUint::from(10u32).pow(digits)
});

/// Below this a comparison with [`INTEGER_END`] is not needed: 8^n is less than 10^n.
const BITS_ALWAYS_ALLOWED: u64 = 3 * limits::INTEGER_DIGITS_MAX as u64;

/// Bytes beyond which an integer certainly has too many digits: a digit takes less than 3.33 bits.
const INTEGER_BYTES_MAX: usize = limits::INTEGER_DIGITS_MAX / 8 * 10 / 3 + 1;

/// An entry of the pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Constant {
    Integer(Integer),
    Float(Float),
    Text(Text),
}

/// Why a constant cannot stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConstantError {
    /// A big integer that a small one could hold: the same program would have two encodings.
    #[error("a big integer fits in 64 bits and must be a small one")]
    IntegerNotBig,
    /// An integer with more than [`limits::INTEGER_DIGITS_MAX`] digits.
    #[error("an integer has more than {} digits", limits::INTEGER_DIGITS_MAX)]
    IntegerTooLong,
    /// A string with more than [`limits::TEXT_BYTES_MAX`] bytes.
    #[error("a string has {length} bytes, at most {} are allowed", limits::TEXT_BYTES_MAX)]
    TextTooLong {
        /// How many bytes it has.
        length: u64,
    },
}

impl Constant {
    /// Whether the constant may stand in a file.
    fn check(&self) -> Result<(), ConstantError> {
        match self {
            Self::Integer(Integer::Small(_)) | Self::Float(_) => Ok(()),
            Self::Integer(Integer::Big(big)) => check_big(big),
            Self::Text(text) => check_text(text),
        }
    }

    /// Appends the entry; the constant must have passed [`Constant::check`].
    fn encode(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Integer(Integer::Small(small)) => {
                bytes.push(kind::INTEGER);
                bytes.extend_from_slice(&small.to_le_bytes());
            }
            Self::Integer(Integer::Big(big)) => {
                let (sign, magnitude) = big.to_bytes_le();
                bytes.push(if sign == Sign::Minus { kind::BIG_NEGATIVE } else { kind::BIG_POSITIVE });
                write_block(bytes, &magnitude);
            }
            Self::Float(float) => {
                let value = float.get();
                let bits = if value.is_nan() { NAN_BITS } else { value.to_bits() };
                bytes.push(kind::FLOAT);
                bytes.extend_from_slice(&bits.to_le_bytes());
            }
            Self::Text(text) => {
                bytes.push(kind::TEXT);
                write_block(bytes, text.as_bytes());
            }
        }
    }

    /// Reads one entry.
    fn decode(cursor: &mut Cursor<'_>) -> Result<Self, ReadError> {
        let offset = cursor.offset();
        match cursor.byte()? {
            kind::INTEGER => Ok(Self::Integer(Integer::Small(i64::from_le_bytes(cursor.array()?)))),
            kind::BIG_POSITIVE => decode_big(cursor, Sign::Plus, offset),
            kind::BIG_NEGATIVE => decode_big(cursor, Sign::Minus, offset),
            kind::FLOAT => {
                let bits = u64::from_le_bytes(cursor.array()?);
                let value = f64::from_bits(bits);
                if value.is_nan() && bits != NAN_BITS {
                    return Err(ReadError::BadNan { offset, bits });
                }
                Ok(Self::Float(Float::new(value)))
            }
            kind::TEXT => {
                let length = cursor.number()?;
                check_text_length(u64::from(length)).map_err(|reason| ReadError::BadConstant { offset, reason })?;
                let bytes = cursor.take(length as usize)?;
                match std::str::from_utf8(bytes) {
                    Ok(text) => Ok(Self::Text(text.into())),
                    Err(_) => Err(ReadError::BadText { section: Section::Constants, offset }),
                }
            }
            kind => Err(ReadError::UnknownConstantKind { offset, kind }),
        }
    }
}

fn write_block(bytes: &mut Vec<u8>, block: &[u8]) {
    let length = u32::try_from(block.len()).expect("Constant::check keeps blocks below TEXT_BYTES_MAX");
    write_number(bytes, length);
    bytes.extend_from_slice(block);
}

fn decode_big(cursor: &mut Cursor<'_>, sign: Sign, offset: u64) -> Result<Constant, ReadError> {
    let length = cursor.number()? as usize;
    if length > INTEGER_BYTES_MAX {
        return Err(ReadError::BadConstant { offset, reason: ConstantError::IntegerTooLong });
    }
    let magnitude = cursor.take(length)?;
    if magnitude.last() == Some(&0) {
        return Err(ReadError::IntegerNotShortest { offset });
    }
    let big = BigInt::from_bytes_le(sign, magnitude);
    check_big(&big).map_err(|reason| ReadError::BadConstant { offset, reason })?;
    Ok(Constant::Integer(Integer::from(big)))
}

pub(crate) fn check_big(big: &BigInt) -> Result<(), ConstantError> {
    if i64::try_from(big).is_ok() {
        Err(ConstantError::IntegerNotBig)
    } else if big.bits() > BITS_ALWAYS_ALLOWED && big.magnitude() >= &*INTEGER_END {
        Err(ConstantError::IntegerTooLong)
    } else {
        Ok(())
    }
}

/// Whether a string of the pool or the metadata is short enough.
pub(crate) fn check_text(text: &str) -> Result<(), ConstantError> {
    check_text_length(text.len() as u64)
}

fn check_text_length(length: u64) -> Result<(), ConstantError> {
    if length > u64::from(limits::TEXT_BYTES_MAX) { Err(ConstantError::TextTooLong { length }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_of_exactly_the_longest_length_is_allowed() {
        let longest: BigInt = BigInt::from(INTEGER_END.clone()) - 1;
        assert_eq!(longest.to_string().len(), limits::INTEGER_DIGITS_MAX);
        assert_eq!(check_big(&longest), Ok(()));
        assert_eq!(check_big(&-longest), Ok(()));
    }

    #[test]
    fn an_integer_of_one_digit_more_is_refused() {
        let one_more = BigInt::from(INTEGER_END.clone());
        assert_eq!(check_big(&one_more), Err(ConstantError::IntegerTooLong));
        assert_eq!(check_big(&-one_more), Err(ConstantError::IntegerTooLong));
    }

    #[test]
    fn the_bound_in_bytes_lets_every_allowed_integer_pass() {
        let longest: BigUint = INTEGER_END.clone() - 1u32;
        assert!(longest.to_bytes_le().len() <= INTEGER_BYTES_MAX);
    }

    #[test]
    fn integers_at_the_edge_of_64_bits_are_small() {
        let (low, high) = (BigInt::from(i64::MIN), BigInt::from(i64::MAX));
        assert_eq!(check_big(&low), Err(ConstantError::IntegerNotBig));
        assert_eq!(check_big(&high), Err(ConstantError::IntegerNotBig));
        assert_eq!(check_big(&(low - 1)), Ok(()));
        assert_eq!(check_big(&(high + 1)), Ok(()));
    }

    #[test]
    fn a_string_of_the_longest_length_is_allowed_and_one_more_refused() {
        let longest = u64::from(limits::TEXT_BYTES_MAX);
        assert_eq!(check_text_length(longest), Ok(()));
        assert_eq!(check_text_length(longest + 1), Err(ConstantError::TextTooLong { length: longest + 1 }));
    }
}
