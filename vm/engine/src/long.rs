//! Which built-ins may be long, and their work in pieces.
//!
//! What is certainly short is done at once, without looking further. What may be long, for what it finds within its
//! operands, is tried for some steps; what is certainly long becomes a job at once. Not here: what becomes of jobs
//! (`work.rs`).

use ttvm_isa::Fault;
use ttvm_lowering::Builtin;
use ttvm_value::{
    List, SharedValue, Str, Value,
    list::Chunk,
    ops::{arrays, compare, convert, errors, lists, maps, objects, order, size::flat_size, strings, text},
    work::{Fuel, Job, Task, attempt},
};

use crate::{
    builtins,
    work::{STEPS_AT_ONCE, Work},
};

/// Elements that each may be compared with a small value.
const FEW: u64 = 64;

/// Elements that are worked on at once.
const ELEMENTS_AT_ONCE: u64 = 1024;

/// Digits of 64 bits of the result of a power, whose time grows with their square at worst.
const DIGITS_AT_ONCE: u64 = 1024;

/// Digits of 64 bits of operations whose time grows with them, and products of digits where it grows with these.
const LINEAR_DIGITS_AT_ONCE: u64 = 1 << 14;

/// Bytes of a text that is short for every operation.
const SHORT_TEXT: usize = 1024;

/// Bytes of text that are copied or looked through at once: less than 0.1 ms.
const TEXT_AT_ONCE: usize = 1 << 18;

/// Bytes of text that are read as a number.
const BYTES_AT_ONCE: usize = 4096;

/// How long an operation may take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    /// At most some microseconds.
    Short,
    /// That depends on what the operands hold.
    Unknown,
    /// Probably longer.
    Long,
}

/// Calls a built-in on its arguments, which it may take and which are not plain.
///
/// # Errors
/// Its work, if that is long.
#[inline(never)]
pub(crate) fn call(builtin: Builtin, arguments: &mut [Value]) -> Result<Result<Value, Fault>, Work> {
    if let Some(result) = small(builtin, arguments) {
        return Ok(result);
    }
    match length(builtin, arguments) {
        Length::Short => return Ok(builtins::call(builtin, arguments)),
        Length::Unknown => {
            let result = attempt(STEPS_AT_ONCE, async |fuel| in_pieces(builtin, arguments, fuel).await);
            if let Some(result) = result {
                return Ok(result);
            }
        }
        Length::Long => {}
    }
    let mut taken: [Value; 3] = std::array::from_fn(|index| arguments.get_mut(index).map_or(Value::Null, Value::take));
    let count = arguments.len();
    Err(Job::new(async move |fuel| in_pieces(builtin, &mut taken[..count], fuel).await))
}

/// Whether a built-in is certainly short, which most are: its arguments are.
#[inline(always)]
pub(crate) fn is_plain(builtin: Builtin, arguments: &[Value]) -> bool {
    let is_short = |value: &Value| match value {
        Value::Str(text) => text.len() <= SHORT_TEXT,
        other => !other.is_heap(),
    };
    // What these give may be larger than what they take.
    let is_small =
        !matches!(builtin, Builtin::Range | Builtin::ArrayF64 | Builtin::ArrayI64 | Builtin::Pow | Builtin::Shl);
    is_small && arguments.iter().all(is_short)
}

/// Calls a built-in whose time depends on what its operands hold if that is little.
fn small(builtin: Builtin, arguments: &[Value]) -> Option<Result<Value, Fault>> {
    match (builtin, arguments) {
        (Builtin::ToStr, [value]) => convert::short_to_str(value),
        (Builtin::Join, [list, separator]) => strings::short_join(list, separator),
        (Builtin::Format, [pattern, list]) => strings::short_format(pattern, list),
        (Builtin::Contains, [container, value]) => {
            lists::short_contains(container, value).map(|is_found| Ok(Value::one_or_zero(is_found)))
        }
        (Builtin::Cmp, [a, b]) => order::compare_small(a, b).map(Ok),
        (Builtin::AssertEq, [a, b]) => (compare::small_equals(a, b)?).then_some(Ok(Value::Undefined)),
        _ => None,
    }
}

/// The text that `PRINT` writes of a value, with its end.
///
/// # Errors
/// The work of making it, if that is long.
pub(crate) fn line(value: &Value, end: &'static str) -> Result<Result<Value, Fault>, Work> {
    if flat_size(value) <= ELEMENTS_AT_ONCE {
        let text = attempt(STEPS_AT_ONCE, async |fuel| text::line_in_pieces(value, end, fuel).await);
        if let Some(text) = text {
            return Ok(text);
        }
    }
    let value = value.clone();
    Err(Job::new(async move |fuel| text::line_in_pieces(&value, end, fuel).await))
}

/// `LEN`.
///
/// # Errors
/// Its work, if that is long.
pub(crate) fn length_of(value: &Value) -> Result<Result<Value, Fault>, Work> {
    match value {
        Value::Str(text) if is_long_text(text) => {
            let value = value.clone();
            Err(Job::new(async move |fuel| strings::str_len_in_pieces(&value, fuel).await))
        }
        short => Ok(lists::len(short)),
    }
}

/// `INDEX`.
///
/// # Errors
/// Its work, if that is long.
pub(crate) fn element_of(container: &Value, at: &Value) -> Result<Result<Value, Fault>, Work> {
    match container {
        Value::Str(text) if is_long_text(text) => {
            let (text, at) = (text.clone(), at.clone());
            Err(Job::new(async move |fuel| strings::index_in_pieces(&text, &at, fuel).await))
        }
        short => Ok(lists::index(short, at)),
    }
}

/// Whether looking for a character takes long.
fn is_long_text(text: &Str) -> bool {
    text.len() > TEXT_AT_ONCE && !text.is_ascii()
}

/// `CONCAT` of two strs, the first of which it takes.
///
/// # Errors
/// Its work, if that is long.
pub(crate) fn concatenation(left: &mut Value, right: &Value) -> Result<Result<Value, Fault>, Work> {
    if !is_long_concatenation(left, right) {
        return Ok(strings::concat(left.take(), right));
    }
    let (left, right) = (left.take(), right.clone());
    Err(Job::new(async move |fuel| strings::concat_in_pieces(left, &right, fuel).await))
}

/// Whether `CONCAT` copies much.
pub(crate) fn is_long_concatenation(left: &Value, right: &Value) -> bool {
    let (Value::Str(left), Value::Str(right)) = (left, right) else { return false };
    right.len() > TEXT_AT_ONCE || (left.len() > TEXT_AT_ONCE && !left.is_owned())
}

/// Whether putting a value into a list takes long, because all of it is copied once.
pub(crate) fn is_copied_for_long(list: &mut Value, value: &Value) -> bool {
    match list {
        Value::List(list) => list.len() as u64 > ELEMENTS_AT_ONCE && list.is_copied_for(value),
        _ => false,
    }
}

/// What must be done before a value is put into a container, if that takes long, because all of the container is copied
/// once. The container goes with it and is what it gives.
pub(crate) fn preparation(container: &mut Value, key: &Value, value: &Value) -> Option<Work> {
    let is_long = flat_size(container) > ELEMENTS_AT_ONCE
        && match container {
            Value::List(list) => list.is_copied_for(value),
            Value::Map(map) => map.is_copied_for(key, value),
            Value::I64Array(array) => array.edit().is_none(),
            Value::F64Array(array) => array.edit().is_none(),
            _ => false,
        };
    if !is_long {
        return None;
    }
    let (mut container, key, value) = (container.take(), key.clone(), value.clone());
    Some(Job::new(async move |fuel| {
        match &mut container {
            Value::List(list) => list.prepare_in_pieces(&value, fuel).await?,
            Value::Map(map) => map.prepare_in_pieces(&key, &value, fuel).await?,
            Value::I64Array(array) => array.edit_in_pieces(fuel).await.map(|_| ())?,
            Value::F64Array(array) => array.edit_in_pieces(fuel).await.map(|_| ())?,
            _ => {}
        }
        Ok(container)
    }))
}

/// How long a built-in may take.
fn length(builtin: Builtin, arguments: &[Value]) -> Length {
    let sizes = || arguments.iter().map(flat_size).fold(0, u64::saturating_add);
    let by_size = |size: u64, short: Length| if size > ELEMENTS_AT_ONCE { Length::Long } else { short };
    match (builtin, arguments) {
        (Builtin::Sort, [Value::List(list)]) if is_sorted_at_once(list) => Length::Short,
        // Lists within lists are compared for as long as they are equal.
        (Builtin::Sort, [Value::List(_)]) => Length::Long,
        (Builtin::Cmp | Builtin::AssertEq, _) => Length::Unknown,
        (Builtin::Contains, [container, value]) if flat_size(container) <= FEW && compare::is_small(value) => {
            Length::Short
        }
        (Builtin::Join | Builtin::Format, _) if arguments.iter().all(compare::is_small) => Length::Short,
        (Builtin::Contains, [container, _]) => by_size(flat_size(container), Length::Unknown),
        (Builtin::ToStr | Builtin::Join | Builtin::Format, _) => by_size(sizes(), Length::Unknown),
        (Builtin::MapRemove, [Value::Map(map), _]) if map.may_be_spread() => by_size(map.len() as u64, Length::Short),
        (Builtin::ListConcat, [a, b]) => by_size(flat_size(b) + unowned_size(a), Length::Short),
        (Builtin::Range, [Value::Int(from), Value::Int(to)]) => {
            by_size(to.saturating_sub(*from).max(0).unsigned_abs(), Length::Short)
        }
        (Builtin::Range, [_, _]) => Length::Long,
        (Builtin::ArrayF64 | Builtin::ArrayI64, [Value::Int(count)]) => by_size(count.unsigned_abs(), Length::Short),
        (
            Builtin::Reverse
            | Builtin::Slice
            | Builtin::Keys
            | Builtin::MapKeys
            | Builtin::StrLen
            | Builtin::Substr
            | Builtin::Split
            | Builtin::Chars
            | Builtin::Find
            | Builtin::Replace
            | Builtin::Upper
            | Builtin::Lower
            | Builtin::Trim
            | Builtin::BytesOf
            | Builtin::ArrayFill
            | Builtin::ArraySum
            | Builtin::ArrayDot
            | Builtin::ArrayAxpy
            | Builtin::ArrayGather
            | Builtin::ArrayScatterAdd,
            _,
        ) => by_size(sizes(), Length::Short),
        _ if is_for_elsewhere(builtin, arguments) => Length::Long,
        _ => Length::Short,
    }
}

/// The elements that are copied when a list is updated that somebody else holds; 0 if there is no need to.
fn unowned_size(list: &Value) -> u64 {
    match list {
        Value::List(list) if !list.is_owned() => list.len() as u64,
        _ => 0,
    }
}

/// Whether a list is so short, and its elements so simple, that sorting it is short.
fn is_sorted_at_once(list: &List) -> bool {
    list.len() as u64 <= ELEMENTS_AT_ONCE / 2
        && list.chunks().all(|chunk| match chunk {
            Chunk::Values(values) => values.iter().all(compare::is_small),
            Chunk::Ints(_) | Chunk::Floats(_) => true,
        })
}

/// Whether an operation on ints or their digits takes long and cannot stop on the way.
fn is_for_elsewhere(builtin: Builtin, arguments: &[Value]) -> bool {
    match (builtin, arguments) {
        (Builtin::Pow, [base @ (Value::Int(_) | Value::BigInt(_)), Value::Int(exponent)]) => {
            flat_size(base).max(1).saturating_mul(exponent.unsigned_abs()) > DIGITS_AT_ONCE
        }
        (Builtin::Shl, [_, Value::Int(count)]) => count.unsigned_abs() > DIGITS_AT_ONCE * 64,
        (Builtin::ToInt | Builtin::ToFloat, [Value::Str(text)]) => text.len() > BYTES_AT_ONCE,
        (
            Builtin::BitAnd
            | Builtin::BitOr
            | Builtin::BitXor
            | Builtin::Shr
            | Builtin::Neg
            | Builtin::Abs
            | Builtin::ToFloat,
            _,
        ) => {
            arguments.iter().any(|value| matches!(value, Value::BigInt(_)) && flat_size(value) > LINEAR_DIGITS_AT_ONCE)
        }
        _ => false,
    }
}

/// Whether arithmetic with two ints takes long.
pub(crate) fn is_long_arithmetic(a: &Value, b: &Value, is_linear: bool) -> bool {
    let (Value::BigInt(_) | Value::Int(_), Value::BigInt(_) | Value::Int(_)) = (a, b) else { return false };
    let (a, b) = (flat_size(a), flat_size(b));
    if is_linear { a.max(b) > LINEAR_DIGITS_AT_ONCE } else { a.saturating_mul(b).max(a).max(b) > LINEAR_DIGITS_AT_ONCE }
}

/// Work on two values that cannot stop on the way.
pub(crate) fn elsewhere(operation: fn(&Value, &Value) -> Result<Value, Fault>, a: &Value, b: &Value) -> Work {
    let ((a, _), (b, _)) = (SharedValue::new(a.clone()), SharedValue::new(b.clone()));
    Job::new(async move |fuel| fuel.elsewhere(Task::new(move || operation(a.value(), b.value()))).await)
}

/// Runs a built-in that may be long. It takes what it updates and leaves its other arguments.
async fn in_pieces(builtin: Builtin, arguments: &mut [Value], fuel: &Fuel) -> Result<Value, Fault> {
    match (builtin, arguments) {
        (Builtin::Sort, [list]) => lists::sort_in_pieces(list.take(), fuel).await,
        (Builtin::Reverse, [list]) => lists::reverse_in_pieces(list.take(), fuel).await,
        (Builtin::ListConcat, [a, b]) => lists::list_concat_in_pieces(a.take(), b, fuel).await,
        (Builtin::Slice, [list, start, end]) => lists::slice_in_pieces(list, start, end, fuel).await,
        (Builtin::Range, [from, to]) => lists::range_in_pieces(from, to, fuel).await,
        (Builtin::Contains, [container, value]) => {
            lists::contains_in_pieces(container, value, fuel).await.map(Value::one_or_zero)
        }
        (Builtin::Cmp, [a, b]) => Ok(order::compare_in_pieces(a, b, fuel).await),
        (Builtin::AssertEq, [a, b]) => {
            errors::assert_equal_in_pieces(a, b, fuel).await?;
            Ok(Value::Undefined)
        }
        (Builtin::Keys, [object]) => objects::keys_in_pieces(object, fuel).await,
        (Builtin::MapRemove, [map, key]) => maps::map_remove_in_pieces(map.take(), key, fuel).await,
        (Builtin::MapKeys, [map]) => maps::map_keys_in_pieces(map, fuel).await,
        (other, arguments) => of_strings(other, arguments, fuel).await,
    }
}

async fn of_strings(builtin: Builtin, arguments: &mut [Value], fuel: &Fuel) -> Result<Value, Fault> {
    match (builtin, arguments) {
        (Builtin::ToStr, [value]) => convert::to_str_in_pieces(value, fuel).await,
        (Builtin::Join, [list, separator]) => strings::join_in_pieces(list, separator, fuel).await,
        (Builtin::Format, [pattern, list]) => strings::format_in_pieces(pattern, list, fuel).await,
        (Builtin::StrLen, [text]) => strings::str_len_in_pieces(text, fuel).await,
        (Builtin::Substr, [text, start, length]) => strings::substr_in_pieces(text, start, length, fuel).await,
        (Builtin::Split, [text, separator]) => strings::split_in_pieces(text, separator, fuel).await,
        (Builtin::Chars, [text]) => strings::chars_in_pieces(text, fuel).await,
        (Builtin::Find, [text, wanted]) => strings::find_in_pieces(text, wanted, fuel).await,
        (Builtin::Replace, [text, from, to]) => strings::replace_in_pieces(text, from, to, fuel).await,
        (Builtin::Upper, [text]) => strings::upper_in_pieces(text, fuel).await,
        (Builtin::Lower, [text]) => strings::lower_in_pieces(text, fuel).await,
        (Builtin::Trim, [text]) => strings::trim_in_pieces(text, fuel).await,
        (Builtin::BytesOf, [value]) => convert::bytes_of_in_pieces(value, fuel).await,
        (other, arguments) => of_arrays(other, arguments, fuel).await,
    }
}

async fn of_arrays(builtin: Builtin, arguments: &mut [Value], fuel: &Fuel) -> Result<Value, Fault> {
    match (builtin, arguments) {
        (Builtin::ArrayF64, [length]) => arrays::array_f64_in_pieces(length, fuel).await,
        (Builtin::ArrayI64, [length]) => arrays::array_i64_in_pieces(length, fuel).await,
        (Builtin::ArrayFill, [array, value]) => arrays::array_fill_in_pieces(array.take(), value, fuel).await,
        (Builtin::ArraySum, [array]) => arrays::array_sum_in_pieces(array, fuel).await,
        (Builtin::ArrayDot, [x, y]) => arrays::array_dot_in_pieces(x, y, fuel).await,
        (Builtin::ArrayAxpy, [alpha, x, y]) => arrays::array_axpy_in_pieces(alpha, x, y.take(), fuel).await,
        (Builtin::ArrayGather, [array, indexes]) => arrays::array_gather_in_pieces(array, indexes, fuel).await,
        (Builtin::ArrayScatterAdd, [array, indexes, x]) => {
            arrays::array_scatter_add_in_pieces(array.take(), indexes, x, fuel).await
        }
        (other, arguments) => {
            let shared: Vec<SharedValue> = arguments.iter_mut().map(|value| SharedValue::new(value.take()).0).collect();
            fuel.elsewhere(Task::new(move || {
                let mut arguments: Vec<Value> = shared.into_iter().map(SharedValue::into_value).collect();
                builtins::call(other, &mut arguments)
            }))
            .await
        }
    }
}
