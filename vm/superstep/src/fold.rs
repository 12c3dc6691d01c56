//! Folding the values of several processors into one, by an operation with a name or by a function.
//!
//! Named operations fold here, with the very functions of `ADD`, `MUL`, `MIN` and so on. Functions are programs, so they
//! are folded by processes that run `std/bsp` (`library.rs`). Both go from the first value to the last, so that floats
//! are the same in every run (rule S6).

use ttvm_isa::{Fault, FoldOperation, Text};
use ttvm_value::{
    SharedValue, Value,
    ops::{arithmetic, logic, order},
};

/// How values are folded.
#[derive(Clone)]
pub(crate) enum Fold {
    Named(FoldOperation),
    Function(SharedValue),
}

impl Fold {
    /// The operation that a program wrote, or the function it gave.
    pub fn read(operation: &'static str, written: Option<&Text>, given: Option<&Value>) -> Result<Self, Fault> {
        match (written, given) {
            (Some(name), _) => Self::named(operation, name),
            (None, Some(Value::Str(name))) => Self::named(operation, name.as_str()),
            (None, Some(function @ (Value::Function(_) | Value::Closure(_)))) => {
                Ok(Self::Function(SharedValue::new(function.clone()).0))
            }
            (None, other) => {
                let got = format!("{:?}", other.unwrap_or(&Value::Null));
                Err(Fault::mismatch(operation, "a function or the name of an operation", got))
            }
        }
    }

    fn named(operation: &'static str, name: &str) -> Result<Self, Fault> {
        FoldOperation::of_name(name).map(Self::Named).ok_or_else(|| {
            let error = format!("no operation is called {name:?}; there are {}", FoldOperation::NAMES.join(", "));
            Fault::Argument { operation, error }
        })
    }

    /// What it is called where processors disagree.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Named(operation) => operation.name(),
            Self::Function(_) => "a function",
        }
    }

    /// Whether two processors mean the same. Functions are not compared: closures of the same code may differ.
    pub fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Named(one), Self::Named(other)) => one == other,
            (Self::Function(_), Self::Function(_)) => true,
            _ => false,
        }
    }
}

/// The fold of a value alone.
pub(crate) fn first(operation: FoldOperation, value: Value) -> Value {
    if operation == FoldOperation::Count { Value::Int(1) } else { value }
}

/// The fold of what was folded so far and one more value.
pub(crate) fn next(operation: FoldOperation, so_far: &Value, value: &Value) -> Result<Value, Fault> {
    match operation {
        FoldOperation::Count => arithmetic::add(so_far, &Value::Int(1)),
        _ => join(operation, so_far, value),
    }
}

/// The fold of two folds.
pub(crate) fn join(operation: FoldOperation, one: &Value, other: &Value) -> Result<Value, Fault> {
    match operation {
        FoldOperation::Sum | FoldOperation::Count => arithmetic::add(one, other),
        FoldOperation::Product => arithmetic::mul(one, other),
        FoldOperation::Min => order::min(one, other),
        FoldOperation::Max => order::max(one, other),
        FoldOperation::And => logic::and(one, other),
        FoldOperation::Or => logic::or(one, other),
    }
}
