//! The values of a program, as plain shared data.
//!
//! Not here: what instructions do with them (`operations.rs`), how they compare (`compare.rs`) and how they
//! read as text (`text.rs`).

use std::{collections::BTreeMap, rc::Rc};

use num_bigint::BigInt;
use ttvm_isa::{Fault, Names, Text};

use crate::compare::Key;

/// A value of a program.
#[derive(Clone, Debug)]
pub enum Value {
    /// An int of any size.
    Int(BigInt),
    /// A double.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Null.
    Null,
    /// A string.
    Str(Rc<String>),
    /// A sequence of bytes.
    Bytes(Rc<Vec<u8>>),
    /// A list.
    List(Rc<Vec<Value>>),
    /// An object.
    Object(Rc<Object>),
    /// A map.
    Map(Rc<BTreeMap<Key, Value>>),
    /// An array of 64-bit ints.
    I64Array(Rc<Vec<i64>>),
    /// An array of doubles.
    F64Array(Rc<Vec<f64>>),
    /// A process, by its number.
    Pid(u64),
    /// A ref, by its number.
    Reference(u64),
    /// A function or closure.
    Function(Rc<Function>),
    /// A caught error.
    Exception(Rc<Exception>),
}

/// String keys with values, in the order in which the keys first came.
#[derive(Clone, Debug, Default)]
pub struct Object {
    fields: Vec<(String, Value)>,
}

/// A function value.
#[derive(Clone, Debug)]
pub struct Function {
    /// The number the machine gave to the function's module.
    pub module: usize,
    /// The index of its first instruction, at most the length of the code.
    pub entry: u32,
    /// Its parameters.
    pub parameters: Names,
    /// The captured variables, if `MAKE_LAMBDA` made it.
    pub captured: Option<Vec<(Text, Value)>>,
}

/// What a fault or a throw becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The message.
    pub message: String,
    /// The word that `ERROR_KIND` gives.
    pub kind: &'static str,
    /// The index of the instruction that failed, in its module.
    pub instruction: u32,
    /// The chain of calls, innermost first.
    pub trace: Vec<String>,
}

impl Object {
    /// The fields in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&String, &Value)> {
        self.fields.iter().map(|(name, value)| (name, value))
    }

    /// The number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Sets a field; a new one comes last, an old one keeps its place.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.fields.push((name.to_owned(), value)),
        }
    }

    /// Removes a field if there is one.
    pub fn remove(&mut self, name: &str) {
        self.fields.retain(|(known, _)| known != name);
    }
}

impl Exception {
    /// The exception that a fault becomes.
    #[must_use]
    pub fn of_fault(fault: &Fault, instruction: u32, trace: Vec<String>) -> Self {
        Self { message: fault.to_string(), kind: fault.kind(), instruction, trace }
    }
}

impl Value {
    /// A str.
    pub fn str(text: impl Into<String>) -> Self {
        Self::Str(Rc::new(text.into()))
    }

    /// An int.
    pub fn int(value: impl Into<BigInt>) -> Self {
        Self::Int(value.into())
    }

    /// Int 1 or 0, the answers of comparisons.
    #[must_use]
    pub fn answer(is_so: bool) -> Self {
        Self::int(i64::from(is_so))
    }

    /// A list.
    #[must_use]
    pub fn list(items: Vec<Value>) -> Self {
        Self::List(Rc::new(items))
    }

    /// What conditional jumps and `ASSERT` take it for: only int 0, false and null are not true.
    #[must_use]
    pub fn is_true(&self) -> bool {
        match self {
            Self::Int(int) => *int != BigInt::ZERO,
            Self::Bool(bool) => *bool,
            Self::Null => false,
            _ => true,
        }
    }

    /// The word that `TYPE_OF` gives.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Bool(_) => "bool",
            Self::Null => "null",
            Self::Str(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Object(_) => "object",
            Self::Map(_) => "map",
            Self::I64Array(_) | Self::F64Array(_) => "array",
            Self::Pid(_) => "pid",
            Self::Reference(_) => "ref",
            Self::Function(_) => "function",
            Self::Exception(_) => "exception",
        }
    }
}
