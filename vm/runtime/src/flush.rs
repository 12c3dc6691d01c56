//! `DEMONITOR_FLUSH`: the search for the `down` message of a monitor that has fired (rule P42), in pieces (rule P53).
//!
//! The search is a receive: it begins behind what came before the ref was made, if no other ref was made since (rule P51),
//! and goes on in the process's next turns, in which it runs nothing else.

use ttvm_engine::Reply;
use ttvm_isa::{ProcessOperation, limits::REDUCTIONS_PER_TURN};
use ttvm_value::{Ref, SharedValue, Value};

use crate::{
    context::Context,
    state::{Arrival, Own, Wait},
    terms::is_down_of,
};

/// Messages looked at in one turn: one takes about as long as a reduction.
const MESSAGES_PER_TURN: u64 = REDUCTIONS_PER_TURN.unsigned_abs();

impl Context<'_, '_> {
    /// Watches no more, and removes the `down` message that may have come, now or in the next turns. Adds what that costs
    /// to `spent`: nothing if the other process had not ended, as far as this one knows.
    pub(crate) fn demonitor_and_flush(&mut self, reference: Ref, spent: &mut u64) -> Reply {
        if self.demonitor(reference) || self.flush(reference, spent) {
            return Reply::Nothing;
        }
        self.own.begin_wait(Wait::Operation(ProcessOperation::DemonitorFlush));
        self.own.extras().flushing = Some(reference);
        Reply::Wait
    }

    /// Goes on with the search, for a turn.
    pub(crate) fn continue_flush(&mut self) {
        let Some(reference) = self.own.rare().and_then(|extras| extras.flushing) else { return };
        if self.flush(reference, &mut 0) {
            self.own.extras().flushing = None;
            self.own.set_arrival(Arrival::Answer(Ok(SharedValue::new(Value::Null).0)));
        }
    }

    /// Looks at messages for a turn; `false` if there are more.
    fn flush(&mut self, reference: Ref, spent: &mut u64) -> bool {
        for _ in 0..MESSAGES_PER_TURN {
            let Some(message) = self.own.inbox.current(Some(reference)) else {
                self.own.inbox.finish();
                return true;
            };
            *spent += 1;
            // One that a program has made is a message like any other.
            if message.is_system && is_down_of(message.value.value(), reference) {
                self.own.inbox.take(&mut self.scheduler.spares);
                self.scheduler.counters().undelivered_flush.add(1);
                return true;
            }
            self.own.inbox.pass(&mut self.scheduler.spares);
        }
        false
    }
}

impl Own {
    /// Whether a search for a `down` message is under way, so that the process must not run.
    pub fn is_flushing(&self) -> bool {
        self.rare().is_some_and(|extras| extras.flushing.is_some())
    }
}
