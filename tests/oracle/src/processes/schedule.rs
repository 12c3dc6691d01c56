//! Turns: who runs next and for how long, when virtual time goes on, and when the program is over (rules P35, P83).

use super::{
    MAIN,
    signals::NOBODY,
    table::{Process, Target, Wait},
};
use crate::{
    machine::{Code, Ending, Oracle},
    text::Printed,
    value::Value,
};

/// How it is chosen who runs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// One after the other, each for so many instructions.
    RoundRobin(u64),
    /// Anybody, for any time up to some dozen instructions: one seed, one order.
    Random(u64),
}

impl Default for Schedule {
    fn default() -> Self {
        Self::RoundRobin(1_000)
    }
}

/// The longest turn of [`Schedule::Random`].
const RANDOM_TURN_MAX: u64 = 40;

/// Chooses as a [`Schedule`] says.
pub(crate) struct Chooser {
    schedule: Schedule,
    /// The state of a linear congruential generator with Knuth's constants.
    state: u64,
}

impl Chooser {
    pub(crate) fn new(schedule: Schedule) -> Self {
        let state = if let Schedule::Random(seed) = schedule { seed } else { 0 };
        Self { schedule, state }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % end
    }

    /// One of those that can run, which are at least one, after `last`; and for how many instructions.
    fn choose(&mut self, runnable: &[u64], last: u64) -> (u64, u64) {
        match self.schedule {
            Schedule::RoundRobin(turn) => {
                let next = runnable.iter().find(|number| **number > last).unwrap_or(&runnable[0]);
                (*next, turn)
            }
            Schedule::Random(_) => {
                let place = self.below(runnable.len() as u64);
                (runnable[usize::try_from(place).expect("it is below a usize")], 1 + self.below(RANDOM_TURN_MAX))
            }
        }
    }
}

impl Oracle {
    /// Runs processes until the program is over, or until they have executed `step_limit` instructions or one of them has
    /// spent as many reductions.
    pub(crate) fn run_to_end(&mut self, step_limit: u64) -> Ending {
        loop {
            self.fire_timers();
            let now = self.host.now();
            let able = |(number, process): (&u64, &Process)| process.may_run(now).then_some(*number);
            let runnable: Vec<u64> = self.processes.table.iter().filter_map(able).collect();
            if runnable.is_empty() {
                match self.when_nothing_can_run() {
                    Some(ending) => return ending,
                    None => continue,
                }
            }
            let (number, turn) = self.chooser.choose(&runnable, self.processes.current);
            if let Some(ending) = self.turn(number, turn, step_limit) {
                return ending;
            }
        }
    }

    /// Gives a process a turn of so many instructions. Gives the end of the program, if it comes.
    fn turn(&mut self, number: u64, turn: u64, step_limit: u64) -> Option<Ending> {
        self.processes.current = number;
        let process = self.processes.current_mut();
        process.wait = Wait::Nothing;
        self.code = std::mem::replace(&mut process.code, Code::nothing());
        let mut goes_on = true;
        for _ in 0..turn {
            if self.steps >= step_limit || self.code.reductions >= step_limit {
                return Some(Ending::OutOfSteps);
            }
            self.steps += 1;
            match self.step() {
                Ok(is_longer) => goes_on = is_longer,
                Err(Ending::Normal) => self.processes.end(number, Value::str("normal")),
                Err(Ending::Uncaught(exception)) if number != MAIN => {
                    let place = exception.trace.first().map_or("", |line| line);
                    self.stderr += &format!("process {number}: {} ({place})\n", exception.message);
                    self.processes.end(number, Value::Exception(exception.into()));
                }
                Err(ending) => self.processes.ending = Some(ending),
            }
            if number == MAIN {
                self.main_reductions = self.code.reductions;
            }
            if self.processes.ending.is_some() {
                return self.processes.ending.take();
            }
            match self.processes.table.get(&number) {
                Some(process) if goes_on && !process.is_paused => {}
                Some(_) | None => break,
            }
        }
        let code = std::mem::replace(&mut self.code, Code::nothing());
        // Who has ended has no code any more.
        if let Some(process) = self.processes.table.get_mut(&number) {
            process.code = code;
        }
        None
    }

    /// Sends what timers hold whose time has come: in the order of their times, and as they were set (rule P52).
    fn fire_timers(&mut self) {
        let now = self.host.now();
        let processes = &mut self.processes;
        let (mut due, later) =
            std::mem::take(&mut processes.timers).into_iter().partition::<Vec<_>, _>(|t| t.due <= now);
        processes.timers = later;
        due.sort_by_key(|timer| timer.due);
        for timer in due {
            let target = match timer.target {
                Target::Process(number) => Some(number),
                Target::Name(name) => processes.names.get(&name).copied(),
            };
            if let Some(target) = target {
                processes.deliver(target, timer.message);
            }
        }
    }

    /// Time goes on to the next deadline; without one all is over.
    fn when_nothing_can_run(&mut self) -> Option<Ending> {
        let processes = &mut self.processes;
        let deadlines = processes.table.values().filter_map(Process::wakes_at);
        if let Some(time) = deadlines.chain(processes.timers.iter().map(|timer| timer.due)).min() {
            if processes.is_stopping {
                // How long stopping may take is not modelled.
                return Some(Ending::Unsupported("waiting while the program ends"));
            }
            self.host.advance_to(time);
            return None;
        }
        if processes.is_alive(MAIN) {
            return Some(Ending::Deadlock(self.stuck()));
        }
        if processes.is_stopping || processes.table.is_empty() {
            return Some(Ending::Normal);
        }
        processes.is_stopping = true;
        let numbers: Vec<u64> = processes.table.keys().copied().collect();
        for number in numbers {
            processes.request_exit(NOBODY, number, Value::str("shutdown"));
        }
        None
    }

    /// Who waits where for what (rule P83).
    fn stuck(&mut self) -> String {
        let mut lines = Vec::new();
        for (number, process) in std::mem::take(&mut self.processes.table) {
            self.code = process.code;
            let wanted = if process.is_paused { "RESUME" } else { "a message" };
            let name = process.name.map(|name| format!(" ({name})")).unwrap_or_default();
            let (function, place) = (self.function_name(), self.place());
            let place = place.rsplit('/').next().unwrap_or(&place);
            let messages = process.mailbox.messages.len();
            let number = Printed(&Value::Pid(number)).to_string();
            lines.push(format!("{number}{name} waits for {wanted} in {function} at {place}, {messages} messages"));
        }
        lines.join("; ")
    }
}
