//! The whole machine as a tier: any number of schedulers, any seed, real or virtual time. A watchdog ends what hangs.

use std::{
    fmt::Write as _,
    panic,
    sync::mpsc::{RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

use ttvm_engine::Crash;
use ttvm_machine::{
    Ending as MachineEnding, Input, LoadMode, Loader, Machine, MachineConfiguration, Output, Run, Statistics, Stuck,
};

use crate::{
    program::Program,
    tier::{Ending, Observed, Tier},
};

/// Wall time after which a run counts as hanging. Far above what any takes on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(300);

/// Wall time that a machine gets for stopping when it was asked to.
const PATIENCE_FOR_STOPPING: Duration = Duration::from_secs(60);

/// The machine.
#[derive(Clone, Debug)]
pub struct MachineTier {
    /// What failures call it; it names the seed.
    pub name: String,
    /// How many threads run processes.
    pub schedulers: usize,
    /// The order of processes, with one scheduler.
    pub seed: u64,
    /// Whether time goes on only when nothing else can happen.
    pub virtual_time: bool,
    /// How modules are loaded.
    pub mode: LoadMode,
    /// Programs are loaded from their files, so that they find what lies beside them; sources have longer names then.
    pub from_files: bool,
}

impl Tier for MachineTier {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&self, program: &Program) -> Observed {
        self.run_and_count(program).0
    }
}

impl MachineTier {
    /// A tier of ordinary code, with a name made of its parts.
    #[must_use]
    pub fn new(schedulers: usize, seed: u64, virtual_time: bool) -> Self {
        let plural = if schedulers == 1 { "" } else { "s" };
        let time = if virtual_time { "virtual" } else { "real" };
        let name = format!("machine, {schedulers} scheduler{plural}, seed {seed}, {time} time");
        Self { name, schedulers, seed, virtual_time, mode: LoadMode::Ordinary, from_files: false }
    }

    /// The same in exact mode.
    #[must_use]
    pub fn in_exact_mode(self) -> Self {
        Self { name: format!("{}, exact mode", self.name), mode: LoadMode::Exact, ..self }
    }

    /// Runs a program; gives also what its processes did. A run that hangs has done nothing.
    ///
    /// # Panics
    /// If the machine does.
    #[must_use]
    pub fn run_and_count(&self, program: &Program) -> (Observed, Statistics) {
        let mut loader = Loader::new(self.mode);
        let loaded = match &program.root {
            Some(root) if self.from_files => loader.load_file(&root.join(&*program.module.source)),
            Some(_) | None => loader.load_module(program.module.clone()),
        };
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(error) => {
                let ending = Ending::NotLoaded(error.to_string());
                let observed = Observed { stdout: String::new(), stderr: String::new(), ending, reductions: 0 };
                return (observed, Statistics::default());
            }
        };
        let output = Output::captured();
        let machine = Machine::new(
            loaded,
            MachineConfiguration {
                arguments: program.arguments.clone(),
                input: Input::Bytes(program.input.clone().into_bytes()),
                output: output.clone(),
                schedulers: self.schedulers,
                seed: self.seed,
                virtual_time: self.virtual_time,
                is_strict: program.is_strict,
                loader,
                ..MachineConfiguration::default()
            },
        );
        let Finish { ending, reductions, statistics } = run_watched(machine);
        (Observed { stdout: output.text(), stderr: output.error_text(), ending, reductions }, statistics)
    }
}

/// What came of a run that was watched.
#[derive(Clone, Debug)]
pub struct Finish {
    /// How it ended; [`Ending::GaveUp`] if it did not.
    pub ending: Ending,
    /// Reductions that the main process spent.
    pub reductions: u64,
    /// What all processes did.
    pub statistics: Statistics,
}

/// Runs a machine on a thread of its own. One that does not end is stopped; one that does not stop is left behind.
///
/// # Panics
/// If the machine does.
#[must_use]
pub fn run_watched(mut machine: Machine) -> Finish {
    let handle = machine.handle();
    let (sender, receiver) = sync_channel(1);
    let worker = thread::spawn(move || {
        let Run { ending, reductions, statistics } = machine.run();
        // What the program has left belongs to this thread.
        let finish = Finish { ending: self::ending(ending), reductions, statistics };
        drop(machine);
        // Nobody listens any more when patience is over.
        drop(sender.send(finish));
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(finish) => finish,
        Err(RecvTimeoutError::Disconnected) => match worker.join() {
            Err(panic) => panic::resume_unwind(panic),
            Ok(()) => unreachable!("a thread that ends without panic has sent"),
        },
        Err(RecvTimeoutError::Timeout) => {
            handle.stop();
            let stops = receiver.recv_timeout(PATIENCE_FOR_STOPPING).is_ok();
            let also = if stops { "" } else { ", and does not stop when it is told to" };
            let ending = Ending::GaveUp(format!("it has not ended after {} s{also}", PATIENCE.as_secs()));
            Finish { ending, reductions: 0, statistics: Statistics::default() }
        }
    }
}

fn ending(ending: MachineEnding) -> Ending {
    match ending {
        MachineEnding::Normal => Ending::Normal,
        MachineEnding::Exit(code) => Ending::Exit(i64::from(code)),
        MachineEnding::Crashed(crash) => uncaught(&crash),
        MachineEnding::Failed(reason) => Ending::Failed(reason),
        MachineEnding::Deadlock(stuck) => Ending::Deadlock(report(&stuck)),
        MachineEnding::NoThread(problem) => Ending::GaveUp(problem),
    }
}

fn uncaught(crash: &Crash) -> Ending {
    let exception = &crash.exception;
    Ending::Uncaught {
        message: exception.message().as_str().to_owned(),
        kind: exception.kind().as_str().to_owned(),
        instruction: exception.instruction(),
        trace: exception.trace().iter().map(|line| line.to_value().to_string()).collect(),
    }
}

/// A deadlock in one line: each process, where it waits, for what.
fn report(stuck: &[Stuck]) -> String {
    let mut report = String::new();
    for Stuck { pid, name, waits_for, function, place, messages } in stuck {
        let separator = if report.is_empty() { "" } else { "; " };
        let name = name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let place = place.rsplit('/').next().unwrap_or(place);
        write!(report, "{separator}{pid}{name} waits for {waits_for} in {function} at {place}, {messages} messages")
            .expect("strings take what is written to them");
    }
    report
}
