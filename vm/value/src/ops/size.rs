//! How large values are, as the costs of instructions count it.

use std::{collections::HashMap, slice};

use ttvm_isa::cost::size_of_bytes;

use crate::{heap::Any, map, object::Object, value::Value, work::Fuel};

/// What putting an entry of a map in order is worth in steps.
const STEPS_PER_SETTLED: u64 = 16;

/// The flat size of a value (see `ttvm_isa::cost::Cost`): elements of collections, an eighth of the bytes
/// of strs and bytes, 64-bit digits of big ints, 0 for everything else.
#[inline]
#[must_use]
pub fn flat_size(value: &Value) -> u64 {
    if value.is_heap() { heap_size(value) } else { 0 }
}

fn heap_size(value: &Value) -> u64 {
    match value {
        Value::Str(text) => size_of_bytes(text.len()),
        Value::Bytes(bytes) => size_of_bytes(bytes.len()),
        Value::List(list) => list.len() as u64,
        Value::Object(object) => object.len() as u64,
        Value::Map(map) => map.len() as u64,
        Value::I64Array(array) => array.len() as u64,
        Value::F64Array(array) => array.len() as u64,
        Value::BigInt(big) => big.bits().div_ceil(64),
        _ => 0,
    }
}

/// Values and bytes that a walk through a value meets when it looks at what is shared as often as it occurs: at most
/// the length of its text. Takes time in proportion to the objects there are.
pub async fn tree_size(value: &Value, fuel: &Fuel) -> u64 {
    let mut known: HashMap<usize, u64> = HashMap::new();
    // A counter of what lies below, the children still to be looked at, and whose they are if that is shared.
    let mut work: Vec<(u64, slice::Iter<'_, Value>, Option<usize>)> = vec![(0, slice::from_ref(value).iter(), None)];
    loop {
        if fuel.burn(1) {
            fuel.pause().await;
        }
        let Some((size, children, _)) = work.last_mut() else { return 0 };
        let Some(child) = children.next() else {
            let Some((size, _, of)) = work.pop() else { return 0 };
            if let Some(of) = of {
                known.insert(of, size);
            }
            match work.last_mut() {
                Some((below, ..)) => *below = below.saturating_add(size),
                None => return size,
            }
            continue;
        };
        *size = size.saturating_add(1);
        if let Value::Map(_) = child
            && let Some(node) = child.any()
        {
            // Tables have free slots, which are no part of the text.
            fuel.burn(STEPS_PER_SETTLED * map::settle(node) as u64);
        }
        let (object, values) = match written(child) {
            Written::Bytes(bytes) => {
                *size = size.saturating_add(bytes as u64);
                continue;
            }
            Written::Values(object, values) => (object, values),
        };
        let shared = (!object.is_unique()).then(|| object.address());
        match shared.and_then(|address| known.get(&address)) {
            Some(known) => *size = size.saturating_add(*known),
            None => work.push((0, values.iter(), shared)),
        }
    }
}

/// What the text of a value consists of.
enum Written<'a> {
    /// At least so many bytes and one.
    Bytes(usize),
    /// The texts of values.
    Values(&'a Any, &'a [Value]),
}

fn written(value: &Value) -> Written<'_> {
    match value {
        Value::Str(text) => Written::Bytes(text.len()),
        Value::Exception(exception) => Written::Bytes(exception.message().len()),
        Value::List(_) | Value::Map(_) | Value::Object(_) => match value.any().map(|object| (object, object.of())) {
            Some((object, Some(values))) if matches!(value, Value::Object(_)) => {
                Written::Values(object, Object::written(values))
            }
            Some((object, Some(values))) => Written::Values(object, values),
            Some((object, None)) => Written::Bytes(object.length()),
            None => Written::Bytes(0),
        },
        // Others are a few words, or numbers that are limited themselves.
        _ => Written::Bytes(0),
    }
}
