//! From the bytes of a `.ttb` file to a [`Module`], or to the reason why they are none.
//!
//! The reader trusts nothing: any bytes are refused or read, in time and memory linear in their number. No
//! length in the file is believed before the bytes it speaks of are there. Every file it takes is the one
//! that [`crate::write`] makes of the module: `write(&read(bytes)?)? == bytes`.
//!
//! Not here: whether the program makes sense and may run; that is the verifier's.

mod cursor;
mod error;
mod metadata;

use ttvm_isa::{OpCode, codec::DecodeError, limits};

pub(crate) use self::cursor::Cursor;
pub use self::error::ReadError;
use crate::{
    Module,
    checksum::{self, CHECKSUM_BYTES},
    constants::Pool,
    format::{FEATURES_KNOWN, FEATURES_OFFSET, MAGIC, SECTIONS, Section, VERSION, VERSION_OFFSET, unzigzag},
};

/// Whether bytes begin like a `.ttb` file, and so are bytecode rather than text.
#[must_use]
pub fn is_bytecode(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Reads a module from the bytes of a `.ttb` file.
///
/// The module keeps what [`Module`]'s own fields promise; nothing else is known of it until it is verified.
///
/// # Errors
/// Every kind of [`ReadError`], each with the byte where the trouble is.
pub fn read(bytes: &[u8]) -> Result<Module, ReadError> {
    let length = bytes.len() as u64;
    if length > limits::FILE_BYTES_MAX {
        return Err(ReadError::FileTooLong { length });
    }
    let mut cursor = Cursor::new(bytes, 0, Section::Header);
    let features = read_header(&mut cursor)?;
    let [constants, code, metadata, lines] = split_sections(&mut cursor)?;
    check_checksum(bytes, cursor)?;

    let pool = Pool::decode(constants)?;
    let code = read_code(code, &pool, limits::INSTRUCTIONS_MAX)?;
    pool.finish()?;
    drop(pool);
    let mut module = metadata::read(metadata, features)?;
    module.lines = read_lines(lines, code.len())?;
    module.code = code;
    Ok(module)
}

/// Checks magic, version and feature flags, and gives the flags.
fn read_header(cursor: &mut Cursor<'_>) -> Result<u32, ReadError> {
    if !cursor.begins_like(&MAGIC) {
        return Err(ReadError::NotBytecode);
    }
    let _: [u8; MAGIC.len()] = cursor.array()?;
    debug_assert_eq!(cursor.offset(), VERSION_OFFSET);
    let version = u16::from_le_bytes(cursor.array()?);
    if version != VERSION {
        return Err(ReadError::UnsupportedVersion { version });
    }
    debug_assert_eq!(cursor.offset(), FEATURES_OFFSET);
    let features = u32::from_le_bytes(cursor.array()?);
    let unknown = features & !FEATURES_KNOWN;
    if unknown != 0 {
        return Err(ReadError::UnknownFeatures { flags: unknown });
    }
    Ok(features)
}

/// Takes the frames of all sections, so that a file cut short is known as such before anything is decoded.
fn split_sections<'a>(cursor: &mut Cursor<'a>) -> Result<[Cursor<'a>; SECTIONS.len()], ReadError> {
    let mut sections = SECTIONS.map(|(_, section)| Cursor::new(&[], 0, section));
    for ((kind, section), frame) in SECTIONS.into_iter().zip(&mut sections) {
        cursor.enter(section);
        let offset = cursor.offset();
        let found = cursor.byte()?;
        if found != kind {
            return Err(ReadError::UnexpectedSection { offset, expected: section, found });
        }
        let length = u32::from_le_bytes(cursor.array()?);
        let begin = cursor.offset();
        *frame = Cursor::new(cursor.take(length as usize)?, begin, section);
    }
    Ok(sections)
}

/// Checks that exactly the checksum is left and that it is the right one.
fn check_checksum(bytes: &[u8], mut cursor: Cursor<'_>) -> Result<(), ReadError> {
    cursor.enter(Section::Checksum);
    let offset = cursor.offset();
    let stored = u64::from_le_bytes(cursor.array::<CHECKSUM_BYTES>()?);
    cursor.finish()?;
    let computed = checksum::compute(&bytes[..bytes.len() - CHECKSUM_BYTES]);
    if stored == computed { Ok(()) } else { Err(ReadError::WrongChecksum { offset, stored, computed }) }
}

fn read_code(mut cursor: Cursor<'_>, pool: &Pool, instructions_max: u32) -> Result<Vec<OpCode>, ReadError> {
    let mut code = Vec::new();
    for index in 0.. {
        if cursor.is_empty() {
            break;
        }
        let offset = cursor.offset();
        if index == instructions_max {
            return Err(ReadError::TooManyInstructions { offset, instructions_max });
        }
        let instruction = cursor.with_bytes(|bytes| OpCode::decode(bytes, pool)).map_err(|reason| match reason {
            DecodeError::BadConstant(constant) => match pool.skipped_by(constant) {
                Some(expected) => ReadError::ConstantOutOfOrder { offset, index, constant, expected },
                None => ReadError::BadInstruction { offset, index, reason },
            },
            _ => ReadError::BadInstruction { offset, index, reason },
        })?;
        code.push(instruction);
    }
    Ok(code)
}

/// Reads as many lines as there are instructions, each as its difference from the one before.
fn read_lines(mut cursor: Cursor<'_>, instructions: usize) -> Result<Vec<u32>, ReadError> {
    let mut lines = Vec::new();
    let mut line = 0u32;
    for _ in 0..instructions {
        line = line.wrapping_add_signed(unzigzag(cursor.number()?));
        lines.push(line);
    }
    cursor.finish()?;
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty_pool() -> Pool {
        Pool::decode(Cursor::new(&[], 0, Section::Constants)).expect("an empty pool is a pool")
    }

    #[test]
    fn as_many_instructions_as_allowed_are_read() {
        let cursor = Cursor::new(&[0xFF; 3], 0, Section::Code);
        let code = read_code(cursor, &empty_pool(), 3).expect("three are allowed");
        assert_eq!(code, vec![OpCode::Halt {}; 3]);
    }

    #[test]
    fn one_instruction_more_than_allowed_is_refused() {
        let cursor = Cursor::new(&[0xFF; 4], 0, Section::Code);
        let error = read_code(cursor, &empty_pool(), 3).expect_err("three are allowed");
        assert_eq!(error, ReadError::TooManyInstructions { offset: 3, instructions_max: 3 });
    }

    #[test]
    fn a_file_longer_than_allowed_is_refused_before_it_is_looked_at() {
        let length = usize::try_from(limits::FILE_BYTES_MAX).expect("fits in memory") + 1;
        // Zeroed pages that are never touched take no memory.
        let error = read(&vec![0; length]).expect_err("it is too long");
        assert_eq!(error, ReadError::FileTooLong { length: length as u64 });
        assert_eq!(read(&vec![0; length - 1]), Err(ReadError::NotBytecode));
    }
}
