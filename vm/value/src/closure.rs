//! Closures: a function and the values it captured, in one object.

use ttvm_isa::Fault;

use crate::{
    function::FunctionRef,
    heap::{Any, Gc, Kind},
    value::Value,
};

/// A function with what it captured.
#[derive(Clone)]
#[repr(transparent)]
pub struct Closure(Any);

impl Closure {
    /// Makes a closure of captured values in the order of their captures.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many or there is no memory.
    pub fn new(function: FunctionRef, captured: impl ExactSizeIterator<Item = Value>) -> Result<Self, Fault> {
        let mut object = Gc::with_capacity(Kind::Closure, captured.len() + 1)?;
        let mut edit = object.edit().expect("it was just made");
        edit.push(Value::Function(function))?;
        for value in captured {
            edit.push(value)?;
        }
        Ok(Self(object.into()))
    }

    fn values(&self) -> &[Value] {
        self.0.of::<Value>().expect("a closure holds values")
    }

    /// The function.
    #[inline]
    #[must_use]
    pub fn function(&self) -> FunctionRef {
        match self.values().first() {
            Some(Value::Function(function)) => *function,
            _ => unreachable!("`new` puts the function first"),
        }
    }

    /// The captured values.
    #[inline]
    #[must_use]
    pub fn captured(&self) -> &[Value] {
        &self.values()[1..]
    }

    /// How many values were captured; their names, if the closure holds them, do not count.
    #[must_use]
    pub fn captured_count(&self) -> usize {
        let held = self.captured().len();
        if self.function().object().names_captures { held / 2 } else { held }
    }

    /// Whether both are the same object.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.is_same(&other.0)
    }
}
