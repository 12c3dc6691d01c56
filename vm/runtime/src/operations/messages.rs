//! `SEND` and its relatives, timers.

use std::time::Duration;

use ttvm_engine::{Reply, Request};
use ttvm_isa::{OpCode, ProcessOperation, Text};
use ttvm_value::{SharedValue, Value, ops::time::duration};

use super::{Named, Performed, no_process, reference};
use crate::{context::Context, host::EventKind, timers::Target};

impl Context<'_, '_> {
    pub(super) fn send_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        let (target, is_written) = self.target(request)?;
        let message = request.arguments[0].take();
        self.send_to(request, target, message, is_written)
    }

    pub(super) fn send_named(&mut self, request: &mut Request<'_>) -> Performed {
        let OpCode::Sendnamed { name } = request.instruction else {
            unreachable!("the operation is the instruction's")
        };
        let target = self.whereis(name).map_or_else(|| Named::Nobody(format!("{name:?}")), Named::Process);
        let message = request.arguments[0].take();
        self.send_to(request, target, message, true)
    }

    fn send_to(&mut self, request: &mut Request<'_>, target: Named, message: Value, is_written: bool) -> Performed {
        match target {
            Named::Process(pid) => {
                self.scheduler.trace(self.pid, &EventKind::Send(pid, &message));
                request.spent += self.mark_and_send(pid, message);
                Ok(Reply::Nothing)
            }
            Named::Nobody(target) if is_written => {
                self.warn_missing(request, &target);
                Ok(Reply::Nothing)
            }
            // A number that nobody has (any more) is a dead process (rule P4).
            Named::Nobody(_) if matches!(request.arguments.last(), Some(Value::Int(_))) => {
                let counters = self.scheduler.counters();
                counters.sent.add(1);
                counters.undelivered_dead.add(1);
                Ok(Reply::Nothing)
            }
            Named::Nobody(target) => Err(no_process(request.operation, &target)),
        }
    }

    pub(super) fn send_after_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        let delay = duration(request.operation.mnemonic(), &request.arguments[2])?;
        let target = match &request.arguments[1] {
            // The name is looked up when the time has come, as OTP does.
            Value::Str(name) => Target::Name(Text::from(name.as_str())),
            other => match self.named(request.operation, other)? {
                Named::Process(pid) => Target::Process(pid),
                Named::Nobody(_) => Target::Process(ttvm_value::Pid::new(0, 0)),
            },
        };
        let message = request.arguments[0].take();
        let (reference, spent) = self.mark_and_send_after(target, message, delay)?;
        request.spent += spent;
        Ok(reference.map_or(Reply::Wait, |reference| Reply::Value(Value::Ref(reference))))
    }

    /// Sends a message, marked while the process ran nothing, after a time.
    pub(crate) fn send_marked_after(&mut self, target: Target, message: SharedValue, bytes: u64, delay: Duration) {
        let reference = self.send_shared_after(target, message, bytes, delay);
        let answer = reference.map(|reference| SharedValue::new(Value::Ref(reference)).0);
        self.own.answer_at_once(ProcessOperation::SendAfter, answer);
    }

    pub(super) fn cancel_timer_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        let reference = reference(request.operation, &request.arguments[0])?;
        Ok(Reply::Value(match self.cancel_timer(reference) {
            // To the nearest: deadlines are rounded up to ticks, and a little time has passed since.
            Some(left) => {
                let left = left.saturating_add(Duration::from_micros(500)).as_millis();
                Value::Int(i64::try_from(left).unwrap_or(i64::MAX))
            }
            None => Value::Bool(false),
        }))
    }

    /// Writes to stdout, for native processes.
    pub fn print(&mut self, text: &str) {
        self.scheduler.shared.host.write(ttvm_engine::Stream::Output, text);
    }

    /// Tells the program's author something.
    pub fn warn(&mut self, warning: &str) {
        self.scheduler.shared.host.warn(warning);
    }
}
