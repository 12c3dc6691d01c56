//! What a process may do to others while it has its turn.
//!
//! Programs reach it through instructions (`operations.rs`), native processes directly. Everything takes effect at
//! once on this side and travels as a signal to the other (rule P1). Nothing here blocks.

use std::time::Duration;

use ttvm_engine::{Kernel, Timeout, Waiting};
use ttvm_isa::{Fault, Text};
use ttvm_value::{Pid, Ref, SharedValue, Value};

use crate::{
    bonds::Link,
    host::EventKind,
    names::NameError,
    scheduler::Scheduler,
    signal::{Control, ExitOrigin, Message, Signal},
    state::Own,
    timers::{Action, Target, TimerId},
};

/// The process that has its turn.
pub struct Context<'c, 'm> {
    pub(crate) scheduler: &'c mut Scheduler<'m>,
    pub(crate) own: &'c mut Own,
    pub(crate) pid: Pid,
}

/// Messages that [`Context::receive_on`] looks at in one call: at about 50 ns each, what a run of a native process costs.
const MESSAGES_SOUGHT_MAX: usize = 32;

/// What came of [`Context::receive_on`].
pub(crate) enum Sought {
    /// The message.
    Found(Value),
    /// None of those that have come.
    Nothing,
    /// None so far.
    Later,
}

/// There is no such process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoProcess;

impl Context<'_, '_> {
    /// The process itself.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Time since the machine's start.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.scheduler.shared.clock.elapsed()
    }

    /// Sends a message. To a process that has ended it is dropped, and counted (rule P4).
    pub fn send(&mut self, to: Pid, value: Value) {
        self.scheduler.trace(self.pid, &EventKind::Send(to, &value));
        let (message, marked) = SharedValue::new(value);
        self.send_shared(to, message, marked.bytes);
    }

    /// Sends a value that was marked before.
    #[inline(always)]
    pub(crate) fn send_shared(&mut self, to: Pid, message: SharedValue, bytes: u64) {
        let counters = self.scheduler.counters();
        counters.sent.add(1);
        if !self.scheduler.send_message(to, Message::new(message, bytes)) {
            counters.undelivered_dead.add(1);
        }
    }

    /// Sends a control signal; `false` if there is no such process.
    pub(crate) fn signal(&mut self, to: Pid, control: Control) -> bool {
        self.scheduler.send(to, Signal::control(control)).is_ok()
    }

    /// Whether a process can get signals. What was sent to it may still end it.
    #[must_use]
    pub fn is_open(&self, pid: Pid) -> bool {
        self.scheduler.shared.slab.is_open(pid)
    }

    /// Links the process with another (rules P36, P37).
    ///
    /// # Errors
    /// [`NoProcess`], unless exits are trapped: then an exit message comes.
    pub fn link(&mut self, other: Pid) -> Result<(), NoProcess> {
        self.link_as(other, false)
    }

    /// As [`Context::link`]. `is_written`: a process that ends before it hears of the link is only warned of.
    pub(crate) fn link_as(&mut self, other: Pid, is_written: bool) -> Result<(), NoProcess> {
        if other == self.pid {
            return Ok(());
        }
        if self.own.bind().links.insert(other, Link::Active) == Some(Link::Active) {
            return Ok(());
        }
        self.scheduler.trace(self.pid, &EventKind::Link(other));
        if self.signal(other, Control::Link { from: self.pid, is_written }) {
            return Ok(());
        }
        if !self.own.traps_exits {
            self.own.bind().links.remove(&other);
            return Err(NoProcess);
        }
        self.linked_exit(other, ExitOrigin::NoProcess { is_written }, crate::terms::shared_text("noproc"));
        Ok(())
    }

    /// Ends a link: no exit of it is added to the queue any more (rule P39).
    pub fn unlink(&mut self, other: Pid) {
        let number = self.scheduler.new_ref().0;
        let Some(link) = self.own.bonds_mut().and_then(|bonds| bonds.links.get_mut(&other)) else { return };
        if *link != Link::Active {
            return;
        }
        *link = Link::Ending(number);
        if !self.signal(other, Control::Unlink { from: self.pid, number }) {
            self.own.bind().links.remove(&other);
        }
    }

    /// Watches a process: one `down` message comes when it ends, or at once if it has (rule P41).
    pub fn monitor(&mut self, other: Pid) -> Ref {
        let reference = self.make_ref();
        if other == self.pid {
            return reference;
        }
        self.own.bind().monitors.insert(reference, other);
        if !self.signal(other, Control::Monitor { from: self.pid, reference }) {
            self.down(reference, other, crate::terms::shared_text("noproc"));
        }
        reference
    }

    /// Watches no more; `false` if it did not: the `down` message may have come.
    pub fn demonitor(&mut self, reference: Ref) -> bool {
        let target = self.own.bonds_mut().and_then(|bonds| bonds.monitors.remove(&reference));
        if let Some(target) = target {
            self.signal(target, Control::Demonitor { reference });
        }
        target.is_some()
    }

    /// Sends an exit signal, as `EXIT_PROCESS` does. To itself it acts at once: see [`Context::is_ending`].
    pub fn exit(&mut self, other: Pid, reason: Value) {
        let reason = SharedValue::new(reason).0;
        let control = Control::Exit { from: self.pid, reason, origin: ExitOrigin::Request };
        if other == self.pid {
            self.take_signals();
            self.handle(control);
        } else {
            self.signal(other, control);
        }
    }

    /// Whether a signal has ended the process: it must return from its run.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.own.is_ending
    }

    /// A ref that no other is like. Messages that hold it are found at once (rule P51).
    pub fn make_ref(&mut self) -> Ref {
        let reference = self.scheduler.new_ref();
        // What has come before cannot hold it.
        self.take_signals();
        self.own.inbox.mark(reference);
        reference
    }

    /// Whether exit signals become messages.
    pub fn trap_exits(&mut self, traps: bool) {
        self.own.traps_exits = traps;
    }

    /// Gives the process a name.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn register(&mut self, name: &Text) -> Result<(), NameError> {
        self.scheduler.shared.names.register(name, self.pid)?;
        self.take_name(name);
        self.scheduler.trace(self.pid, &EventKind::Register(name));
        Ok(())
    }

    /// Notes the name that the process was registered under; it has no other any more (rule P43).
    pub(crate) fn take_name(&mut self, name: &Text) {
        if let Some(old) = self.own.extras().name.replace(name.clone()).filter(|old| old != name) {
            self.scheduler.shared.names.release(&old, self.pid);
        }
    }

    /// Who has a name.
    #[must_use]
    pub fn whereis(&self, name: &str) -> Option<Pid> {
        self.scheduler.shared.names.find(name)
    }

    /// Sends a message after a time; the ref cancels that.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many timers.
    pub fn send_after(&mut self, to: Pid, value: Value, delay: Duration) -> Result<Ref, Fault> {
        let (message, marked) = SharedValue::new(value);
        self.send_shared_after(Target::Process(to), message, marked.bytes, delay)
    }

    /// Sends a value that was marked before, after a time.
    pub(crate) fn send_shared_after(
        &mut self,
        target: Target,
        message: SharedValue,
        bytes: u64,
        delay: Duration,
    ) -> Result<Ref, Fault> {
        let reference = self.scheduler.new_ref();
        let due = self.now().saturating_add(delay);
        let to = if let Target::Process(pid) = &target { Some(*pid) } else { None };
        let action = Action::Send { target, message, bytes, reference };
        let timer_count = &self.scheduler.shared.timer_count;
        self.scheduler.timers().set(due, action).ok_or_else(|| timer_count.fault())?;
        match to {
            Some(pid) if pid == self.pid => self.note_timer(reference),
            Some(pid) if !self.signal(pid, Control::Timed { reference }) => self.scheduler.forget_timer(reference),
            Some(_) | None => {}
        }
        Ok(reference)
    }

    /// Keeps the ref of a timer that ends with the process (rule P52).
    pub(crate) fn note_timer(&mut self, reference: Ref) {
        let scheduler = &*self.scheduler;
        let is_set = |known| scheduler.timers_of(known).is_some_and(|timers| timers.has(known));
        self.own.extras().timers.add(reference, is_set);
    }

    /// Cancels a timer; gives the time that was left (rule P52).
    pub fn cancel_timer(&mut self, reference: Ref) -> Option<Duration> {
        let due = self.scheduler.timers_of(reference)?.cancel_reference(reference)?;
        Some(due.saturating_sub(self.now()))
    }

    /// Takes the oldest message for which `is_wanted` says so.
    pub fn receive(&mut self, mut is_wanted: impl FnMut(&Value) -> bool) -> Option<Value> {
        loop {
            match self.message(None).map(&mut is_wanted) {
                Some(true) => return Some(self.take_message()),
                Some(false) => self.pass_over(),
                None => {
                    self.own.inbox.finish();
                    return None;
                }
            }
        }
    }

    /// As [`Context::receive`], but for some messages at a time, and a call that does not find one keeps its place: the
    /// next one looks at what it has not seen. For who wants the same until it gets it.
    pub(crate) fn receive_on(&mut self, mut is_wanted: impl FnMut(&Value) -> bool) -> Sought {
        for _ in 0..MESSAGES_SOUGHT_MAX {
            match self.message(None).map(&mut is_wanted) {
                Some(true) => return Sought::Found(self.take_message()),
                Some(false) => self.pass_over(),
                None => return Sought::Nothing,
            }
        }
        Sought::Later
    }

    /// Leaves a message where it is, which takes a process in Rust about as long as a reduction.
    fn pass_over(&mut self) {
        self.skip_message();
        self.scheduler.budget -= 1;
        self.scheduler.counters().reductions.add(1);
    }

    /// A receive that found nothing: waits, or says that its time is over (rules P48 to P50).
    pub(crate) fn wait_for_message(&mut self, timeout: Timeout) -> Waiting {
        if !self.own.may_run() {
            // It looks at its queue again, and at the time, when it may run again.
            return Waiting::Wait;
        }
        let Timeout::After(milliseconds) = timeout else { return Waiting::Wait };
        let is_over = self.own.rare().is_some_and(|extras| extras.is_timed_out);
        if milliseconds == 0 || is_over {
            return self.time_is_over();
        }
        if self.own.rare().is_some_and(|extras| extras.timer.is_some()) {
            return Waiting::Wait;
        }
        self.own.wait_number += 1;
        let due = self.now().saturating_add(Duration::from_millis(milliseconds));
        let action = Action::Timeout { pid: self.pid, number: self.own.wait_number };
        match self.scheduler.timers().set(due, action) {
            Some(timer) => {
                self.own.extras().timer = Some(timer);
                Waiting::Wait
            }
            None => {
                self.receive_is_over();
                self.own.inbox.finish();
                Waiting::Fault(self.scheduler.shared.timer_count.fault())
            }
        }
    }

    fn time_is_over(&mut self) -> Waiting {
        self.receive_is_over();
        self.own.inbox.finish();
        Waiting::TimedOut
    }

    /// A receive ends: its timer with it.
    #[inline(always)]
    pub(crate) fn receive_is_over(&mut self) {
        if !self.own.is_plain() {
            self.end_time_of_receive();
        }
    }

    #[inline(never)]
    fn end_time_of_receive(&mut self) {
        if self.own.rare().is_none_or(|extras| extras.timer.is_none() && !extras.is_timed_out) {
            return;
        }
        let extras = self.own.extras();
        extras.is_timed_out = false;
        if let Some(timer) = extras.timer.take() {
            self.own.wait_number += 1;
            self.cancel(timer);
        }
    }

    pub(crate) fn cancel(&mut self, timer: TimerId) {
        self.scheduler.shared.timers[usize::from(timer.scheduler)].cancel(timer);
    }

    /// Adds a message that the machine makes itself.
    #[inline(always)]
    pub(crate) fn add_system_message(&mut self, value: SharedValue) {
        self.scheduler.counters().sent.add(1);
        self.own.inbox.add(self.scheduler.spares.node(Signal::system_message(value)));
    }
}
