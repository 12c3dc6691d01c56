//! What one process asks of the rest of the machine, and how a run of it ends.

use ttvm_isa::{Fault, HostOperation, Text};
use ttvm_value::{Exception, Value};

/// Where printed text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// What a process asks for while it runs. Nothing here may block.
pub trait Kernel {
    /// Writes text as one piece.
    fn write(&mut self, stream: Stream, text: &str);

    /// Sees a call begin, if [`crate::Process::observe`] asked for it. Frames at or above its position that were
    /// not seen to end have ended.
    fn enter(&mut self, _entry: &Entry<'_>) {}

    /// Sees that all frames at or above a position have ended, with the reductions spent so far.
    fn leave(&mut self, _frame: usize, _reductions: u64) {}

    /// Sees a stack instruction before it runs, if asked for.
    fn step(&mut self, _step: &Step<'_>) {}
}

/// A call that begins.
pub struct Entry<'a> {
    /// A number that is the same for every call of the function.
    pub function: usize,
    /// The function's or label's name and the place where it begins, for whoever does not know its number yet.
    pub describe: &'a dyn Fn() -> (String, String),
    /// The position of its frame on the call stack: higher than that of every frame below it.
    pub frame: usize,
    /// Reductions spent so far.
    pub reductions: u64,
}

/// A stack instruction about to run.
#[derive(Debug)]
pub struct Step<'a> {
    /// `file:line`.
    pub place: String,
    /// Its index.
    pub pc: u32,
    /// The instruction as text.
    pub instruction: &'a ttvm_isa::OpCode,
    /// The position of its frame on the call stack, as in [`Entry::frame`].
    pub frame: usize,
    /// The operand stack, lowest first.
    pub operands: &'a [Value],
}

/// How a run of a process ended.
#[derive(Debug)]
pub enum Outcome {
    /// The process has ended normally; the value its function returned, or null.
    Done(Value),
    /// Its reductions are used up; run it again.
    OutOfReductions,
    /// It waits for the answer to a host operation: see [`crate::Process::answer`].
    Host {
        /// The operation.
        operation: HostOperation,
        /// Its arguments, in the order they were pushed.
        arguments: Vec<Value>,
    },
    /// It waits for a module: see [`crate::Process::import`].
    Import {
        /// The path as written.
        path: Text,
        /// The source name of the importing module.
        importer: Text,
    },
    /// The whole program is to stop with this code.
    Exit(i32),
    /// It ended with an error nobody caught.
    Crashed(Crash),
}

/// An uncaught error.
#[derive(Clone)]
pub struct Crash {
    /// The exception, with its call chain.
    pub exception: Exception,
    /// `file:line` of the instruction that failed.
    pub place: String,
}

impl std::fmt::Debug for Crash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.exception.message().as_str(), self.place)
    }
}

/// The answer to a host operation.
pub type Answer = Result<Value, Fault>;
