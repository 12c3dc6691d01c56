//! What schedulers count: one set for each, written by its owner alone, summed when somebody asks.
//!
//! Messages balance (rule P82): sent = received + queued + undelivered.

use ttvm_platform::sync::atomic::{AtomicU64, Ordering};

macro_rules! define_counters {
    ($( $(#[$doc:meta])* $name:ident; )*) => {
        /// The counters of one scheduler.
        #[derive(Debug, Default)]
        pub(crate) struct Counters { $( pub $name: Counter, )* }

        /// What a machine has done so far.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Statistics { $( $(#[$doc])* pub $name: u64, )* }

        impl Statistics {
            /// Adds one scheduler's counters.
            pub(crate) fn add(&mut self, counters: &Counters) {
                $( self.$name = self.$name.wrapping_add(counters.$name.get()); )*
            }
        }
    };
}

define_counters! {
    /// Processes made.
    spawned;
    /// Processes that have ended.
    ended;
    /// Messages sent, system messages included.
    sent;
    /// Messages received by programs.
    received;
    /// Messages to processes that had ended.
    undelivered_dead;
    /// Messages in the queues of processes when they ended.
    undelivered_exit;
    /// Messages that a mailbox limit dropped.
    undelivered_limit;
    /// Messages removed by `DEMONITOR_FLUSH`.
    undelivered_flush;
    /// Messages of timers whose name nobody had.
    undelivered_name;
    /// Turns given.
    turns;
    /// Reductions that programs spent in turns that are over, and one for each message that a process in Rust has left
    /// where it is.
    reductions;
    /// Nanoseconds that schedulers slept.
    asleep_ns;
    /// Processes taken from other schedulers.
    stolen;
}

impl Statistics {
    /// Messages that were sent and will never be received.
    #[must_use]
    pub fn undelivered(&self) -> u64 {
        self.undelivered_dead
            + self.undelivered_exit
            + self.undelivered_limit
            + self.undelivered_flush
            + self.undelivered_name
    }
}

/// A number that one thread changes and all may read.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds to a counter that only the caller changes.
    pub fn add(&self, count: u64) {
        // Relaxed: nothing is ordered by it; a load and a store, because there is one writer.
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(count), Ordering::Relaxed);
    }

    /// Adds to a counter that several change.
    pub fn add_shared(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The number.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
