//! The built-ins: instructions on values that have no register operation of their own.

use std::mem;

use ttvm_isa::{Fault, cost, cost::Cost};
use ttvm_lowering::Builtin;
use ttvm_value::{
    Value,
    ops::size::flat_size,
    ops::{arithmetic, arrays, bits, convert, errors, lists, logic, maps, objects, order, rounding, strings},
};

/// What is counted before a built-in runs, as its cost says.
pub(crate) fn elements_before(kind: Cost, arguments: &[Value]) -> u64 {
    let sizes = || arguments.iter().map(flat_size);
    match kind {
        Cost::Inputs => sizes().fold(0, u64::saturating_add),
        Cost::Last => arguments.last().map_or(0, flat_size),
        Cost::Compare => sizes().min().unwrap_or(0),
        Cost::Free
        | Cost::Call
        | Cost::BackwardJump
        | Cost::Result
        | Cost::Count
        | Cost::Sort
        | Cost::Product
        | Cost::Power
        | Cost::Deep
        | Cost::Message => 0,
    }
}

/// The reductions of a built-in that gave `result`, with what was counted before.
pub(crate) fn reductions_of(kind: Cost, before: u64, result: &Value) -> u64 {
    match kind {
        Cost::Result => cost::of_elements(flat_size(result)),
        Cost::Sort => cost::of_sort(flat_size(result)),
        Cost::Power => cost::of_power(flat_size(result)),
        Cost::Inputs | Cost::Last | Cost::Compare => cost::of_elements(before),
        Cost::Free | Cost::Call | Cost::BackwardJump | Cost::Count | Cost::Product | Cost::Deep | Cost::Message => 0,
    }
}

/// Runs a built-in on its arguments, which it may take. Gives [`Value::Undefined`] where there is no result.
#[inline(never)]
pub(crate) fn call(builtin: Builtin, arguments: &mut [Value]) -> Result<Value, Fault> {
    call_inlined(builtin, arguments)
}

/// [`call`], for the one place through which most built-ins go.
#[inline(always)]
pub(crate) fn call_inlined(builtin: Builtin, arguments: &mut [Value]) -> Result<Value, Fault> {
    match arguments {
        [] => Ok(without_arguments(builtin)),
        [a] => unary(builtin, a),
        [a, b] => binary(builtin, a, b),
        [a, b, c] => ternary(builtin, a, b, c),
        _ => unreachable!("no built-in takes more than three arguments"),
    }
}

fn take(value: &mut Value) -> Value {
    mem::replace(value, Value::Undefined)
}

fn flag(condition: bool) -> Value {
    Value::one_or_zero(condition)
}

fn without_arguments(builtin: Builtin) -> Value {
    match builtin {
        Builtin::MakeObject => objects::make_object(),
        Builtin::MapNew => maps::map_new(),
        other => unreachable!("{other:?} takes arguments"),
    }
}

fn unary(builtin: Builtin, a: &mut Value) -> Result<Value, Fault> {
    match builtin {
        Builtin::Not => logic::not(a),
        Builtin::Neg => arithmetic::neg(a),
        Builtin::Abs => arithmetic::abs(a),
        Builtin::Sqrt => rounding::sqrt(a),
        Builtin::Floor => rounding::floor(a),
        Builtin::Ceil => rounding::ceil(a),
        Builtin::Round => rounding::round(a),
        Builtin::Assert => errors::assert_true(a).map(|()| Value::Undefined),
        Builtin::ErrorMessage => errors::error_message(a),
        Builtin::ErrorKind => errors::error_kind(a),
        Builtin::ErrorTrace => errors::error_trace(a),
        Builtin::Reverse => lists::reverse(take(a)),
        Builtin::Sort => lists::sort(take(a)),
        Builtin::Keys => objects::keys(a),
        Builtin::TypeOf => Ok(convert::type_of(a)),
        Builtin::ToStr => convert::to_str(a),
        Builtin::ToInt => convert::to_int(a),
        Builtin::ToFloat => convert::to_float(a),
        Builtin::StrLen => strings::str_len(a),
        Builtin::Upper => strings::upper(a),
        Builtin::Lower => strings::lower(a),
        Builtin::Trim => strings::trim(a),
        Builtin::Chars => strings::chars(a),
        Builtin::BytesOf => convert::bytes_of(a),
        Builtin::MapKeys => maps::map_keys(a),
        Builtin::MapSize => maps::map_size(a),
        Builtin::ArrayF64 => arrays::array_f64(a),
        Builtin::ArrayI64 => arrays::array_i64(a),
        Builtin::ArraySum => arrays::array_sum(a),
        other => unreachable!("{other:?} does not take one argument"),
    }
}

fn binary(builtin: Builtin, a: &mut Value, b: &mut Value) -> Result<Value, Fault> {
    match builtin {
        Builtin::And => logic::and(a, b),
        Builtin::Or => logic::or(a, b),
        Builtin::AddF => arithmetic::add_float(a, b),
        Builtin::SubF => arithmetic::sub_float(a, b),
        Builtin::MulF => arithmetic::mul_float(a, b),
        Builtin::DivF => arithmetic::div_float(a, b),
        Builtin::Min => order::min(a, b),
        Builtin::Max => order::max(a, b),
        Builtin::Pow => arithmetic::pow(a, b),
        Builtin::EqF => order::equal_float(a, b).map(flag),
        Builtin::NeF => order::not_equal_float(a, b).map(flag),
        Builtin::GtF => order::greater_than_float(a, b).map(flag),
        Builtin::LtF => order::less_than_float(a, b).map(flag),
        Builtin::GeF => order::greater_or_equal_float(a, b).map(flag),
        Builtin::LeF => order::less_or_equal_float(a, b).map(flag),
        Builtin::EqNum => order::equal_number(a, b).map(flag),
        Builtin::Cmp => Ok(order::compare(a, b)),
        Builtin::BitAnd => bits::bit_and(a, b),
        Builtin::BitOr => bits::bit_or(a, b),
        Builtin::BitXor => bits::bit_xor(a, b),
        Builtin::Shl => bits::shift_left(a, b),
        Builtin::Shr => bits::shift_right(a, b),
        Builtin::AssertEq => errors::assert_equal(a, b).map(|()| Value::Undefined),
        Builtin::ListConcat => lists::list_concat(take(a), b),
        Builtin::Range => lists::range(a, b),
        Builtin::Contains => lists::contains(a, b).map(flag),
        Builtin::HasField => objects::has_field(a, b).map(flag),
        Builtin::DeleteField => objects::delete_field(take(a), b),
        Builtin::Split => strings::split(a, b),
        Builtin::Join => strings::join(a, b),
        Builtin::Find => strings::find(a, b),
        Builtin::Format => strings::format(a, b),
        Builtin::MapRemove => maps::map_remove(take(a), b),
        Builtin::MapHas => maps::map_has(a, b).map(flag),
        Builtin::ArrayFill => arrays::array_fill(take(a), b),
        Builtin::ArrayDot => arrays::array_dot(a, b),
        Builtin::ArrayGather => arrays::array_gather(a, b),
        other => unreachable!("{other:?} does not take two arguments"),
    }
}

fn ternary(builtin: Builtin, a: &mut Value, b: &mut Value, c: &mut Value) -> Result<Value, Fault> {
    match builtin {
        Builtin::Slice => lists::slice(a, b, c),
        Builtin::Substr => strings::substr(a, b, c),
        Builtin::Replace => strings::replace(a, b, c),
        Builtin::ArrayAxpy => arrays::array_axpy(a, b, take(c)),
        Builtin::ArrayScatterAdd => arrays::array_scatter_add(take(a), b, c),
        other => unreachable!("{other:?} does not take three arguments"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_accepts_its_number_of_arguments() {
        for builtin in Builtin::ALL {
            let mut arguments = vec![Value::Int(0); usize::from(builtin.arguments())];
            // Whatever the result: a built-in in the wrong list would be unreachable.
            let result = call(*builtin, &mut arguments);
            assert!(result.is_ok() || result.is_err());
        }
    }
}
