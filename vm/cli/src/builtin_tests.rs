//! The tests that are built in: small programs that say in their headers what they must print, run with 1, 2 and all
//! schedulers.
//!
//! Here: running them. Which there are is in `suites.rs`. Not here: `.test` blocks of programs (`commands/test.rs`).

mod suites;

#[cfg(test)]
mod unit_tests;

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use ttvm_assembler::assemble;
use ttvm_bytecode::write;
use ttvm_machine::{Ending, Input, Loader, Machine, MachineConfiguration, Output, Program};

use crate::failure::Failure;

pub use suites::SUITES;

/// Time a check may take with one number of schedulers.
const PATIENCE: Duration = Duration::from_secs(60);

/// Checks that belong together: a command.
#[derive(Clone, Copy, Debug)]
pub struct Suite {
    /// The name of the command.
    pub name: &'static str,
    /// The checks.
    pub checks: &'static [Check],
}

/// A program and what it must print.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// What the lines about it call it.
    pub name: &'static str,
    /// The program's text, with what it must print in its header as lines that begin with `;| `.
    pub program: &'static str,
    /// How the program reaches the machine.
    pub form: Form,
}

/// How a program reaches the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As text.
    Text,
    /// As the bytes of a bytecode file.
    Bytecode,
}

/// How checks are run.
#[derive(Clone, Debug)]
pub struct Way {
    /// The numbers of schedulers each check runs with.
    pub schedulers: Vec<usize>,
    /// How long each run may take.
    pub patience: Duration,
}

impl Default for Way {
    fn default() -> Self {
        let all = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut schedulers = vec![1, 2, all];
        schedulers.sort_unstable();
        schedulers.dedup();
        Self { schedulers, patience: PATIENCE }
    }
}

/// Runs suites, says a line for each check and one at the end, and gives the exit code.
///
/// # Errors
/// Those of `say`.
pub fn run<'s>(
    suites: impl IntoIterator<Item = &'s Suite>,
    way: &Way,
    say: &mut dyn FnMut(&str) -> Result<(), Failure>,
) -> Result<i32, Failure> {
    let (mut passed, mut failed) = (0, 0);
    let beginning = Instant::now();
    for suite in suites {
        say(suite.name)?;
        for check in suite.checks {
            let start = Instant::now();
            match problem_of(check, way) {
                None => {
                    passed += 1;
                    say(&format!("  ok  {} ({})", check.name, shown(start.elapsed())))?;
                }
                Some(problem) => {
                    failed += 1;
                    say(&format!("  FAILED {}: {problem}", check.name))?;
                }
            }
        }
    }
    say(&format!("{passed} passed, {failed} failed, in {}", shown(beginning.elapsed())))?;
    Ok(i32::from(failed > 0))
}

fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// What is wrong with a check, if anything.
fn problem_of(check: &Check, way: &Way) -> Option<String> {
    let program = match load(check) {
        Ok(program) => program,
        Err(problem) => return Some(problem),
    };
    way.schedulers.iter().find_map(|&schedulers| {
        let problem = problem_with(&program, expected(check.program), schedulers, way.patience)?;
        Some(format!("{problem}, with {schedulers} scheduler{}", if schedulers == 1 { "" } else { "s" }))
    })
}

/// What a program says in its header that it prints.
fn expected(text: &str) -> String {
    let header = text.lines().take_while(|line| line.starts_with(';'));
    let lines = header.filter_map(|line| line.strip_prefix(";|"));
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
}

fn load(check: &Check) -> Result<Program, String> {
    let name = format!("{}.ttvm", check.name);
    let bytes = match check.form {
        Form::Text => check.program.as_bytes().to_vec(),
        Form::Bytecode => {
            let assembly = assemble(&name, check.program.as_bytes());
            if let Some(error) = assembly.diagnostics.first() {
                return Err(error.to_string());
            }
            write(&assembly.module).map_err(|error| error.to_string())?
        }
    };
    Loader::default().load_bytes(&name, &bytes).map_err(|error| error.to_string())
}

/// Runs a program with so many schedulers on a thread that can be given up.
fn problem_with(program: &Program, expected: String, schedulers: usize, patience: Duration) -> Option<String> {
    let output = Output::captured();
    let configuration = MachineConfiguration {
        input: Input::Bytes(Vec::new()),
        output: output.clone(),
        schedulers,
        seed: if schedulers == 1 { 0 } else { ttvm_machine::random_seed() },
        ..MachineConfiguration::default()
    };
    let mut machine = Machine::new(program.clone(), configuration);
    let handle = machine.handle();
    let (sender, receiver) = mpsc::channel();
    let thread = thread::Builder::new().name("ttvm-check".to_owned()).spawn(move || {
        let ending = machine.run().ending;
        // Nobody listens any more when its time is over.
        let _ = sender.send((matches!(ending, Ending::Normal), remark(&ending)));
    });
    if let Err(error) = thread {
        return Some(format!("no thread could be started: {error}"));
    }
    let Ok((is_normal, remark)) = receiver.recv_timeout(patience) else {
        handle.stop();
        return Some(format!("it has not ended after {}", shown(patience)));
    };
    let found = output.text();
    let complaint = output.error_text().lines().next().map(|line| format!(" ({line})")).unwrap_or_default();
    if found != expected {
        return Some(format!("expected {expected:?}, found {found:?}{remark}{complaint}"));
    }
    (!is_normal).then(|| format!("it printed what it should{remark}{complaint}"))
}

/// What is said of a run that did not end as it should.
fn remark(ending: &Ending) -> String {
    match ending {
        Ending::Normal => String::new(),
        Ending::Exit(code) => format!(", but ended with exit code {code}"),
        Ending::Crashed(crash) => {
            format!(", but crashed at {}: {}", crash.place, crash.exception.message().as_str())
        }
        Ending::Failed(reason) | Ending::NoThread(reason) => format!(", but failed: {reason}"),
        Ending::Deadlock(_) => ", but then waits for ever".to_owned(),
    }
}
