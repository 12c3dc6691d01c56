//! Sleeping and the formatting of times. Under virtual time nothing here depends on the machine it runs on.

use std::thread;

use jiff::{SignedDuration, Timestamp, fmt::strtime, tz::TimeZone};
use num_bigint::BigInt;
pub use ttvm_isa::limits::WAIT_MILLISECONDS_MAX as SLEEP_MILLISECONDS_MAX;
use ttvm_isa::{Fault, HostOperation};
use ttvm_platform::clock::Clock;
pub use ttvm_platform::clock::VIRTUAL_TIME_START;
use ttvm_value::{Value, ops::time::duration};

use crate::arguments::{bad_argument, mismatch, new_text, text};

/// `MONOTONIC_TIME`: nanoseconds since the clock was started.
pub(crate) fn monotonic_nanoseconds(clock: &Clock) -> Result<Value, Fault> {
    Value::big(BigInt::from(clock.elapsed().as_nanos()))
}

/// `SLEEP`: lets this many milliseconds pass, for drivers that run nothing meanwhile.
pub(crate) fn sleep(clock: &Clock, operation: HostOperation, [milliseconds]: [Value; 1]) -> Result<Value, Fault> {
    let duration = duration(operation.mnemonic(), &milliseconds)?;
    if clock.is_virtual() {
        clock.advance_to(clock.elapsed().saturating_add(duration));
    } else {
        thread::sleep(duration);
    }
    Ok(Value::Null)
}

/// `FORMAT_TIME`: Unix seconds as strftime's codes say, in UTC.
pub(crate) fn format(operation: HostOperation, [seconds, format]: [Value; 2]) -> Result<Value, Fault> {
    let time = match &seconds {
        Value::Int(seconds) => Timestamp::from_second(*seconds).ok(),
        Value::Float(seconds) => {
            let since_1970 = SignedDuration::try_from_secs_f64(*seconds).ok();
            since_1970.and_then(|since_1970| Timestamp::from_duration(since_1970).ok())
        }
        Value::BigInt(_) => None,
        other => return Err(mismatch(operation, "a number", other)),
    };
    let format = text(operation, &format)?;
    let Some(time) = time else {
        let error = format!("the time must lie between the years -9999 and 9999, not at {seconds} seconds");
        return Err(bad_argument(operation, error));
    };
    match strtime::format(format, &time.to_zoned(TimeZone::UTC)) {
        Ok(formatted) => new_text(&formatted),
        Err(error) => Err(bad_argument(operation, format!("the format {format:?} is not possible: {error}"))),
    }
}
