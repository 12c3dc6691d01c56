//! The limits that the assembler keeps, gathered so that tests can reach them with small files.
//!
//! The numbers themselves belong to `ttvm_isa::limits`; only what concerns messages is decided here.

use ttvm_isa::limits;

/// How much one file may ask for.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Bytes of the file.
    pub source_bytes_max: u64,
    /// Bytes of one string or name.
    pub text_bytes_max: u32,
    /// Instructions of the module.
    pub instructions_max: u32,
    /// Digits of an integer literal.
    pub integer_digits_max: usize,
    /// Parameters of a function or call.
    pub parameters_max: u32,
    /// Errors reported for one file, and as many warnings; the others are only counted. A thousand are more than
    /// anybody reads, and keep the memory for messages small when a file is no program at all.
    pub diagnostics_max: usize,
}

impl Limits {
    /// The limits of the language.
    pub(crate) const REAL: Self = Self {
        source_bytes_max: limits::SOURCE_BYTES_MAX,
        text_bytes_max: limits::TEXT_BYTES_MAX,
        instructions_max: limits::INSTRUCTIONS_MAX,
        integer_digits_max: limits::INTEGER_DIGITS_MAX,
        parameters_max: limits::PARAMETERS_MAX,
        diagnostics_max: 1_000,
    };
}

/// Offsets into a source are 32-bit.
const _: () = assert!(limits::SOURCE_BYTES_MAX <= u32::MAX as u64);
