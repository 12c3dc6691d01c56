//! Runs a program: sets up the runtime with the world, the output and the loader around it.

use std::path::Path;

use ttvm_engine::{Answer, Crash, Entry, LoadedModule, Observes, Process, Step, Stream, circular};
use ttvm_host::{Input, World, WorldConfiguration};
use ttvm_isa::{Fault, HostOperation, Permissions, Rights, Text};
use ttvm_platform::{
    clock::Clock,
    sync::{Arc, Mutex},
};
use ttvm_runtime::{Ending, Event, Host, Maxima, Reply, Runtime, RuntimeConfiguration, Statistics};
use ttvm_superstep::{Supersteps, Telemetry};
use ttvm_value::{Pid, Resource, Value};

use crate::{
    loader::{LoadError, Loader, Program},
    output::Output,
};

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
    /// Threads that run processes, at least 1.
    pub schedulers: usize,
    /// Seed of random numbers and, with one scheduler, of the order in which processes run; 0 is first in first out.
    pub seed: u64,
    /// Time stands still until nothing else can happen, and then goes on at once.
    pub virtual_time: bool,
    /// What is merely suspicious is an error.
    pub is_strict: bool,
    /// What the program may do outside. What was loaded before it runs, with all that `.import` names, is not asked about.
    pub permissions: Permissions,
    /// Loads the modules that the program imports as it runs.
    pub loader: Loader,
    /// What `observer` sees of calls and instructions.
    pub observes: Observes,
    /// Whether `observer` sees what happens to processes.
    pub traces: bool,
    /// How many processes, timers and names there may be.
    pub maxima: Maxima,
    /// Sees calls, instructions and processes.
    pub observer: Option<Box<dyn Observer>>,
    /// Watches groups of processors.
    pub telemetry: Option<Arc<dyn Telemetry>>,
    /// Hears of crashes of processes other than main and of warnings; without it they are written to the error
    /// output.
    pub reporter: Option<Box<dyn Reporter>>,
}

impl Default for MachineConfiguration {
    /// No arguments, no input, the standard streams, one scheduler, seed 0, everything permitted.
    fn default() -> Self {
        Self {
            arguments: Vec::new(),
            input: Input::Bytes(Vec::new()),
            output: Output::standard(),
            is_quiet: false,
            schedulers: 1,
            seed: 0,
            virtual_time: false,
            is_strict: false,
            permissions: Permissions::all(),
            loader: Loader::default(),
            observes: Observes::default(),
            traces: false,
            maxima: Maxima::default(),
            observer: None,
            telemetry: None,
            reporter: None,
        }
    }
}

/// Sees what a program does; see [`Observes`].
pub trait Observer: Send {
    /// A call begins.
    fn enter(&mut self, _pid: Pid, _entry: &Entry<'_>) {}
    /// All calls of a process whose frames lie at or above a position have ended, with the reductions it spent so far.
    fn leave(&mut self, _pid: Pid, _frame: usize, _reductions: u64) {}
    /// A stack instruction is about to run.
    fn step(&mut self, _pid: Pid, _step: &Step<'_>) {}
    /// Something happened to a process.
    fn event(&mut self, _event: &Event<'_>) {}
    /// The program has ended, with the reductions that the main process spent.
    fn finish(&mut self, _reductions: u64) {}
}

/// Hears what the program's author should know.
pub trait Reporter: Send {
    /// A process other than main has ended with an error that nobody caught.
    fn crashed(&mut self, pid: Pid, name: Option<&str>, crash: &Crash);
    /// Something is suspicious: one line, without a line end.
    fn warn(&mut self, warning: &str);
}

/// A program and the world it runs in.
pub struct Machine {
    runtime: Runtime,
    world: Arc<Surroundings>,
    main: Option<(Arc<LoadedModule>, Process)>,
}

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// How it ended.
    pub ending: Ending,
    /// Reductions that the main process spent.
    pub reductions: u64,
    /// What all processes did.
    pub statistics: Statistics,
}

impl Machine {
    /// A machine about to run a program.
    #[must_use]
    pub fn new(program: Program, configuration: MachineConfiguration) -> Self {
        let process = Process::main(&program.module);
        Self::with_main(program.module, process, configuration)
    }

    /// A machine about to run one `.test` block of a program instead of its main code; see [`Program::tests`].
    ///
    /// # Panics
    /// If the number is none of [`Program::tests`].
    #[must_use]
    pub fn for_test(program: Program, number: usize, configuration: MachineConfiguration) -> Self {
        let function = program.module.test_function(number).expect("numbers of tests come from `Program::tests`");
        let process = Process::of_function(&program.module, function);
        Self::with_main(program.module, process, configuration)
    }

    fn with_main(module: Arc<LoadedModule>, process: Process, configuration: MachineConfiguration) -> Self {
        let clock = Arc::new(if configuration.virtual_time { Clock::virtual_time() } else { Clock::real() });
        let (runtime, world) = runtime_of(configuration, clock);
        Self { runtime, world, main: Some((module, process)) }
    }

    /// Runs the program to its end: the main process, and whatever it started.
    pub fn run(&mut self) -> Run {
        if let Some((module, process)) = self.main.take() {
            self.runtime.start_main(&module, process);
        }
        let ending = self.runtime.run();
        self.world.output.flush();
        let reductions = self.runtime.main_reductions();
        self.world.show(|observer| observer.finish(reductions));
        Run { ending, reductions, statistics: self.runtime.statistics() }
    }

    /// Reaches the program's processes from other threads.
    #[must_use]
    pub fn handle(&self) -> ttvm_runtime::Handle {
        self.runtime.handle()
    }
}

/// A runtime in the world that a configuration describes.
pub(crate) fn runtime_of(configuration: MachineConfiguration, clock: Arc<Clock>) -> (Runtime, Arc<Surroundings>) {
    let (arguments, input) = (configuration.arguments, configuration.input);
    let supersteps = Supersteps::new(configuration.telemetry, arguments.clone());
    let permissions = configuration.permissions;
    let world = Arc::new(Surroundings {
        world: World::new(WorldConfiguration { arguments, input, clock: Arc::clone(&clock), permissions }),
        output: configuration.output,
        loader: Mutex::new(configuration.loader),
        observer: Mutex::new(configuration.observer),
        is_quiet: configuration.is_quiet,
        reporter: Mutex::new(configuration.reporter),
    });
    let runtime = Runtime::new(RuntimeConfiguration {
        schedulers: configuration.schedulers,
        seed: configuration.seed,
        clock,
        host: Arc::clone(&world) as Arc<dyn Host>,
        extension: Some(Arc::new(supersteps)),
        is_strict: configuration.is_strict,
        observes: configuration.observes,
        traces: configuration.traces,
        maxima: configuration.maxima,
    });
    (runtime, world)
}

/// The world as the runtime sees it. Locks are held for one call and never two at once.
pub(crate) struct Surroundings {
    world: World,
    output: Output,
    loader: Mutex<Loader>,
    observer: Mutex<Option<Box<dyn Observer>>>,
    is_quiet: bool,
    reporter: Mutex<Option<Box<dyn Reporter>>>,
}

impl Surroundings {
    /// Shows something to whoever observes.
    fn show(&self, see: impl FnOnce(&mut dyn Observer)) {
        if let Some(observer) = &mut *self.observer.lock() {
            see(&mut **observer);
        }
    }
}

impl Host for Surroundings {
    fn write(&self, stream: Stream, text: &str) {
        self.output.write(stream, text);
    }

    fn is_quick(&self, operation: HostOperation, arguments: &[Value]) -> bool {
        self.world.is_quick(operation, arguments)
    }

    fn perform(&self, rights: &Rights, operation: HostOperation, arguments: Vec<Value>) -> Answer {
        if touches_streams(operation) {
            self.output.flush();
        }
        self.world.perform_for(rights, operation, arguments)
    }

    fn start(&self, rights: &Rights, operation: HostOperation, arguments: Vec<Value>, reply: Reply) {
        self.world.start(reply.pid(), rights, operation, arguments, Box::new(move |answer| reply.send(answer)));
    }

    fn release(&self, reply: Reply) {
        self.world.release(reply.pid(), move || reply.send(Ok(Value::Null)));
    }

    fn detach(&self, operation: &'static str, resource: Resource, from: Pid) -> Result<(), Fault> {
        self.world.detach(operation, resource, from)
    }

    fn attach(&self, resource: Resource, to: Pid) {
        self.world.attach(resource, to);
    }

    fn forget(&self, resource: Resource) {
        self.world.forget(resource);
    }

    fn idle(&self) {
        self.output.flush();
    }

    fn import(&self, rights: &Rights, importer: &str, path: &str) -> Result<(Text, Arc<LoadedModule>), Fault> {
        let mut loader = self.loader.lock();
        loader.read_for("IMPORT", self.world.guard(rights));
        let (key, found) = loader.find(importer, path).map_err(|error| import_fault(path, &error))?;
        let module = loader.load_found(importer, path, &found).map_err(|error| import_fault(path, &error))?;
        Ok((Text::from(&*key), module))
    }

    fn check_folder(&self, rights: &Rights, operation: &'static str, folder: &Path) -> Result<(), Fault> {
        self.world.guard(rights).check_folder(operation, folder)
    }

    fn program(&self, rights: &Rights, name: &str) -> Result<Option<Arc<LoadedModule>>, Fault> {
        let mut loader = self.loader.lock();
        loader.read_for("SPAWN", self.world.guard(rights));
        match loader.find_program(name).map_err(|error| import_fault(name, &error))? {
            None => Ok(None),
            Some(path) => {
                let program = loader.load_file(&path).map_err(|error| import_fault(name, &error))?;
                Ok(Some(program.module))
            }
        }
    }

    fn crashed(&self, pid: Pid, name: Option<&str>, crash: &Crash) {
        if let Some(reporter) = &mut *self.reporter.lock() {
            self.output.flush();
            return reporter.crashed(pid, name, crash);
        }
        let message = crash.exception.message();
        self.output.write(Stream::Error, &format!("process {pid}: {} ({})\n", message.as_str(), crash.place));
    }

    fn warn(&self, warning: &str) {
        if self.is_quiet {
            return;
        }
        if let Some(reporter) = &mut *self.reporter.lock() {
            self.output.flush();
            return reporter.warn(warning);
        }
        self.output.write(Stream::Error, &format!("warning: {warning}\n"));
    }

    fn write_warning(&self, text: &str) {
        if !self.is_quiet {
            self.output.write(Stream::Error, text);
        }
    }

    fn enter(&self, pid: Pid, entry: &Entry<'_>) {
        self.show(|observer| observer.enter(pid, entry));
    }

    fn leave(&self, pid: Pid, frame: usize, reductions: u64) {
        self.show(|observer| observer.leave(pid, frame, reductions));
    }

    fn step(&self, pid: Pid, step: &Step<'_>) {
        self.show(|observer| observer.step(pid, step));
    }

    fn event(&self, event: &Event<'_>) {
        self.show(|observer| observer.event(event));
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

fn import_fault(path: &str, error: &LoadError) -> Fault {
    match error {
        LoadError::Circular { path, .. } => circular(path),
        LoadError::NotPermitted(fault) => fault.clone(),
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
