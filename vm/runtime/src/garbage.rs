//! What processes have dropped, until it is taken apart.
//!
//! It stays with the process, wherever that runs next: it may lead to values that the process goes on with, which are
//! counted for one thread at a time (rule H3). At the end of each turn the process takes some of it apart, which goes off
//! what it holds (rule P80), and it waits for nothing before all is. What a process leaves at its end leads to nobody's
//! values any more: the scheduler that has ended it takes that apart between turns.

use std::collections::VecDeque;

use ttvm_value::{Garbage, reclaim, take_balance};

use crate::{scheduler::Scheduler, state::Own};

/// Dropped elements that a process takes apart at the end of a turn: at about 10 ns each a sixth of a millisecond.
const ELEMENTS_PER_TURN: usize = 1 << 14;

/// What a scheduler has to take apart, which is nobody's.
#[derive(Default)]
pub(crate) struct Leftovers(VecDeque<Garbage>);

impl Leftovers {
    /// Takes apart at most `budget` elements. Says whether there is more.
    pub fn reclaim(&mut self, budget: usize) -> bool {
        if reclaim(budget) {
            return true;
        }
        let Some(garbage) = self.0.pop_front() else { return false };
        let (left, _) = garbage.reclaim(budget);
        self.0.extend(left);
        !self.0.is_empty()
    }
}

impl Scheduler<'_> {
    /// Takes over what a process that has ended and holds nothing any more has left.
    #[inline(always)]
    pub fn take_leftovers(&mut self, own: &mut Own) {
        if let Some(garbage) = Garbage::take() {
            self.leftovers.0.push_back(garbage);
        }
        if own.has_garbage() {
            self.leftovers.0.append(&mut own.extras().garbage);
        }
    }

    /// Takes apart all that a process has dropped, because it seems to hold too much.
    #[cold]
    pub fn reclaim_all_of(&mut self, own: &mut Own) {
        let held_before = own.heap_bytes;
        while reclaim(usize::MAX) {}
        own.heap_bytes += take_balance();
        while own.reclaim(usize::MAX) {}
        own.charge_freed(held_before);
    }
}

impl Own {
    fn has_garbage(&self) -> bool {
        self.rare().is_some_and(|extras| !extras.garbage.is_empty())
    }

    /// Keeps what the process has dropped in a run and what is still to be taken apart.
    #[cold]
    pub fn keep_garbage(&mut self, garbage: Garbage) {
        self.extras().garbage.push_back(garbage);
    }

    /// Takes apart some of what the process has dropped, at the end of a turn; says whether there is more.
    pub fn reclaim_in_turn(&mut self) -> bool {
        if !self.has_garbage() {
            return false;
        }
        let held_before = self.heap_bytes;
        let is_left = self.reclaim(ELEMENTS_PER_TURN);
        self.charge_freed(held_before);
        is_left
    }

    /// Takes apart at most `budget` elements. Says whether there is more.
    fn reclaim(&mut self, budget: usize) -> bool {
        let Some(garbage) = self.extras().garbage.pop_front() else { return false };
        let (left, bytes) = garbage.reclaim(budget);
        self.heap_bytes += bytes;
        let waiting = &mut self.extras().garbage;
        waiting.extend(left);
        !waiting.is_empty()
    }
}
