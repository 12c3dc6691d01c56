//! The family Comparison.

use std::cmp::Ordering;

use ttvm_isa::Fault;

use super::two_numbers;
use crate::{
    compare::{equals, total_order},
    number,
    text::debug_forms,
    value::Value,
};

pub(crate) fn eq([a, b]: [Value; 2]) -> Result<Value, Fault> {
    Ok(Value::answer(equals(&a, &b)))
}

pub(crate) fn ne([a, b]: [Value; 2]) -> Result<Value, Fault> {
    Ok(Value::answer(!equals(&a, &b)))
}

/// `GT LT GE LE EQ_NUM`: numbers by exact value; never so where one is NaN.
pub(crate) fn ordered(
    operation: &'static str,
    [a, b]: [Value; 2],
    is_so: impl FnOnce(Ordering) -> bool,
) -> Result<Value, Fault> {
    let (a, b) = two_numbers(operation, "two numbers (int or float)", [&a, &b])?;
    Ok(Value::answer(number::by_value(&a, &b).is_some_and(is_so)))
}

/// `GT_F LT_F GE_F LE_F EQ_F NE_F`: numbers as floats.
pub(crate) fn floats(
    operation: &'static str,
    [a, b]: [Value; 2],
    is_so: impl FnOnce(f64, f64) -> bool,
) -> Result<Value, Fault> {
    let (a, b) = two_numbers(operation, "two floats", [&a, &b])?;
    Ok(Value::answer(is_so(a.to_float(), b.to_float())))
}

/// The classic tolerance: identical, so that infinities are equal to themselves, or closer than epsilon.
pub(crate) fn nearly_equal(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() < f64::EPSILON
}

pub(crate) fn cmp([a, b]: [Value; 2]) -> Result<Value, Fault> {
    Ok(Value::int(total_order(&a, &b) as i64))
}

/// `ASSERT_EQ`; its null is no result.
pub(crate) fn assert_eq([a, b]: [Value; 2]) -> Result<Value, Fault> {
    if equals(&a, &b) {
        return Ok(Value::Null);
    }
    Err(Fault::AssertionFailed { detail: format!("{} is not equal to {}", debug_forms(&[&a]), debug_forms(&[&b])) })
}
