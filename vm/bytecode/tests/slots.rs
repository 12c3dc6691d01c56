//! Rule V11 at its limit: what a function keeps in slots.

use ttvm_bytecode::{Captured, Module, Rule, verify};
use ttvm_isa::{OpCode, limits::SLOTS_MAX};

/// A module that captures `count` variables.
fn capturing(count: u32) -> Module {
    let code: Vec<OpCode> =
        (0..count).map(|number| OpCode::Capture { name: format!("v{number}").as_str().into() }).collect();
    Module { lines: vec![1; code.len()], code, ..Module::default() }
}

#[test]
fn a_captured_variable_needs_two_slots() {
    assert!(verify(capturing(SLOTS_MAX / 2)).is_ok());
    let errors = verify(capturing(SLOTS_MAX / 2 + 1)).expect_err("one too many");
    assert_eq!(errors.iter().map(|error| error.rule).collect::<Vec<_>>(), [Rule::V11Slots]);
}

#[test]
fn pending_captures_do_not_need_much_more_memory_than_the_code() {
    let verified = verify(capturing(SLOTS_MAX / 2)).expect("as many as fit");
    let points = &verified.regions()[0].points;
    let known = points.iter().map(|point| match &point.captured {
        Captured::Known(names) => names.len(),
        Captured::Nothing | Captured::Unknown => 0,
    });
    assert_eq!(known.max(), Some(32));
}
