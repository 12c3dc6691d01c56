//! What signals do when they arrive.
//!
//! The tables of rules P8 to P18 and the link protocol (P36 to P42) are here and nowhere else. A signal is handled
//! by its receiver, in its turn, in the order in which it came.

use ttvm_engine::Answer;
use ttvm_isa::{Fault, Text};
use ttvm_value::{Pid, Ref, SharedValue, Value};

use crate::{
    bonds::Link,
    channel::over,
    context::Context,
    limits::{Limits, MailboxPolicy},
    mailbox::Node,
    names::NameError,
    signal::{Caller, Control, ExitOrigin, Question, Signal, share},
    state::{Arrival, Outside, Own, Wait},
    supervisor::Request,
    terms::{down_message, exit_message, limit_reason, object, shared_text, text},
};

impl Context<'_, '_> {
    /// Handles all signals that have come, up to one that ends the process: whoever sent what comes behind it is told
    /// so when the process's name and resources are free (rule P44).
    #[inline(always)]
    pub(crate) fn take_signals(&mut self) {
        if self.own.is_ending {
            self.take_late_signals();
        } else if self.scheduler.shared.slab.has_signals(self.pid) {
            self.take_those_signals();
        }
    }

    /// While what the process owns outside is released it waits, and what comes meanwhile must not wake it twice.
    #[cold]
    fn take_late_signals(&mut self) {
        if self.own.outside == Outside::Releasing {
            let signals = self.scheduler.shared.slab.take_signals(self.pid);
            self.own.extras().late.push(signals);
        }
    }

    #[inline(never)]
    fn take_those_signals(&mut self) {
        let mut signals = self.scheduler.shared.slab.take_signals(self.pid);
        while let Some(node) = signals.pop() {
            if matches!(node.signal, Signal::Message(_)) {
                self.add_message(node);
            } else {
                match self.scheduler.spares.open(node) {
                    Signal::Message(_) => unreachable!("messages keep their nodes"),
                    Signal::Extension(signal) => self.extension_signal(signal),
                    Signal::Control(control) => self.handle(*control),
                }
            }
            if self.own.is_ending {
                self.own.extras().late.push(signals);
                return;
            }
        }
    }

    /// Adds a message to the queue, which stays below its limit (rule P80). To be done by whoever owns the process.
    #[inline(always)]
    pub(crate) fn add_message(&mut self, node: Box<Node>) {
        if self.own.is_plain() {
            return self.own.inbox.add(node);
        }
        self.add_message_below_limit(node);
    }

    #[inline(never)]
    fn add_message_below_limit(&mut self, node: Box<Node>) {
        let limits = self.own.rare().map(|extras| extras.limits);
        let Some(Limits { mailbox_max: Some(max), mailbox_policy, .. }) = limits else {
            return self.own.inbox.add(node);
        };
        let is_full = |own: &Own| own.inbox.len() as u64 >= max;
        match mailbox_policy {
            MailboxPolicy::DropNew if is_full(self.own) => self.scheduler.counters().undelivered_limit.add(1),
            MailboxPolicy::Exit if is_full(self.own) => {
                self.own.inbox.add(node);
                self.own.end(limit_reason("mailbox"));
            }
            MailboxPolicy::DropOld => {
                while is_full(self.own) && self.own.inbox.take_oldest().is_some() {
                    self.scheduler.counters().undelivered_limit.add(1);
                }
                if is_full(self.own) {
                    self.scheduler.counters().undelivered_limit.add(1);
                } else {
                    self.own.inbox.add(node);
                }
            }
            MailboxPolicy::DropNew | MailboxPolicy::Exit => self.own.inbox.add(node),
        }
    }

    /// Does what a signal says.
    pub(crate) fn handle(&mut self, control: Control) {
        match control {
            Control::Exit { from, reason, origin: ExitOrigin::Request } => self.requested_exit(from, reason),
            Control::Exit { from, reason, origin } => self.linked_exit(from, origin, reason),
            Control::Link { from, .. } => {
                // While this side's unlink is on its way, the other's link came before it and counts for nothing.
                let links = &mut self.own.bind().links;
                if links.get(&from).is_none() {
                    links.insert(from, Link::Active);
                }
            }
            Control::Unlink { from, number } => {
                if let Some(bonds) = self.own.bonds_mut()
                    && bonds.links.get(&from) == Some(&Link::Active)
                {
                    bonds.links.remove(&from);
                }
                self.signal(from, Control::UnlinkAcknowledged { from: self.pid, number });
            }
            Control::UnlinkAcknowledged { from, number } => {
                if let Some(bonds) = self.own.bonds_mut()
                    && bonds.links.get(&from) == Some(&Link::Ending(number))
                {
                    bonds.links.remove(&from);
                }
            }
            Control::Monitor { from, reference } => {
                self.own.bind().watchers.insert(reference, from);
            }
            Control::Demonitor { reference } => {
                if let Some(bonds) = self.own.bonds_mut() {
                    bonds.watchers.remove(&reference);
                }
            }
            Control::Down { reference, from, reason } => self.down(reference, from, reason),
            Control::Question { from, number, question: Question::IsAlive } => {
                let answer = Ok(SharedValue::new(Value::Bool(true)).0);
                self.signal(from, Control::Answer { number, answer });
            }
            Control::Question { from, number, question: Question::Information } => {
                self.own.extras().questions.push((from, number));
            }
            Control::Survey(survey) => self.own.extras().surveys.push(survey),
            Control::Answer { number, answer } => {
                self.arrived(number, Arrival::Answer(answer));
            }
            Control::Imported { number, path, module } => self.arrived(number, Arrival::Imported(path, module)),
            Control::Found { number, found } => self.arrived(number, Arrival::Found(found)),
            Control::Request { caller, request } => self.requested(caller, request),
            Control::Asked { caller, asked } => self.asked(caller, asked),
            Control::Timeout { number } => self.timeout(number),
            Control::Timed { reference } => self.note_timer(reference),
            // It ends no more than once, and waits for this when it does.
            Control::Released => {}
            Control::Given(resource) => {
                self.own.outside = Outside::Holds;
                self.scheduler.shared.host.attach(resource, self.pid);
            }
            Control::Named(name) => {
                // Somebody may have taken it away by now.
                if self.whereis(&name) == Some(self.pid) {
                    self.take_name(&name);
                }
            }
            Control::Unnamed(name) => {
                // It may have it again by now.
                let is_gone = self.whereis(&name) != Some(self.pid);
                if let Some(extras) = self.own.rare_mut().filter(|_| is_gone) {
                    extras.name.take_if(|known| *known == name);
                }
            }
            Control::Watch { target, reference } => {
                self.own.bind().monitors.insert(reference, target);
            }
            Control::Tie { other } => {
                if self.link(other).is_err() {
                    self.own.end(text("noproc"));
                }
            }
            Control::Untie { other } => self.unlink(other),
            Control::Pause => self.own.is_paused = true,
            Control::Resume => self.own.is_paused = false,
        }
    }

    /// Answers for a process that has ended.
    pub(crate) fn refuse(&mut self, control: Control) {
        match control {
            Control::Link { from, is_written } => {
                let (reason, origin) = (shared_text("noproc"), ExitOrigin::NoProcess { is_written });
                self.signal(from, Control::Exit { from: self.pid, reason, origin });
            }
            Control::Unlink { from, number } => {
                self.signal(from, Control::UnlinkAcknowledged { from: self.pid, number });
            }
            Control::Monitor { from, reference } => {
                let reason = shared_text("noproc");
                self.signal(from, Control::Down { reference, from: self.pid, reason });
            }
            Control::Question { from, number, question } => {
                let answer = if question == Question::IsAlive { Value::Bool(false) } else { Value::Null };
                self.signal(from, Control::Answer { number, answer: Ok(SharedValue::new(answer).0) });
            }
            Control::Request { caller, .. } | Control::Asked { caller, .. } => self.refuse_caller(caller),
            Control::Demonitor { reference } => {
                if let Some(bonds) = self.own.bonds_mut() {
                    bonds.watchers.remove(&reference);
                }
            }
            Control::Named(name) => self.scheduler.shared.names.release(&name, self.pid),
            Control::Given(resource) => self.scheduler.shared.host.forget(resource),
            Control::Timed { reference } => self.scheduler.forget_timer(reference),
            Control::Released
            | Control::Exit { .. }
            | Control::UnlinkAcknowledged { .. }
            | Control::Down { .. }
            | Control::Survey(_)
            | Control::Answer { .. }
            | Control::Imported { .. }
            | Control::Found { .. }
            | Control::Timeout { .. }
            | Control::Unnamed(_)
            | Control::Watch { .. }
            | Control::Tie { .. }
            | Control::Untie { .. }
            | Control::Pause
            | Control::Resume => {}
        }
    }

    /// Rules P8 to P10: the end of a linked process. Counts only while the link does (rule P39).
    pub(crate) fn linked_exit(&mut self, from: Pid, origin: ExitOrigin, reason: SharedValue) {
        let Some(bonds) = self.own.bonds_mut() else { return };
        if bonds.links.get(&from) != Some(&Link::Active) {
            return;
        }
        bonds.links.remove(&from);
        debug_assert_ne!(origin, ExitOrigin::Request);
        if self.own.traps_exits {
            self.exit_message(from, reason);
        } else if origin == (ExitOrigin::NoProcess { is_written: true }) {
            self.scheduler.shared.host.warn(&format!("LINK found no process {from}: it has just ended"));
        } else if reason.value().as_str() != Some("normal") {
            self.own.end(reason.into_value());
        }
    }

    /// Rules P11 to P16: the wish of a process that this one should end.
    fn requested_exit(&mut self, from: Pid, wish: SharedValue) {
        let name = wish.value().as_str();
        if name == Some("kill") {
            self.own.end(text("killed"));
        } else if self.own.traps_exits {
            self.exit_message(from, wish);
        } else if name != Some("normal") || from == self.pid {
            self.own.end(wish.into_value());
        }
    }

    /// Keeps a request until the supervisor comes to the message that announces it.
    fn requested(&mut self, caller: Caller, request: Request) {
        let extras = self.own.extras();
        if extras.takes_requests {
            extras.callers.insert(caller);
            extras.requests.push_back((caller, request));
            self.add_system_message(SharedValue::new(object([("signal", text("request"))])).0);
        } else {
            let error = format!("process {} is no supervisor", self.pid);
            let answer = Err(Fault::Argument { operation: caller.operation.mnemonic(), error });
            self.signal(caller.pid, Control::Answer { number: caller.number, answer });
        }
    }

    /// Says to a caller that this process has ended.
    pub(crate) fn refuse_caller(&mut self, caller: Caller) {
        let answer = Err(over(caller.operation, self.pid));
        self.signal(caller.pid, Control::Answer { number: caller.number, answer });
    }

    /// The oldest request that has not been looked at.
    pub(crate) fn next_request(&mut self) -> Option<(Caller, Request)> {
        self.own.rare_mut()?.requests.pop_front()
    }

    /// Gives another process a name, which it has from now on.
    pub(crate) fn name_other(&mut self, pid: Pid, name: &Text) -> Result<(), NameError> {
        self.scheduler.shared.names.register(name, pid)?;
        if !self.signal(pid, Control::Named(name.clone())) {
            self.scheduler.shared.names.release(name, pid);
        }
        Ok(())
    }

    /// Answers a caller whose request this process, a supervisor, has got.
    pub(crate) fn answer(&mut self, caller: Caller, answer: Answer) {
        if let Some(extras) = self.own.rare_mut() {
            extras.callers.remove(&caller);
        }
        self.signal(caller.pid, Control::Answer { number: caller.number, answer: share(answer) });
    }

    fn exit_message(&mut self, from: Pid, reason: SharedValue) {
        self.add_system_message(exit_message(from, reason));
    }

    /// The end of a watched process: one message, unless it is watched no more (rule P41).
    pub(crate) fn down(&mut self, reference: Ref, from: Pid, reason: SharedValue) {
        let is_watched = self.own.bonds_mut().is_some_and(|bonds| bonds.monitors.remove(&reference).is_some());
        if is_watched {
            self.add_system_message(down_message(reference, from, reason));
        }
    }

    fn arrived(&mut self, number: u64, arrival: Arrival) {
        if self.own.waits_for(number) {
            self.own.set_arrival(arrival);
        }
    }

    /// The time of what the process waits for is over, if it still waits for this.
    pub(crate) fn timeout(&mut self, number: u64) {
        if self.own.wait_number != number {
            return;
        }
        let is_receive = matches!(self.own.wait, Wait::Nothing | Wait::Message);
        let extras = self.own.extras();
        extras.timer = None;
        if is_receive {
            extras.is_timed_out = true;
        } else {
            self.own.set_arrival(Arrival::Answer(Ok(SharedValue::new(Value::Null).0)));
        }
    }
}
