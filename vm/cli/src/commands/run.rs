//! `ttvm FILE` and `ttvm run`: runs a program and says how it ended.

use std::{cell::RefCell, ffi::OsString, path::Path, rc::Rc};

use clap::CommandFactory;
use ttvm_machine::{
    Crash, Ending, Input, LoadMode, Loader, Machine, MachineConfiguration, Observer, Observes, Output, Program, Run,
};

use crate::{
    arguments::{CommandLine, ProfileFormat, RunArguments},
    failure::Failure,
    files,
    profile::{Profile, Profiler},
    report::{Place, Report, of_diagnostics, of_load_error},
    show,
    source::Sources,
    trace::Tracer,
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
    check_schedulers(&arguments)?;
    let path = Path::new(&arguments.program[0]);
    if word == Word::CommandOrFile {
        check_command(path)?;
    }
    let words = words(&arguments.program[1..])?;
    let mode = if arguments.trace { LoadMode::Exact } else { LoadMode::Ordinary };
    let (program, loader, mut sources) = load(path, mode)?;
    if !arguments.quiet {
        show::reports(&of_diagnostics(&files::name_of(path), &program.text, &program.warnings));
    }
    let output = Output::standard();
    let profile = profile_format(&arguments).map(|format| (format, Rc::new(RefCell::new(Profile::default()))));
    let observer: Option<Box<dyn Observer>> = match &profile {
        Some((_, profile)) => Some(Box::new(Profiler::new(Rc::clone(profile)))),
        None if arguments.trace => Some(Box::new(Tracer::new(output.clone()))),
        None => None,
    };
    let mut machine = Machine::new(
        program,
        MachineConfiguration {
            arguments: words,
            input: Input::Stdin,
            output: output.clone(),
            is_quiet: arguments.quiet,
            seed: arguments.seed,
            virtual_time: arguments.virtual_time,
            loader,
            observes: Observes { calls: profile.is_some(), steps: arguments.trace },
            observer,
        },
    );
    let Run { ending, reductions } = machine.run();
    // The system takes the memory back sooner than the machine could give it back piece by piece.
    std::mem::forget(machine);
    let code = ending.exit_code();
    if let Ending::Crashed(crash) = &ending {
        show::reports(&[crash_report(crash, &mut sources)]);
    }
    if let Some((format, profile)) = profile {
        show::line(&profile.borrow().render(format));
    }
    if arguments.reductions {
        show::line(&format!("reductions: {reductions}"));
    }
    match output.take_failure() {
        Some(error) => Err(Failure::Write { path: "standard output".into(), error }),
        None => Ok(code),
    }
}

fn profile_format(arguments: &RunArguments) -> Option<ProfileFormat> {
    if arguments.json { Some(ProfileFormat::Json) } else { arguments.profile }
}

fn check_schedulers(arguments: &RunArguments) -> Result<(), Failure> {
    if arguments.schedulers == Some(0) {
        return Err(Failure::usage("--schedulers takes a number from 1 on, found 0"));
    }
    if arguments.smp || arguments.schedulers.is_some_and(|count| count > 1) {
        return Err(Failure::Usage {
            message: "this version runs one process on one thread: it has no scheduler pool yet".to_owned(),
            help: Some("leave --smp and --schedulers out, or use --no-smp or --schedulers 1".to_owned()),
        });
    }
    Ok(())
}

/// A first word that looks like a command, and names no file, was meant as one.
fn check_command(path: &Path) -> Result<(), Failure> {
    let Some(word) = path.to_str() else { return Ok(()) };
    let looks_like_command = word.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
    if word == "-" || !looks_like_command || path.exists() {
        return Ok(());
    }
    let command = CommandLine::command();
    let nearest = command
        .get_subcommands()
        .map(|known| (strsim::damerau_levenshtein(word, known.get_name()), known.get_name().to_owned()))
        .min()
        .filter(|(distance, name)| *distance <= 2 && *distance < name.len().min(word.len()));
    let help = match nearest {
        Some((_, name)) => format!("did you mean `ttvm {name}`?"),
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
