//! What one process asks of the rest of the machine, and how a run of it ends.

use ttvm_isa::{Fault, HostOperation, OpCode, ProcessOperation, Text};
use ttvm_value::{Exception, Pid, Ref, Value, work::Task};

use crate::code::LoadedModule;

/// Where printed text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// What a process asks for while it runs. Nothing here may block.
///
/// The defaults are a machine with one process: instructions that concern others fail, and no message ever comes.
pub trait Kernel {
    /// Writes text as one piece.
    fn write(&mut self, stream: Stream, text: &str);

    /// Warns of something that is no error. The text is one line.
    fn warn(&mut self, text: &str) {
        self.write(Stream::Error, text);
    }

    /// Performs an instruction that concerns processes.
    fn process(&mut self, request: &mut Request<'_>) -> Reply {
        let error = "there are no other processes here".to_owned();
        Reply::Fault(Fault::Host { operation: request.operation.mnemonic(), error })
    }

    /// The process that runs. `None`: ask with [`Kernel::process`] instead.
    fn pid(&self) -> Option<Pid> {
        None
    }

    /// What the random generator of the process that runs begins with. Always the same.
    fn seed(&self) -> u64 {
        0
    }

    /// Takes a message out of `message` and sends it to a process, which may have ended; gives the reductions that this
    /// costs besides the instruction's own. `None`, with nothing taken: ask with [`Kernel::process`] instead.
    fn send(&mut self, _to: Pid, _message: &mut Value) -> Option<u64> {
        None
    }

    /// Makes a process as a `SPAWN` or its kin does that has these values, the function last, and takes them. `None`, with
    /// nothing taken: ask with [`Kernel::process`] instead.
    fn spawn(&mut self, _operation: ProcessOperation, _values: &mut [Value]) -> Option<Made> {
        None
    }

    /// The oldest message that the receive in progress has not been shown yet; a receive begins with the first call
    /// after one has ended. The same message is given until it is skipped or taken.
    ///
    /// With a reference, the receive takes only messages that hold it, so that the search may begin behind those
    /// that came before the reference was made (rule P51).
    fn message(&mut self, _reference: Option<Ref>) -> Option<&Value> {
        None
    }

    /// The message shown does not match: the next one will be shown.
    fn skip_message(&mut self) {}

    /// Takes the message shown out of the queue, its neighbours keeping their order. The receive is over.
    fn take_message(&mut self) -> Value {
        Value::Null
    }

    /// Takes the oldest message, for a receive that takes any and waits for ever. `None`: the process waits.
    fn receive(&mut self) -> Option<Value> {
        if self.message(None).is_some() {
            return Some(self.take_message());
        }
        None
    }

    /// The receive in progress has failed: the next one begins with the oldest message again.
    fn abandon_receive(&mut self) {}

    /// No message matches so far; called when [`Kernel::message`] has none to show and the receive does not wait for
    /// ever.
    ///
    /// The first call of a receive starts its time, later ones do not begin it anew (rule P49). With
    /// [`Waiting::Wait`] the run ends with [`Outcome::Receive`], and the next run calls [`Kernel::message`] again;
    /// after the others the receive is over.
    fn wait(&mut self, _timeout: Timeout) -> Waiting {
        Waiting::Wait
    }

    /// Sees a call begin, if [`crate::Process::observe`] asked for it. Frames at or above its position that were
    /// not seen to end have ended.
    fn enter(&mut self, _entry: &Entry<'_>) {}

    /// Sees that all frames at or above a position have ended, with the reductions spent so far.
    fn leave(&mut self, _frame: usize, _reductions: u64) {}

    /// Sees a stack instruction before it runs, if asked for.
    fn step(&mut self, _step: &Step<'_>) {}
}

/// A process that was made, see [`Kernel::spawn`].
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// Its pid.
    pub pid: Pid,
    /// The ref of its monitor, if it has one.
    pub monitor: Option<Ref>,
    /// The reductions that this costs besides the instruction's own.
    pub spent: u64,
}

/// An instruction that concerns processes, see [`Kernel::process`].
pub struct Request<'a> {
    /// What is to be done.
    pub operation: ProcessOperation,
    /// The instruction, for the operands written in it.
    pub instruction: &'a OpCode,
    /// Its arguments from the stack, in the order they were pushed. What is not taken out is dropped afterwards.
    pub arguments: &'a mut [Value],
    /// The module that the instruction lies in.
    pub module: &'a LoadedModule,
    /// Gives `file:line` of the instruction.
    pub place: &'a dyn Fn() -> String,
    /// Reductions that the instruction costs; the kernel adds what its work was worth.
    pub spent: u64,
    /// What the process's random generator has come to, once it was used.
    pub random: Option<u64>,
}

/// What came of a [`Request`].
///
/// If the values are more than the instruction leaves on the stack, the rest is dropped; missing ones are null.
#[derive(Debug)]
pub enum Reply {
    /// Done; it leaves nothing.
    Nothing,
    /// Done; it leaves a value.
    Value(Value),
    /// Done; it leaves two values, the second on top.
    Two(Value, Value),
    /// Done; it goes to its target and leaves nothing. Only for instructions that [`OpCode::waits_until`] names.
    Branch,
    /// It failed; the process can catch that.
    Fault(Fault),
    /// The run ends with [`Outcome::Answer`]; [`crate::Process::answer`] says later what came of it. Not for `SELF` and
    /// `MAKE_REF`, whose results go straight into variables.
    Wait,
    /// Done, and the turn is over: the run ends with [`Outcome::Yield`].
    Yield,
    /// Not done yet, nothing is taken, and the turn is over: the run ends with [`Outcome::Yield`], and the next one asks for the
    /// same again.
    Again,
    /// The process ends at once with this reason, which nothing in it can catch: [`Outcome::Ended`].
    Exit(Value),
}

/// How long a receive waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    /// For ever.
    Never,
    /// This many milliseconds. 0 looks at the whole queue once (rule P48).
    After(u64),
}

/// What a receive does that has looked at all messages.
#[derive(Clone, Debug)]
pub enum Waiting {
    /// It waits for the next message.
    Wait,
    /// Its time is over.
    TimedOut,
    /// It cannot wait: an error in the process.
    Fault(Fault),
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
    /// An instruction needs this done, however long it takes, where it disturbs nobody: see [`crate::Process::answer`].
    Elsewhere {
        /// The instruction.
        operation: &'static str,
        /// What it needs.
        task: Task,
    },
    /// It waits for a module: see [`crate::Process::import`].
    Import {
        /// The path as written.
        path: Text,
        /// The source name of the importing module.
        importer: Text,
    },
    /// It waits for messages: run it again when there are new ones or its time is over. It then goes on with those
    /// it has not looked at.
    Receive,
    /// It waits for the answer to a [`Request`] that the kernel replied [`Reply::Wait`] to: see
    /// [`crate::Process::answer`].
    Answer,
    /// It gave up the rest of its turn; run it again.
    Yield,
    /// It ended itself with this reason.
    Ended(Value),
    /// The whole program is to stop with this code.
    Exit(i32),
    /// It ended with an error nobody caught.
    Crashed(Crash),
}

impl Outcome {
    /// Whether the process, or the whole program, has ended with it.
    #[must_use]
    pub fn is_end(&self) -> bool {
        match self {
            Self::Done(_) | Self::Ended(_) | Self::Exit(_) | Self::Crashed(_) => true,
            Self::OutOfReductions
            | Self::Host { .. }
            | Self::Elsewhere { .. }
            | Self::Import { .. }
            | Self::Receive
            | Self::Answer
            | Self::Yield => false,
        }
    }
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
