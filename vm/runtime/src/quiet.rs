//! What happens when nothing can happen any more: virtual time goes on, the machine ends, or there is a deadlock.
//!
//! Guards rules P35, P77 and P83. Everything here runs on the one scheduler that found the others asleep.

use std::time::Duration;

use ttvm_isa::Text;
use ttvm_platform::sync::atomic::Ordering;
use ttvm_value::Pid;

use crate::{
    runtime::Ending,
    scheduler::Scheduler,
    shared::phase,
    signal::{Control, ExitOrigin, Signal},
    state::{ProcessState, Wait},
    terms::shared_text,
};

/// How long processes may take to stop when the program ends.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same in turns, for virtual time: at tens of microseconds each, a few seconds of hard work.
const PATIENCE_TURNS: u64 = 100_000;

/// Processes named in the report about those that did not stop in time: there may be millions.
const NAMED_MAX: usize = 20;

/// What is to be done.
pub(crate) enum Next {
    /// There is something to run now.
    GoOn,
    /// The machine ends.
    Stop(Ending),
}

/// A process that waits in a deadlock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Which.
    pub pid: Pid,
    /// Its name, if it has one.
    pub name: Option<Text>,
    /// What it waits for.
    pub waits_for: String,
    /// The function that waits.
    pub function: String,
    /// `file:line` of the instruction that waits.
    pub place: String,
    /// Messages in its queue that it does not want.
    pub messages: usize,
}

impl Scheduler<'_> {
    /// All schedulers sleep, and nothing outside can wake them.
    pub fn when_quiet(&mut self) -> Next {
        if let Some(time) = self.shared.next_timer() {
            self.shared.clock.advance_to(time);
            let shared = self.shared;
            shared.timers.iter().for_each(|timers| self.fire_due(timers, time));
            return Next::GoOn;
        }
        if self.shared.has_main() {
            return Next::Stop(Ending::Deadlock(self.stuck()));
        }
        let reached = self.shared.phase.fetch_add(1, Ordering::Relaxed) + 1;
        let pids = self.shared.slab.pids();
        if pids.is_empty() || reached > phase::KILL {
            return Next::Stop(Ending::Normal);
        }
        if reached == phase::SUPERVISORS {
            let patience = self.shared.clock.elapsed() + PATIENCE;
            let milliseconds = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
            self.shared.patience.store(milliseconds, Ordering::Relaxed);
            if self.shared.clock.is_virtual() {
                let turns = self.shared.statistics().turns + PATIENCE_TURNS;
                self.shared.patience_turns.store(turns, Ordering::Relaxed);
            }
        }
        for pid in pids {
            match reached {
                phase::SUPERVISORS => self.stop_if_top_supervisor(pid),
                phase::EVERYBODY => self.ask_to_exit(pid, "shutdown"),
                _ => self.ask_to_exit(pid, "kill"),
            }
        }
        Next::GoOn
    }

    /// Patience is lost: whoever has not stopped is killed.
    pub fn kill_everybody(&mut self) {
        self.shared.phase.store(phase::KILL, Ordering::Relaxed);
        self.shared.patience.store(u64::MAX, Ordering::Relaxed);
        self.shared.patience_turns.store(u64::MAX, Ordering::Relaxed);
        let pids = self.shared.slab.pids();
        if !pids.is_empty() {
            let numbers: Vec<String> = pids.iter().take(NAMED_MAX).map(Pid::to_string).collect();
            let others = match pids.len() - numbers.len() {
                0 => String::new(),
                count => format!(" and {count} more"),
            };
            self.shared.host.warn(&format!("these processes did not stop in time: {}{others}", numbers.join(", ")));
        }
        for pid in pids {
            self.ask_to_exit(pid, "kill");
        }
    }

    /// Sends an exit signal that nobody in particular sent.
    fn ask_to_exit(&mut self, pid: Pid, reason: &str) {
        let reason = shared_text(reason);
        let control = Control::Exit { from: Pid::new(0, 0), reason, origin: ExitOrigin::Request };
        drop(self.send(pid, Signal::control(control)));
    }

    /// Supervisors stop their children in order; those below others are children.
    fn stop_if_top_supervisor(&mut self, pid: Pid) {
        let is_top = self.shared.look(pid, |state| {
            state.own.rare().is_some_and(|extras| extras.is_supervisor && extras.supervised_by.is_none())
        });
        if is_top == Some(true) {
            self.ask_to_exit(pid, "shutdown");
        }
    }

    /// Who waits where for what.
    fn stuck(&self) -> Vec<Stuck> {
        let pids = self.shared.slab.pids().into_iter();
        pids.filter_map(|pid| self.shared.look(pid, |state| Stuck::new(pid, state))).collect()
    }
}

impl Stuck {
    fn new(pid: Pid, state: &ProcessState) -> Self {
        let (function, place) = state.body.place();
        let waits_for = match state.own.wait {
            _ if state.own.is_paused => "RESUME".to_owned(),
            Wait::Nothing | Wait::Message => "a message".to_owned(),
            Wait::Host(operation) => format!("the answer to {}", operation.mnemonic()),
            Wait::Operation(operation) => format!("the answer to {}", operation.mnemonic()),
            Wait::Import => "a module".to_owned(),
            Wait::Computation => "a computation".to_owned(),
        };
        Self { pid, name: state.own.name().cloned(), waits_for, function, place, messages: state.own.inbox.len() }
    }
}
