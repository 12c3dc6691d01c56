//! Times as programs write them.

use std::time::Duration;

use ttvm_isa::{Fault, HostOperation};
use ttvm_value::Value;

/// The longest time a program may wait: 100 years, so that no deadline overflows (64 bits of nanoseconds hold 292
/// years from the machine's start).
pub const MILLISECONDS_MAX: u64 = 100 * 366 * 24 * 3_600 * 1_000;
const _: () = assert!(MILLISECONDS_MAX < i64::MAX as u64 / 1_000_000);

/// The duration that `SLEEP` is given.
pub(crate) fn sleep_duration(milliseconds: &Value) -> Result<Duration, Fault> {
    duration(HostOperation::Sleep.mnemonic(), milliseconds)
}

/// A duration in milliseconds, int or float.
pub(crate) fn duration(operation: &'static str, milliseconds: &Value) -> Result<Duration, Fault> {
    let duration = match milliseconds {
        Value::Int(milliseconds) => u64::try_from(*milliseconds).ok().map(Duration::from_millis),
        Value::Float(milliseconds) => Duration::try_from_secs_f64(milliseconds / 1_000.0).ok(),
        Value::BigInt(_) => None,
        other => return Err(Fault::mismatch(operation, "a number", format!("{other:?}"))),
    };
    duration.filter(|duration| *duration <= Duration::from_millis(MILLISECONDS_MAX)).ok_or_else(|| {
        let error = format!("milliseconds must be from 0 to {MILLISECONDS_MAX}, not {milliseconds}");
        Fault::Argument { operation, error }
    })
}

/// There is no room for another timer (rule P81).
pub(crate) fn too_many_timers() -> Fault {
    Fault::Limit { what: "timers", max: u64::from(u32::MAX) }
}
