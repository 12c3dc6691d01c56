//! What the bytes of a `.ttb` file are: magic, version, feature flags, sections and their order.
//!
//! Reader and writer take every number of the layout from here, so that they cannot disagree. The page for
//! readers of files is `docs/reference/bytecode.md`. Not here: reading (`reader.rs`) and writing (`writer.rs`).

pub(crate) mod order;
pub(crate) mod records;

use std::fmt;

pub use order::OrderError;
pub use records::Record;

/// The first bytes of every `.ttb` file.
///
/// 0x89 begins no text in UTF-8 or ASCII, the two kinds of line end show a transfer that rewrote them, and
/// 0x1A stops the printing of the file by old systems (the reasoning of PNG).
pub const MAGIC: [u8; 8] = [0x89, b't', b't', b'b', b'\r', b'\n', 0x1A, b'\n'];

/// The version of the layout. It rises when an old reader could not understand a new file or the reverse.
pub const VERSION: u16 = 1;

/// The feature flag of files whose metadata has a list of supervisors. A file without any does not set it.
pub const FEATURE_SUPERVISORS: u32 = 1 << 0;

/// The feature flag of files whose metadata ends with a list of computations. A file without any does not set it.
pub const FEATURE_COMPUTATIONS: u32 = 1 << 1;

/// The feature flags this version understands.
pub const FEATURES_KNOWN: u32 = FEATURE_SUPERVISORS | FEATURE_COMPUTATIONS;

/// Where the version stands.
pub(crate) const VERSION_OFFSET: u64 = MAGIC.len() as u64;

/// Where the feature flags stand: behind the version's two bytes.
pub(crate) const FEATURES_OFFSET: u64 = VERSION_OFFSET + 2;

/// The numbers and order of the sections; each is there exactly once.
pub(crate) const SECTIONS: [(u8, Section); 4] =
    [(1, Section::Constants), (2, Section::Code), (3, Section::Metadata), (4, Section::Lines)];

/// A part of the file, for error messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Section {
    /// Magic, version and feature flags.
    Header,
    /// The integers, floats and strings that instructions use.
    Constants,
    /// The instructions.
    Code,
    /// Source name, bodies, labels, exports, imports, supervisors and computations.
    Metadata,
    /// The source line of each instruction.
    Lines,
    /// The hash over everything before it.
    Checksum,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Constants => "constant pool",
            Self::Code => "code",
            Self::Metadata => "metadata",
            Self::Lines => "line table",
            Self::Checksum => "checksum",
        })
    }
}

/// Turns a line difference into a number that is small for small differences of either sign.
///
/// Wrapping at 32 bits makes this a bijection: every pair of lines has one difference and one encoding.
pub(crate) fn zigzag(difference: i32) -> u32 {
    ((difference << 1) ^ (difference >> 31)).cast_unsigned()
}

/// The inverse of [`zigzag`].
pub(crate) fn unzigzag(number: u32) -> i32 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zigzag_gives_small_numbers_for_small_differences() {
        let numbers = [0, -1, 1, -2, 2, i32::MAX, i32::MIN].map(zigzag);
        assert_eq!(numbers, [0, 1, 2, 3, 4, u32::MAX - 1, u32::MAX]);
    }

    #[test]
    fn unzigzag_undoes_zigzag() {
        for difference in [0, 1, -1, 63, -64, 64, i32::MAX, i32::MIN, i32::MIN + 1] {
            assert_eq!(unzigzag(zigzag(difference)), difference);
        }
    }

    #[test]
    fn the_magic_is_no_text() {
        assert!(String::from_utf8(MAGIC.to_vec()).is_err());
    }
}
