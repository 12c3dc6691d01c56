//! The table of processes, their names and timers.

use std::collections::BTreeMap;

use super::{MAIN, mailbox::Mailbox};
use crate::{
    machine::{Code, Ending},
    value::{Object, Value},
};

/// All processes that live, by their numbers.
pub(crate) struct Processes {
    pub(super) table: BTreeMap<u64, Process>,
    pub(super) names: BTreeMap<String, u64>,
    /// In the order in which they were set.
    pub(super) timers: Vec<Timer>,
    /// Whose turn it is.
    pub(super) current: u64,
    next_number: u64,
    next_reference: u64,
    /// Why the program ends.
    pub(super) ending: Option<Ending>,
    /// Those that still live were asked to end with the program.
    pub(super) is_stopping: bool,
}

/// One process.
pub(super) struct Process {
    /// While it has its turn this is elsewhere.
    pub code: Code,
    pub mailbox: Mailbox,
    pub wait: Wait,
    /// When what it waits for is over, in nanoseconds; from the first execution of the instruction that waits.
    pub deadline: Option<u64>,
    pub traps_exits: bool,
    pub is_paused: bool,
    pub name: Option<String>,
    /// The processes that it is linked with, in the order in which that came to be.
    pub links: Vec<u64>,
    /// Those it watches: the ref and the process.
    pub monitors: Vec<(u64, u64)>,
    /// Those that watch it: the ref and the process.
    pub watchers: Vec<(u64, u64)>,
}

/// What a process waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    Nothing,
    /// A message, or its deadline.
    Message,
    /// Its deadline.
    Sleep,
}

/// A `SEND_AFTER` that is under way.
pub(super) struct Timer {
    pub due: u64,
    pub reference: u64,
    pub target: Target,
    pub message: Value,
}

/// Who gets the message of a timer.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Process(u64),
    /// Whoever has the name when the time has come.
    Name(String),
}

impl Default for Processes {
    fn default() -> Self {
        Self {
            table: BTreeMap::new(),
            names: BTreeMap::new(),
            timers: Vec::new(),
            current: 0,
            next_number: MAIN,
            next_reference: 1,
            ending: None,
            is_stopping: false,
        }
    }
}

impl Processes {
    /// Adds a process that has not run yet.
    pub(crate) fn add(&mut self, code: Code) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        let process = Process {
            code,
            mailbox: Mailbox::default(),
            wait: Wait::Nothing,
            deadline: None,
            traps_exits: false,
            is_paused: false,
            name: None,
            links: Vec::new(),
            monitors: Vec::new(),
            watchers: Vec::new(),
        };
        self.table.insert(number, process);
        number
    }

    pub(super) fn new_reference(&mut self) -> u64 {
        self.next_reference += 1;
        self.next_reference - 1
    }

    pub(super) fn is_alive(&self, number: u64) -> bool {
        self.table.contains_key(&number)
    }

    /// The process whose turn it is.
    pub(super) fn current_mut(&mut self) -> &mut Process {
        self.table.get_mut(&self.current).expect("who executes an instruction lives")
    }
}

impl Process {
    /// Whether it can run at this time.
    pub(super) fn may_run(&self, now: u64) -> bool {
        !self.is_paused && (self.wait == Wait::Nothing || self.deadline.is_some_and(|deadline| deadline <= now))
    }

    /// The time from which it can run though nothing comes.
    pub(super) fn wakes_at(&self) -> Option<u64> {
        if self.is_paused || self.wait == Wait::Nothing { None } else { self.deadline }
    }
}

/// An object of these fields.
pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let mut object = Object::default();
    for (name, value) in fields {
        object.set(name, value);
    }
    Value::Object(object.into())
}
