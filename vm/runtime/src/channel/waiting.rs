//! Those who wait for a stream, first come first served. Who ends while it waits is forgotten.

use std::collections::VecDeque;

use crate::{context::Context, signal::Caller};

/// Fewer than these are not worth a look for those who have ended.
const WAITING_MIN: usize = 64;

/// Processes that wait, each with something.
pub(crate) struct Waiting<T> {
    queue: VecDeque<(Caller, T)>,
    /// At this length it is looked for those who have ended, so that the queue is at most twice as long as need be.
    look_at: usize,
}

impl<T> Waiting<T> {
    pub const fn new() -> Self {
        Self { queue: VecDeque::new(), look_at: WAITING_MIN }
    }

    pub fn push(&mut self, caller: Caller, item: T, context: &mut Context<'_, '_>) {
        if self.queue.len() >= self.look_at {
            self.queue.retain(|(caller, _)| context.still_waits(*caller));
            self.look_at = WAITING_MIN.max(2 * self.queue.len());
        }
        self.queue.push_back((caller, item));
    }

    /// The first that has not ended.
    pub fn pop(&mut self, context: &mut Context<'_, '_>) -> Option<(Caller, T)> {
        loop {
            let (caller, item) = self.queue.pop_front()?;
            if context.still_waits(caller) {
                return Some((caller, item));
            }
        }
    }
}
