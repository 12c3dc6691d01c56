//! How tests ask: an operation, its arguments, and the answer as text, so that types can be told apart
//! (`Int(1)`, `Float(1.0)`) and errors read as programs see them.

use ttvm_host::{Input, World, WorldConfiguration};
use ttvm_isa::{Fault, HostOperation, Permissions};
use ttvm_platform::{clock::Clock, sync::Arc};
use ttvm_value::Value;

/// A world under virtual time with this input and no arguments.
pub fn world_reading(input: &[u8]) -> World {
    world_permitting(Permissions::all(), input)
}

/// The same where not everything is permitted.
pub fn world_permitting(permissions: Permissions, input: &[u8]) -> World {
    World::new(WorldConfiguration {
        arguments: Vec::new(),
        input: Input::Bytes(input.to_vec()),
        clock: Arc::new(Clock::virtual_time()),
        permissions,
    })
}

/// A world under virtual time without input.
pub fn world() -> World {
    world_reading(b"")
}

/// A str.
pub fn text(text: impl AsRef<str>) -> Value {
    Value::str(text.as_ref()).expect("a short text")
}

/// A list.
pub fn list(values: impl IntoIterator<Item = Value>) -> Value {
    Value::list(values.into_iter().collect::<Vec<_>>().into_iter()).expect("a short list")
}

/// Bytes.
pub fn bytes(bytes: impl AsRef<[u8]>) -> Value {
    Value::bytes(bytes.as_ref()).expect("few bytes")
}

/// Asks, and gives the answer in its debug form, or `kind: message` of the error.
pub fn ask<const N: usize>(world: &World, operation: HostOperation, arguments: [Value; N]) -> String {
    shown(&world.perform(operation, arguments.to_vec()))
}

/// As [`ask`], of a fresh world.
pub fn answer<const N: usize>(operation: HostOperation, arguments: [Value; N]) -> String {
    ask(&world(), operation, arguments)
}

/// An answer's debug form, or `kind: message` of the error.
pub fn shown(answer: &Result<Value, Fault>) -> String {
    match answer {
        Ok(value) => format!("{value:?}"),
        Err(fault) => format!("{}: {fault}", fault.kind()),
    }
}
