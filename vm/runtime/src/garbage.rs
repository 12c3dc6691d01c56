//! What processes have dropped and what is still to be taken apart: whose it was, so that it goes off what they hold (rule
//! P80), whoever runs meanwhile.
//!
//! A run that leaves dead objects behind leaves them to its scheduler, in the order of the runs. Between turns the
//! scheduler takes some apart and tells the process, which may be running elsewhere by then, how many bytes that were.

use std::collections::VecDeque;

use ttvm_platform::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use ttvm_value::{Garbage, reclaim, take_balance};

use crate::{scheduler::Scheduler, state::Own};

/// What a scheduler has to take apart.
#[derive(Default)]
pub(crate) struct Leftovers(VecDeque<(Garbage, Arc<Freed>)>);

/// Bytes, below 0, that were freed for a process since it was told.
#[derive(Debug, Default)]
pub(crate) struct Freed(AtomicI64);

impl Leftovers {
    /// Takes apart at most `budget` elements. Says whether there is more.
    pub fn reclaim(&mut self, budget: usize) -> bool {
        // What was dropped between runs was nobody's.
        if reclaim(budget) {
            return true;
        }
        let Some((garbage, freed)) = self.0.pop_front() else { return false };
        let (left, bytes) = garbage.reclaim(budget);
        freed.0.fetch_add(bytes, Ordering::Relaxed);
        if let Some(left) = left {
            self.0.push_front((left, freed));
        }
        !self.0.is_empty()
    }

    /// Takes apart all that one process has left here.
    fn reclaim_all_of(&mut self, of: &Arc<Freed>) {
        for (garbage, freed) in std::mem::take(&mut self.0) {
            if Arc::ptr_eq(&freed, of) {
                let (_, bytes) = garbage.reclaim(usize::MAX);
                freed.0.fetch_add(bytes, Ordering::Relaxed);
            } else {
                self.0.push_back((garbage, freed));
            }
        }
    }
}

impl Scheduler<'_> {
    /// Notes that what waits to be taken apart was left by a run of this process.
    #[cold]
    pub fn keep_garbage(&mut self, own: &mut Own, garbage: Garbage) {
        let freed = own.extras().freed.get_or_insert_default();
        self.leftovers.0.push_back((garbage, Arc::clone(freed)));
    }

    /// Takes apart all that a process has dropped, as far as this scheduler has it, because it seems to hold too much.
    #[cold]
    pub fn reclaim_all_of(&mut self, own: &mut Own) {
        while reclaim(usize::MAX) {}
        own.heap_bytes += take_balance();
        if let Some(freed) = own.rare().and_then(|extras| extras.freed.clone()) {
            self.leftovers.reclaim_all_of(&freed);
        }
        own.note_freed();
    }
}

impl Own {
    /// Takes off what the process holds what was freed for it between its runs.
    pub fn note_freed(&mut self) {
        let Some(freed) = self.rare_mut().and_then(|extras| extras.freed.as_mut()) else { return };
        match Arc::get_mut(freed) {
            // Nothing is left to be freed.
            Some(freed) => {
                self.heap_bytes += *freed.0.get_mut();
                self.extras().freed = None;
            }
            None => self.heap_bytes += freed.0.swap(0, Ordering::Relaxed),
        }
    }

    /// Bytes of objects that it made, still holds and never sent; below 0 when it took apart what others had made.
    pub fn held_bytes(&self) -> i64 {
        let freed = self.rare().and_then(|extras| extras.freed.as_ref());
        self.heap_bytes + freed.map_or(0, |freed| freed.0.load(Ordering::Relaxed))
    }
}
