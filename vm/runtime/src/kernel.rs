//! What the engine asks for while a process runs: its messages, its instructions about others, output.
//!
//! The frequent ones are short here: they are part of the hot loop's instructions. Not here: what instructions do that are
//! not frequent (`operations.rs`), what a message is taken from (`inbox.rs`).

use ttvm_engine::{Entry, Kernel, Made, Reply, Request, Step, Stream, Timeout, Waiting};
use ttvm_isa::ProcessOperation;
use ttvm_platform::entropy::derive;
use ttvm_value::{Pid, Ref, Value};

use crate::{context::Context, host::EventKind, signal::Message, spawn::Ties};

impl Context<'_, '_> {
    /// The message that the receive in progress looks at next.
    #[inline(always)]
    fn next_message(&mut self, reference: Option<Ref>) -> Option<&Message> {
        // Most receives take the first message, or find none at all.
        if self.own.is_plain() && !self.own.inbox.has_passed() {
            if self.own.inbox.first().is_some() {
                return self.own.inbox.first();
            }
            if !self.scheduler.shared.slab.has_signals(self.pid) {
                return None;
            }
        }
        self.find_next_message(reference)
    }

    #[inline(never)]
    fn find_next_message(&mut self, reference: Option<Ref>) -> Option<&Message> {
        if self.own.inbox.current(reference).is_none() {
            self.take_signals();
        }
        if !self.own.may_run() {
            // What came behind the signal that says so is not for this run: `wait` is next.
            return None;
        }
        self.own.inbox.current(reference)
    }

    /// Tells whoever traces of a message that was received. By value, so that without traces it needs no address.
    #[cold]
    #[inline(never)]
    fn traced(&self, value: Value) -> Value {
        self.scheduler.trace(self.pid, &EventKind::Receive(&value));
        value
    }

    /// Takes that message.
    #[inline(always)]
    fn take_shown_message(&mut self) -> Value {
        self.receive_is_over();
        match self.own.inbox.take(&mut self.scheduler.spares) {
            Some(value) => {
                self.scheduler.counters().received.add(1);
                let value = value.into_value();
                if self.scheduler.shared.settings.traces { self.traced(value) } else { value }
            }
            None => Value::Null,
        }
    }
}

impl Kernel for Context<'_, '_> {
    fn write(&mut self, stream: Stream, text: &str) {
        self.scheduler.shared.host.write(stream, text);
    }

    fn warn(&mut self, text: &str) {
        self.scheduler.shared.host.write_warning(text);
    }

    fn process(&mut self, request: &mut Request<'_>) -> Reply {
        self.perform(request)
    }

    fn pid(&self) -> Option<Pid> {
        Some(self.pid)
    }

    fn seed(&self) -> u64 {
        let of_pid = || {
            let shared = self.scheduler.shared;
            let seed = shared.settings.seed;
            if shared.is_main(self.pid) { seed } else { derive(seed, self.pid.number()) }
        };
        self.extension_seed().unwrap_or_else(of_pid)
    }

    fn send(&mut self, to: Pid, message: &mut Value) -> Option<u64> {
        self.scheduler.trace(self.pid, &EventKind::Send(to, message));
        Some(self.mark_and_send(to, message.take()))
    }

    fn spawn(&mut self, operation: ProcessOperation, values: &mut [Value]) -> Option<Made> {
        self.spawn_again(values, Ties::of(operation))
    }

    fn message(&mut self, reference: Option<Ref>) -> Option<&Value> {
        self.next_message(reference).map(|message| message.value.value())
    }

    fn skip_message(&mut self) {
        self.own.inbox.pass(&mut self.scheduler.spares);
    }

    fn take_message(&mut self) -> Value {
        self.take_shown_message()
    }

    fn receive(&mut self) -> Option<Value> {
        // It waits for ever: there is no time to begin.
        self.next_message(None)?;
        Some(self.take_shown_message())
    }

    fn abandon_receive(&mut self) {
        self.receive_is_over();
        self.own.inbox.finish();
    }

    fn wait(&mut self, timeout: Timeout) -> Waiting {
        self.wait_for_message(timeout)
    }

    fn enter(&mut self, entry: &Entry<'_>) {
        self.scheduler.shared.host.enter(self.pid, entry);
    }

    fn leave(&mut self, frame: usize, reductions: u64) {
        self.scheduler.shared.host.leave(self.pid, frame, reductions);
    }

    fn step(&mut self, step: &Step<'_>) {
        self.scheduler.shared.host.step(self.pid, step);
    }
}
