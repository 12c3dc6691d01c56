//! Instructions as bytes: the code, then the operands in the order of the table.
//!
//! A code is one byte, or two bytes of which the first is [`PREFIX`].
//!
//! | operand | encoding |
//! |---|---|
//! | integer | LEB128 of the constant pool index |
//! | float, text, name | LEB128 of the constant pool index |
//! | names | LEB128 count, then an index each |
//! | target, count | LEB128 |
//! | optional count | LEB128: 0 for none, else one more than the count |
//! | optional text | LEB128: 0 for none, else one more than the constant pool index |
//! | flag | a byte, 0 or 1 |
//! | receive table | see `codec/receive.rs` |
//!
//! LEB128 must be minimal: one program has one encoding. The pool itself belongs to the bytecode file;
//! here it is two traits, one that interns operands and one that looks them up.

mod receive;

use crate::{
    limits,
    opcode::OpCode,
    operand::{Float, Integer, Text, kinds},
    receive::ReceiveError,
};

/// The first byte of every code of two bytes; no instruction has it as its code.
pub const PREFIX: u8 = 0xFE;

/// Gives each constant an index, in order of first use.
pub trait Intern {
    /// The index of an integer.
    fn integer(&mut self, value: &Integer) -> u32;
    /// The index of a float.
    fn float(&mut self, value: Float) -> u32;
    /// The index of a string or name.
    fn text(&mut self, value: &Text) -> u32;
}

/// Looks constants up by their index.
pub trait Constants {
    /// The integer at the index, if there is one.
    fn integer(&self, index: u32) -> Option<Integer>;
    /// The float at the index, if there is one.
    fn float(&self, index: u32) -> Option<Float>;
    /// The string at the index, if there is one.
    fn text(&self, index: u32) -> Option<Text>;
}

/// Why bytes are not an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end within an instruction.
    Truncated,
    /// No instruction has this code.
    UnknownCode(u16),
    /// A number is longer than it need be or than 32 bits.
    BadNumber,
    /// A constant index leads nowhere or to a constant of another type.
    BadConstant(u32),
    /// A flag is neither 0 nor 1.
    BadFlag(u8),
    /// More parameters than [`limits::PARAMETERS_MAX`].
    TooManyParameters(u32),
    /// A receive table breaks its limits or says what no block can.
    BadReceive(ReceiveError),
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truncated => f.write_str("the code ends within an instruction"),
            Self::UnknownCode(code) => write!(f, "no instruction has the code 0x{code:02X}"),
            Self::BadNumber => f.write_str("a number is not in its shortest form or exceeds 32 bits"),
            Self::BadConstant(index) => write!(f, "constant {index} does not exist or has another type"),
            Self::BadFlag(byte) => write!(f, "a flag is 0 or 1, not {byte}"),
            Self::TooManyParameters(count) => {
                write!(f, "{count} parameters, at most {} are allowed", limits::PARAMETERS_MAX)
            }
            Self::BadReceive(error) => write!(f, "a receive table is wrong: {error}"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Appends a number as minimal LEB128.
pub fn write_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads minimal LEB128 from the front of `bytes` and moves past it.
///
/// # Errors
/// [`DecodeError::Truncated`] and [`DecodeError::BadNumber`].
pub fn read_number(bytes: &mut &[u8]) -> Result<u32, DecodeError> {
    let mut number = 0u32;
    for shift in [0, 7, 14, 21, 28] {
        let byte = read_byte(bytes)?;
        let part = u32::from(byte & 0x7F);
        if shift == 28 && part > 0xF {
            return Err(DecodeError::BadNumber);
        }
        number |= part << shift;
        if byte < 0x80 {
            return if byte == 0 && shift > 0 { Err(DecodeError::BadNumber) } else { Ok(number) };
        }
    }
    Err(DecodeError::BadNumber)
}

/// Appends the code of a row of the table, whose upper byte is 0 or [`PREFIX`].
pub fn write_code(bytes: &mut Vec<u8>, code: u16) {
    let [upper, lower] = code.to_be_bytes();
    if upper != 0 {
        bytes.push(upper);
    }
    bytes.push(lower);
}

fn read_code(bytes: &mut &[u8]) -> Result<u16, DecodeError> {
    match read_byte(bytes)? {
        PREFIX => Ok(u16::from_be_bytes([PREFIX, read_byte(bytes)?])),
        code => Ok(u16::from(code)),
    }
}

fn read_byte(bytes: &mut &[u8]) -> Result<u8, DecodeError> {
    let (first, rest) = bytes.split_first().ok_or(DecodeError::Truncated)?;
    *bytes = rest;
    Ok(*first)
}

/// How an operand of each kind is written and read.
trait Operand: Sized {
    fn encode(&self, bytes: &mut Vec<u8>, pool: &mut dyn Intern);
    fn decode(bytes: &mut &[u8], pool: &dyn Constants) -> Result<Self, DecodeError>;
}

impl Operand for Integer {
    fn encode(&self, bytes: &mut Vec<u8>, pool: &mut dyn Intern) {
        write_number(bytes, pool.integer(self));
    }
    fn decode(bytes: &mut &[u8], pool: &dyn Constants) -> Result<Self, DecodeError> {
        let index = read_number(bytes)?;
        pool.integer(index).ok_or(DecodeError::BadConstant(index))
    }
}

impl Operand for Float {
    fn encode(&self, bytes: &mut Vec<u8>, pool: &mut dyn Intern) {
        write_number(bytes, pool.float(*self));
    }
    fn decode(bytes: &mut &[u8], pool: &dyn Constants) -> Result<Self, DecodeError> {
        let index = read_number(bytes)?;
        pool.float(index).ok_or(DecodeError::BadConstant(index))
    }
}

impl Operand for Text {
    fn encode(&self, bytes: &mut Vec<u8>, pool: &mut dyn Intern) {
        write_number(bytes, pool.text(self));
    }
    fn decode(bytes: &mut &[u8], pool: &dyn Constants) -> Result<Self, DecodeError> {
        let index = read_number(bytes)?;
        pool.text(index).ok_or(DecodeError::BadConstant(index))
    }
}

impl Operand for kinds::Names {
    fn encode(&self, bytes: &mut Vec<u8>, pool: &mut dyn Intern) {
        let count = u32::try_from(self.len()).expect("the assembler and OpCode builders keep PARAMETERS_MAX");
        write_number(bytes, count);
        for name in self.iter() {
            name.encode(bytes, pool);
        }
    }
    fn decode(bytes: &mut &[u8], pool: &dyn Constants) -> Result<Self, DecodeError> {
        let count = read_number(bytes)?;
        if count > limits::PARAMETERS_MAX {
            return Err(DecodeError::TooManyParameters(count));
        }
        (0..count).map(|_| Text::decode(bytes, pool)).collect()
    }
}

impl Operand for u32 {
    fn encode(&self, bytes: &mut Vec<u8>, _: &mut dyn Intern) {
        write_number(bytes, *self);
    }
    fn decode(bytes: &mut &[u8], _: &dyn Constants) -> Result<Self, DecodeError> {
        read_number(bytes)
    }
}

impl Operand for Option<u32> {
    fn encode(&self, bytes: &mut Vec<u8>, _: &mut dyn Intern) {
        write_number(bytes, self.map_or(0, |count| count.saturating_add(1)));
    }
    fn decode(bytes: &mut &[u8], _: &dyn Constants) -> Result<Self, DecodeError> {
        Ok(read_number(bytes)?.checked_sub(1))
    }
}

impl Operand for Option<Text> {
    fn encode(&self, bytes: &mut Vec<u8>, pool: &mut dyn Intern) {
        let number = self.as_ref().map_or(0, |text| pool.text(text).saturating_add(1));
        write_number(bytes, number);
    }
    fn decode(bytes: &mut &[u8], pool: &dyn Constants) -> Result<Self, DecodeError> {
        let Some(index) = read_number(bytes)?.checked_sub(1) else { return Ok(None) };
        pool.text(index).map(Some).ok_or(DecodeError::BadConstant(index))
    }
}

impl Operand for bool {
    fn encode(&self, bytes: &mut Vec<u8>, _: &mut dyn Intern) {
        bytes.push(u8::from(*self));
    }
    fn decode(bytes: &mut &[u8], _: &dyn Constants) -> Result<Self, DecodeError> {
        match read_byte(bytes)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(DecodeError::BadFlag(other)),
        }
    }
}

macro_rules! define_codec {
    ($( family $family:literal { $(
        $mnemonic:ident = $code:literal $variant:ident { $($operand:ident : $kind:ident),* }
            $effect:literal $cost:ident $flow:ident $doc:literal;
    )* } )*) => {
        impl OpCode {
            /// Appends the instruction's bytes, interning its constants.
            pub fn encode(&self, bytes: &mut Vec<u8>, pool: &mut dyn Intern) {
                match self {
                    $($( Self::$variant { $($operand),* } => {
                        write_code(bytes, $code);
                        $( Operand::encode($operand, bytes, pool); )*
                    } )*)*
                }
            }

            /// Reads one instruction from the front of `bytes` and moves past it.
            ///
            /// # Errors
            /// Every kind of [`DecodeError`]; `bytes` is then left somewhere within the instruction.
            pub fn decode(bytes: &mut &[u8], pool: &dyn Constants) -> Result<Self, DecodeError> {
                match read_code(bytes)? {
                    $($( $code => Ok(Self::$variant { $( $operand: Operand::decode(bytes, pool)? ),* }), )*)*
                    unknown => Err(DecodeError::UnknownCode(unknown)),
                }
            }
        }
    };
}

with_instructions!(define_codec);
