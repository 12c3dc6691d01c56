//! Finding bodies by the instructions they hold.

use ttvm_bytecode::{Body, BodyKind, Module};

/// The body that an instruction is in, with its number, in logarithmic time also for instructions in none.
///
/// Bodies rise and do not overlap, so only the last one that begins at or before the instruction can hold it.
pub(crate) fn body_around(module: &Module, index: u32) -> Option<(usize, &Body)> {
    let number = module.bodies.partition_point(|body| body.start <= index).checked_sub(1)?;
    let body = &module.bodies[number];
    (index < body.end).then_some((number, body))
}

/// The function that begins with an instruction.
pub(crate) fn function_at(module: &Module, index: u32) -> Option<&Body> {
    let (_, body) = body_around(module, index)?;
    (body.start == index && body.kind == BodyKind::Function).then_some(body)
}
