//! Tests of values, a file for each subject. What several of them need is here.

mod accounts;
mod arithmetic;
mod arrays;
mod convert;
mod errors;
mod heap;
mod list;
mod map;
mod map_hashed;
mod object;
mod order;
mod sharing;
mod strings;
mod text;
mod wire;
mod work;

use num_bigint::BigInt;
use ttvm_isa::Fault;

use crate::{Value, live_objects, reclaim};

/// A str value.
fn s(text: &str) -> Value {
    Value::str(text).expect("tests have memory")
}

/// A list value.
fn list(values: &[Value]) -> Value {
    Value::list(values.iter().cloned()).expect("tests have memory")
}

fn int(value: i64) -> Value {
    Value::Int(value)
}

fn float(value: f64) -> Value {
    Value::Float(value)
}

/// An int from its decimal digits.
fn big(digits: &str) -> Value {
    Value::big(digits.parse::<BigInt>().expect("the test wrote digits")).expect("tests have memory")
}

fn display(value: &Value) -> String {
    value.to_string()
}

fn debug(value: &Value) -> String {
    format!("{value:?}")
}

/// The debug form of a result, or the text of its error after an exclamation mark.
fn outcome(result: Result<Value, Fault>) -> String {
    match result {
        Ok(value) => debug(&value),
        Err(fault) => format!("! {fault}"),
    }
}

/// Runs something and checks that it freed as many objects as it made.
fn balanced(run: impl FnOnce()) {
    let before = live_objects();
    run();
    while reclaim(usize::MAX) {}
    assert_eq!(live_objects(), before, "objects made and not freed");
}

/// The list of the ints from 0 to `count`, `count` excluded.
fn ints_up_to(count: usize) -> Value {
    Value::list((0..count).map(|index| int(index as i64))).expect("tests have memory")
}
