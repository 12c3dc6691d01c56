//! `--profile`: calls, times and reductions of each function.
//!
//! Own time is what passes while a function is the innermost one; total time is from its call to its return, counted
//! once when it calls itself. Frames that an exception takes away end when the next call or return is seen.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    time::{Duration, Instant},
};

use serde_json::json;
use ttvm_machine::{Entry, Observer};

use crate::arguments::ProfileFormat;

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
    profile: Rc<RefCell<Profile>>,
    numbers: HashMap<usize, usize>,
    frames: Vec<Frame>,
    start: Instant,
    /// Up to when time and reductions are accounted for.
    accounted: Duration,
    accounted_reductions: u64,
}

/// A call that has not returned.
#[derive(Debug)]
struct Frame {
    position: usize,
    function: usize,
    entered: Duration,
}

impl Profiler {
    /// A profiler that begins with the program's main code.
    pub fn new(profile: Rc<RefCell<Profile>>) -> Self {
        profile.borrow_mut().functions.push(Function::new("main".to_owned(), String::new()));
        let mut profiler = Self {
            profile,
            numbers: HashMap::new(),
            frames: Vec::new(),
            start: Instant::now(),
            accounted: Duration::ZERO,
            accounted_reductions: 0,
        };
        profiler.push(0, 0);
        profiler
    }

    /// Gives what has passed since the last event to the innermost function.
    fn account(&mut self, reductions: u64) {
        let now = self.start.elapsed();
        if let Some(frame) = self.frames.last() {
            let function = &mut self.profile.borrow_mut().functions[frame.function];
            function.own += now - self.accounted;
            function.own_reductions += reductions.saturating_sub(self.accounted_reductions);
        }
        self.accounted = now;
        self.accounted_reductions = reductions;
    }

    fn push(&mut self, position: usize, function: usize) {
        self.frames.push(Frame { position, function, entered: self.accounted });
        let function = &mut self.profile.borrow_mut().functions[function];
        function.calls += 1;
        function.active += 1;
    }

    /// Ends the calls whose frames lie at or above a position.
    fn pop_from(&mut self, position: usize) {
        while let Some(frame) = self.frames.pop_if(|frame| frame.position >= position) {
            let function = &mut self.profile.borrow_mut().functions[frame.function];
            function.active -= 1;
            if function.active == 0 {
                function.total += self.accounted - frame.entered;
            }
        }
    }

    fn number(&mut self, entry: &Entry<'_>) -> usize {
        *self.numbers.entry(entry.function).or_insert_with(|| {
            let functions = &mut self.profile.borrow_mut().functions;
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
    fn enter(&mut self, entry: &Entry<'_>) {
        self.account(entry.reductions);
        self.pop_from(entry.frame);
        let number = self.number(entry);
        self.push(entry.frame, number);
    }

    fn leave(&mut self, frame: usize, reductions: u64) {
        self.account(reductions);
        self.pop_from(frame);
    }

    fn finish(&mut self, reductions: u64) {
        self.account(reductions);
        self.pop_from(0);
        let mut profile = self.profile.borrow_mut();
        profile.time = self.accounted;
        profile.reductions = reductions;
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
