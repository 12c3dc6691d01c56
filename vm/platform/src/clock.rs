//! What time it is: the machine's clocks, or virtual time, which passes only when nothing else can happen.

use std::time::{Duration, Instant, SystemTime};

use crate::sync::Mutex;

/// Unix seconds at which virtual time starts: 2000-01-01 00:00:00 UTC. Not 0, which `JZ` takes for false.
pub const VIRTUAL_TIME_START: i64 = 946_684_800;

/// A clock that starts when it is made.
#[derive(Debug)]
pub struct Clock(Source);

#[derive(Debug)]
enum Source {
    Real(Instant),
    /// What has passed.
    Virtual(Mutex<Duration>),
}

impl Clock {
    /// The machine's clocks.
    #[must_use]
    pub fn real() -> Self {
        Self(Source::Real(Instant::now()))
    }

    /// Virtual time at its start.
    #[must_use]
    pub fn virtual_time() -> Self {
        Self(Source::Virtual(Mutex::new(Duration::ZERO)))
    }

    /// Whether time is virtual.
    #[must_use]
    pub fn is_virtual(&self) -> bool {
        matches!(self.0, Source::Virtual(_))
    }

    /// Time since the start. Never goes back.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Source::Real(start) => start.elapsed(),
            Source::Virtual(passed) => *passed.lock(),
        }
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        match &self.0 {
            Source::Real(_) => unix_seconds_of(SystemTime::now()),
            Source::Virtual(_) => VIRTUAL_TIME_START.saturating_add_unsigned(self.elapsed().as_secs()),
        }
    }

    /// Lets virtual time pass until `time` after the start, at once. Real time is waited for elsewhere.
    pub fn advance_to(&self, time: Duration) {
        if let Source::Virtual(passed) = &self.0 {
            let mut passed = passed.lock();
            *passed = time.max(*passed);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_time_passes_only_when_it_is_told_to_and_never_back() {
        let clock = Clock::virtual_time();
        assert_eq!(clock.elapsed(), Duration::ZERO);
        assert_eq!(clock.unix_seconds(), VIRTUAL_TIME_START);
        clock.advance_to(Duration::from_millis(2_500));
        clock.advance_to(Duration::from_millis(10));
        assert_eq!(clock.elapsed(), Duration::from_millis(2_500));
        assert_eq!(clock.unix_seconds(), VIRTUAL_TIME_START + 2);
    }

    #[test]
    fn seconds_before_1970_are_rounded_down() {
        assert_eq!(unix_seconds_of(SystemTime::UNIX_EPOCH), 0);
        assert_eq!(unix_seconds_of(SystemTime::UNIX_EPOCH - Duration::from_millis(1)), -1);
    }
}
