//! The reference interpreter itself: for each process one operand stack and frames with named variables, and how one
//! instruction of the process whose turn it is is executed.
//!
//! Here: the state and the step. What single instructions do is in `machine/execute.rs` and `operations.rs`,
//! calls and returns in `machine/calls.rs`, errors in `machine/exceptions.rs`, modules in `machine/modules.rs`, everything
//! about more than one process in `processes.rs`.

mod calls;
mod exceptions;
mod execute;
mod modules;
mod random;
mod stack;
mod variables;
mod world;

use std::{collections::BTreeMap, rc::Rc};

use ttvm_bytecode::{VerifiedModule, analysis::inside};
use ttvm_isa::{Fault, Text};

use self::{calls::Callee, modules::LoadedModule, random::SplitMix};
use crate::{
    host::{HostProblem, OracleHost},
    processes::{Chooser, Processes, Schedule},
    value::{Exception, Function, Value},
};

/// Executes one program.
pub struct Oracle {
    pub(crate) host: Box<dyn OracleHost>,
    /// Number 0 is the main module.
    modules: Vec<LoadedModule>,
    /// Of the process whose turn it is.
    pub(crate) code: Code,
    pub(crate) processes: Processes,
    pub(crate) chooser: Chooser,
    stdout: String,
    pub(crate) stderr: String,
    /// What the main process spent.
    pub(crate) main_reductions: u64,
    /// Instructions that all processes have executed.
    pub(crate) steps: u64,
    /// What is merely suspicious is an error.
    pub(crate) is_strict: bool,
}

/// How far the code of one process has come.
pub(crate) struct Code {
    frames: Vec<Frame>,
    stack: Vec<Value>,
    random: SplitMix,
    /// The modules that it has imported, or is importing, by their numbers.
    imports: BTreeMap<usize, Imported>,
    pub(crate) reductions: u64,
}

/// What became of an `IMPORT` in one process.
#[derive(Default)]
struct Imported {
    /// Its top level has come to its end.
    is_done: bool,
    /// What `EXPORT` exported, in order.
    exports: Vec<(Text, Value)>,
}

/// Everything that can be seen of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleOutcome {
    /// What the program wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr, warnings of the machine included.
    pub stderr: String,
    /// How it ended.
    pub ending: Ending,
    /// What it cost its main process.
    pub reductions: u64,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By `HALT` or the end of the code.
    Normal,
    /// By `EXIT` with this code.
    Exit(i64),
    /// By an exception that nobody caught.
    Uncaught(Exception),
    /// The main process ended for this reason, as it prints.
    Failed(String),
    /// Every process waits, the main one among them, and nothing can wake any: each process, where it waits, for what.
    Deadlock(String),
    /// The program could not be linked: why.
    NotLoaded(String),
    /// It was still running after the allowed number of steps or reductions.
    OutOfSteps,
    /// It asked for something that the host cannot do: the mnemonic.
    Unsupported(&'static str),
}

/// A call in progress.
struct Frame {
    /// Number of the module whose code it runs.
    module: usize,
    /// Number of the region in that module.
    region: usize,
    kind: FrameKind,
    /// The instruction being executed; for callers the call.
    pc: u32,
    /// In the order of their first `STORE`, parameters before captured ones before others.
    variables: Vec<(Text, Value)>,
    /// What `CAPTURE` remembered for the next `MAKE_LAMBDA`.
    captures: Vec<(Text, Value)>,
    /// The armed handlers, the newest last.
    handlers: Vec<Handler>,
    /// Length of the operand stack below which this frame sees nothing.
    base: usize,
    /// The instruction at `pc` was a `TAIL_CALL` whose callee has come back: the frame must return now.
    is_returning: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FrameKind {
    /// The program's top level.
    Main,
    /// The top level of a module that an `IMPORT` runs, with an operand stack of its own.
    Module,
    /// A `.fn` body, with an operand stack of its own.
    Body,
    /// Label code, on its caller's operand stack.
    Label,
}

#[derive(Clone, Copy, Debug)]
struct Handler {
    target: u32,
    /// Length of the operand stack when the `TRY` ran.
    height: usize,
}

/// Where execution goes after an instruction.
pub(crate) enum Step {
    /// To the next instruction.
    Next,
    /// To the next instruction, when others had their turn.
    Yield,
    /// Nowhere: the process waits, and executes the instruction again when there is a reason to.
    Wait,
    /// To a target in the same region.
    Jump(u32),
    /// Wherever the newest frame says: one was pushed, replaced or popped.
    Frame,
}

/// Why an instruction did not finish.
pub(crate) enum Interruption {
    Fault(Fault),
    /// An exception thrown again or made by `THROW`.
    Thrown(Box<Exception>),
    End(Ending),
}

impl From<Fault> for Interruption {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<HostProblem> for Interruption {
    fn from(problem: HostProblem) -> Self {
        match problem {
            HostProblem::Fault(fault) => Self::Fault(fault),
            HostProblem::Unsupported(operation) => Self::End(Ending::Unsupported(operation.mnemonic())),
        }
    }
}

impl Oracle {
    /// Prepares to run a program.
    #[must_use]
    pub fn new(main: VerifiedModule, host: Box<dyn OracleHost>) -> Self {
        Self {
            host,
            modules: vec![LoadedModule::new(main)],
            code: Code::nothing(),
            processes: Processes::default(),
            chooser: Chooser::new(Schedule::default()),
            stdout: String::new(),
            stderr: String::new(),
            main_reductions: 0,
            steps: 0,
            is_strict: false,
        }
    }

    /// The same with another choice of who runs next.
    #[must_use]
    pub fn with_schedule(self, schedule: Schedule) -> Self {
        Self { chooser: Chooser::new(schedule), ..self }
    }

    /// The same with errors for what is merely suspicious, or without.
    #[must_use]
    pub fn with_strictness(self, is_strict: bool) -> Self {
        Self { is_strict, ..self }
    }

    /// Runs the program to its end, or until it has executed `step_limit` instructions or spent as many
    /// reductions.
    #[must_use]
    pub fn run(mut self, step_limit: u64) -> OracleOutcome {
        let ending = match self.link(0) {
            Ok(()) => {
                let entry = self.main_entry(0);
                let code = Code::new(Frame::new(0, 0, FrameKind::Main, 0, entry));
                self.processes.add(code);
                self.run_to_end(step_limit)
            }
            Err(problem) => Ending::NotLoaded(problem.reason),
        };
        OracleOutcome { stdout: self.stdout, stderr: self.stderr, ending, reductions: self.main_reductions }
    }

    /// Executes one instruction of the process whose turn it is, and says whether its turn goes on. `Err` is its end.
    pub(crate) fn step(&mut self) -> Result<bool, Ending> {
        let result = match self.current_instruction() {
            Some(_) if self.frame().is_returning => {
                self.frame_mut().is_returning = false;
                self.return_from_frame()
            }
            Some(pc) => {
                self.frame_mut().pc = pc;
                let module = Rc::clone(&self.modules[self.frame().module].verified);
                self.execute(&module.module().code[pc as usize])
            }
            None => self.leave_code(),
        };
        match result {
            Ok(Step::Next) => self.frame_mut().pc += 1,
            Ok(Step::Yield) => {
                self.frame_mut().pc += 1;
                return Ok(false);
            }
            Ok(Step::Wait) => return Ok(false),
            Ok(Step::Jump(target)) => self.frame_mut().pc = target,
            Ok(Step::Frame) => {}
            Err(Interruption::Fault(fault)) => {
                let exception = Exception::of_fault(&fault, self.frame().pc, self.trace());
                self.raise(exception)?;
            }
            Err(Interruption::Thrown(exception)) => self.raise(*exception)?,
            Err(Interruption::End(ending)) => return Err(ending),
        }
        Ok(true)
    }

    /// The instruction that the newest frame means by its `pc`: behind bodies that start there, or none at the
    /// end of the code or body.
    fn current_instruction(&self) -> Option<u32> {
        let frame = self.frame();
        let verified = &self.modules[frame.module].verified;
        inside(verified.module(), verified.regions()[frame.region].body, frame.pc)
    }

    /// The end of a body returns; the end of the code stops cleanly.
    fn leave_code(&mut self) -> Result<Step, Interruption> {
        match self.frame().kind {
            FrameKind::Body => self.return_from_frame(),
            FrameKind::Main | FrameKind::Module | FrameKind::Label => self.halt(),
        }
    }

    /// The code of a new process that runs a function with as many arguments as it takes.
    pub(crate) fn code_of(&self, function: &Function, arguments: Vec<Value>) -> Code {
        let callee = Callee::of_function(function);
        let (region, kind) = self.region_of(&callee);
        Code::new(callee.into_frame(region, kind, 0, arguments))
    }

    /// The function that the newest frame's module calls by a name.
    pub(crate) fn function_named(&self, name: &str) -> Option<Function> {
        let module = self.frame().module;
        let data = self.modules[module].verified.module();
        let body =
            data.bodies.iter().find(|body| &*body.name == name && data.function_at(body.start) == Some(*body))?;
        Some(Function { module, entry: body.start, parameters: body.parameters.clone(), captured: None })
    }

    /// Where the newest frame is, as `file:line`. The end of its code is where its last instruction is.
    pub(crate) fn place(&self) -> String {
        let at = self.current_instruction().unwrap_or_else(|| self.frame().pc.saturating_sub(1));
        self.modules[self.frame().module].verified.module().place(at)
    }

    /// The function or label that the newest frame runs.
    pub(crate) fn function_name(&self) -> String {
        let frame = self.frame();
        self.modules[frame.module].verified.region_name(frame.region).to_string()
    }

    fn frame(&self) -> &Frame {
        self.code.frames.last().expect("the main frame stays until the end")
    }

    fn frame_mut(&mut self) -> &mut Frame {
        self.code.frames.last_mut().expect("the main frame stays until the end")
    }
}

impl Code {
    /// No code, while no process has its turn.
    pub(crate) fn nothing() -> Self {
        Self {
            frames: Vec::new(),
            stack: Vec::new(),
            random: SplitMix::new(0),
            imports: BTreeMap::new(),
            reductions: 0,
        }
    }

    /// The code of a process that begins with this frame.
    fn new(first: Frame) -> Self {
        Self { frames: vec![first], ..Self::nothing() }
    }

    /// The variables of the newest frame.
    pub(crate) fn variables(&self) -> &[(Text, Value)] {
        self.frames.last().map_or(&[], |frame| &frame.variables)
    }

    /// A variable of the newest frame.
    pub(crate) fn variable(&self, name: &Text) -> Result<&Value, Fault> {
        self.frames.last().expect("who executes an instruction has a frame").variable(name)
    }

    /// Sets variables of the newest frame.
    pub(crate) fn set_variables(&mut self, variables: Vec<(Text, Value)>) {
        let frame = self.frames.last_mut().expect("who executes an instruction has a frame");
        for (name, value) in variables {
            frame.set_variable(&name, value);
        }
    }
}

impl Frame {
    fn new(module: usize, region: usize, kind: FrameKind, base: usize, pc: u32) -> Self {
        Self {
            module,
            region,
            kind,
            pc,
            variables: Vec::new(),
            captures: Vec::new(),
            handlers: Vec::new(),
            base,
            is_returning: false,
        }
    }

    fn variable(&self, name: &Text) -> Result<&Value, Fault> {
        let found = self.variables.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value).ok_or_else(|| Fault::UndefinedVariable { name: name.to_string() })
    }

    fn set_variable(&mut self, name: &Text, value: Value) {
        set_named(&mut self.variables, name, value);
    }
}

/// Sets a name's value in place, or adds it at the end.
fn set_named(list: &mut Vec<(Text, Value)>, name: &Text, value: Value) {
    match list.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => *old = value,
        None => list.push((name.clone(), value)),
    }
}
