//! What the data instructions compute, one file by family of the instruction table.
//!
//! Every operation takes its operands in the order in which they were pushed and gives a value or a fault.
//! Not here: the stack, costs, and whatever concerns frames (`machine.rs`).

pub(crate) mod arithmetic;
pub(crate) mod arrays;
pub(crate) mod bits;
pub(crate) mod comparison;
pub(crate) mod convert;
pub(crate) mod exceptions;
pub(crate) mod lists;
pub(crate) mod maps;
pub(crate) mod mathematics;
pub(crate) mod objects;
pub(crate) mod strings;
pub(crate) mod truth;

use num_bigint::BigInt;
use ttvm_isa::{Fault, limits};

use crate::{number::Number, text, value::Value};

/// The error for operands of a wrong type.
pub(crate) fn mismatch(operation: &'static str, expected: &'static str, found: &[&Value]) -> Fault {
    Fault::mismatch(operation, expected, text::debug_forms(found))
}

/// Two numbers, or the error that says so.
fn two_numbers(
    operation: &'static str,
    expected: &'static str,
    [a, b]: [&Value; 2],
) -> Result<(Number, Number), Fault> {
    match (Number::of(a), Number::of(b)) {
        (Some(a), Some(b)) => Ok((a, b)),
        _ => Err(mismatch(operation, expected, &[a, b])),
    }
}

/// One number, or the error that says so.
fn one_number(operation: &'static str, value: &Value) -> Result<Number, Fault> {
    Number::of(value).ok_or_else(|| mismatch(operation, "a number", &[value]))
}

/// An int value, unless it has grown beyond the limit.
fn limited(int: BigInt) -> Result<Value, Fault> {
    if int.bits() > limits::INTEGER_BITS_MAX { Err(too_many_bits()) } else { Ok(Value::Int(int)) }
}

fn too_many_bits() -> Fault {
    Fault::Limit { what: "bits in an int", max: limits::INTEGER_BITS_MAX }
}

fn too_many_elements() -> Fault {
    Fault::Limit { what: "elements in one value", max: limits::ELEMENTS_MAX as u64 }
}

/// An index written in a program as a place in `length` elements.
fn place(index: &BigInt, length: usize) -> Result<usize, Fault> {
    match usize::try_from(index) {
        Ok(place) if place < length => Ok(place),
        _ => Err(Fault::IndexOutOfBounds { index: index.to_string(), length }),
    }
}
