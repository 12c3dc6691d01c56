//! Typed arrays and their instructions.
//!
//! Sums of ints are exact whatever their size; elements that do not fit in 64 bits are an error.

use num_bigint::BigInt;
use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

use super::expect::{as_float, index as index_of, mismatch, mismatch_both};
use crate::{
    array::{F64Array, I64Array},
    big::Big,
    heap::NoRoom,
    value::Value,
};

const AN_ARRAY: &str = "an array";

fn count(operation: &'static str, value: &Value) -> Result<usize, Fault> {
    match value {
        Value::Int(int) => match usize::try_from(*int) {
            Ok(count) if count <= ELEMENTS_MAX => Ok(count),
            Ok(_) => Err(NoRoom::Elements.into()),
            Err(_) => Err(Fault::Argument { operation, error: format!("{int} is no number of elements") }),
        },
        Value::BigInt(_) => Err(NoRoom::Elements.into()),
        other => Err(mismatch(operation, "an integer", other)),
    }
}

/// `ARRAY_F64`: an array of zeros.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is an int, [`Fault::Argument`] if it is negative,
/// [`Fault::Limit`] when there is no room.
pub fn array_f64(length: &Value) -> Result<Value, Fault> {
    let length = count("ARRAY_F64", length)?;
    Ok(Value::F64Array(F64Array::collect((0..length).map(|_| 0.0))?))
}

/// `ARRAY_I64`: an array of zeros.
///
/// # Errors
/// As for [`array_f64`].
pub fn array_i64(length: &Value) -> Result<Value, Fault> {
    let length = count("ARRAY_I64", length)?;
    Ok(Value::I64Array(I64Array::collect((0..length).map(|_| 0))?))
}

/// An int that fits in an element.
fn element(operation: &'static str, value: &Value) -> Result<i64, Fault> {
    match value {
        Value::Int(int) => Ok(*int),
        other => Err(mismatch(operation, "an integer of 64 bits", other)),
    }
}

fn float(operation: &'static str, value: &Value) -> Result<f64, Fault> {
    as_float(value).ok_or_else(|| mismatch(operation, "a number", value))
}

#[cold]
fn too_large(operation: &'static str, index: usize) -> Fault {
    Fault::Argument { operation, error: format!("element {index} does not fit in 64 bits") }
}

/// `ARRAY_GET`.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operands are an array and an int, [`Fault::IndexOutOfBounds`].
#[inline]
pub fn array_get(array: &Value, at: &Value) -> Result<Value, Fault> {
    match array {
        Value::I64Array(array) => Ok(Value::Int(array.as_slice()[index_of("ARRAY_GET", at, array.len())?])),
        Value::F64Array(array) => Ok(Value::Float(array.as_slice()[index_of("ARRAY_GET", at, array.len())?])),
        other => Err(mismatch("ARRAY_GET", AN_ARRAY, other)),
    }
}

/// `ARRAY_SET`: the array with the value at the index; an f64 array takes any number.
///
/// # Errors
/// As for [`array_get`]; [`Fault::Limit`] when there is no memory for a copy.
#[inline]
pub fn array_set(array: Value, at: &Value, value: &Value) -> Result<Value, Fault> {
    match array {
        Value::I64Array(mut array) => {
            let index = index_of("ARRAY_SET", at, array.len())?;
            let int = element("ARRAY_SET", value)?;
            array.to_mut()?[index] = int;
            Ok(Value::I64Array(array))
        }
        Value::F64Array(mut array) => {
            let index = index_of("ARRAY_SET", at, array.len())?;
            let float = float("ARRAY_SET", value)?;
            array.to_mut()?[index] = float;
            Ok(Value::F64Array(array))
        }
        other => Err(mismatch("ARRAY_SET", AN_ARRAY, &other)),
    }
}

/// `ARRAY_FILL`: the array with the value everywhere.
///
/// # Errors
/// As for [`array_set`].
pub fn array_fill(array: Value, value: &Value) -> Result<Value, Fault> {
    match array {
        Value::I64Array(mut array) => {
            let int = element("ARRAY_FILL", value)?;
            array.to_mut()?.fill(int);
            Ok(Value::I64Array(array))
        }
        Value::F64Array(mut array) => {
            let float = float("ARRAY_FILL", value)?;
            array.to_mut()?.fill(float);
            Ok(Value::F64Array(array))
        }
        other => Err(mismatch("ARRAY_FILL", AN_ARRAY, &other)),
    }
}

/// `ARRAY_SUM`: the sum, from the first element to the last.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is an array.
pub fn array_sum(array: &Value) -> Result<Value, Fault> {
    match array {
        // At most 2^32 elements: no overflow in 128 bits.
        Value::I64Array(array) => {
            Big::value(BigInt::from(array.as_slice().iter().map(|&int| i128::from(int)).sum::<i128>()))
        }
        Value::F64Array(array) => Ok(Value::Float(array.as_slice().iter().fold(0.0, |sum, float| sum + float))),
        other => Err(mismatch("ARRAY_SUM", AN_ARRAY, other)),
    }
}

/// Fails unless both have one length.
fn same_length(operation: &'static str, x: usize, y: usize) -> Result<(), Fault> {
    if x == y {
        return Ok(());
    }
    Err(Fault::Argument { operation, error: format!("arrays of {x} and {y} elements") })
}

/// `ARRAY_DOT`: the sum of the products of elements.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless both are arrays of one type, [`Fault::Argument`] unless of one length.
pub fn array_dot(x: &Value, y: &Value) -> Result<Value, Fault> {
    match (x, y) {
        (Value::I64Array(x), Value::I64Array(y)) => {
            same_length("ARRAY_DOT", x.len(), y.len())?;
            let products = x.as_slice().iter().zip(y.as_slice()).map(|(&x, &y)| i128::from(x) * i128::from(y));
            let mut carried = BigInt::ZERO;
            let mut sum = 0_i128;
            for product in products {
                match sum.checked_add(product) {
                    Some(larger) => sum = larger,
                    None => {
                        carried += sum;
                        sum = product;
                    }
                }
            }
            Big::value(carried + sum)
        }
        (Value::F64Array(x), Value::F64Array(y)) => {
            same_length("ARRAY_DOT", x.len(), y.len())?;
            Ok(Value::Float(x.as_slice().iter().zip(y.as_slice()).fold(0.0, |sum, (x, y)| sum + x * y)))
        }
        _ => Err(mismatch_both("ARRAY_DOT", "two arrays of one type", x, y)),
    }
}

/// `ARRAY_AXPY`: alpha times x plus y, in y's place if nobody else holds it.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operands are a number and two arrays of one type, [`Fault::Argument`]
/// unless of one length or when an element of the result does not fit in 64 bits.
pub fn array_axpy(alpha: &Value, x: &Value, y: Value) -> Result<Value, Fault> {
    match (x, y) {
        (Value::I64Array(x), Value::I64Array(mut y)) => {
            same_length("ARRAY_AXPY", x.len(), y.len())?;
            let alpha = i128::from(element("ARRAY_AXPY", alpha)?);
            for (index, (y, &x)) in y.to_mut()?.iter_mut().zip(x.as_slice()).enumerate() {
                let sum = alpha * i128::from(x) + i128::from(*y);
                *y = i64::try_from(sum).map_err(|_| too_large("ARRAY_AXPY", index))?;
            }
            Ok(Value::I64Array(y))
        }
        (Value::F64Array(x), Value::F64Array(mut y)) => {
            same_length("ARRAY_AXPY", x.len(), y.len())?;
            let alpha = float("ARRAY_AXPY", alpha)?;
            for (y, x) in y.to_mut()?.iter_mut().zip(x.as_slice()) {
                *y += alpha * x;
            }
            Ok(Value::F64Array(y))
        }
        (x, y) => Err(mismatch_both("ARRAY_AXPY", "two arrays of one type", x, &y)),
    }
}

fn position(index: i64, length: usize) -> Result<usize, Fault> {
    match usize::try_from(index) {
        Ok(position) if position < length => Ok(position),
        _ => Err(Fault::IndexOutOfBounds { index: index.to_string(), length }),
    }
}

/// Copies the elements at these indexes.
fn gather<T: Copy>(from: &[T], indexes: &[i64]) -> Result<Vec<T>, Fault> {
    let mut elements = Vec::new();
    let bytes = indexes.len() * size_of::<T>();
    elements.try_reserve_exact(indexes.len()).map_err(|_| NoRoom::Memory { bytes })?;
    for &index in indexes {
        elements.push(from[position(index, from.len())?]);
    }
    Ok(elements)
}

/// `ARRAY_GATHER`: the elements at the indexes of an i64 array.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operands are an array and an i64 array, [`Fault::IndexOutOfBounds`].
pub fn array_gather(array: &Value, indexes: &Value) -> Result<Value, Fault> {
    let Value::I64Array(indexes) = indexes else {
        return Err(mismatch("ARRAY_GATHER", "an array of integers", indexes));
    };
    match array {
        Value::I64Array(array) => {
            let elements = gather(array.as_slice(), indexes.as_slice())?;
            Ok(Value::I64Array(I64Array::from_slice(&elements)?))
        }
        Value::F64Array(array) => {
            let elements = gather(array.as_slice(), indexes.as_slice())?;
            Ok(Value::F64Array(F64Array::from_slice(&elements)?))
        }
        other => Err(mismatch("ARRAY_GATHER", AN_ARRAY, other)),
    }
}

/// `ARRAY_SCATTER_ADD`: the array with each `x[k]` added at `indexes[k]`.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operands are two arrays of one type and an i64 array,
/// [`Fault::IndexOutOfBounds`], [`Fault::Argument`] unless `indexes` and `x` have one length or when an
/// element of the result does not fit in 64 bits.
pub fn array_scatter_add(array: Value, indexes: &Value, x: &Value) -> Result<Value, Fault> {
    let Value::I64Array(indexes) = indexes else {
        return Err(mismatch("ARRAY_SCATTER_ADD", "an array of integers", indexes));
    };
    match (array, x) {
        (Value::I64Array(mut array), Value::I64Array(x)) => {
            same_length("ARRAY_SCATTER_ADD", indexes.len(), x.len())?;
            let elements = array.to_mut()?;
            for (&index, &x) in indexes.as_slice().iter().zip(x.as_slice()) {
                let index = position(index, elements.len())?;
                elements[index] =
                    elements[index].checked_add(x).ok_or_else(|| too_large("ARRAY_SCATTER_ADD", index))?;
            }
            Ok(Value::I64Array(array))
        }
        (Value::F64Array(mut array), Value::F64Array(x)) => {
            same_length("ARRAY_SCATTER_ADD", indexes.len(), x.len())?;
            let elements = array.to_mut()?;
            for (&index, x) in indexes.as_slice().iter().zip(x.as_slice()) {
                let index = position(index, elements.len())?;
                elements[index] += x;
            }
            Ok(Value::F64Array(array))
        }
        (array, x) => Err(mismatch_both("ARRAY_SCATTER_ADD", "two arrays of one type", &array, x)),
    }
}
