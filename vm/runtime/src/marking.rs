//! Handing over large values, and ending for large reasons: the pass that marks a value as shared stops at the end of a
//! turn and goes on in the next one (rules P6, P53).
//!
//! While it is under way the process runs nothing: its turn ends behind the instruction that sent, or before the one that
//! is performed again then, and its next turns belong to the pass; whoever ends runs nothing more in any case. So nothing
//! that the value leads to is used meanwhile.
//!
//! What Rust code hands over is marked at once: by embedders, on threads of their own, where it delays nobody; by processes
//! in Rust ([`Context::send`] and its like), in runs that are theirs to keep short.

#![expect(unsafe_code, reason = "the pass is under way between turns, in which the sender does not run")]

use std::time::Duration;

use ttvm_engine::Request;
use ttvm_isa::{Fault, HostOperation, limits::REDUCTIONS_PER_TURN};
use ttvm_value::{Marked, Marking, Pid, Ref, SharedValue, Value};

use crate::{context::Context, state::Own, terms::shared_items, timers::Target};

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
enum Destination {
    /// To a process, as a message.
    Mailbox(Pid),
    /// The same, after a time; the sender waits for the ref of the timer.
    Timer(Target, Duration),
    /// To a host operation, for whose answer the process waits then: a list of its arguments.
    Host(HostOperation),
    /// To the extension, as what the process has come to, which ends.
    Result,
    /// Nowhere: it is an argument of the instruction that is performed next, again.
    Argument,
}

impl Context<'_, '_> {
    /// Sends a message, now or when it is marked; gives what the marking costs. If that is a whole turn, the process
    /// must not go on before [`Context::continue_sending`] says so.
    #[inline(always)]
    pub(crate) fn mark_and_send(&mut self, to: Pid, message: Value) -> u64 {
        self.mark_for(Destination::Mailbox(to), message)
    }

    /// As [`Context::mark_and_send`], after a time; gives the ref of the timer besides. Without one, the process must not go on
    /// before there is an answer.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many timers.
    pub(crate) fn mark_and_send_after(
        &mut self,
        target: Target,
        message: Value,
        delay: Duration,
    ) -> Result<(Option<Ref>, u64), Fault> {
        match self.mark_for_a_turn(message) {
            Ok((message, Marked { objects, bytes })) => {
                let reference = self.send_shared_after(target, message, bytes, delay)?;
                Ok((Some(reference), objects / VALUES_PER_REDUCTION))
            }
            Err(marking) => Ok((None, self.mark_later(Destination::Timer(target, delay), marking))),
        }
    }

    /// Performs a host operation where blocking disturbs nobody, now or when its arguments are marked. Until there is an answer
    /// the process must not go on.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub(crate) fn mark_and_perform(&mut self, operation: HostOperation, arguments: Vec<Value>) -> Result<(), Fault> {
        if arguments.iter().all(|argument| argument.mark_alone().is_some()) {
            let arguments = arguments.into_iter().map(|argument| SharedValue::new(argument).0).collect();
            self.perform_later(operation, arguments);
        } else {
            self.mark_for(Destination::Host(operation), Value::list(arguments.into_iter())?);
        }
        Ok(())
    }

    /// As [`Context::mark_and_send`], for what the process has come to, which is about to end.
    pub(crate) fn mark_result(&mut self, result: Value) {
        self.mark_for(Destination::Result, result);
    }

    /// Marks the arguments of an instruction that hands them over in other ways, where they are. `false` if there is more to
    /// mark than in a turn: then it must change nothing, raise nothing and reply [`Reply::Again`](ttvm_engine::Reply::Again). So
    /// this comes before all that an instruction does.
    #[must_use]
    pub fn mark_arguments(&mut self, request: &mut Request<'_>) -> bool {
        // What the hot loop has begun leads to marked values already.
        let marked = if self.own.is_sending() { None } else { self.mark_in_place(request.arguments) };
        match marked {
            Some(spent) => request.spent += spent,
            None => request.spent = REDUCTIONS_PER_TURN.unsigned_abs(),
        }
        marked.is_some()
    }

    /// Marks arguments of the present instruction; gives what that costs. `None` if there is more to mark than in a turn: see
    /// [`Context::mark_arguments`].
    #[inline(always)]
    pub(crate) fn mark_in_place(&mut self, values: &[Value]) -> Option<u64> {
        let mut objects = 0;
        for value in values {
            match value.mark_alone() {
                Some(marked) => objects += marked,
                None => return self.mark_large_in_place(values, objects),
            }
        }
        Some(objects / VALUES_PER_REDUCTION)
    }

    /// The same, having marked some objects of them.
    #[inline(never)]
    fn mark_large_in_place(&mut self, values: &[Value], mut objects: u64) -> Option<u64> {
        // All of them together take no longer than a turn.
        let mut left = VALUES_PER_TURN;
        for value in values {
            // SAFETY: what is left makes the instruction end the turn, and turns go to the pass until it is done (`turn.rs`).
            match unsafe { Marking::begin(value.clone(), &mut left) } {
                Ok((_, marked)) => objects += marked.objects,
                Err(marking) => {
                    self.mark_later(Destination::Argument, marking);
                    return None;
                }
            }
        }
        Some(objects / VALUES_PER_REDUCTION)
    }

    #[inline(always)]
    fn mark_for(&mut self, to: Destination, value: Value) -> u64 {
        match self.mark_for_a_turn(value) {
            Ok((value, marked)) => self.send_marked(to, value, marked),
            Err(marking) => self.mark_later(to, marking),
        }
    }

    /// Marks a value for a turn. The pass, if there is more to mark, is for [`Context::mark_later`].
    #[inline(always)]
    fn mark_for_a_turn(&mut self, value: Value) -> Result<(SharedValue, Marked), Marking> {
        // SAFETY: what the pass costs ends the turn, and turns go to the pass until it is done (`turn.rs`).
        unsafe { Marking::begin(value, &mut { VALUES_PER_TURN }) }
    }

    /// Keeps a pass that is not done; gives what that costs: a whole turn, which ends with it.
    #[cold]
    #[inline(never)]
    fn mark_later(&mut self, to: Destination, marking: Marking) -> u64 {
        self.own.extras().sending = Some(Box::new(Sending { to, marking }));
        REDUCTIONS_PER_TURN.unsigned_abs()
    }

    /// Goes on with a value that is being marked, for a turn; `false` if there is more to be marked.
    pub(crate) fn continue_sending(&mut self) -> bool {
        let Some(sending) = self.own.rare_mut().and_then(|extras| extras.sending.take()) else { return true };
        let Sending { to, marking } = *sending;
        match marking.advance(VALUES_PER_TURN) {
            // Who ends sends nothing more.
            Ok((value, marked)) if !self.own.is_ending || matches!(to, Destination::Result) => {
                self.send_marked(to, value, marked);
                true
            }
            Ok(_) => true,
            Err(marking) => {
                self.mark_later(to, marking);
                false
            }
        }
    }

    /// Goes on, for a turn, with all that is being marked, before the process ends; `false` if there is more to be marked.
    pub(crate) fn finish_marking(&mut self) -> bool {
        self.continue_sending() && self.own.mark_reason()
    }

    #[inline(always)]
    fn send_marked(&mut self, to: Destination, value: SharedValue, marked: Marked) -> u64 {
        match to {
            Destination::Mailbox(pid) => self.send_shared(pid, value, marked.bytes),
            Destination::Timer(target, delay) => self.send_marked_after(target, value, marked.bytes, delay),
            Destination::Host(operation) => self.perform_later(operation, items(&value)),
            Destination::Result => self.extension_done(value),
            Destination::Argument => {}
        }
        marked.objects / VALUES_PER_REDUCTION
    }
}

/// The elements of a list.
fn items(list: &SharedValue) -> Vec<SharedValue> {
    if let Value::List(list) = list.value() { shared_items(list) } else { Vec::new() }
}

impl Own {
    /// Decides why the process ends; the first reason counts (rule P7).
    pub fn end(&mut self, reason: Value) {
        if self.is_ending {
            return;
        }
        self.is_ending = true;
        // SAFETY: the process runs nothing more, and it does not end before the pass is done (`turn.rs`).
        match unsafe { Marking::begin(reason, &mut { VALUES_PER_TURN }) } {
            Ok((reason, _)) => self.extras().reason = Some(reason),
            Err(marking) => self.extras().marking_reason = Some(Box::new(marking)),
        }
    }

    /// Goes on, for a turn, with marking the reason why the process ends; `false` if there is more to be marked.
    fn mark_reason(&mut self) -> bool {
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
