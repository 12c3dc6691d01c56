//! Constants as the instructions that push them write them.

use ttvm_isa::{Float, Integer, OpCode, Text};

/// A constant that one instruction can push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Int(Integer),
    /// Equal by its bits: -0 is not 0, NaN is NaN.
    Float(Float),
    Text(Text),
    Bool(bool),
    Null,
}

impl Literal {
    /// What the instruction pushes, if it pushes a constant and does nothing else.
    pub fn of(op: &OpCode) -> Option<Self> {
        match op {
            OpCode::PushInt { value } => Some(Self::Int(value.clone())),
            OpCode::PushFloat { value } => Some(Self::Float(*value)),
            OpCode::PushStr { value } => Some(Self::Text(value.clone())),
            OpCode::PushBool { value } => Some(Self::Bool(*value)),
            OpCode::True {} => Some(Self::Bool(true)),
            OpCode::False {} => Some(Self::Bool(false)),
            OpCode::Null {} => Some(Self::Null),
            // The type may grow: an instruction that is not named above is no constant.
            _other => None,
        }
    }

    /// The instruction that pushes it.
    pub fn into_op(self) -> OpCode {
        match self {
            Self::Int(value) => OpCode::PushInt { value },
            Self::Float(value) => OpCode::PushFloat { value },
            Self::Text(value) => OpCode::PushStr { value },
            Self::Bool(true) => OpCode::True {},
            Self::Bool(false) => OpCode::False {},
            Self::Null => OpCode::Null {},
        }
    }

    /// What `JZ` makes of it: false are int 0, false and null only.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Int(value) => *value != Integer::Small(0),
            Self::Bool(value) => *value,
            Self::Null => false,
            Self::Float(_) | Self::Text(_) => true,
        }
    }

    /// What `NOT`, `AND` and `OR` make of it; they refuse everything but bools and ints.
    pub fn as_condition(&self) -> Option<bool> {
        match self {
            Self::Int(_) | Self::Bool(_) => Some(self.is_true()),
            Self::Null | Self::Float(_) | Self::Text(_) => None,
        }
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
