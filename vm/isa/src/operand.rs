//! What an instruction may carry in the program text: the operand kinds and the types that hold them.
//!
//! An operand is self-contained (a string is a string, not an index into a pool): pools belong to the
//! bytecode file and to register code.

use std::{fmt, sync::Arc};

use num_bigint::BigInt;

/// A string literal or a name.
pub type Text = Arc<str>;

/// Parameter names of a call or function, the last one taken from the top of the stack.
pub type Names = Arc<[Text]>;

/// The index of an instruction in its module, labels not counted. At or past the end of the code it
/// means "stop cleanly".
pub type Target = u32;

/// An integer literal of any size; `Big` only holds what `Small` cannot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Integer {
    /// Fits in 64 bits.
    Small(i64),
    /// Does not fit in 64 bits.
    Big(Arc<BigInt>),
}

impl From<BigInt> for Integer {
    fn from(value: BigInt) -> Self {
        match i64::try_from(&value) {
            Ok(small) => Self::Small(small),
            Err(_) => Self::Big(Arc::new(value)),
        }
    }
}

impl From<i64> for Integer {
    fn from(value: i64) -> Self {
        Self::Small(value)
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(small) => small.fmt(f),
            Self::Big(big) => big.fmt(f),
        }
    }
}

/// A float literal, compared by its bits so that programs can be compared (NaN equals itself, -0 is not 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Float(u64);

impl Float {
    /// Wraps a float, making every NaN the same one so that equal programs have equal bytes.
    #[must_use]
    pub fn new(value: f64) -> Self {
        Self(if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() })
    }

    /// The float itself.
    #[must_use]
    pub const fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// The kinds of operands, each with one encoding and one syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperandKind {
    /// An integer of any size: decimal with sign, `0x`, `0b`, `_` separators.
    Integer,
    /// A float: anything Rust's `f64` parser takes.
    Float,
    /// `true` or `false`.
    Flag,
    /// A string, quoted or the rest of the line.
    Text,
    /// The name of a variable, field, export or prefix, quoted or not.
    Name,
    /// Zero or more parameter names, the last operand of its instruction.
    Names,
    /// A label, a function name or the index of an instruction.
    Target,
    /// A count, 0 to 2^32 - 1.
    Count,
    /// A count that may be left out: then it is taken from the stack.
    OptionalCount,
    /// A string that may be left out.
    OptionalText,
    /// The table of a `.receive` block.
    Receive,
}

impl OperandKind {
    /// Says what an operand of this kind is, for error messages.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Integer => "an integer",
            Self::Float => "a float",
            Self::Flag => "true or false",
            Self::Text => "a string",
            Self::Name => "a name",
            Self::Names => "parameter names",
            Self::Target => "a label, a function or an instruction number",
            Self::Count => "a count",
            Self::OptionalCount => "a count or nothing",
            Self::OptionalText => "a string or nothing",
            Self::Receive => "a `.receive` block",
        }
    }
}

/// Names the Rust type for each operand kind of the table.
pub(crate) mod kinds {
    pub type Integer = super::Integer;
    pub type Float = super::Float;
    pub type Flag = bool;
    pub type Text = super::Text;
    pub type Name = super::Text;
    pub type Names = super::Names;
    pub type Target = super::Target;
    pub type Count = u32;
    pub type OptionalCount = Option<u32>;
    pub type OptionalText = Option<super::Text>;
    pub type Receive = std::sync::Arc<crate::receive::ReceiveTable>;
}
