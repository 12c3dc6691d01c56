//! From a [`Module`] to the bytes of a `.ttb` file.
//!
//! Same module, same bytes, on every machine: nothing here depends on the order of a hash table, the clock
//! or the width of a machine word. What the reader would refuse, the writer refuses too.

mod computations;
mod supervisors;

use thiserror::Error;
use ttvm_isa::{OpCode, codec::write_number, limits};

use crate::{
    Module, checksum,
    constants::{ConstantError, Interner, check_text},
    format::{
        FEATURE_COMPUTATIONS, FEATURE_SUPERVISORS, MAGIC, OrderError, Record, SECTIONS, VERSION,
        order::OrderCheck,
        records::{self, BodyRecord, ImportRecord, LabelRecord},
        zigzag,
    },
};

/// Why a module cannot be written: nothing the assembler makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// More instructions than a module may have.
    #[error("there are {count} instructions, at most {instructions_max} are allowed")]
    TooManyInstructions {
        /// How many there are.
        count: u64,
        /// How many are allowed.
        instructions_max: u32,
    },
    /// Lines and instructions differ in number.
    #[error("there are {lines} source lines for {instructions} instructions")]
    LinesDoNotMatch {
        /// How many lines there are.
        lines: u64,
        /// How many instructions there are.
        instructions: u64,
    },
    /// A constant that may not stand in a file.
    #[error("instruction {index} ({mnemonic}): {reason}")]
    BadConstant {
        /// The instruction's index.
        index: u32,
        /// Its mnemonic.
        mnemonic: &'static str,
        /// What is wrong with its operand.
        reason: ConstantError,
    },
    /// An instruction that would not be the same when read again, having more parameters than
    /// [`limits::PARAMETERS_MAX`] or a count that no encoding stands for.
    #[error("instruction {index} ({mnemonic}): an operand is out of range")]
    OperandOutOfRange {
        /// The instruction's index.
        index: u32,
        /// Its mnemonic.
        mnemonic: &'static str,
    },
    /// A string outside the code is too long.
    #[error("{record} {index}: {reason}")]
    TextTooLong {
        /// What the string belongs to.
        record: Record,
        /// Which of its kind.
        index: u64,
        /// Says how long it is.
        reason: ConstantError,
    },
    /// Bodies or labels break what a module promises.
    #[error("{record} {index}: {reason}")]
    BadOrder {
        /// Body or label.
        record: Record,
        /// Which of its kind.
        index: u64,
        /// What is wrong with it.
        reason: OrderError,
    },
    /// The file would be longer than [`limits::FILE_BYTES_MAX`].
    #[error("the file would have more than {} bytes", limits::FILE_BYTES_MAX)]
    FileTooLong,
}

/// Writes a module as the bytes of a `.ttb` file.
///
/// # Errors
/// Every kind of [`WriteError`].
pub fn write(module: &Module) -> Result<Vec<u8>, WriteError> {
    let (lines, instructions) = (module.lines.len() as u64, module.code.len() as u64);
    if lines != instructions {
        return Err(WriteError::LinesDoNotMatch { lines, instructions });
    }
    let (constants, code) = write_code(&module.code, limits::INSTRUCTIONS_MAX)?;
    let metadata = write_metadata(module)?;
    let contents = [constants, code, metadata, write_lines(&module.lines)];
    let supervisors = if module.supervisors.is_empty() { 0 } else { FEATURE_SUPERVISORS };
    let computations = if module.computations.is_empty() { 0 } else { FEATURE_COMPUTATIONS };
    frame(supervisors | computations, &contents, limits::FILE_BYTES_MAX)
}

/// Puts header, section frames and checksum around the contents of the sections.
fn frame(features: u32, contents: &[Vec<u8>; SECTIONS.len()], file_bytes_max: u64) -> Result<Vec<u8>, WriteError> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&features.to_le_bytes());
    for ((kind, _), content) in SECTIONS.into_iter().zip(contents) {
        let length = u32::try_from(content.len()).map_err(|_| WriteError::FileTooLong)?;
        bytes.push(kind);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(content);
    }
    bytes.extend_from_slice(&checksum::compute(&bytes).to_le_bytes());
    if bytes.len() as u64 > file_bytes_max { Err(WriteError::FileTooLong) } else { Ok(bytes) }
}

/// The contents of the constant pool and of the code.
fn write_code(code: &[OpCode], instructions_max: u32) -> Result<(Vec<u8>, Vec<u8>), WriteError> {
    let count = code.len() as u64;
    if count > u64::from(instructions_max) {
        return Err(WriteError::TooManyInstructions { count, instructions_max });
    }
    let mut pool = Interner::default();
    let mut bytes = Vec::new();
    for (index, instruction) in (0..).zip(code) {
        let mnemonic = instruction.mnemonic();
        let start = bytes.len();
        instruction.encode(&mut bytes, &mut pool);
        if let Some(reason) = pool.refused() {
            return Err(WriteError::BadConstant { index, mnemonic, reason });
        }
        // Reading back costs less than a rule for each operand that a reader would not give back as it was.
        let mut written = &bytes[start..];
        if OpCode::decode(&mut written, &pool).as_ref() != Ok(instruction) {
            return Err(WriteError::OperandOutOfRange { index, mnemonic });
        }
        if (pool.bytes().len() + bytes.len()) as u64 > limits::FILE_BYTES_MAX {
            return Err(WriteError::FileTooLong);
        }
    }
    Ok((pool.into_bytes(), bytes))
}

/// Each line as its difference from the one before.
fn write_lines(lines: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(lines.len());
    let mut previous = 0u32;
    for line in lines {
        write_number(&mut bytes, zigzag(line.wrapping_sub(previous).cast_signed()));
        previous = *line;
    }
    bytes
}

fn write_metadata(module: &Module) -> Result<Vec<u8>, WriteError> {
    let mut writer = MetadataWriter { bytes: Vec::new(), order: OrderCheck::default() };
    writer.name(Record::Source, 0, &module.source)?;

    writer.count(module.bodies.len());
    for (index, body) in (0..).zip(&module.bodies) {
        writer.body(index, body)?;
    }
    writer.count(module.labels.len());
    for (index, label) in (0..).zip(&module.labels) {
        check_length(Record::Label, index, &label.name)?;
        writer.order.label(label.at, label.body).map_err(|reason| WriteError::BadOrder {
            record: Record::Label,
            index,
            reason,
        })?;
        let record = LabelRecord { name: &label.name, at: label.at, body: label.body };
        records::encode(&mut writer.bytes, &record);
    }
    writer.count(module.exports.len());
    for (index, export) in (0..).zip(&module.exports) {
        writer.name(Record::Export, index, export)?;
    }
    writer.count(module.imports.len());
    for (index, import) in (0..).zip(&module.imports) {
        check_length(Record::Import, index, &import.path)?;
        check_length(Record::Import, index, &import.prefix)?;
        records::encode(&mut writer.bytes, &ImportRecord { path: &import.path, prefix: &import.prefix });
    }
    if !module.supervisors.is_empty() {
        supervisors::write(&mut writer, &module.supervisors)?;
    }
    if !module.computations.is_empty() {
        computations::write(&mut writer, &module.computations)?;
    }
    Ok(writer.bytes)
}

struct MetadataWriter {
    bytes: Vec<u8>,
    order: OrderCheck,
}

impl MetadataWriter {
    fn count(&mut self, count: usize) {
        records::encode(&mut self.bytes, &(count as u64));
    }

    fn name(&mut self, record: Record, index: u64, name: &str) -> Result<(), WriteError> {
        check_length(record, index, name)?;
        records::encode(&mut self.bytes, &name);
        Ok(())
    }

    fn body(&mut self, index: u64, body: &crate::Body) -> Result<(), WriteError> {
        check_length(Record::Body, index, &body.name)?;
        self.order.body(body.start, body.end, body.parameters.len() as u64).map_err(|reason| WriteError::BadOrder {
            record: Record::Body,
            index,
            reason,
        })?;
        let record = BodyRecord { kind: body.kind.into(), name: &body.name, start: body.start, end: body.end };
        records::encode(&mut self.bytes, &record);
        self.count(body.parameters.len());
        for (index, parameter) in (0..).zip(body.parameters.iter()) {
            self.name(Record::Parameter, index, parameter)?;
        }
        Ok(())
    }
}

fn check_length(record: Record, index: u64, text: &str) -> Result<(), WriteError> {
    check_text(text).map_err(|reason| WriteError::TextTooLong { record, index, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_instructions_as_allowed_are_written_and_one_more_refused() {
        let code = vec![OpCode::Halt {}; 4];
        assert_eq!(write_code(&code[..3], 3), Ok((vec![], vec![0xFF; 3])));
        let error = WriteError::TooManyInstructions { count: 4, instructions_max: 3 };
        assert_eq!(write_code(&code, 3), Err(error));
    }

    #[test]
    fn a_file_as_long_as_allowed_is_written_and_one_byte_more_refused() {
        let contents = [vec![], vec![0xFF], vec![], vec![]];
        let bytes = frame(0, &contents, u64::MAX).expect("there is no limit");
        let length = bytes.len() as u64;
        assert_eq!(frame(0, &contents, length), Ok(bytes));
        assert_eq!(frame(0, &contents, length - 1), Err(WriteError::FileTooLong));
    }
}
