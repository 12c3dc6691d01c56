//! Why bytes are no `.ttb` file, each reason with its place.

use thiserror::Error;
use ttvm_isa::{codec::DecodeError, limits};

use crate::{
    constants::ConstantError,
    format::{FEATURES_OFFSET, MAGIC, OrderError, Record, Section, VERSION, VERSION_OFFSET},
};

/// Why a file cannot be read. Offsets count bytes from the beginning of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file does not begin as every `.ttb` file does.
    #[error("byte 0, header: this is no ttvm bytecode, which begins with {MAGIC:02X?}")]
    NotBytecode,
    /// The file is longer than [`limits::FILE_BYTES_MAX`].
    #[error("byte {}: the file goes on, {length} bytes long; at most that many are read", limits::FILE_BYTES_MAX)]
    FileTooLong {
        /// The file's length.
        length: u64,
    },
    /// Another version of ttvm wrote the file.
    #[error("byte {VERSION_OFFSET}, header: the file has format version {version}, this program reads {VERSION}")]
    UnsupportedVersion {
        /// The version that the file states.
        version: u16,
    },
    /// The file uses features that this version does not know.
    #[error("byte {FEATURES_OFFSET}, header: the file needs features unknown to this program: {}", bits(*flags))]
    UnknownFeatures {
        /// The unknown flags.
        flags: u32,
    },
    /// The file names features that it does not use.
    #[error("byte {FEATURES_OFFSET}, header: the file names features that it does not use: {}", bits(*flags))]
    UnusedFeatures {
        /// The flags without use.
        flags: u32,
    },
    /// The file or a section ends in the middle of something.
    #[error("byte {offset}, {section}: what begins here needs more than the {remaining} bytes that are left")]
    Truncated {
        /// Where it is.
        section: Section,
        /// Where the incomplete thing begins.
        offset: u64,
        /// How many bytes of it are there.
        remaining: u64,
    },
    /// A section or the file goes on when it should have ended.
    #[error("byte {offset}, {section}: nothing is left to read, but {count} bytes follow")]
    TrailingBytes {
        /// What should have ended.
        section: Section,
        /// Where.
        offset: u64,
        /// How many bytes are too many.
        count: u64,
    },
    /// A section is missing, repeated, unknown or out of order.
    #[error("byte {offset}: the section \"{expected}\" should begin here, but the section's kind is {found}")]
    UnexpectedSection {
        /// Where the section begins.
        offset: u64,
        /// The section that comes next in every file.
        expected: Section,
        /// The kind found.
        found: u8,
    },
    /// The file was damaged after it was written.
    #[error(
        "byte {offset}, checksum: the file is damaged: its checksum is {stored:016x}, its bytes have {computed:016x}"
    )]
    WrongChecksum {
        /// Where the checksum stands.
        offset: u64,
        /// What the file states.
        stored: u64,
        /// What its bytes give.
        computed: u64,
    },
    /// A number is longer than it need be or than 32 bits.
    #[error("byte {offset}, {section}: a number is not in its shortest form or exceeds its range")]
    BadNumber {
        /// Where it is.
        section: Section,
        /// Where it begins.
        offset: u64,
    },
    /// A string is not UTF-8.
    #[error("byte {offset}, {section}: a string in what begins here is not UTF-8")]
    BadText {
        /// Where it is.
        section: Section,
        /// Where the constant or record with the string begins.
        offset: u64,
    },
    /// A string of the metadata is longer than allowed.
    #[error("byte {offset}, metadata: {record}: {reason}")]
    TextTooLong {
        /// Where the record begins.
        offset: u64,
        /// What record it is in.
        record: Record,
        /// Says how long it is.
        reason: ConstantError,
    },
    /// No kind of constant has this number.
    #[error("byte {offset}, constant pool: no kind of constant has the number {kind}")]
    UnknownConstantKind {
        /// Where the entry begins.
        offset: u64,
        /// The kind found.
        kind: u8,
    },
    /// A constant that may not stand in a file.
    #[error("byte {offset}, constant pool: {reason}")]
    BadConstant {
        /// Where the entry begins.
        offset: u64,
        /// What is wrong with it.
        reason: ConstantError,
    },
    /// A big integer has leading zeros.
    #[error("byte {offset}, constant pool: a big integer has more bytes than it needs")]
    IntegerNotShortest {
        /// Where the entry begins.
        offset: u64,
    },
    /// A NaN other than the one that every file uses.
    #[error("byte {offset}, constant pool: {bits:016x} is a NaN, which is always written 7ff8000000000000")]
    BadNan {
        /// Where the entry begins.
        offset: u64,
        /// Its bits.
        bits: u64,
    },
    /// The same constant twice.
    #[error("byte {offset}, constant pool: the constant was there before")]
    DuplicateConstant {
        /// Where its second entry begins.
        offset: u64,
    },
    /// A constant that no instruction uses.
    #[error("byte {offset}, constant pool: no instruction uses constant {index}")]
    UnusedConstant {
        /// Where the entry begins.
        offset: u64,
        /// The entry's index.
        index: u32,
    },
    /// The code uses constants in another order than that of the pool.
    #[error("byte {offset}, code: instruction {index} uses constant {constant} before constant {expected}")]
    ConstantOutOfOrder {
        /// Where the instruction begins.
        offset: u64,
        /// The instruction's index.
        index: u32,
        /// The constant it uses.
        constant: u32,
        /// The first one not used yet.
        expected: u32,
    },
    /// More instructions than a module may have.
    #[error("byte {offset}, code: there are more than {instructions_max} instructions")]
    TooManyInstructions {
        /// Where the first that is too many begins.
        offset: u64,
        /// How many are allowed.
        instructions_max: u32,
    },
    /// The bytes are not an instruction.
    #[error("byte {offset}, code: instruction {index}: {reason}")]
    BadInstruction {
        /// Where the instruction begins.
        offset: u64,
        /// Its index.
        index: u32,
        /// What is wrong with it.
        reason: DecodeError,
    },
    /// The bytes are not the metadata record that belongs here.
    #[error("byte {offset}, metadata: the bytes are not a {record}")]
    BadRecord {
        /// Where the record begins.
        offset: u64,
        /// What it should have been.
        record: Record,
    },
    /// Bodies or labels break what a module promises.
    #[error("byte {offset}, metadata: {reason}")]
    BadOrder {
        /// Where the body or label begins.
        offset: u64,
        /// What is wrong with it.
        reason: OrderError,
    },
}

/// Names the bits that are set.
fn bits(flags: u32) -> String {
    let names: Vec<String> =
        (0..u32::BITS).filter(|bit| flags >> bit & 1 == 1).map(|bit| format!("flag {bit}")).collect();
    names.join(", ")
}
