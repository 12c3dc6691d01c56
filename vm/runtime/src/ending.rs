//! The end of a process.
//!
//! In this order (rules P44, P72): what it has outside the machine is closed, which may take a while; its name, timers and values go; its mailbox closes, and whoever still asks is
//! told that it is gone; then those that are linked with it or watch it are told why; then its block is free.

use ttvm_platform::sync::{Arc, atomic::Ordering};
use ttvm_value::{Pid, SharedValue, Value};

use crate::{
    bonds::Link,
    context::Context,
    host::EventKind,
    mailbox::Chain,
    reply::Reply,
    runtime::Ending,
    scheduler::Scheduler,
    signal::{Control, ExitOrigin, Signal},
    state::{Body, Extras, Outside, Own, Ready},
    terms::is_orderly,
};

impl Scheduler<'_> {
    /// Whether a process that ends has nothing outside any more; begins to close what it has. One that does not end keeps
    /// it.
    pub fn has_released(&self, pid: Pid, own: &mut Own) -> bool {
        if own.is_ending && own.outside == Outside::Holds {
            own.outside = Outside::Releasing;
            let is_released = Arc::clone(own.extras().is_released.get_or_insert_default());
            self.shared.host.release(Reply::to_ending(self.shared, pid, is_released));
        }
        match own.outside {
            Outside::Nothing => true,
            Outside::Holds => false,
            // Acquire: pairs with the Release in `Reply::finish`.
            Outside::Releasing => {
                let is_released = own.rare().and_then(|extras| extras.is_released.as_ref());
                is_released.is_some_and(|is_released| is_released.load(Ordering::Acquire))
            }
        }
    }

    /// Ends a process whose reason is decided.
    pub fn finish(&mut self, mut runnable: Ready) {
        let shared = self.shared;
        let pid = shared.slab.pid(&runnable);
        let state = shared.slab.state(&mut runnable);
        let reason = state.own.take_reason();
        self.trace(pid, &EventKind::Exit(reason.value()));
        if let Body::Code(process) = &state.body
            && shared.is_main(pid)
        {
            shared.main_reductions.store(process.reductions_spent(), Ordering::Relaxed);
        }
        if let Body::Code(process) = &mut state.body {
            process.clear();
        }
        if !state.body.is_blank() {
            state.body = Body::Ended;
        }
        self.take_leftovers(&mut state.own);
        if state.own.rare().is_some() {
            Context { scheduler: self, own: &mut state.own, pid }.release();
        }
        // Now it is seen to be gone.
        let left = shared.slab.close(&mut runnable);
        let state = shared.slab.state(&mut runnable);
        let mut context = Context { scheduler: self, own: &mut state.own, pid };
        context.refuse_all(left);
        context.leave_extension(reason.value());
        context.farewell(&reason);
        self.counters().ended.add(1);
        shared.forget_number(pid);
        if state.is_blank() {
            shared.slab.leave(&mut self.cache, runnable);
        } else {
            shared.slab.remove(&mut self.cache, runnable);
        }
        shared.process_count.give_back();
        self.main_may_have_ended(pid, &reason);
    }

    fn main_may_have_ended(&mut self, pid: Pid, reason: &SharedValue) {
        if !self.shared.is_main(pid) {
            return;
        }
        if is_orderly(reason.value()) {
            self.shared.forget_main();
        } else {
            // A crash was reported before; then this one comes too late to count.
            self.shared.stop(Ending::Failed(reason.value().to_string()));
        }
    }
}

impl Context<'_, '_> {
    /// Gives back what others could want to have.
    fn release(&mut self) {
        self.receive_is_over();
        self.own.withdraw();
        if let Some(extras) = self.own.rare_mut() {
            extras.timers.take_each(|reference| self.scheduler.forget_timer(reference));
        }
        if let Some(name) = self.own.rare_mut().and_then(|extras| extras.name.take()) {
            self.scheduler.shared.names.release(&name, self.pid);
        }
    }

    /// Refuses what has come and was not handled; `left` is what the mailbox still had.
    fn refuse_all(&mut self, left: Chain) {
        self.scheduler.counters().undelivered_exit.add(self.own.inbox.len() as u64);
        if self.own.rare().is_some_and(|extras| !extras.late.is_empty()) {
            std::mem::take(&mut self.own.extras().late).into_iter().for_each(|signals| self.refuse_signals(signals));
        }
        if left.first().is_some() {
            self.refuse_signals(left);
        }
    }

    #[inline(never)]
    fn refuse_signals(&mut self, mut signals: Chain) {
        while let Some(node) = signals.pop() {
            match node.signal {
                Signal::Message(_) => self.scheduler.counters().undelivered_exit.add(1),
                Signal::Extension(signal) => self.extension_signal(signal),
                Signal::Control(control) => self.refuse(*control),
            }
        }
    }

    /// Tells everybody, in the order in which they were made.
    fn farewell(&mut self, reason: &SharedValue) {
        let Some(mut bonds) = self.own.take_bonds() else { return };
        bonds.links.take_each(|other, link| {
            if link == Link::Active {
                let reason = reason.clone();
                self.signal(other, Control::Exit { from: self.pid, reason, origin: ExitOrigin::Link });
            }
        });
        bonds.watchers.take_each(|reference, watcher| {
            self.scheduler.send_down(watcher, reference, self.pid, reason.clone());
        });
        bonds.monitors.take_each(|reference, target| {
            self.signal(target, Control::Demonitor { reference });
        });
        if let Some(extras) = bonds.extras.take() {
            self.refuse_all_callers(*extras);
        }
        self.scheduler.spare_bonds.keep(bonds);
    }

    /// Says to those who have asked something that they get no answer.
    #[inline(never)]
    fn refuse_all_callers(&mut self, extras: Extras) {
        for caller in extras.callers {
            self.refuse_caller(caller);
        }
        for (from, number) in extras.questions {
            let answer = Ok(SharedValue::new(Value::Null).0);
            self.signal(from, Control::Answer { number, answer });
        }
    }
}
