//! How many processes, timers and names a machine may have (rule P81), and counting them where there may be fewer than
//! the tables could hold.

use ttvm_isa::{Fault, limits};
use ttvm_platform::sync::atomic::{AtomicU64, Ordering};

/// How many of each there may be at once. More is an error in whoever asks for one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maxima {
    /// Processes, the first one included, which there always may be.
    pub processes: u64,
    /// Timers: of messages to be sent later, of sleeps, of receives with a time.
    pub timers: u64,
    /// Registered names.
    pub names: u64,
}

impl Default for Maxima {
    /// As many as the tables can hold; as many names as there is memory for.
    fn default() -> Self {
        Self { processes: u64::from(limits::PROCESSES_MAX), timers: u64::from(u32::MAX), names: u64::MAX }
    }
}

/// A number of things that may not exceed a maximum.
#[derive(Debug)]
pub(crate) struct Bounded {
    what: &'static str,
    count: AtomicU64,
    max: u64,
    /// Whether anybody counts: tables that may be full know it themselves.
    is_counted: bool,
}

impl Bounded {
    /// None so far.
    pub fn new(what: &'static str, max: u64, table_max: u64) -> Self {
        Self { what, count: AtomicU64::new(0), max: max.min(table_max), is_counted: max < table_max }
    }

    /// One more, if there may be.
    ///
    /// # Errors
    /// [`Fault::Limit`].
    pub fn take(&self) -> Result<(), Fault> {
        // Relaxed: a count, which orders nothing.
        if self.is_counted && self.count.fetch_add(1, Ordering::Relaxed) >= self.max {
            self.count.fetch_sub(1, Ordering::Relaxed);
            return Err(self.fault());
        }
        Ok(())
    }

    /// One less.
    pub fn give_back(&self) {
        if self.is_counted {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// There may be no more.
    pub fn fault(&self) -> Fault {
        Fault::Limit { what: self.what, max: self.max }
    }
}
