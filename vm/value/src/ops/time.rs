//! Times as programs write them.

use std::time::Duration;

use ttvm_isa::{Fault, limits::WAIT_MILLISECONDS_MAX};

use crate::value::Value;

/// A duration in milliseconds, int or float.
///
/// # Errors
/// [`Fault::TypeMismatch`] if it is no number, [`Fault::Argument`] if it is negative or longer than
/// [`WAIT_MILLISECONDS_MAX`]; both name `operation`.
pub fn duration(operation: &'static str, milliseconds: &Value) -> Result<Duration, Fault> {
    let duration = match milliseconds {
        Value::Int(milliseconds) => u64::try_from(*milliseconds).ok().map(Duration::from_millis),
        Value::Float(milliseconds) => Duration::try_from_secs_f64(milliseconds / 1_000.0).ok(),
        Value::BigInt(_) => None,
        other => return Err(Fault::mismatch(operation, "a number", format!("{other:?}"))),
    };
    duration.filter(|duration| *duration <= Duration::from_millis(WAIT_MILLISECONDS_MAX)).ok_or_else(|| {
        let error = format!("milliseconds must be from 0 to {WAIT_MILLISECONDS_MAX}, not {milliseconds}");
        Fault::Argument { operation, error }
    })
}
