//! How large values are, as the costs of instructions count it.

use ttvm_isa::cost::size_of_bytes;

use crate::value::Value;

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
