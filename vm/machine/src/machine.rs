//! Runs a program: drives its process, answers what it asks of the world, loads what it imports.

use ttvm_engine::{Crash, Entry, Kernel, Observes, Outcome, Process, Step, Stream, circular};
use ttvm_host::{Input, World, WorldConfiguration};
use ttvm_isa::{Fault, HostOperation, limits::REDUCTIONS_PER_TURN};
use ttvm_value::reclaim;

use crate::{
    loader::{LoadError, Loader, Program},
    output::Output,
};

/// Dropped elements taken apart between two turns. At about 10 ns each, half a turn.
const RECLAIM_PER_TURN: usize = 1 << 12;

/// How a machine runs.
pub struct MachineConfiguration {
    /// The words after the program on the command line.
    pub arguments: Vec<String>,
    /// Where the program reads from.
    pub input: Input,
    /// Where it prints to.
    pub output: Output,
    /// Whether warnings of running programs are left out.
    pub is_quiet: bool,
    /// Seed of random numbers.
    pub seed: u64,
    /// Time stands still but for sleeping.
    pub virtual_time: bool,
    /// Loads the modules that the program imports as it runs.
    pub loader: Loader,
    /// What `observer` sees.
    pub observes: Observes,
    /// Sees calls and instructions.
    pub observer: Option<Box<dyn Observer>>,
}

impl Default for MachineConfiguration {
    /// No arguments, no input, the standard streams, seed 0.
    fn default() -> Self {
        Self {
            arguments: Vec::new(),
            input: Input::Bytes(Vec::new()),
            output: Output::standard(),
            is_quiet: false,
            seed: 0,
            virtual_time: false,
            loader: Loader::default(),
            observes: Observes::default(),
            observer: None,
        }
    }
}

/// Sees what a program does; see [`Observes`].
pub trait Observer {
    /// A call begins.
    fn enter(&mut self, _entry: &Entry<'_>) {}
    /// All calls whose frames lie at or above a position have ended, with the reductions spent so far.
    fn leave(&mut self, _frame: usize, _reductions: u64) {}
    /// A stack instruction is about to run.
    fn step(&mut self, _step: &Step<'_>) {}
    /// The program has ended, with the reductions spent.
    fn finish(&mut self, _reductions: u64) {}
}

/// A program and the world it runs in.
pub struct Machine {
    process: Process,
    world: World,
    loader: Loader,
    seed: u64,
    observes: Observes,
    console: Console,
}

struct Console {
    output: Output,
    is_quiet: bool,
    observer: Option<Box<dyn Observer>>,
}

impl Kernel for Console {
    fn write(&mut self, stream: Stream, text: &str) {
        self.output.write(stream, text);
    }
    fn warn(&mut self, text: &str) {
        if !self.is_quiet {
            self.output.write(Stream::Error, text);
        }
    }
    fn enter(&mut self, entry: &Entry<'_>) {
        if let Some(observer) = &mut self.observer {
            observer.enter(entry);
        }
    }
    fn leave(&mut self, frame: usize, reductions: u64) {
        if let Some(observer) = &mut self.observer {
            observer.leave(frame, reductions);
        }
    }
    fn step(&mut self, step: &Step<'_>) {
        if let Some(observer) = &mut self.observer {
            observer.step(step);
        }
    }
}

/// How a program ended.
#[derive(Debug)]
pub enum Ending {
    /// All is well.
    Normal,
    /// It asked for this exit code.
    Exit(i32),
    /// An error was not caught.
    Crashed(Crash),
}

impl Ending {
    /// The exit code of the command line.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Normal => 0,
            Self::Exit(code) => *code,
            Self::Crashed(_) => 1,
        }
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// How it ended.
    pub ending: Ending,
    /// Reductions spent.
    pub reductions: u64,
}

impl Machine {
    /// A machine about to run a program.
    #[must_use]
    pub fn new(program: Program, configuration: MachineConfiguration) -> Self {
        let MachineConfiguration { arguments, input, output, is_quiet, seed, virtual_time, loader, observes, observer } =
            configuration;
        let mut machine = Self {
            process: Process::main(&program.module),
            world: World::new(WorldConfiguration { arguments, input, virtual_time }),
            loader,
            seed,
            observes,
            console: Console { output, is_quiet, observer },
        };
        machine.prepare();
        machine
    }

    /// A machine about to run one `.test` block of a program instead of its main code; see [`Program::tests`].
    ///
    /// # Panics
    /// If the number is none of [`Program::tests`].
    #[must_use]
    pub fn for_test(program: Program, number: usize, configuration: MachineConfiguration) -> Self {
        let module = std::sync::Arc::clone(&program.module);
        let function = module.test_function(number).expect("numbers of tests come from `Program::tests`");
        let mut machine = Self::new(program, configuration);
        machine.process = Process::of_function(&module, function);
        machine.prepare();
        machine
    }

    fn prepare(&mut self) {
        self.process.seed(self.seed);
        self.process.observe(self.observes);
    }

    /// Runs the program's main code to its end.
    pub fn run(&mut self) -> Run {
        let ending = self.drive();
        self.console.output.flush();
        let reductions = self.process.reductions_spent();
        if let Some(observer) = &mut self.console.observer {
            observer.finish(reductions);
        }
        Run { ending, reductions }
    }

    fn drive(&mut self) -> Ending {
        let budget = u32::try_from(REDUCTIONS_PER_TURN).expect("a turn's budget fits in 32 bits");
        loop {
            let mut outcome = Some(self.process.run(budget, &mut self.console));
            while let Some(ended) = outcome.take() {
                outcome = match ended {
                    Outcome::Done(_) => return Ending::Normal,
                    Outcome::Exit(code) => return Ending::Exit(code),
                    Outcome::Crashed(crash) => return Ending::Crashed(crash),
                    Outcome::OutOfReductions => {
                        reclaim(RECLAIM_PER_TURN);
                        None
                    }
                    Outcome::Host { operation, arguments } => {
                        if touches_streams(operation) {
                            self.console.output.flush();
                        }
                        let answer = self.world.perform(operation, arguments);
                        self.process.answer(answer)
                    }
                    Outcome::Import { path, importer } => self.import(&importer, &path),
                    Outcome::Receive | Outcome::Answer | Outcome::Yield | Outcome::Ended(_) => {
                        self.process.fail(no_processes())
                    }
                };
            }
        }
    }

    fn import(&mut self, importer: &str, path: &str) -> Option<Outcome> {
        let (key, found) = match self.loader.find(importer, path) {
            Ok(found) => found,
            Err(error) => return self.process.fail(import_fault(path, &error)),
        };
        if self.process.is_importing(&key) {
            return self.process.fail(circular(path));
        }
        if self.process.has_imported(&key) {
            self.process.bind_import(&key);
            return None;
        }
        match self.loader.load_found(importer, path, &found) {
            Ok(module) => self.process.import(&key, module),
            Err(error) => self.process.fail(import_fault(path, &error)),
        }
    }
}

/// Whether the operation reads or shows something on the terminal, so that what was printed must be visible first.
fn touches_streams(operation: HostOperation) -> bool {
    matches!(
        operation,
        HostOperation::ReadLine
            | HostOperation::ReadChar
            | HostOperation::ReadInput
            | HostOperation::Exec
            | HostOperation::ExecCapture
            | HostOperation::Sleep
    )
}

/// What instructions for processes fail with here.
fn no_processes() -> Fault {
    Fault::Host { operation: "RECEIVE", error: "there are no other processes here".to_owned() }
}

fn import_fault(path: &str, error: &LoadError) -> Fault {
    match error {
        LoadError::Circular { path, .. } => circular(path),
        LoadError::NotFound { .. } => {
            Fault::FileOperation { path: path.to_owned(), error: "No such file or directory".to_owned() }
        }
        LoadError::Io { path, error } => Fault::FileOperation { path: path.clone(), error: error.to_string() },
        other => Fault::Import { path: path.to_owned(), reason: describe(other) },
    }
}

/// The error with its first detail, on one line.
fn describe(error: &LoadError) -> String {
    match error {
        LoadError::Assembly { diagnostics, .. } => match diagnostics.first() {
            Some(first) => format!("{error}: {first}"),
            None => error.to_string(),
        },
        other => other.to_string(),
    }
}
