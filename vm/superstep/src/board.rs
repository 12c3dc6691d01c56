//! Where the parties of a barrier meet: a count and a list that parties who have joined enter themselves, so that none of them
//! needs a turn of the barrier's process. The last one lets the others go on, if they are few.
//!
//! Whatever happens at the same time, the lock puts one behind the other (rules S1 to S3). It is held for a few instructions.
//! What is not that simple, the barrier's process decides (`barrier.rs`): first arrivals, time limits, deaths, many parties.

use ttvm_platform::sync::Mutex;
use ttvm_value::Pid;

/// Parties that the last one lets go on itself: at about 100 ns each, a few microseconds.
const RELEASED_AT_ONCE_MAX: usize = 128;

/// Where they meet.
pub(crate) struct Board(Mutex<State>);

/// Who waits, and for whom.
pub(crate) struct State {
    /// How many there are to be.
    pub count: usize,
    pub generation: i64,
    /// Why nobody can pass.
    pub broken: Option<String>,
    /// The barrier ends: it answers nobody any more who is not in the list.
    pub is_over: bool,
    /// Who waits, in the order in which they came.
    pub waiting: Vec<Pid>,
    /// How many of them have a time limit, which the barrier's process keeps.
    pub limited: usize,
}

/// What came of an arrival.
pub(crate) enum Came {
    /// It waits.
    Waits,
    /// It was the last one, of this generation: these go on.
    Last(i64, Vec<Pid>),
    /// The barrier's process has to see to it.
    Asks,
    /// The barrier has ended.
    Gone,
}

impl State {
    /// A generation is complete: its number, and all who waited for it.
    pub fn complete(&mut self) -> (i64, Vec<Pid>) {
        self.generation += 1;
        let waiting = self.dismiss();
        // The next generation is about as many.
        self.waiting.reserve(waiting.len());
        (self.generation, waiting)
    }

    /// All who wait, who do so no more.
    pub fn dismiss(&mut self) -> Vec<Pid> {
        self.limited = 0;
        std::mem::take(&mut self.waiting)
    }
}

impl Board {
    /// Of a barrier with so many parties.
    pub fn new(count: usize) -> Self {
        let (broken, waiting) = (None, Vec::new());
        Self(Mutex::new(State { count, generation: 0, broken, is_over: false, waiting, limited: 0 }))
    }

    /// A party comes that has joined and has no time limit.
    pub fn arrive(&self, from: Pid) -> Came {
        self.with(|state| {
            if state.is_over {
                return Came::Gone;
            }
            let is_last = state.waiting.len() + 1 == state.count;
            if state.broken.is_some() || (is_last && (state.limited > 0 || state.count > RELEASED_AT_ONCE_MAX)) {
                return Came::Asks;
            }
            if !is_last {
                state.waiting.push(from);
                return Came::Waits;
            }
            let (generation, waiting) = state.complete();
            Came::Last(generation, waiting)
        })
    }

    /// Looks and changes while nobody else does.
    pub fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock())
    }
}
