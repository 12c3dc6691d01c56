//! Threads, and how one of them sleeps until another wakes it.

#[cfg(not(ttvm_model))]
use std::thread;
use std::time::Duration;

#[cfg(ttvm_model)]
use shuttle::thread;

pub use thread::JoinHandle;

/// Starts a thread.
///
/// # Errors
/// What the operating system says when it has no thread left.
#[cfg(not(ttvm_model))]
pub fn spawn<T: Send + 'static>(
    name: String,
    run: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<JoinHandle<T>> {
    thread::Builder::new().name(name).spawn(run)
}

/// Starts a thread of the model.
///
/// # Errors
/// Never.
#[cfg(ttvm_model)]
pub fn spawn<T: Send + 'static>(
    _name: String,
    run: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<JoinHandle<T>> {
    Ok(thread::spawn(run))
}

/// How many threads can run at once.
#[must_use]
pub fn available() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Whether the present thread unwinds from a panic.
#[must_use]
pub fn is_panicking() -> bool {
    std::thread::panicking()
}

/// Wakes the thread that made it. A wake-up that comes before the sleep is not lost: the sleep ends at once.
#[derive(Clone, Debug)]
pub struct Waker(thread::Thread);

impl Waker {
    /// The waker of the present thread.
    #[must_use]
    pub fn of_this_thread() -> Self {
        Self(thread::current())
    }

    /// Ends the thread's present or next sleep.
    pub fn wake(&self) {
        self.0.unpark();
    }
}

/// Sleeps until the thread's [`Waker`] is used, or for this long, or for no reason at all.
pub fn sleep(at_most: Option<Duration>) {
    match at_most {
        #[cfg(not(ttvm_model))]
        Some(duration) => thread::park_timeout(duration),
        // No time passes in a model.
        #[cfg(ttvm_model)]
        Some(_) => thread::park(),
        None => thread::park(),
    }
}

/// Lets other threads run for a moment, while searching.
pub fn spin() {
    std::hint::spin_loop();
}
