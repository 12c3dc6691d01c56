//! Clocks, sleeping and the formatting of times.
//!
//! Only this file reads the time. Under virtual time nothing here depends on the machine it runs on.

use std::{
    thread,
    time::{Duration, Instant, SystemTime},
};

use jiff::{SignedDuration, Timestamp, fmt::strtime, tz::TimeZone};
use num_bigint::BigInt;
use ttvm_isa::{Fault, HostOperation};
use ttvm_value::Value;

use crate::arguments::{bad_argument, mismatch, new_text, text};

/// Unix seconds at which virtual time starts: 2000-01-01 00:00:00 UTC. Not 0, which `JZ` takes for false.
pub const VIRTUAL_TIME_START: i64 = 946_684_800;

/// The longest `SLEEP`: 100 years, so that no deadline overflows (64 bits of nanoseconds hold 292 years from
/// the machine's start).
pub const SLEEP_MILLISECONDS_MAX: u64 = 100 * 366 * 24 * 3_600 * 1_000;
const _: () = assert!(SLEEP_MILLISECONDS_MAX < i64::MAX as u64 / 1_000_000);

/// Where the time comes from.
#[derive(Debug)]
pub(crate) enum Clock {
    /// The machine's clocks.
    Real { start: Instant },
    /// Nobody's: only sleeping makes it pass.
    Virtual { passed: Duration },
}

impl Clock {
    /// The machine's clocks.
    pub(crate) fn start_real() -> Self {
        Self::Real { start: Instant::now() }
    }

    /// Virtual time at its start.
    pub(crate) fn start_virtual() -> Self {
        Self::Virtual { passed: Duration::ZERO }
    }

    /// `GET_TIME`: whole seconds since 1970, rounded down.
    pub(crate) fn unix_seconds(&self) -> i64 {
        match self {
            Self::Real { .. } => unix_seconds_of(SystemTime::now()),
            Self::Virtual { passed } => VIRTUAL_TIME_START.saturating_add_unsigned(passed.as_secs()),
        }
    }

    /// `MONOTONIC_TIME`: nanoseconds since the clock was started.
    pub(crate) fn monotonic_nanoseconds(&self) -> Result<Value, Fault> {
        let passed = match self {
            Self::Real { start } => start.elapsed(),
            Self::Virtual { passed } => *passed,
        };
        Value::big(BigInt::from(passed.as_nanos()))
    }

    /// `SLEEP`: lets this many milliseconds pass.
    pub(crate) fn sleep(&mut self, operation: HostOperation, [milliseconds]: [Value; 1]) -> Result<Value, Fault> {
        let duration = sleep_duration(operation, &milliseconds)?;
        match self {
            Self::Real { .. } => thread::sleep(duration),
            Self::Virtual { passed } => *passed = passed.saturating_add(duration),
        }
        Ok(Value::Null)
    }
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

fn sleep_duration(operation: HostOperation, milliseconds: &Value) -> Result<Duration, Fault> {
    let duration = match milliseconds {
        Value::Int(milliseconds) => u64::try_from(*milliseconds).ok().map(Duration::from_millis),
        Value::Float(milliseconds) => Duration::try_from_secs_f64(milliseconds / 1_000.0).ok(),
        Value::BigInt(_) => None,
        other => return Err(mismatch(operation, "a number", other)),
    };
    duration.filter(|duration| *duration <= Duration::from_millis(SLEEP_MILLISECONDS_MAX)).ok_or_else(|| {
        let error = format!("milliseconds must be from 0 to {SLEEP_MILLISECONDS_MAX}, not {milliseconds}");
        bad_argument(operation, error)
    })
}

fn unix_seconds_of(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).expect("the system counts seconds in signed 64 bits"),
        Err(before) => {
            let before = before.duration();
            let seconds = before.as_secs() + u64::from(before.subsec_nanos() > 0);
            0_i64.checked_sub_unsigned(seconds).expect("the system counts seconds in signed 64 bits")
        }
    }
}
