//! Work that blocks (files, commands, name look-ups) goes to threads of its own: never to a scheduler's.

use std::{
    any::Any,
    fmt::{self, Display},
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};

/// Runs `job` on a thread where blocking disturbs nobody. Threads are started as needed and end when idle.
pub fn run(job: impl FnOnce() + Send + 'static) {
    blocking::unblock(job).detach();
}

/// Lets some time pass, on a thread of [`run`] only.
pub fn pause(time: Duration) {
    thread::sleep(time);
}

/// A mistake in the machine that ended a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    message: String,
}

impl Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the machine failed: {}", self.message)
    }
}

impl std::error::Error for Panicked {}

/// Does something that must not take with it whoever waits for it.
///
/// # Errors
/// What it panics with.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    // What the work has for itself is gone with it, and the locks of what it shares are never poisoned: `sync.rs`.
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| Panicked { message: message(&*payload) })
}

fn message(payload: &(dyn Any + Send)) -> String {
    // What `panic!` gives: a literal, or else what was formatted.
    let literal = payload.downcast_ref::<&str>().copied();
    let text = literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("it panicked without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_message() {
        let number = 3;
        let told = |work: fn(i32) -> i32| caught(|| work(number)).map_err(|panicked| panicked.to_string());
        assert_eq!(told(|number| number + 1), Ok(4));
        assert_eq!(told(|_| panic!("a literal")), Err("the machine failed: a literal".to_owned()));
        assert_eq!(told(|number| panic!("number {number}")), Err("the machine failed: number 3".to_owned()));
        let silent = told(|number| std::panic::panic_any(number));
        assert_eq!(silent, Err("the machine failed: it panicked without a message".to_owned()));
    }
}
