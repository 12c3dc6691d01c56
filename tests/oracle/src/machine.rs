//! The reference interpreter itself: one operand stack, frames with named variables, and a loop that executes
//! stack code instruction by instruction.
//!
//! Here: the state and the loop. What single instructions do is in `machine/execute.rs` and `operations.rs`,
//! calls and returns in `machine/calls.rs`, errors in `machine/exceptions.rs`, modules in `machine/modules.rs`.

mod calls;
mod exceptions;
mod execute;
mod modules;
mod random;
mod stack;
mod variables;
mod world;

use std::rc::Rc;

use ttvm_bytecode::{VerifiedModule, analysis::inside};
use ttvm_isa::{Fault, Text};

use self::{modules::LoadedModule, random::SplitMix};
use crate::{
    host::{HostProblem, OracleHost},
    value::{Exception, Value},
};

/// Executes one program.
pub struct Oracle {
    host: Box<dyn OracleHost>,
    /// Number 0 is the main module.
    modules: Vec<LoadedModule>,
    frames: Vec<Frame>,
    stack: Vec<Value>,
    random: SplitMix,
    stdout: String,
    stderr: String,
    reductions: u64,
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
    /// What it cost.
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
enum Step {
    /// To the next instruction.
    Next,
    /// To a target in the same region.
    Jump(u32),
    /// Wherever the newest frame says: one was pushed, replaced or popped.
    Frame,
}

/// Why an instruction did not finish.
enum Interruption {
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
            frames: Vec::new(),
            stack: Vec::new(),
            random: SplitMix::new(0),
            stdout: String::new(),
            stderr: String::new(),
            reductions: 0,
        }
    }

    /// Runs the program to its end, or until it has executed `step_limit` instructions or spent as many
    /// reductions.
    #[must_use]
    pub fn run(mut self, step_limit: u64) -> OracleOutcome {
        let ending = match self.link(0) {
            Ok(()) => {
                self.frames.push(Frame::new(0, 0, FrameKind::Main, 0, self.main_entry(0)));
                self.run_to_end(step_limit)
            }
            Err(problem) => Ending::NotLoaded(problem.reason),
        };
        OracleOutcome { stdout: self.stdout, stderr: self.stderr, ending, reductions: self.reductions }
    }

    fn run_to_end(&mut self, step_limit: u64) -> Ending {
        let mut steps = 0;
        while steps < step_limit && self.reductions < step_limit {
            steps += 1;
            if let Err(ending) = self.step() {
                return ending;
            }
        }
        Ending::OutOfSteps
    }

    /// Executes one instruction. `Err` is the end.
    fn step(&mut self) -> Result<(), Ending> {
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
            Ok(Step::Jump(target)) => self.frame_mut().pc = target,
            Ok(Step::Frame) => {}
            Err(Interruption::Fault(fault)) => {
                let exception = Exception::of_fault(&fault, self.frame().pc, self.trace());
                return self.raise(exception);
            }
            Err(Interruption::Thrown(exception)) => return self.raise(*exception),
            Err(Interruption::End(ending)) => return Err(ending),
        }
        Ok(())
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

    fn frame(&self) -> &Frame {
        self.frames.last().expect("the main frame stays until the end")
    }

    fn frame_mut(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the main frame stays until the end")
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
