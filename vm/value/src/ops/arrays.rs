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
    work::{Fuel, whole},
};

const AN_ARRAY: &str = "an array";

/// Elements that are worked on at once.
const PIECE: usize = 4096;

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
    whole(async |fuel| array_f64_in_pieces(length, fuel).await)
}

/// `ARRAY_F64`, with pauses.
///
/// # Errors
/// As for [`array_f64`].
pub async fn array_f64_in_pieces(length: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    Ok(Value::F64Array(F64Array::zeros_in_pieces(count("ARRAY_F64", length)?, fuel).await?))
}

/// `ARRAY_I64`: an array of zeros.
///
/// # Errors
/// As for [`array_f64`].
pub fn array_i64(length: &Value) -> Result<Value, Fault> {
    whole(async |fuel| array_i64_in_pieces(length, fuel).await)
}

/// `ARRAY_I64`, with pauses.
///
/// # Errors
/// As for [`array_f64`].
pub async fn array_i64_in_pieces(length: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    Ok(Value::I64Array(I64Array::zeros_in_pieces(count("ARRAY_I64", length)?, fuel).await?))
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
    whole(async |fuel| array_fill_in_pieces(array, value, fuel).await)
}

/// `ARRAY_FILL`, with pauses.
///
/// # Errors
/// As for [`array_set`].
pub async fn array_fill_in_pieces(array: Value, value: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    match array {
        Value::I64Array(mut array) => {
            let int = element("ARRAY_FILL", value)?;
            fill(array.edit_in_pieces(fuel).await?, int, fuel).await;
            Ok(Value::I64Array(array))
        }
        Value::F64Array(mut array) => {
            let float = float("ARRAY_FILL", value)?;
            fill(array.edit_in_pieces(fuel).await?, float, fuel).await;
            Ok(Value::F64Array(array))
        }
        other => Err(mismatch("ARRAY_FILL", AN_ARRAY, &other)),
    }
}

async fn fill<T: Copy>(elements: &mut [T], element: T, fuel: &Fuel) {
    for piece in elements.chunks_mut(PIECE) {
        piece.fill(element);
        fuel.spend(PIECE as u64 / 4).await;
    }
}

/// `ARRAY_SUM`: the sum, from the first element to the last.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is an array.
pub fn array_sum(array: &Value) -> Result<Value, Fault> {
    whole(async |fuel| array_sum_in_pieces(array, fuel).await)
}

/// `ARRAY_SUM`, with pauses.
///
/// # Errors
/// As for [`array_sum`].
pub async fn array_sum_in_pieces(array: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    match array {
        Value::I64Array(array) => {
            // At most 2^32 elements: no overflow in 128 bits.
            let mut sum = 0_i128;
            for piece in array.as_slice().chunks(PIECE) {
                sum += piece.iter().map(|&int| i128::from(int)).sum::<i128>();
                fuel.spend(PIECE as u64).await;
            }
            Big::value(BigInt::from(sum))
        }
        Value::F64Array(array) => {
            let mut sum = 0.0;
            for piece in array.as_slice().chunks(PIECE) {
                sum = piece.iter().fold(sum, |sum, float| sum + float);
                fuel.spend(PIECE as u64).await;
            }
            Ok(Value::Float(sum))
        }
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
    whole(async |fuel| array_dot_in_pieces(x, y, fuel).await)
}

/// `ARRAY_DOT`, with pauses.
///
/// # Errors
/// As for [`array_dot`].
pub async fn array_dot_in_pieces(x: &Value, y: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    match (x, y) {
        (Value::I64Array(x), Value::I64Array(y)) => {
            same_length("ARRAY_DOT", x.len(), y.len())?;
            let mut carried = BigInt::ZERO;
            let mut sum = 0_i128;
            for (x, y) in x.as_slice().chunks(PIECE).zip(y.as_slice().chunks(PIECE)) {
                for product in x.iter().zip(y).map(|(&x, &y)| i128::from(x) * i128::from(y)) {
                    match sum.checked_add(product) {
                        Some(larger) => sum = larger,
                        None => {
                            carried += sum;
                            sum = product;
                        }
                    }
                }
                fuel.spend(PIECE as u64).await;
            }
            Big::value(carried + sum)
        }
        (Value::F64Array(x), Value::F64Array(y)) => {
            same_length("ARRAY_DOT", x.len(), y.len())?;
            let mut sum = 0.0;
            for (x, y) in x.as_slice().chunks(PIECE).zip(y.as_slice().chunks(PIECE)) {
                sum = x.iter().zip(y).fold(sum, |sum, (x, y)| sum + x * y);
                fuel.spend(PIECE as u64).await;
            }
            Ok(Value::Float(sum))
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
    whole(async |fuel| array_axpy_in_pieces(alpha, x, y, fuel).await)
}

/// `ARRAY_AXPY`, with pauses.
///
/// # Errors
/// As for [`array_axpy`].
pub async fn array_axpy_in_pieces(alpha: &Value, x: &Value, y: Value, fuel: &Fuel) -> Result<Value, Fault> {
    match (x, y) {
        (Value::I64Array(x), Value::I64Array(mut y)) => {
            same_length("ARRAY_AXPY", x.len(), y.len())?;
            let alpha = i128::from(element("ARRAY_AXPY", alpha)?);
            let pieces = y.edit_in_pieces(fuel).await?.chunks_mut(PIECE).zip(x.as_slice().chunks(PIECE));
            for (number, (y, x)) in pieces.enumerate() {
                for (index, (y, &x)) in y.iter_mut().zip(x).enumerate() {
                    let sum = alpha * i128::from(x) + i128::from(*y);
                    *y = i64::try_from(sum).map_err(|_| too_large("ARRAY_AXPY", number * PIECE + index))?;
                }
                fuel.spend(PIECE as u64).await;
            }
            Ok(Value::I64Array(y))
        }
        (Value::F64Array(x), Value::F64Array(mut y)) => {
            same_length("ARRAY_AXPY", x.len(), y.len())?;
            let alpha = float("ARRAY_AXPY", alpha)?;
            let pieces = y.edit_in_pieces(fuel).await?.chunks_mut(PIECE).zip(x.as_slice().chunks(PIECE));
            for (y, x) in pieces {
                for (y, x) in y.iter_mut().zip(x) {
                    *y += alpha * x;
                }
                fuel.spend(PIECE as u64).await;
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
async fn gather<T: Copy>(from: &[T], indexes: &[i64], fuel: &Fuel) -> Result<Vec<T>, Fault> {
    let mut elements = Vec::new();
    let bytes = indexes.len() * size_of::<T>();
    elements.try_reserve_exact(indexes.len()).map_err(|_| NoRoom::Memory { bytes })?;
    for piece in indexes.chunks(PIECE) {
        for &index in piece {
            elements.push(from[position(index, from.len())?]);
        }
        fuel.spend(PIECE as u64).await;
    }
    Ok(elements)
}

/// `ARRAY_GATHER`: the elements at the indexes of an i64 array.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operands are an array and an i64 array, [`Fault::IndexOutOfBounds`].
pub fn array_gather(array: &Value, indexes: &Value) -> Result<Value, Fault> {
    whole(async |fuel| array_gather_in_pieces(array, indexes, fuel).await)
}

/// `ARRAY_GATHER`, with pauses.
///
/// # Errors
/// As for [`array_gather`].
pub async fn array_gather_in_pieces(array: &Value, indexes: &Value, fuel: &Fuel) -> Result<Value, Fault> {
    let Value::I64Array(indexes) = indexes else {
        return Err(mismatch("ARRAY_GATHER", "an array of integers", indexes));
    };
    match array {
        Value::I64Array(array) => {
            let elements = gather(array.as_slice(), indexes.as_slice(), fuel).await?;
            Ok(Value::I64Array(I64Array::copy_in_pieces(&elements, fuel).await?))
        }
        Value::F64Array(array) => {
            let elements = gather(array.as_slice(), indexes.as_slice(), fuel).await?;
            Ok(Value::F64Array(F64Array::copy_in_pieces(&elements, fuel).await?))
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
    whole(async |fuel| array_scatter_add_in_pieces(array, indexes, x, fuel).await)
}

/// `ARRAY_SCATTER_ADD`, with pauses.
///
/// # Errors
/// As for [`array_scatter_add`].
pub async fn array_scatter_add_in_pieces(
    array: Value,
    indexes: &Value,
    x: &Value,
    fuel: &Fuel,
) -> Result<Value, Fault> {
    let Value::I64Array(indexes) = indexes else {
        return Err(mismatch("ARRAY_SCATTER_ADD", "an array of integers", indexes));
    };
    match (array, x) {
        (Value::I64Array(mut array), Value::I64Array(x)) => {
            same_length("ARRAY_SCATTER_ADD", indexes.len(), x.len())?;
            let elements = array.edit_in_pieces(fuel).await?;
            for (indexes, x) in indexes.as_slice().chunks(PIECE).zip(x.as_slice().chunks(PIECE)) {
                for (&index, &x) in indexes.iter().zip(x) {
                    let index = position(index, elements.len())?;
                    elements[index] =
                        elements[index].checked_add(x).ok_or_else(|| too_large("ARRAY_SCATTER_ADD", index))?;
                }
                fuel.spend(PIECE as u64).await;
            }
            Ok(Value::I64Array(array))
        }
        (Value::F64Array(mut array), Value::F64Array(x)) => {
            same_length("ARRAY_SCATTER_ADD", indexes.len(), x.len())?;
            let elements = array.edit_in_pieces(fuel).await?;
            for (indexes, x) in indexes.as_slice().chunks(PIECE).zip(x.as_slice().chunks(PIECE)) {
                for (&index, x) in indexes.iter().zip(x) {
                    elements[position(index, elements.len())?] += x;
                }
                fuel.spend(PIECE as u64).await;
            }
            Ok(Value::F64Array(array))
        }
        (array, x) => Err(mismatch_both("ARRAY_SCATTER_ADD", "two arrays of one type", &array, x)),
    }
}
