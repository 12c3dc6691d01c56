//! One scheduler: what it runs next, when it looks elsewhere, and what it does when there is nothing to do.
//!
//! Orders of preference: the process just woken (in what is left of the waker's budget), then urgent queues, then the
//! others first in first out, then what other schedulers have. `docs/internals/scheduler.md` says why.
//! Not here: what a turn does (`turn.rs`), how schedulers sleep (`idle.rs`).

use std::time::Duration;

use ttvm_isa::limits::REDUCTIONS_PER_TURN;
use ttvm_platform::{
    entropy::Random,
    run_queue::Worker,
    sync::{Arc, atomic::Ordering},
};
use ttvm_value::{Pid, Ref, SharedValue};

use crate::{
    account::Part,
    bonds::SpareBonds,
    context::Context,
    counters::Counters,
    garbage::Leftovers,
    idle::Slept,
    mailbox::Spares,
    quiet::Next,
    shared::{Shared, phase},
    signal::{Control, Message, Signal},
    slab::{Cache, Sent},
    snapshot::Activity,
    state::{Priority, Ready},
    timers::{Action, Target, Timers},
};

/// Processes run between two looks at the clock, unless one uses up its turn.
const SWITCHES_PER_LOOK: u32 = 16;

/// The same for processes that share a budget, as those do that wake each other. At 100 ns each, 25 microseconds.
const SWITCHES_PER_LOOK_WITHIN_BUDGET: u32 = 256;

/// Processes run between two looks at the injector while there is other work (as Go and Tokio do).
const SWITCHES_PER_INJECTOR: u32 = 61;

/// How long processes must be waiting, without a moment in which none is, before another scheduler is woken for them: about
/// what that costs both. Processes that only tell each other to go on are quicker on one.
const PATIENCE: Duration = Duration::from_micros(20);

/// Turns of the `normal` queue for one of the `low` one while both have work (rule P55: at least an eighth).
const NORMAL_PER_LOW: u32 = 7;

/// Times a scheduler goes round the others before it sleeps.
const SEARCH_ROUNDS: u32 = 4;

/// Dropped elements taken apart at the end of a turn. At about 10 ns each, half a turn.
const RECLAIM_PER_TURN: usize = 1 << 12;

/// One scheduler.
pub(crate) struct Scheduler<'m> {
    pub shared: &'m Shared,
    pub id: usize,
    counters: &'m Counters,
    activity: &'m Activity,
    queues: [Worker<Ready>; 4],
    /// The first two queues may have processes.
    may_be_urgent: bool,
    /// The process just woken.
    slot: Option<Ready>,
    pub cache: Cache,
    pub spares: Spares,
    pub spare_bonds: SpareBonds,
    pub random: Random,
    /// What is left of the turn's budget.
    pub budget: i64,
    switches: u32,
    /// A budget was begun since the last look at the clock.
    has_begun_budget: bool,
    normal_turns: u32,
    refs: u64,
    /// The part in an account of the process that runs, if it has one.
    pub part: Option<Arc<Part>>,
    /// What runs have left to be taken apart.
    pub leftovers: Leftovers,
    is_searching: bool,
    /// Since when processes are waiting in the queues, as far as that was seen.
    waiting_since: Option<Duration>,
}

impl<'m> Scheduler<'m> {
    /// Scheduler `id`, with its queues.
    pub fn new(shared: &'m Shared, id: usize, queues: [Worker<Ready>; 4]) -> Self {
        let random = Random::new(shared.settings.seed ^ (id as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93));
        Self {
            shared,
            id,
            counters: &shared.counters[id],
            activity: &shared.activities[id],
            queues,
            may_be_urgent: false,
            slot: None,
            cache: Cache::default(),
            spares: Spares::default(),
            spare_bonds: SpareBonds::default(),
            random,
            budget: 0,
            switches: 0,
            has_begun_budget: false,
            normal_turns: 0,
            refs: 0,
            part: None,
            leftovers: Leftovers::default(),
            is_searching: false,
            waiting_since: None,
        }
    }

    /// Runs processes until the machine stops.
    pub fn run(&mut self) {
        self.shared.idle.attach(self.id);
        while !self.shared.is_stopping() {
            match self.next() {
                Some(runnable) => {
                    self.stop_search();
                    self.switches = self.switches.wrapping_add(1);
                    self.turn(runnable);
                    if self.switches.is_multiple_of(SWITCHES_PER_LOOK)
                        && (self.has_begun_budget || self.switches.is_multiple_of(SWITCHES_PER_LOOK_WITHIN_BUDGET))
                    {
                        self.has_begun_budget = false;
                        self.fire_timers();
                    }
                }
                None => self.rest(),
            }
        }
    }

    /// The counters of this scheduler.
    pub fn counters(&self) -> &'m Counters {
        self.counters
    }

    /// What those who watch see of this scheduler.
    pub fn activity(&self) -> &'m Activity {
        self.activity
    }

    /// The timers of this scheduler.
    pub fn timers(&self) -> &'m Timers {
        &self.shared.timers[self.id]
    }

    /// A ref that no other is like.
    pub fn new_ref(&mut self) -> Ref {
        self.refs += 1;
        // The scheduler's number above 48 bits, which last for centuries.
        Ref((self.id as u64) << 48 | self.refs)
    }

    /// The timers among which there may be one with a ref: those of the scheduler that has made the ref.
    pub fn timers_of(&self, reference: Ref) -> Option<&'m Timers> {
        self.shared.timers.get((reference.0 >> 48) as usize)
    }

    /// Cancels the timer with a ref, if it has not fired.
    pub fn forget_timer(&self, reference: Ref) {
        if let Some(timers) = self.timers_of(reference) {
            timers.forget(reference);
        }
    }

    /// Makes a process runnable that was just woken: it runs next, in what is left of the present budget.
    #[inline(always)]
    pub fn wake(&mut self, runnable: Ready, priority: Priority) {
        if priority != Priority::Normal || (self.shared.settings.explores && self.random.below(2) == 0) {
            self.enqueue(runnable, priority);
        } else if let Some(older) = self.slot.replace(runnable) {
            self.enqueue(older, Priority::Normal);
        }
    }

    /// Puts a process at the end of its queue. Another scheduler is woken when it waits there for long, or is urgent.
    #[inline(never)]
    pub fn enqueue(&mut self, runnable: Ready, priority: Priority) {
        let queue = &self.queues[Shared::queue_of(priority)];
        queue.push(runnable);
        if priority < Priority::Normal {
            self.may_be_urgent = true;
            self.shared.idle.notify();
        } else if queue.len() == 1 {
            self.waiting_since = None;
        }
    }

    /// Wakes another scheduler if processes have been waiting here for long.
    fn share_work(&mut self, now: Duration) {
        if self.queues.iter().all(Worker::is_empty) {
            self.waiting_since = None;
        } else if now.saturating_sub(*self.waiting_since.get_or_insert(now)) >= PATIENCE {
            self.waiting_since = None;
            self.shared.idle.notify();
        }
    }

    /// Ends a turn: what was woken goes to the queue, where others find it.
    pub fn end_turn(&mut self) {
        self.budget = 0;
        if let Some(runnable) = self.slot.take() {
            self.queues[Shared::queue_of(Priority::Normal)].push(runnable);
        }
        if self.queues.iter().any(|queue| !queue.is_empty()) {
            self.shared.idle.notify();
        }
        self.leftovers.reclaim(RECLAIM_PER_TURN);
        self.fire_timers();
    }

    /// Sends a message; `false` if there is no such process.
    ///
    /// A process that waits is claimed first and then given the message by its owner, which is the sender for that
    /// moment: one change of the mailbox, where a push and the receiver's taking would be two.
    #[inline(always)]
    pub fn send_message(&mut self, to: Pid, message: Message) -> bool {
        let shared = self.shared;
        let Some(runnable) = shared.slab.claim(to) else {
            return self.push_message(to, message);
        };
        let node = self.spares.node(Signal::Message(message));
        self.hand_over(to, runnable, |context| context.add_message(node));
        true
    }

    /// Does something to a process that was claimed, as its owner for that moment, and makes it runnable.
    #[inline(always)]
    pub fn hand_over(&mut self, pid: Pid, mut runnable: Ready, act: impl FnOnce(&mut Context<'_, '_>)) {
        let shared = self.shared;
        let own = &mut shared.slab.state(&mut runnable).own;
        act(&mut Context { scheduler: self, own, pid });
        let priority = own.priority;
        self.wake(runnable, priority);
    }

    /// Tells a process that one it watches has ended. It mostly waits for that.
    pub fn send_down(&mut self, to: Pid, reference: Ref, from: Pid, reason: SharedValue) {
        match self.shared.slab.claim(to) {
            Some(runnable) => self.hand_over(to, runnable, |context| context.down(reference, from, reason)),
            None => drop(self.send(to, Signal::control(Control::Down { reference, from, reason }))),
        }
    }

    #[inline(never)]
    fn push_message(&mut self, to: Pid, message: Message) -> bool {
        self.send(to, Signal::Message(message)).is_ok()
    }

    /// Sends a signal; gives it back if there is no such process.
    pub fn send(&mut self, to: Pid, signal: Signal) -> Result<(), Signal> {
        match self.shared.slab.send(to, self.spares.node(signal)) {
            Sent::Queued => Ok(()),
            Sent::Woke(mut runnable) => {
                let priority = self.shared.slab.state(&mut runnable).own.priority;
                self.wake(runnable, priority);
                Ok(())
            }
            Sent::Dead(node) => Err(self.spares.open(node)),
        }
    }

    /// A full turn's budget, or in exploration any up to it.
    fn fresh_budget(&mut self) -> i64 {
        self.has_begun_budget = true;
        if self.shared.settings.explores {
            // Short turns more often than long ones: most races need a switch at a certain place.
            let bits = self.random.below(13);
            let below = (1u64 << bits).min(REDUCTIONS_PER_TURN.unsigned_abs());
            return 1 + i64::try_from(self.random.below(below)).unwrap_or(0);
        }
        REDUCTIONS_PER_TURN
    }

    /// The next process to run, with `budget` set for it.
    fn next(&mut self) -> Option<Ready> {
        if self.may_be_urgent {
            let urgent = self.queues[0].pop().or_else(|| self.queues[1].pop());
            if urgent.is_some() {
                self.budget = self.fresh_budget();
                return urgent;
            }
            self.may_be_urgent = false;
        }
        if let Some(runnable) = self.slot.take() {
            if self.budget > 0 {
                return Some(runnable);
            }
            self.queues[Shared::queue_of(Priority::Normal)].push(runnable);
        }
        self.budget = self.fresh_budget();
        if self.switches.is_multiple_of(SWITCHES_PER_INJECTOR)
            && let Some(runnable) = self.take_injected()
        {
            return Some(runnable);
        }
        self.next_ordinary().or_else(|| self.take_injected()).or_else(|| self.steal())
    }

    /// From the `normal` and `low` queues.
    fn next_ordinary(&mut self) -> Option<Ready> {
        let [_, _, normal, low] = &self.queues;
        if self.normal_turns >= NORMAL_PER_LOW {
            self.normal_turns = 0;
            if let Some(runnable) = low.pop() {
                return Some(runnable);
            }
        }
        self.normal_turns += 1;
        normal.pop().or_else(|| low.pop())
    }

    fn take_injected(&mut self) -> Option<Ready> {
        let taken = self.shared.injector.take(&self.queues[Shared::queue_of(Priority::Normal)]);
        if taken.is_some() && !self.queues[Shared::queue_of(Priority::Normal)].is_empty() {
            self.shared.idle.notify();
        }
        taken
    }

    fn steal(&mut self) -> Option<Ready> {
        let others = self.shared.stealers.len() - 1;
        if others == 0 {
            return None;
        }
        self.start_search();
        for _ in 0..SEARCH_ROUNDS {
            let start = self.random.below(others as u64) as usize;
            for offset in 0..others {
                let victim = (self.id + 1 + (start + offset) % others) % (others + 1);
                for (stealer, queue) in self.shared.stealers[victim].iter().zip(&self.queues) {
                    if let Some(runnable) = stealer.steal_half(queue) {
                        self.counters().stolen.add(1 + queue.len() as u64);
                        // Half of an urgent queue may have come with it.
                        self.may_be_urgent = true;
                        return Some(runnable);
                    }
                }
            }
            ttvm_platform::thread::spin();
        }
        None
    }

    fn start_search(&mut self) {
        if !self.is_searching {
            self.is_searching = true;
            self.shared.idle.start_search();
        }
    }

    fn stop_search(&mut self) {
        if self.is_searching {
            self.is_searching = false;
            if self.shared.idle.stop_search() {
                self.shared.idle.notify();
            }
        }
    }

    /// Nothing to run: reclaims, sleeps, and ends the machine when nothing can ever happen again.
    fn rest(&mut self) {
        while self.leftovers.reclaim(RECLAIM_PER_TURN) {
            if self.shared.has_work() {
                return;
            }
        }
        self.fire_timers();
        if self.slot.is_some() || self.queues.iter().any(|queue| !queue.is_empty()) {
            return;
        }
        let shared = self.shared;
        shared.host.idle();
        let at_most = self.time_to_sleep();
        self.start_search();
        self.is_searching = false;
        self.activity().fall_asleep(shared.wall_ns());
        let slept = shared.idle.sleep(
            self.id,
            at_most,
            || shared.has_work(),
            || {
                shared.outside.load(Ordering::SeqCst) == 0
                    && (shared.clock.is_virtual() || shared.next_timer().is_none())
            },
        );
        self.counters().asleep_ns.add(shared.wall_ns().saturating_sub(self.activity().wake_up()));
        // Either way it counts as searching now.
        self.is_searching = true;
        if slept == Slept::Quiet {
            match self.when_quiet() {
                Next::GoOn => {}
                Next::Stop(ending) => shared.stop(ending),
            }
        }
        self.fire_timers();
    }

    /// How long it may sleep: until its first timer. Virtual time is not slept for.
    fn time_to_sleep(&self) -> Option<Duration> {
        if self.shared.clock.is_virtual() {
            return None;
        }
        let patience = match self.shared.patience.load(Ordering::Relaxed) {
            u64::MAX => None,
            milliseconds => Some(Duration::from_millis(milliseconds)),
        };
        let first = [self.timers().next(), patience].into_iter().flatten().min()?;
        Some(first.saturating_sub(self.shared.clock.elapsed()))
    }

    /// Does what the timers that are due want done.
    pub fn fire_timers(&mut self) {
        let now = self.shared.clock.elapsed();
        self.share_work(now);
        self.fire_due(self.timers(), now);
        let patience = self.shared.patience.load(Ordering::Relaxed);
        let turns = self.shared.patience_turns.load(Ordering::Relaxed);
        let is_over =
            now.as_millis() >= u128::from(patience) || (turns != u64::MAX && self.shared.statistics().turns >= turns);
        if is_over && self.shared.phase.load(Ordering::Relaxed) < phase::KILL {
            self.kill_everybody();
        }
    }

    /// Does what those of some timers want done that are due.
    pub fn fire_due(&mut self, timers: &Timers, now: Duration) {
        timers.take_due(now).into_iter().flatten().for_each(|action| self.fire(action));
    }

    /// Does what one timer wants done.
    fn fire(&mut self, action: Action) {
        match action {
            Action::Timeout { pid, number } => match self.shared.slab.claim(pid) {
                Some(runnable) => self.hand_over(pid, runnable, |context| context.timeout(number)),
                // To the dead it does not matter (rule P52).
                None => drop(self.send(pid, Signal::control(Control::Timeout { number }))),
            },
            Action::Send { target, message, bytes, .. } => {
                let target = match target {
                    Target::Process(pid) => Some(pid),
                    Target::Name(name) => self.shared.names.find(&name),
                };
                self.counters().sent.add(1);
                match target.map(|pid| self.send_message(pid, Message::new(message, bytes))) {
                    Some(true) => {}
                    Some(false) => self.counters().undelivered_dead.add(1),
                    None => self.counters().undelivered_name.add(1),
                }
            }
        }
    }
}
