//! The family Typed arrays.

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;
use ttvm_isa::{Fault, limits};

use super::{mismatch, place, too_many_elements};
use crate::{number::Number, value::Value};

/// The elements of an array of either type.
enum Elements {
    Ints(Vec<i64>),
    Floats(Vec<f64>),
}

impl Elements {
    fn of(operation: &'static str, value: &Value) -> Result<Self, Fault> {
        match value {
            Value::I64Array(array) => Ok(Self::Ints(array.to_vec())),
            Value::F64Array(array) => Ok(Self::Floats(array.to_vec())),
            other => Err(mismatch(operation, "an array", &[other])),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Ints(ints) => ints.len(),
            Self::Floats(floats) => floats.len(),
        }
    }
}

impl From<Elements> for Value {
    fn from(elements: Elements) -> Self {
        match elements {
            Elements::Ints(ints) => Self::I64Array(Rc::new(ints)),
            Elements::Floats(floats) => Self::F64Array(Rc::new(floats)),
        }
    }
}

/// An element of an i64 array.
fn int_element(operation: &'static str, value: &Value) -> Result<i64, Fault> {
    match value {
        Value::Int(int) if int.to_i64().is_some() => Ok(int.to_i64().expect("the guard tried it")),
        other => Err(mismatch(operation, "an integer of 64 bits", &[other])),
    }
}

/// An element of an f64 array: any number.
fn float_element(operation: &'static str, value: &Value) -> Result<f64, Fault> {
    Number::of(value).map(|number| number.to_float()).ok_or_else(|| mismatch(operation, "a number", &[value]))
}

fn index_in(operation: &'static str, index: &Value, length: usize) -> Result<usize, Fault> {
    match index {
        Value::Int(int) => place(int, length),
        other => Err(mismatch(operation, "an integer index", &[other])),
    }
}

/// The length of a new array.
pub(crate) fn new_length(operation: &'static str, count: &Value) -> Result<usize, Fault> {
    let Value::Int(int) = count else { return Err(mismatch(operation, "an integer", &[count])) };
    match int.to_i64() {
        Some(int) if int < 0 => Err(Fault::Argument { operation, error: format!("{int} is no number of elements") }),
        Some(int) => {
            usize::try_from(int).ok().filter(|count| *count <= limits::ELEMENTS_MAX).ok_or_else(too_many_elements)
        }
        None => Err(too_many_elements()),
    }
}

pub(crate) fn zero_ints(length: usize) -> Value {
    Value::I64Array(Rc::new(vec![0; length]))
}

pub(crate) fn zero_floats(length: usize) -> Value {
    Value::F64Array(Rc::new(vec![0.0; length]))
}

pub(crate) fn get([array, index]: [Value; 2]) -> Result<Value, Fault> {
    let elements = Elements::of("ARRAY_GET", &array)?;
    let place = index_in("ARRAY_GET", &index, elements.len())?;
    Ok(match elements {
        Elements::Ints(ints) => Value::int(ints[place]),
        Elements::Floats(floats) => Value::Float(floats[place]),
    })
}

pub(crate) fn set([array, index, value]: [Value; 3]) -> Result<Value, Fault> {
    let mut elements = Elements::of("ARRAY_SET", &array)?;
    let place = index_in("ARRAY_SET", &index, elements.len())?;
    match &mut elements {
        Elements::Ints(ints) => ints[place] = int_element("ARRAY_SET", &value)?,
        Elements::Floats(floats) => floats[place] = float_element("ARRAY_SET", &value)?,
    }
    Ok(elements.into())
}

pub(crate) fn fill([array, value]: [Value; 2]) -> Result<Value, Fault> {
    let mut elements = Elements::of("ARRAY_FILL", &array)?;
    match &mut elements {
        Elements::Ints(ints) => ints.fill(int_element("ARRAY_FILL", &value)?),
        Elements::Floats(floats) => floats.fill(float_element("ARRAY_FILL", &value)?),
    }
    Ok(elements.into())
}

pub(crate) fn sum([array]: [Value; 1]) -> Result<Value, Fault> {
    Ok(match Elements::of("ARRAY_SUM", &array)? {
        Elements::Ints(ints) => Value::Int(ints.into_iter().map(BigInt::from).sum()),
        Elements::Floats(floats) => Value::Float(floats.into_iter().fold(0.0, |sum, next| sum + next)),
    })
}

fn require_same_length(operation: &'static str, a: usize, b: usize) -> Result<(), Fault> {
    if a == b {
        return Ok(());
    }
    Err(Fault::Argument { operation, error: format!("arrays of {a} and {b} elements") })
}

/// Two arrays that must be of one type.
enum Pair {
    Ints(Vec<i64>, Vec<i64>),
    Floats(Vec<f64>, Vec<f64>),
}

fn pair_of(operation: &'static str, a: &Value, b: &Value) -> Result<Pair, Fault> {
    match (a, b) {
        (Value::I64Array(a), Value::I64Array(b)) => Ok(Pair::Ints(a.to_vec(), b.to_vec())),
        (Value::F64Array(a), Value::F64Array(b)) => Ok(Pair::Floats(a.to_vec(), b.to_vec())),
        _ => Err(mismatch(operation, "two arrays of one type", &[a, b])),
    }
}

pub(crate) fn dot([x, y]: [Value; 2]) -> Result<Value, Fault> {
    match pair_of("ARRAY_DOT", &x, &y)? {
        Pair::Ints(x, y) => {
            require_same_length("ARRAY_DOT", x.len(), y.len())?;
            Ok(Value::Int(x.into_iter().zip(y).map(|(x, y)| BigInt::from(x) * y).sum()))
        }
        Pair::Floats(x, y) => {
            require_same_length("ARRAY_DOT", x.len(), y.len())?;
            Ok(Value::Float(x.into_iter().zip(y).fold(0.0, |sum, (x, y)| sum + x * y)))
        }
    }
}

/// An element of a result, which must fit in an i64 array.
fn fitting(operation: &'static str, index: usize, int: &BigInt) -> Result<i64, Fault> {
    let too_large = || Fault::Argument { operation, error: format!("element {index} does not fit in 64 bits") };
    int.to_i64().ok_or_else(too_large)
}

pub(crate) fn axpy([alpha, x, y]: [Value; 3]) -> Result<Value, Fault> {
    let operation = "ARRAY_AXPY";
    match pair_of(operation, &x, &y)? {
        Pair::Ints(x, y) => {
            require_same_length(operation, x.len(), y.len())?;
            let alpha = int_element(operation, &alpha)?;
            let sums = x.into_iter().zip(y).enumerate();
            let sums = sums.map(|(index, (x, y))| fitting(operation, index, &(BigInt::from(alpha) * x + y)));
            Ok(Value::I64Array(Rc::new(sums.collect::<Result<_, _>>()?)))
        }
        Pair::Floats(x, y) => {
            require_same_length(operation, x.len(), y.len())?;
            let alpha = float_element(operation, &alpha)?;
            Ok(Value::F64Array(Rc::new(x.into_iter().zip(y).map(|(x, y)| y + alpha * x).collect())))
        }
    }
}

fn indexes_of(operation: &'static str, value: &Value) -> Result<Vec<i64>, Fault> {
    match value {
        Value::I64Array(array) => Ok(array.to_vec()),
        other => Err(mismatch(operation, "an array of integers", &[other])),
    }
}

pub(crate) fn gather([array, indexes]: [Value; 2]) -> Result<Value, Fault> {
    let indexes = indexes_of("ARRAY_GATHER", &indexes)?;
    let elements = Elements::of("ARRAY_GATHER", &array)?;
    let length = elements.len();
    let places: Vec<usize> = indexes.into_iter().map(|index| place(&index.into(), length)).collect::<Result<_, _>>()?;
    Ok(match elements {
        Elements::Ints(ints) => Elements::Ints(places.into_iter().map(|place| ints[place]).collect()),
        Elements::Floats(floats) => Elements::Floats(places.into_iter().map(|place| floats[place]).collect()),
    }
    .into())
}

pub(crate) fn scatter_add([array, indexes, x]: [Value; 3]) -> Result<Value, Fault> {
    let operation = "ARRAY_SCATTER_ADD";
    let indexes = indexes_of(operation, &indexes)?;
    match pair_of(operation, &array, &x)? {
        Pair::Ints(mut ints, x) => {
            require_same_length(operation, indexes.len(), x.len())?;
            for (index, x) in indexes.into_iter().zip(x) {
                let place = place(&index.into(), ints.len())?;
                ints[place] = fitting(operation, place, &(BigInt::from(ints[place]) + x))?;
            }
            Ok(Value::I64Array(Rc::new(ints)))
        }
        Pair::Floats(mut floats, x) => {
            require_same_length(operation, indexes.len(), x.len())?;
            for (index, x) in indexes.into_iter().zip(x) {
                let place = place(&index.into(), floats.len())?;
                floats[place] += x;
            }
            Ok(Value::F64Array(Rc::new(floats)))
        }
    }
}
