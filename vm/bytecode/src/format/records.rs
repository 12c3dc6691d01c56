//! The metadata's records as bincode sees them: mirrors of the module's types with borrowed strings.
//!
//! Mirrors, so that the types of the module carry no encoding and may change without changing files.
//! Strings are borrowed because bincode would reserve what a string's length claims before looking at how
//! many bytes are there. For the same reason no record holds a list: the reader counts lists itself.

pub(crate) mod computations;
pub(crate) mod supervisors;

use std::fmt;

use bincode::{config, error::DecodeError};
use serde::{Deserialize, Serialize};
use ttvm_isa::limits;

use crate::BodyKind;

/// Kinds of metadata records, for error messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Record {
    /// The name of the source file.
    Source,
    /// A `.fn` or `.test` body.
    Body,
    /// A parameter of a body.
    Parameter,
    /// A label.
    Label,
    /// An exported name.
    Export,
    /// An `.import` directive.
    Import,
    /// A `.supervisor` block.
    Supervisor,
    /// A child of a supervisor.
    Child,
    /// An argument of a child.
    Argument,
    /// A `.computation` block.
    Computation,
    /// A superstep of a computation.
    Superstep,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source name",
            Self::Body => "body",
            Self::Parameter => "parameter",
            Self::Label => "label",
            Self::Export => "export",
            Self::Import => "import",
            Self::Supervisor => "supervisor",
            Self::Child => "child",
            Self::Argument => "argument",
            Self::Computation => "computation",
            Self::Superstep => "superstep",
        })
    }
}

/// Mirror of [`BodyKind`]; the variants' numbers are part of the format.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum BodyKindRecord {
    /// 0
    Function,
    /// 1
    Test,
}

impl From<BodyKind> for BodyKindRecord {
    fn from(kind: BodyKind) -> Self {
        match kind {
            BodyKind::Function => Self::Function,
            BodyKind::Test => Self::Test,
        }
    }
}

impl From<BodyKindRecord> for BodyKind {
    fn from(kind: BodyKindRecord) -> Self {
        match kind {
            BodyKindRecord::Function => Self::Function,
            BodyKindRecord::Test => Self::Test,
        }
    }
}

/// Mirror of [`crate::Body`] without its parameters, whose list follows.
#[derive(Serialize, Deserialize)]
pub(crate) struct BodyRecord<'a> {
    pub kind: BodyKindRecord,
    pub name: &'a str,
    pub start: u32,
    pub end: u32,
}

/// Mirror of [`crate::Label`].
#[derive(Serialize, Deserialize)]
pub(crate) struct LabelRecord<'a> {
    pub name: &'a str,
    pub at: u32,
    pub body: Option<u32>,
}

/// Mirror of [`crate::Import`].
#[derive(Serialize, Deserialize)]
pub(crate) struct ImportRecord<'a> {
    pub path: &'a str,
    pub prefix: &'a str,
}

/// Little endian, numbers of variable length, never more than a file may hold.
fn configuration() -> impl config::Config {
    config::standard().with_limit::<{ limits::FILE_BYTES_MAX as usize }>()
}

/// Appends a record.
pub(crate) fn encode<T: Serialize>(bytes: &mut Vec<u8>, record: &T) {
    bincode::serde::encode_into_std_write(record, bytes, configuration())
        .expect("records hold only strings and numbers, and a vector takes any of them");
}

/// Reads a record from the front of `bytes` and says how long it is.
///
/// bincode takes a number that is longer than it need be: the caller has to compare with [`encode`].
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, usize), DecodeError> {
    bincode::serde::borrow_decode_from_slice(bytes, configuration())
}
