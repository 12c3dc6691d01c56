//! Sending large values, and ending for large reasons: the pass that marks a value as shared stops at the end of a turn
//! and goes on in the next one (rules P6, P53).
//!
//! While it is under way the sender runs nothing: its turn ends behind the instruction that sent, and its next turns
//! belong to the pass; whoever ends runs nothing more in any case. So nothing that the value leads to is used meanwhile.

#![expect(unsafe_code, reason = "the pass is under way between turns, in which the sender does not run")]

use ttvm_isa::limits::REDUCTIONS_PER_TURN;
use ttvm_value::{Marked, Marking, Pid, SharedValue, Value};

use crate::{context::Context, state::Own};

/// Values looked at for one reduction: at 2 to 3 ns each about as long as a reduction.
const VALUES_PER_REDUCTION: u64 = 16;

/// Values looked at in one turn.
const VALUES_PER_TURN: usize = (REDUCTIONS_PER_TURN.unsigned_abs() * VALUES_PER_REDUCTION) as usize;

/// A value that is being marked, and where it goes.
pub(crate) struct Sending {
    to: Destination,
    marking: Marking,
}

/// Where a marked value goes.
#[derive(Clone, Copy)]
enum Destination {
    /// To a process, as a message.
    Mailbox(Pid),
    /// Into the stream of this process; the sender waits for its answer.
    Stream(Pid),
    /// To a process that is to end, as the reason.
    Exit(Pid),
    /// To the extension, which knows what for.
    Extension,
}

impl Context<'_, '_> {
    /// Sends a message, now or when it is marked; gives what the marking costs. If that is a whole turn, the process
    /// must not go on before [`Context::continue_sending`] says so.
    #[inline(always)]
    pub(crate) fn mark_and_send(&mut self, to: Pid, message: Value) -> u64 {
        self.mark_for(Destination::Mailbox(to), message)
    }

    /// As [`Context::mark_and_send`], for a stream. Then the process waits for its answer.
    pub(crate) fn mark_and_write(&mut self, stream: Pid, value: Value) -> u64 {
        self.mark_for(Destination::Stream(stream), value)
    }

    /// As [`Context::mark_and_send`], for the reason why a process is to end, which may be this one.
    pub(crate) fn mark_and_exit(&mut self, other: Pid, reason: Value) -> u64 {
        self.mark_for(Destination::Exit(other), reason)
    }

    /// Marks a value for the extension. If that takes more than a turn, it gives the value to
    /// [`Extension::marked`](crate::Extension::marked) later, and the process must not go on before: it waits, or its turn ends,
    /// because what the marking costs so far is a whole one.
    ///
    /// # Errors
    /// What the marking costs so far, if there is more to mark.
    pub fn mark_for_extension(&mut self, value: Value) -> Result<(SharedValue, u64), u64> {
        let (value, marked) = self.begin_marking(Destination::Extension, value)?;
        Ok((value, marked.objects / VALUES_PER_REDUCTION))
    }

    #[inline(always)]
    fn mark_for(&mut self, to: Destination, value: Value) -> u64 {
        match self.begin_marking(to, value) {
            Ok((value, marked)) => self.send_marked(to, value, marked),
            Err(spent) => spent,
        }
    }

    /// Marks a value for a turn. If there is more to mark, it goes on later, and what this costs is the error.
    #[inline(always)]
    fn begin_marking(&mut self, to: Destination, value: Value) -> Result<(SharedValue, Marked), u64> {
        // SAFETY: what the pass costs ends the turn, and turns go to the pass until it is done (`turn.rs`).
        unsafe { Marking::begin(value, VALUES_PER_TURN) }.map_err(|marking| {
            self.mark_later(Sending { to, marking });
            REDUCTIONS_PER_TURN.unsigned_abs()
        })
    }

    #[cold]
    #[inline(never)]
    fn mark_later(&mut self, sending: Sending) {
        self.own.extras().sending = Some(Box::new(sending));
    }

    /// Goes on with a value that is being marked, for a turn.
    pub(crate) fn continue_sending(&mut self) {
        let Some(sending) = self.own.rare_mut().and_then(|extras| extras.sending.take()) else { return };
        let Sending { to, marking } = *sending;
        match marking.advance(VALUES_PER_TURN) {
            Ok((value, marked)) => {
                self.send_marked(to, value, marked);
            }
            Err(marking) => self.mark_later(Sending { to, marking }),
        }
    }

    #[inline(always)]
    fn send_marked(&mut self, to: Destination, value: SharedValue, marked: Marked) -> u64 {
        match to {
            Destination::Mailbox(pid) => self.send_shared(pid, value, marked.bytes),
            Destination::Stream(stream) => self.write_marked(stream, value),
            Destination::Exit(other) => self.exit_marked(other, value),
            Destination::Extension => self.extension_marked(value),
        }
        marked.objects / VALUES_PER_REDUCTION
    }
}

impl Own {
    /// Decides why the process ends; the first reason counts (rule P7).
    pub fn end(&mut self, reason: Value) {
        if self.is_ending {
            return;
        }
        self.is_ending = true;
        // SAFETY: the process runs nothing more, and it does not end before the pass is done (`turn.rs`).
        match unsafe { Marking::begin(reason, VALUES_PER_TURN) } {
            Ok((reason, _)) => self.extras().reason = Some(reason),
            Err(marking) => self.extras().marking_reason = Some(Box::new(marking)),
        }
    }

    /// Goes on, for a turn, with marking the reason why the process ends; `false` if there is more to be marked.
    pub fn mark_reason(&mut self) -> bool {
        if self.rare().is_none_or(|extras| extras.marking_reason.is_none()) {
            return true;
        }
        let extras = self.extras();
        match extras.marking_reason.take().map(|marking| marking.advance(VALUES_PER_TURN)) {
            Some(Err(marking)) => extras.marking_reason = Some(Box::new(marking)),
            Some(Ok((reason, _))) => extras.reason = Some(reason),
            None => {}
        }
        extras.marking_reason.is_none()
    }

    /// Whether a message of the process is being marked, so that it must not run.
    pub fn is_sending(&self) -> bool {
        self.rare().is_some_and(|extras| extras.sending.is_some())
    }
}
