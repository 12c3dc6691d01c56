//! `ttvm FILE` and `ttvm run`: runs a program and says how it ended.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use clap::CommandFactory;
use ttvm_diagnostics::nearest;
use ttvm_machine::{
    ComputationStart, Crash, Ending, Input, LoadMode, Loader, Machine, MachineConfiguration, Maxima, Output, Pid,
    Program, Reporter, Run, Stuck, Telemetry,
};

use crate::{
    arguments::{CommandLine, ProfileFormat, RunArguments, SchedulerArguments, TraceArguments},
    failure::Failure,
    files,
    live::Observatory,
    observe::{Observation, profile_format},
    report::{Place, Report, of_diagnostics, of_load_error},
    show,
    source::Sources,
};

/// What the first word may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// A program only.
    File,
    /// A program, or a command that there is not.
    CommandOrFile,
}

/// Runs a program and gives its exit code.
///
/// # Errors
/// [`Failure::Usage`] and [`Failure::Unloadable`].
pub fn run(arguments: RunArguments, word: Word) -> Result<i32, Failure> {
    if word == Word::CommandOrFile {
        check_command(Path::new(&arguments.program[0]))?;
    }
    run_observed(&arguments, None, None)
}

/// Runs a program, shows its instructions or writes a picture of what its processes did, and gives its exit code.
///
/// # Errors
/// As [`run`].
pub fn trace(arguments: TraceArguments) -> Result<i32, Failure> {
    let output = arguments.output.clone();
    run_observed(&arguments.run(), output, None)
}

/// Runs a program, shows where its reductions went, and gives its exit code.
///
/// # Errors
/// As [`run`].
pub fn profile(mut arguments: RunArguments) -> Result<i32, Failure> {
    if !arguments.json {
        arguments.profile.get_or_insert(ProfileFormat::Table);
    }
    run_observed(&arguments, None, None)
}

/// A computation that runs instead of a program's main code.
pub struct Computation {
    /// Which, and how.
    pub start: ComputationStart,
    /// Watches it.
    pub telemetry: Option<Arc<dyn Telemetry>>,
}

/// Runs a computation of a program and gives the exit code.
///
/// # Errors
/// As [`run`].
pub fn run_computation(arguments: &RunArguments, computation: Computation) -> Result<i32, Failure> {
    run_observed(arguments, None, Some(computation))
}

fn run_observed(
    arguments: &RunArguments,
    timeline: Option<PathBuf>,
    computation: Option<Computation>,
) -> Result<i32, Failure> {
    let schedulers = schedulers(arguments)?;
    let path = Path::new(&arguments.program[0]);
    let words = words(&arguments.program[1..])?;
    let mode = if arguments.trace { LoadMode::Exact } else { LoadMode::Ordinary };
    let (program, mut loader, mut sources) = load(path, mode)?;
    if !arguments.quiet {
        show::reports(&of_diagnostics(&files::name_of(path), &program.text, &program.warnings));
    }
    let (program, body, telemetry) = match computation {
        None => (program, None, None),
        Some(Computation { start, telemetry }) => {
            let (program, body) = load_computation(&mut loader, &program, &start, path)?;
            (program, Some(body), telemetry)
        }
    };
    let seed = seed(arguments, schedulers);
    let output = Output::standard();
    let (observation, observer) = Observation::new(arguments, timeline, &output);
    let configuration = MachineConfiguration {
        arguments: words,
        input: Input::Stdin,
        output: output.clone(),
        is_quiet: arguments.quiet,
        schedulers,
        seed,
        virtual_time: arguments.virtual_time,
        is_strict: arguments.strict,
        permissions: arguments.permissions.permissions(),
        loader,
        observes: observation.observes,
        traces: observation.traces,
        maxima: Maxima {
            processes: arguments.max_processes.unwrap_or(Maxima::default().processes),
            ..Maxima::default()
        },
        observer,
        telemetry,
        reporter: Some(Box::new(Complaints { sources: sources.clone() })),
    };
    let machine = match body {
        None => Machine::new(program, configuration),
        Some(body) => Machine::for_test(program, body, configuration),
    };
    let Run { ending, reductions, statistics } = run_machine(machine, arguments, path, schedulers)?;
    // Programs of one process need no schedulers to be run again.
    let is_random = schedulers > 1 && statistics.spawned > 1;
    show_ending(&ending, &mut sources, is_random.then(|| format!("(seed {seed}, {schedulers} schedulers)")));
    observation.conclude()?;
    if arguments.reductions {
        show::line(&format!("reductions: {reductions}"));
    }
    match output.take_failure() {
        Some(error) => Err(Failure::Write { path: "standard output".into(), error }),
        None => Ok(ending.exit_code()),
    }
}

fn run_machine(mut machine: Machine, arguments: &RunArguments, path: &Path, schedulers: usize) -> Result<Run, Failure> {
    let says_smp = arguments.smp && !arguments.quiet;
    if says_smp {
        show::line("Running with BEAM-style SMP scheduler...");
        show::line(&format!("Creating scheduler pool with {schedulers} threads (CPU cores)"));
    }
    let observatory = observatory(arguments, path, &machine)?;
    let run = machine.run();
    drop(observatory);
    if says_smp {
        show::line(&format!("Process 1 exiting with reason: {}", reason_of(&run.ending)));
        show::line("SMP scheduler shutdown complete");
    }
    // The system takes the memory back sooner than the machine could give it back piece by piece.
    std::mem::forget(machine);
    Ok(run)
}

/// The program with a body that runs the computation, and the body's number.
fn load_computation(
    loader: &mut Loader,
    program: &Program,
    start: &ComputationStart,
    path: &Path,
) -> Result<(Program, usize), Failure> {
    let names = program.computations();
    if !names.contains(&start.name) {
        let file = files::name_of(path);
        let help = match nearest(&start.name, names.iter().map(String::as_str)) {
            Some(nearest) => format!("did you mean `{nearest}`? There are: {}", names.join(", ")),
            None if names.is_empty() => "a computation is a `.computation` block".to_owned(),
            None => format!("there are: {}", names.join(", ")),
        };
        let message = format!("{file} declares no computation `{}`", start.name);
        return Err(Failure::Usage { message, help: Some(help) });
    }
    let loaded = loader.load_computation(program, start);
    loaded.map_err(|error| Failure::Unloadable(of_load_error(&error, &mut Sources::default())))
}

/// Lets the program be watched, if that is wanted.
fn observatory(arguments: &RunArguments, path: &Path, machine: &Machine) -> Result<Option<Observatory>, Failure> {
    let Some(socket) = &arguments.observe else { return Ok(None) };
    let observatory = Observatory::open(socket.as_deref(), &files::name_of(path), machine.handle())?;
    show::line(&format!("observe: {}", observatory.path().display()));
    Ok(Some(observatory))
}

/// Shows an end that is not normal, and what one needs to run the program again.
fn show_ending(ending: &Ending, sources: &mut Sources, again: Option<String>) {
    let report = match ending {
        Ending::Crashed(crash) => Some(crash_report(crash, sources)),
        other => ending_report(other),
    };
    if let Some(report) = report {
        show::reports(&[report]);
        if let Some(again) = again {
            show::line(&again);
        }
    }
}

/// How many schedulers run the program. Traces and profiles are in order with one only.
///
/// # Errors
/// [`Failure::Usage`].
pub fn schedulers(arguments: &RunArguments) -> Result<usize, Failure> {
    let SchedulerArguments { no_smp, schedulers } = arguments.schedulers;
    if schedulers == Some(0) {
        return Err(Failure::usage("--schedulers takes a number from 1 on, found 0"));
    }
    if no_smp || arguments.trace || profile_format(arguments).is_some() || arguments.virtual_time {
        return Ok(1);
    }
    let all = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(schedulers.map_or(all, |count| usize::try_from(count).unwrap_or(usize::MAX)))
}

/// The seed: with one scheduler 0 unless it is given, with more a random one.
fn seed(arguments: &RunArguments, schedulers: usize) -> u64 {
    arguments.seed.unwrap_or_else(|| if schedulers == 1 { 0 } else { ttvm_machine::random_seed() })
}

/// The word that the line about the main process's end has for it.
fn reason_of(ending: &Ending) -> String {
    match ending {
        Ending::Normal => "normal".to_owned(),
        Ending::Exit(code) => format!("exit code {code}"),
        Ending::Crashed(crash) => crash.exception.message().as_str().to_owned(),
        Ending::Failed(reason) | Ending::NoThread(reason) => reason.clone(),
        Ending::Deadlock(_) => "deadlock".to_owned(),
    }
}

/// Shows crashes and warnings while the program runs.
struct Complaints {
    sources: Sources,
}

impl Reporter for Complaints {
    fn crashed(&mut self, pid: Pid, name: Option<&str>, crash: &Crash) {
        let mut report = crash_report(crash, &mut self.sources);
        report.notes.pop();
        let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
        report.notes.push(format!("  in process {pid}{name}"));
        show::reports(&[report]);
    }

    fn warn(&mut self, warning: &str) {
        show::line(&format!("warning: {warning}"));
    }
}

/// A first word that looks like a command, and names no file, was meant as one.
fn check_command(path: &Path) -> Result<(), Failure> {
    let Some(word) = path.to_str() else { return Ok(()) };
    let looks_like_command = word.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
    if word == "-" || !looks_like_command || path.exists() {
        return Ok(());
    }
    let command = CommandLine::command();
    let help = match nearest(word, command.get_subcommands().map(clap::Command::get_name)) {
        Some(name) => format!("did you mean `ttvm {name}`?"),
        None => "`ttvm help` lists the commands".to_owned(),
    };
    Err(Failure::Usage {
        message: format!("`{word}` is an unknown command, and no such file exists"),
        help: Some(help),
    })
}

/// The words that `GET_ARGS` gives.
fn words(arguments: &[OsString]) -> Result<Vec<String>, Failure> {
    let word = |(number, word): (usize, &OsString)| {
        let message = || format!("argument {} of the program is not UTF-8: {}", number + 1, word.to_string_lossy());
        word.to_str().map(str::to_owned).ok_or_else(|| Failure::usage(message()))
    };
    arguments.iter().enumerate().map(word).collect()
}

/// Loads a program, with the loader that knows where its imports are and the texts that can be shown.
///
/// # Errors
/// [`Failure::Unloadable`].
pub fn load(path: &Path, mode: LoadMode) -> Result<(Program, Loader, Sources), Failure> {
    let mut loader = Loader::new(mode);
    if files::is_standard(path) {
        let bytes = files::read(path)?;
        let mut sources = Sources::default();
        sources.add(files::STDIN, &bytes);
        return match loader.load_bytes(files::STDIN, &bytes) {
            Ok(program) => Ok((program, loader, sources)),
            Err(error) => Err(Failure::Unloadable(of_load_error(&error, &mut sources))),
        };
    }
    match loader.load_file(path) {
        Ok(program) => {
            let sources = Sources::of_program(path, program.text.is_empty());
            Ok((program, loader, sources))
        }
        Err(error) => Err(Failure::Unloadable(of_load_error(&error, &mut Sources::default()))),
    }
}

/// What is shown of an end that is neither normal nor a crash.
pub fn ending_report(ending: &Ending) -> Option<Report> {
    match ending {
        Ending::Normal | Ending::Exit(_) | Ending::Crashed(_) => None,
        Ending::Failed(reason) => {
            Some(Report::error(Place::default(), format!("the main process ended with reason: {reason}")))
        }
        Ending::NoThread(error) => {
            Some(Report::error(Place::default(), format!("no thread for a scheduler could be started: {error}")))
        }
        Ending::Deadlock(stuck) => {
            let message = "deadlock: every process waits and nothing can wake any".to_owned();
            let mut report = Report::error(Place::default(), message);
            report.notes.extend(stuck.iter().take(STUCK_SHOWN_MAX).map(stuck_line));
            if stuck.len() > STUCK_SHOWN_MAX {
                report.notes.push(format!("  and {} more", stuck.len() - STUCK_SHOWN_MAX));
            }
            Some(report)
        }
    }
}

/// Processes that a report of a deadlock names.
const STUCK_SHOWN_MAX: usize = 20;

fn stuck_line(stuck: &Stuck) -> String {
    let name = stuck.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    let place = if stuck.place.is_empty() { String::new() } else { format!(" ({})", stuck.place) };
    let left = match stuck.messages {
        0 => String::new(),
        1 => ", with 1 message that it does not take".to_owned(),
        count => format!(", with {count} messages that it does not take"),
    };
    format!("  process {}{name} waits for {} in {}{place}{left}", stuck.pid, stuck.waits_for, stuck.function)
}

/// What is shown of an error that nobody caught.
pub fn crash_report(crash: &Crash, sources: &mut Sources) -> Report {
    let trace = crash.exception.trace();
    let chain: Vec<String> = trace.iter().map(|line| line.to_value().to_string()).collect();
    // An exception thrown again comes from where it was thrown first.
    let place = chain.first().and_then(|line| place_of(line)).unwrap_or(&crash.place);
    let place = Place::parse(place, sources);
    let mut report = Report::error(place, crash.exception.message().as_str().to_owned());
    report.notes = chain.iter().map(|line| format!("  {line}")).collect();
    report.notes.push("  in process 1".to_owned());
    report
}

/// The `file:line` of a line `at name (file:line)` of a call chain.
fn place_of(line: &str) -> Option<&str> {
    let line = line.strip_suffix(')')?;
    line.rsplit_once(" (").map(|(_, place)| place)
}
