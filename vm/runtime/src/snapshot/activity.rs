//! What a scheduler does at the moment, for those who watch: written by the scheduler alone.
//!
//! All is relaxed: nothing depends on it, and it is shown a moment late in any case.

use ttvm_platform::sync::atomic::{AtomicU64, Ordering};
use ttvm_value::Pid;

/// What a scheduler does.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// When it fell asleep, in nanoseconds of real time; 0 while it is awake.
    asleep_since: AtomicU64,
    /// The bits of the pid whose turn it is or was last; 0 after a sleep.
    running: AtomicU64,
}

impl Activity {
    /// A turn begins.
    pub fn run(&self, pid: Pid) {
        self.running.store(pid.bits(), Ordering::Relaxed);
    }

    /// The scheduler is about to sleep, `now` nanoseconds after the start.
    pub fn fall_asleep(&self, now: u64) {
        self.running.store(0, Ordering::Relaxed);
        self.asleep_since.store(now, Ordering::Relaxed);
    }

    /// It sleeps no more; gives since when it had.
    pub fn wake_up(&self) -> u64 {
        self.asleep_since.swap(0, Ordering::Relaxed)
    }

    /// Since when it sleeps, if it does.
    pub fn asleep_since(&self) -> Option<u64> {
        Some(self.asleep_since.load(Ordering::Relaxed)).filter(|since| *since != 0)
    }

    /// Whether it is this process's turn.
    pub fn is_running(&self, pid: Pid) -> bool {
        self.running.load(Ordering::Relaxed) == pid.bits()
    }
}
