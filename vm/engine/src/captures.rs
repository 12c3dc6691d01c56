//! Closures: what `CAPTURE` remembers until `MAKE_LAMBDA`, and in which order.
//!
//! Each captured name has a hidden variable. Where a closure's captures are bound by name, because the list depends on
//! the way taken, another hidden variable holds their order as a list of slots. Not here: putting captures into the
//! frame of a called closure (`halves.rs`, `exact.rs`).

use ttvm_bytecode::Captured;
use ttvm_isa::Fault;
use ttvm_value::{Closure, List, Value, list::Item};

use crate::{
    code::FunctionCode,
    frames::{set, take},
};

/// A closure with its captures.
pub(crate) fn make_closure(
    function: &FunctionCode,
    target: usize,
    captured: impl ExactSizeIterator<Item = Value>,
) -> Result<Value, Fault> {
    let Value::Function(target) = function.module().function_value(target) else {
        unreachable!("function_value makes a function")
    };
    Ok(Value::Closure(Closure::new(target, captured)?))
}

/// A closure with those captures that were made, in the order noted, under their names. The hidden variables are the
/// `count` slots from `first` on.
pub(crate) unsafe fn make_closure_by_name(
    function: &FunctionCode,
    frame: *mut Value,
    target: usize,
    first: u16,
    count: u16,
) -> Result<Value, Fault> {
    let order = match function.lowered().capture_order {
        0 => Value::Undefined,
        // SAFETY: C2: the hidden variable belongs to the frame.
        slot => unsafe { take(frame.add(usize::from(slot))) },
    };
    let noted = match &order {
        Value::List(slots) => slots.iter().filter_map(|slot| slot_number(&slot)).collect(),
        _ => Vec::new(),
    };
    let (mut captured, mut names) = (Vec::new(), Vec::new());
    // A single name has no order.
    for slot in noted.into_iter().chain(first..first + count) {
        // SAFETY: C2: the hidden variables belong to the frame.
        let value = unsafe { take(frame.add(usize::from(slot))) };
        if !value.is_undefined() {
            names.push(Value::str(&function.lowered().captures[usize::from(slot - first)])?);
            captured.push(value);
        }
    }
    captured.append(&mut names);
    make_closure(function, target, captured.into_iter())
}

fn slot_number(item: &Item) -> Option<u16> {
    match item.to_value() {
        Value::Int(slot) => u16::try_from(slot).ok(),
        _ => None,
    }
}

/// Notes that the hidden variable in slot `hidden` is about to hold a capture, the last one unless it holds one already;
/// `order` is the slot with the order.
pub(crate) unsafe fn note_capture(frame: *mut Value, order: u16, hidden: u16) -> Result<(), Fault> {
    // SAFETY: C2: the hidden variables belong to the frame.
    unsafe {
        let cell = frame.add(usize::from(order));
        match &mut *cell {
            _ if !(*frame.add(usize::from(hidden))).is_undefined() => {}
            Value::List(slots) => slots.push(Value::Int(i64::from(hidden)))?,
            _ => set(cell, Value::list([Value::Int(i64::from(hidden))].into_iter())?),
        }
    }
    Ok(())
}

/// Notes the order of the captures pending at `pc` where the code itself says it, for a frame that goes over to exact
/// mode there.
pub(crate) unsafe fn note_known_captures(function: &FunctionCode, frame: *mut Value, pc: u32) -> Result<(), Fault> {
    let lowered = function.lowered();
    let region = &function.module().lowered.verified.regions()[lowered.region as usize];
    let Some(Captured::Known(names)) = region.point(pc).map(|point| &point.captured) else { return Ok(()) };
    if lowered.capture_order == 0 {
        return Ok(());
    }
    let first = lowered.capture_order - u16::try_from(lowered.captures.len()).expect("V11: captures fit in SLOTS_MAX");
    let slot = |name| lowered.captures.iter().position(|captured| captured == name).map(|index| index as i64);
    let slots: Vec<Value> = names.iter().filter_map(slot).map(|index| Value::Int(i64::from(first) + index)).collect();
    let order = List::collect(slots.into_iter())?;
    // SAFETY: C2: the hidden variable belongs to the frame.
    unsafe { set(frame.add(usize::from(lowered.capture_order)), Value::List(order)) };
    Ok(())
}
