//! What instructions cost, from what a program can see of their operands and results.

use ttvm_isa::cost::{self, Cost};

use crate::value::Value;

/// The flat size of a value.
pub(crate) fn flat_size(value: &Value) -> u64 {
    match value {
        Value::Int(int) if i64::try_from(int).is_ok() => 0,
        Value::Int(int) => int.bits().div_ceil(64),
        Value::Str(text) => cost::size_of_bytes(text.len()),
        Value::Bytes(bytes) => cost::size_of_bytes(bytes.len()),
        Value::List(items) => items.len() as u64,
        Value::Object(object) => object.len() as u64,
        Value::Map(map) => map.len() as u64,
        Value::I64Array(array) => array.len() as u64,
        Value::F64Array(array) => array.len() as u64,
        Value::Float(_)
        | Value::Bool(_)
        | Value::Null
        | Value::Pid(_)
        | Value::Reference(_)
        | Value::Function(_)
        | Value::Exception(_) => 0,
    }
}

/// The reductions of a data instruction: `inputs` are the sizes of its operands, the top of the stack last.
///
/// Calls, jumps, printing and `MAKE_LIST` are charged where they are executed.
pub(crate) fn of_data(cost: Cost, inputs: &[u64], result: &Value) -> u64 {
    let first = inputs.first().copied().unwrap_or(0);
    let last = inputs.last().copied().unwrap_or(0);
    match cost {
        Cost::Inputs => cost::of_elements(inputs.iter().sum()),
        Cost::Result => cost::of_elements(flat_size(result)),
        Cost::Last => cost::of_elements(last),
        Cost::Sort => cost::of_sort(first),
        Cost::Compare => cost::of_elements(first.min(last)),
        Cost::Product => cost::of_product(first, last),
        Cost::Power => cost::of_power(flat_size(result)),
        Cost::Free | Cost::Call | Cost::BackwardJump | Cost::Count | Cost::Deep | Cost::Message => 0,
    }
}
