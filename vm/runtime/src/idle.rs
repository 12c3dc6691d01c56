//! When a scheduler searches, announces that it will sleep, sleeps and is woken.
//!
//! Only this file changes who sleeps. No wake-up may be lost: see "Sleeping" in `docs/internals/scheduler.md`.
//! Not here: where to search (`scheduler.rs`).

use std::{sync::OnceLock, time::Duration};

use ttvm_platform::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering, fence},
    },
    thread::{self, Waker},
};

/// Who sleeps and who searches.
pub(crate) struct Idle {
    /// Schedulers that sleep or are about to. The lock is held for a few instructions.
    sleepers: Mutex<Sleepers>,
    /// How many those are.
    sleeping: AtomicUsize,
    /// Schedulers that look for work, and will find what was added before they stopped.
    searching: AtomicUsize,
    wakers: Box<[OnceLock<Waker>]>,
}

/// Who sleeps or is about to.
struct Sleepers {
    schedulers: Vec<usize>,
    /// How often one left. What was true while all were here may be true no longer once one has left, even if it is
    /// back.
    departures: u64,
}

impl Sleepers {
    /// Takes a scheduler out, if it is here.
    fn leave(&mut self, scheduler: usize) -> bool {
        let place = self.schedulers.iter().position(|sleeper| *sleeper == scheduler);
        place.is_some_and(|place| {
            self.schedulers.swap_remove(place);
            self.departures += 1;
            true
        })
    }
}

/// How a sleep ended, or why there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slept {
    /// There is work, or there may be: search. The scheduler counts as searching.
    Search,
    /// All schedulers were about to sleep and there was no work: nothing can happen unless this one, which does not
    /// sleep, makes it happen.
    Quiet,
}

impl Idle {
    /// For so many schedulers, none of which sleeps.
    pub fn new(schedulers: usize) -> Self {
        let wakers = (0..schedulers).map(|_| OnceLock::new()).collect();
        let (sleeping, searching) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let sleepers = Sleepers { schedulers: Vec::with_capacity(schedulers), departures: 0 };
        Self { sleepers: Mutex::new(sleepers), sleeping, searching, wakers }
    }

    /// Makes the present thread the one to be woken for a scheduler.
    pub fn attach(&self, scheduler: usize) {
        let is_first = self.wakers[scheduler].set(Waker::of_this_thread()).is_ok();
        debug_assert!(is_first, "a scheduler keeps its thread");
    }

    /// Begins to search.
    pub fn start_search(&self) {
        self.searching.fetch_add(1, Ordering::SeqCst);
    }

    /// Ends a search that found work. If nobody else searches, the caller should call [`Idle::notify`], because
    /// others relied on the search for what they added meanwhile.
    #[must_use]
    pub fn stop_search(&self) -> bool {
        self.searching.fetch_sub(1, Ordering::SeqCst) == 1
    }

    /// Wakes a scheduler for work that was added, unless one searches already or none sleeps.
    pub fn notify(&self) {
        // SeqCst: the work was added before; pairs with the fence in `sleep`, so that either the sleeper sees the
        // work or its announcement is seen here.
        fence(Ordering::SeqCst);
        if self.sleeping.load(Ordering::SeqCst) == 0 || self.searching.load(Ordering::SeqCst) > 0 {
            return;
        }
        let woken = {
            let mut sleepers = self.sleepers.lock();
            let woken = sleepers.schedulers.pop();
            if woken.is_some() {
                sleepers.departures += 1;
                self.sleeping.fetch_sub(1, Ordering::SeqCst);
                // The woken one searches from now on, for everybody who asks before it really runs.
                self.searching.fetch_add(1, Ordering::SeqCst);
            }
            woken
        };
        if let Some(scheduler) = woken {
            self.wake(scheduler);
        }
    }

    /// Wakes every scheduler that sleeps.
    pub fn notify_all(&self) {
        let woken: Vec<usize> = {
            let mut sleepers = self.sleepers.lock();
            let woken = std::mem::take(&mut sleepers.schedulers);
            sleepers.departures += woken.len() as u64;
            self.sleeping.fetch_sub(woken.len(), Ordering::SeqCst);
            self.searching.fetch_add(woken.len(), Ordering::SeqCst);
            woken
        };
        woken.into_iter().for_each(|scheduler| self.wake(scheduler));
    }

    fn wake(&self, scheduler: usize) {
        // A scheduler attaches before it first sleeps.
        if let Some(waker) = self.wakers[scheduler].get() {
            waker.wake();
        }
    }

    /// Ends a search that found nothing and sleeps until there is work or `at_most` is over.
    ///
    /// `has_work` says whether there is anything to do, and `may_be_quiet` whether nothing outside the schedulers can
    /// make work; both are called without a lock.
    pub fn sleep(
        &self,
        scheduler: usize,
        at_most: Option<Duration>,
        has_work: impl Fn() -> bool,
        may_be_quiet: impl Fn() -> bool,
    ) -> Slept {
        self.searching.fetch_sub(1, Ordering::SeqCst);
        let (all_sleep, departures) = {
            let mut sleepers = self.sleepers.lock();
            sleepers.schedulers.push(scheduler);
            self.sleeping.fetch_add(1, Ordering::SeqCst);
            (sleepers.schedulers.len() == self.wakers.len(), sleepers.departures)
        };
        // Pairs with the fence in `notify`.
        fence(Ordering::SeqCst);
        // In this order: what comes from outside is added before it stops to be outside.
        let is_quiet = all_sleep && may_be_quiet();
        if has_work() {
            self.cancel(scheduler);
            return Slept::Search;
        }
        if is_quiet && self.cancel_if_none_left(scheduler, departures) {
            return Slept::Quiet;
        }
        while self.is_asleep(scheduler) {
            thread::sleep(at_most);
            // Nobody woke it: the time is over, or the sleep ended for no reason.
            if at_most.is_some() {
                break;
            }
        }
        self.cancel(scheduler);
        Slept::Search
    }

    fn is_asleep(&self, scheduler: usize) -> bool {
        self.sleepers.lock().schedulers.contains(&scheduler)
    }

    /// Takes the scheduler out of the sleepers, unless it was woken; it searches then.
    fn cancel(&self, scheduler: usize) {
        let mut sleepers = self.sleepers.lock();
        if sleepers.leave(scheduler) {
            self.now_searches();
        }
    }

    /// The same if nobody has left since all were about to sleep. Whoever did leave will be the last to sleep after
    /// it, or knows one who will, and looks again.
    fn cancel_if_none_left(&self, scheduler: usize, departures: u64) -> bool {
        let mut sleepers = self.sleepers.lock();
        let is_decided = sleepers.departures == departures && sleepers.leave(scheduler);
        if is_decided {
            self.now_searches();
        }
        is_decided
    }

    /// One scheduler less sleeps, one more searches.
    fn now_searches(&self) {
        self.sleeping.fetch_sub(1, Ordering::SeqCst);
        self.searching.fetch_add(1, Ordering::SeqCst);
    }
}
