//! `--profile`: calls, times and reductions of each function.
//!
//! Each process has calls of its own; time belongs to the process that was seen last, which on one scheduler is the one
//! that runs. Own time is what passes while a function is the innermost one; total time is from its call to its return, counted
//! once when it calls itself. Frames that an exception takes away end when the next call or return is seen.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::json;
use ttvm_machine::{Entry, Observer, Pid};

use crate::{arguments::ProfileFormat, observe::lock};

/// What was seen of a program.
#[derive(Debug, Default)]
pub struct Profile {
    functions: Vec<Function>,
    time: Duration,
    reductions: u64,
}

/// What was seen of a function.
#[derive(Debug)]
struct Function {
    name: String,
    place: String,
    calls: u64,
    own: Duration,
    total: Duration,
    own_reductions: u64,
    /// Calls that have not returned yet.
    active: u64,
}

/// Sees a program run.
pub struct Profiler {
    profile: Arc<Mutex<Profile>>,
    numbers: HashMap<usize, usize>,
    /// The calls of each process.
    stacks: HashMap<Pid, Stack>,
    /// The process seen last.
    current: Pid,
    start: Instant,
    /// Up to when time is accounted for.
    accounted: Duration,
}

/// The calls of a process.
#[derive(Debug, Default)]
struct Stack {
    frames: Vec<Frame>,
    /// Reductions that are accounted for.
    reductions: u64,
}

/// A call that has not returned.
#[derive(Debug)]
struct Frame {
    position: usize,
    function: usize,
    entered: Duration,
}

impl Profiler {
    /// A profiler that begins with the main code of each process.
    pub fn new(profile: Arc<Mutex<Profile>>) -> Self {
        lock(&profile).functions.push(Function::new("main".to_owned(), String::new()));
        Self {
            profile,
            numbers: HashMap::new(),
            stacks: HashMap::new(),
            current: Pid::new(1, 0),
            start: Instant::now(),
            accounted: Duration::ZERO,
        }
    }

    /// Gives the time that has passed since the last event to the innermost function of the process seen last, and the
    /// reductions to that of the one seen now.
    fn account(&mut self, pid: Pid, reductions: u64) {
        let now = self.start.elapsed();
        if self.stacks.entry(pid).or_default().frames.is_empty() {
            self.push(pid, 0, 0);
        }
        let mut profile = lock(&self.profile);
        if let Some(frame) = self.stacks.get(&self.current).and_then(|stack| stack.frames.last()) {
            profile.functions[frame.function].own += now - self.accounted;
        }
        let stack = self.stacks.entry(pid).or_default();
        if let Some(frame) = stack.frames.last() {
            profile.functions[frame.function].own_reductions += reductions.saturating_sub(stack.reductions);
        }
        stack.reductions = reductions;
        self.accounted = now;
        self.current = pid;
    }

    fn push(&mut self, pid: Pid, position: usize, function: usize) {
        let frame = Frame { position, function, entered: self.accounted };
        self.stacks.entry(pid).or_default().frames.push(frame);
        let function = &mut lock(&self.profile).functions[function];
        function.calls += 1;
        function.active += 1;
    }

    /// Ends the calls of a process whose frames lie at or above a position.
    fn pop_from(&mut self, pid: Pid, position: usize) {
        let mut profile = lock(&self.profile);
        let stack = self.stacks.entry(pid).or_default();
        while let Some(frame) = stack.frames.pop_if(|frame| frame.position >= position) {
            let function = &mut profile.functions[frame.function];
            function.active -= 1;
            if function.active == 0 {
                function.total += self.accounted - frame.entered;
            }
        }
    }

    fn number(&mut self, entry: &Entry<'_>) -> usize {
        *self.numbers.entry(entry.function).or_insert_with(|| {
            let functions = &mut lock(&self.profile).functions;
            let (name, place) = (entry.describe)();
            // The same code may be entered in several ways, which are one function to people.
            let known = functions.iter().position(|function| function.name == name && function.place == place);
            known.unwrap_or_else(|| {
                functions.push(Function::new(name, place));
                functions.len() - 1
            })
        })
    }
}

impl Observer for Profiler {
    fn enter(&mut self, pid: Pid, entry: &Entry<'_>) {
        self.account(pid, entry.reductions);
        self.pop_from(pid, entry.frame);
        let number = self.number(entry);
        self.push(pid, entry.frame, number);
    }

    fn leave(&mut self, pid: Pid, frame: usize, reductions: u64) {
        self.account(pid, reductions);
        self.pop_from(pid, frame);
    }

    fn finish(&mut self, reductions: u64) {
        self.account(Pid::new(1, 0), reductions);
        let pids: Vec<Pid> = self.stacks.keys().copied().collect();
        for pid in pids {
            self.pop_from(pid, 0);
        }
        let mut profile = lock(&self.profile);
        profile.time = self.accounted;
        profile.reductions = self.stacks.values().map(|stack| stack.reductions).sum();
    }
}

impl Function {
    fn new(name: String, place: String) -> Self {
        let (own, total) = (Duration::ZERO, Duration::ZERO);
        Self { name, place, calls: 0, own, total, own_reductions: 0, active: 0 }
    }

    fn shown_name(&self) -> String {
        if self.place.is_empty() { self.name.clone() } else { format!("{} ({})", self.name, self.place) }
    }
}

impl Profile {
    /// The profile as text.
    pub fn render(&self, format: ProfileFormat) -> String {
        let mut functions: Vec<&Function> = self.functions.iter().collect();
        functions.sort_by(|a, b| b.own.cmp(&a.own).then_with(|| a.name.cmp(&b.name)));
        match format {
            ProfileFormat::Table => self.table(&functions),
            ProfileFormat::Json => self.json(&functions),
        }
    }

    fn table(&self, functions: &[&Function]) -> String {
        let mut text = format!(
            "{:>12}  {:>10}  {:>6}  {:>10}  {:>12}  function",
            "calls", "own ms", "own %", "total ms", "reductions"
        );
        let whole = self.time.as_secs_f64().max(f64::MIN_POSITIVE);
        for function in functions {
            let (own, total) = (function.own.as_secs_f64(), function.total.as_secs_f64());
            text.push_str(&format!(
                "\n{:>12}  {:>10.3}  {:>6.1}  {:>10.3}  {:>12}  {}",
                function.calls,
                own * 1e3,
                own / whole * 100.0,
                total * 1e3,
                function.own_reductions,
                function.shown_name()
            ));
        }
        text
    }

    fn json(&self, functions: &[&Function]) -> String {
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let functions: Vec<_> = functions
            .iter()
            .map(|function| {
                json!({
                    "name": function.name,
                    "place": function.place,
                    "calls": function.calls,
                    "own_ns": nanoseconds(function.own),
                    "total_ns": nanoseconds(function.total),
                    "own_reductions": function.own_reductions,
                })
            })
            .collect();
        let profile =
            json!({ "time_ns": nanoseconds(self.time), "reductions": self.reductions, "functions": functions });
        profile.to_string()
    }
}
