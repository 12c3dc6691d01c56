//! Sending large values: the pass that marks a message as shared stops at the end of a turn and goes on in the next
//! one (rules P6, P53).
//!
//! While it is under way the sender runs nothing: its turn ends behind the instruction that sent, and its next turns
//! belong to the pass. So nothing that the message leads to is used meanwhile.

#![expect(unsafe_code, reason = "the pass is under way between turns, in which the sender does not run")]

use ttvm_isa::limits::REDUCTIONS_PER_TURN;
use ttvm_value::{Marked, Marking, Pid, SharedValue, Value};

use crate::{context::Context, state::Own};

/// Values looked at for one reduction: at 2 to 3 ns each about as long as a reduction.
const VALUES_PER_REDUCTION: u64 = 16;

/// Values looked at in one turn.
const VALUES_PER_TURN: usize = (REDUCTIONS_PER_TURN.unsigned_abs() * VALUES_PER_REDUCTION) as usize;

/// A message that is being marked, and whom it is for.
pub(crate) struct Sending {
    to: Pid,
    marking: Marking,
}

impl Context<'_, '_> {
    /// Sends a message, now or when it is marked; gives what the marking costs. If that is a whole turn, the process
    /// must not go on before [`Context::continue_sending`] says so.
    #[inline]
    pub(crate) fn mark_and_send(&mut self, to: Pid, message: Value) -> u64 {
        // SAFETY: what the pass costs ends the turn, and turns go to the pass until it is done (`turn.rs`).
        match unsafe { Marking::begin(message, VALUES_PER_TURN) } {
            Ok((message, marked)) => self.send_marked(to, message, marked),
            Err(marking) => {
                self.own.extras().sending = Some(Box::new(Sending { to, marking }));
                REDUCTIONS_PER_TURN.unsigned_abs()
            }
        }
    }

    /// Goes on with a message that is being marked, for a turn.
    pub(crate) fn continue_sending(&mut self) {
        let Some(sending) = self.own.rare_mut().and_then(|extras| extras.sending.take()) else { return };
        let Sending { to, marking } = *sending;
        match marking.advance(VALUES_PER_TURN) {
            Ok((message, marked)) => {
                self.send_marked(to, message, marked);
            }
            Err(marking) => self.own.extras().sending = Some(Box::new(Sending { to, marking })),
        }
    }

    #[inline]
    fn send_marked(&mut self, to: Pid, message: SharedValue, marked: Marked) -> u64 {
        self.send_shared(to, message, marked.bytes);
        marked.objects / VALUES_PER_REDUCTION
    }
}

impl Own {
    /// Whether a message of the process is being marked, so that it must not run.
    pub fn is_sending(&self) -> bool {
        self.rare().is_some_and(|extras| extras.sending.is_some())
    }
}
