//! Equality as `EQ` says, and the total order of `CMP`, `SORT` and map keys.

use std::{cmp::Ordering, rc::Rc};

use crate::{
    number::{self, Number},
    value::{Function, Object, Value},
};

/// A map's key: a value compared by the total order.
#[derive(Clone, Debug)]
pub struct Key(pub Value);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        total_order(&self.0, &other.0)
    }
}

/// Structural equality: different types are unequal, floats compare as IEEE says, also when nested.
#[must_use]
pub fn equals(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Null, Value::Null) => true,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::List(a), Value::List(b)) => all_equal(a, b),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, x)| b.get(name).is_some_and(|y| equals(x, y)))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((k, x), (l, y))| equals(&k.0, &l.0) && equals(x, y))
        }
        (Value::I64Array(a), Value::I64Array(b)) => a == b,
        (Value::F64Array(a), Value::F64Array(b)) => a == b,
        (Value::Pid(a), Value::Pid(b)) | (Value::Reference(a), Value::Reference(b)) => a == b,
        (Value::Function(a), Value::Function(b)) => functions_equal(a, b),
        (Value::Exception(a), Value::Exception(b)) => a.message == b.message,
        _ => false,
    }
}

fn all_equal(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| equals(x, y))
}

/// Functions are equal by their code, their parameters and the values they captured; a closure without captures
/// is a function like any other.
fn functions_equal(a: &Function, b: &Function) -> bool {
    let same_code = a.module == b.module && a.entry == b.entry && a.parameters == b.parameters;
    same_code && all_equal(&captured_values(a), &captured_values(b))
}

fn captured_values(function: &Function) -> Vec<Value> {
    function.captured.iter().flatten().map(|(_, value)| value.clone()).collect()
}

/// The place of a type in the total order.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Int(_) | Value::Float(_) => 0,
        Value::Bool(_) => 1,
        Value::Null => 2,
        Value::Str(_) => 3,
        Value::Bytes(_) => 4,
        Value::List(_) => 5,
        Value::Object(_) => 6,
        Value::Map(_) => 7,
        Value::I64Array(_) => 8,
        Value::F64Array(_) => 9,
        Value::Pid(_) => 10,
        Value::Reference(_) => 11,
        Value::Function(_) => 12,
        Value::Exception(_) => 13,
    }
}

/// The total order of all values.
#[must_use]
pub fn total_order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => in_order(a.iter(), b.iter()),
        (Value::Object(a), Value::Object(b)) => entries_order(&sorted_fields(a), &sorted_fields(b)),
        (Value::Map(a), Value::Map(b)) => {
            let entries = |map: &Rc<std::collections::BTreeMap<Key, Value>>| -> Vec<(Value, Value)> {
                map.iter().map(|(key, value)| (key.0.clone(), value.clone())).collect()
            };
            entries_order(&entries(a), &entries(b))
        }
        (Value::I64Array(a), Value::I64Array(b)) => a.cmp(b),
        (Value::F64Array(a), Value::F64Array(b)) => {
            let values = |array: &[f64]| -> Vec<Value> { array.iter().copied().map(Value::Float).collect() };
            in_order(values(a).iter(), values(b).iter())
        }
        (Value::Pid(a), Value::Pid(b)) | (Value::Reference(a), Value::Reference(b)) => a.cmp(b),
        (Value::Function(a), Value::Function(b)) => functions_order(a, b),
        (Value::Exception(a), Value::Exception(b)) => a.message.cmp(&b.message),
        _ => match (Number::of(a), Number::of(b)) {
            (Some(a), Some(b)) => number::total(&a, &b),
            _ => rank(a).cmp(&rank(b)),
        },
    }
}

/// Element by element, then by length.
fn in_order<'a>(a: impl Iterator<Item = &'a Value>, b: impl Iterator<Item = &'a Value>) -> Ordering {
    a.map(|value| Key(value.clone())).cmp(b.map(|value| Key(value.clone())))
}

/// By size, then by the keys in order, then by the values in the order of their keys.
fn entries_order(a: &[(Value, Value)], b: &[(Value, Value)]) -> Ordering {
    a.len()
        .cmp(&b.len())
        .then_with(|| in_order(a.iter().map(|entry| &entry.0), b.iter().map(|entry| &entry.0)))
        .then_with(|| in_order(a.iter().map(|entry| &entry.1), b.iter().map(|entry| &entry.1)))
}

fn sorted_fields(object: &Object) -> Vec<(Value, Value)> {
    let mut fields: Vec<(Value, Value)> =
        object.iter().map(|(name, value)| (Value::str(name.as_str()), value.clone())).collect();
    fields.sort_by(|a, b| total_order(&a.0, &b.0));
    fields
}

/// By the index of the first instruction, the module, the parameters, then the captured values.
fn functions_order(a: &Function, b: &Function) -> Ordering {
    let code = |function: &Function| (function.entry, function.module, function.parameters.clone());
    code(a).cmp(&code(b)).then_with(|| in_order(captured_values(a).iter(), captured_values(b).iter()))
}
