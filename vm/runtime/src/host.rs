//! What the runtime asks of whoever embeds it: output, host operations, modules, and somebody to report to.

use std::path::Path;

use ttvm_engine::{Answer, Crash, Entry, LoadedModule, Step, Stream};
use ttvm_isa::{Fault, HostOperation, Rights, Text};
use ttvm_platform::sync::Arc;
use ttvm_value::{Pid, Resource, Value};

use crate::reply::Reply;

/// The world outside the processes. Everything here may be called from any thread.
pub trait Host: Send + Sync + 'static {
    /// Writes text as one piece.
    fn write(&self, stream: Stream, text: &str);

    /// Whether an operation is done at once: it neither waits for anything nor works for long on these arguments.
    fn is_quick(&self, operation: HostOperation, arguments: &[Value]) -> bool;

    /// Performs a host operation for a process with these rights, however long it takes. Operations that are not quick
    /// are called on a thread where blocking disturbs nobody. `SLEEP` never comes here.
    ///
    /// # Errors
    /// The fault to be raised in the process.
    fn perform(&self, rights: &Rights, operation: HostOperation, arguments: Vec<Value>) -> Answer;

    /// Starts a host operation that is [`HostOperation::is_started`], for a process with these rights. Called on a
    /// scheduler's thread: it must not block.
    fn start(&self, rights: &Rights, operation: HostOperation, arguments: Vec<Value>, reply: Reply);

    /// A process that started operations ends: closes all that it owns outside, cancels what it has under way, and
    /// replies when all that is over (rule P44). Must not block.
    fn release(&self, reply: Reply);

    /// Takes a resource from its owner, for the instruction `operation`, to be given to another or forgotten.
    ///
    /// # Errors
    /// The fault to be raised in the process.
    fn detach(&self, operation: &'static str, resource: Resource, from: Pid) -> Result<(), Fault>;

    /// Gives a resource that was detached to a process that has not ended.
    fn attach(&self, resource: Resource, to: Pid);

    /// Closes a resource that was detached.
    fn forget(&self, resource: Resource);

    /// A scheduler is about to wait with nothing to do: what was written may be shown.
    fn idle(&self) {}

    /// The module that an `IMPORT` of a process with these rights names: its key and its code.
    ///
    /// # Errors
    /// The fault to be raised in the process.
    fn import(&self, rights: &Rights, importer: &str, path: &str) -> Result<(Text, Arc<LoadedModule>), Fault>;

    /// Whether a process with these rights may read and write files in a folder, for the instruction `operation`. May
    /// block.
    ///
    /// # Errors
    /// The fault to be raised in the process.
    fn check_folder(&self, rights: &Rights, operation: &'static str, folder: &Path) -> Result<(), Fault>;

    /// The program that `SPAWN` of a str names in a process with these rights, if there is such a file.
    ///
    /// # Errors
    /// The fault to be raised in the process, if there is one that cannot be loaded.
    fn program(&self, rights: &Rights, name: &str) -> Result<Option<Arc<LoadedModule>>, Fault>;

    /// A process other than main has ended with an error that nobody caught.
    fn crashed(&self, pid: Pid, name: Option<&str>, crash: &Crash);

    /// Something that the program's author should know: one line, without a line end.
    fn warn(&self, warning: &str);

    /// A warning of the running code, whole with its line end.
    fn write_warning(&self, text: &str) {
        self.write(Stream::Error, text);
    }

    /// Sees a call begin in a process, if the configuration asked for it.
    fn enter(&self, _pid: Pid, _entry: &Entry<'_>) {}

    /// Sees calls end in a process, if asked for.
    fn leave(&self, _pid: Pid, _frame: usize, _reductions: u64) {}

    /// Sees a stack instruction in a process, if asked for.
    fn step(&self, _pid: Pid, _step: &Step<'_>) {}

    /// Sees what happens to processes, if asked for.
    fn event(&self, _event: &Event<'_>) {}
}

/// Something that happened to a process, for traces.
#[derive(Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// When, since the machine's start.
    pub time: std::time::Duration,
    /// The scheduler that did it, from 0.
    pub scheduler: usize,
    /// The process it happened to.
    pub pid: Pid,
    /// What.
    pub kind: &'a EventKind<'a>,
}

/// What happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventKind<'a> {
    /// It was spawned by this process, if by any.
    Spawn(Option<Pid>),
    /// Its turn begins.
    In,
    /// Its turn is over after so many reductions, because of this: the `turn` is over, it waits for a `message` or for
    /// the `host`, it was `paused`, or it comes to its `exit`.
    Out(u64, &'static str),
    /// It sent a message to this process.
    Send(Pid, &'a Value),
    /// It received a message.
    Receive(&'a Value),
    /// It is linked to this process now.
    Link(Pid),
    /// It was registered under this name.
    Register(&'a str),
    /// It ended, for this reason.
    Exit(&'a Value),
}
