//! The [`World`]: everything outside the machine that one running program may ask for.
//!
//! Here: its parts, and which handler answers which operation. Never here: the handlers themselves, which
//! live in files by family.

use std::sync::mpsc::channel;

use ttvm_isa::{Fault, HostOperation, Permissions, Rights};
use ttvm_platform::{
    clock::Clock,
    sync::{Arc, Mutex},
};
use ttvm_value::{Pid, Resource, SharedValue, Value, ops::size::flat_size};

use crate::{
    arguments::{exactly, host_fault, new_texts},
    commands, compression, csv, encryption,
    environment::Environment,
    files,
    guard::{Guard, settled},
    hash,
    input::{Input, InputReader},
    json,
    network::{Answering, Network},
    time,
};

/// The operations that are started ([`HostOperation::is_started`]) as a pattern: matches below stay without `_`, so that
/// the compiler asks about each new operation.
macro_rules! started {
    () => {
        HostOperation::DbConnect
            | HostOperation::DbQuery
            | HostOperation::DbExec
            | HostOperation::DnsResolve
            | HostOperation::SocketInfo
            | HostOperation::HttpGet
            | HostOperation::HttpPost
            | HostOperation::TcpConnect
            | HostOperation::TcpListen
            | HostOperation::TcpAccept
            | HostOperation::TcpSend
            | HostOperation::TcpRecv
            | HostOperation::TcpClose
            | HostOperation::UdpBind
            | HostOperation::UdpSend
            | HostOperation::UdpRecv
    };
}

/// What a [`World`] is made from.
#[derive(Clone, Debug)]
pub struct WorldConfiguration {
    /// The words after the program on the command line, for `GET_ARGS`.
    pub arguments: Vec<String>,
    /// Where `READ_LINE`, `READ_CHAR` and `READ_INPUT` read from.
    pub input: Input,
    /// What time it is. Virtual time starts at [`VIRTUAL_TIME_START`](crate::VIRTUAL_TIME_START) and stands
    /// still but for `SLEEP`, which advances it and returns at once.
    pub clock: Arc<Clock>,
    /// What the program may do out there.
    pub permissions: Permissions,
}

/// What a program sees of the world outside the machine.
///
/// Changes to the environment live here and not in the operating system's process, so that two machines in
/// one process do not disturb each other.
#[derive(Debug)]
pub struct World {
    arguments: Vec<String>,
    input: Mutex<InputReader>,
    environment: Arc<Mutex<Environment>>,
    clock: Arc<Clock>,
    permissions: Arc<Permissions>,
    network: Network,
}

/// Operations may be performed on any threads, several at once.
const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<World>();
};

impl World {
    /// A world in which nothing has been read or changed yet.
    #[must_use]
    pub fn new(configuration: WorldConfiguration) -> Self {
        let WorldConfiguration { arguments, input, clock, permissions } = configuration;
        let environment = Arc::new(Mutex::new(Environment::default()));
        Self {
            arguments,
            input: Mutex::new(InputReader::new(input)),
            network: Network::new(Arc::clone(&environment)),
            environment,
            clock,
            permissions: Arc::new(settled(permissions)),
        }
    }

    /// Decides what a process with these rights may do.
    #[must_use]
    pub fn guard(&self, rights: &Rights) -> Guard {
        Guard::new(Arc::clone(&self.permissions), rights.clone())
    }

    /// Starts an operation of a process that is [`HostOperation::is_started`]; `answer` is called when it is done, or
    /// dropped when it is cancelled because the process ends.
    pub fn start(&self, pid: Pid, rights: &Rights, operation: HostOperation, arguments: Vec<Value>, answer: Answering) {
        self.network.start(pid, self.guard(rights), operation, arguments, answer);
    }

    /// Closes all that a process owns, cancels what it has under way, and calls `done` when all that is over.
    pub fn release(&self, pid: Pid, done: impl FnOnce() + Send + 'static) {
        self.network.resources.release(pid, Box::new(done));
    }

    /// Takes a resource from its owner, for `operation`, to be given to another or forgotten.
    ///
    /// # Errors
    /// [`Fault::Host`] if it is closed, or belongs to another process.
    pub fn detach(&self, operation: &'static str, resource: Resource, from: Pid) -> Result<(), Fault> {
        self.network.resources.detach(operation, resource, from)
    }

    /// Gives a resource that was detached to a process that has not ended.
    pub fn attach(&self, resource: Resource, to: Pid) {
        self.network.resources.attach(resource, to);
    }

    /// Closes a resource.
    pub fn forget(&self, resource: Resource) {
        self.network.resources.forget(resource);
    }

    /// Starts an operation and waits for its answer, as nobody in particular.
    fn start_and_wait(&self, rights: &Rights, operation: HostOperation, arguments: Vec<Value>) -> Result<Value, Fault> {
        let (sender, receiver) = channel();
        let answer = move |answer: Result<Value, Fault>| {
            // Whoever waits below waits for as long as it takes.
            let _ = sender.send(answer.map(|value| SharedValue::new(value).0));
        };
        self.start(Pid::new(0, 0), rights, operation, arguments, Box::new(answer));
        match receiver.recv() {
            Ok(answer) => answer.map(SharedValue::into_value),
            Err(_) => Err(host_fault(operation, "cancelled")),
        }
    }

    /// Answers `operation` for a process with all the rights of the program: see [`World::perform_for`].
    ///
    /// # Errors
    /// As [`World::perform_for`].
    pub fn perform(&self, operation: HostOperation, arguments: Vec<Value>) -> Result<Value, Fault> {
        self.perform_for(&Rights::default(), operation, arguments)
    }

    /// Answers `operation`, blocking until it is done. `arguments` are in the order they were pushed.
    ///
    /// The answer to an operation without a result is null, to be dropped. Output that the machine still
    /// buffers must be written out before `EXEC`, whose command writes to the same terminal.
    ///
    /// # Errors
    /// [`Fault::TypeMismatch`] and [`Fault::Argument`] for arguments that the operation does not take,
    /// [`Fault::NotPermitted`], [`Fault::FileOperation`], [`Fault::Host`] and [`Fault::Json`] for what goes wrong outside,
    /// [`Fault::Limit`] for an answer that is too large.
    ///
    /// # Panics
    /// If the number of arguments is not [`HostOperation::arguments`]: a mistake of the caller.
    pub fn perform_for(
        &self,
        rights: &Rights,
        operation: HostOperation,
        arguments: Vec<Value>,
    ) -> Result<Value, Fault> {
        let guard = &self.guard(rights);
        match operation {
            HostOperation::ReadLine => self.input.lock().read_line(operation),
            HostOperation::ReadChar => self.input.lock().read_char(operation),
            HostOperation::ReadInput => self.input.lock().read_all(operation),
            HostOperation::GetEnv => {
                guard.check_environment(operation.mnemonic())?;
                self.environment.lock().get(operation, exactly(arguments))
            }
            HostOperation::SetEnv => {
                guard.check_environment(operation.mnemonic())?;
                self.environment.lock().set(operation, exactly(arguments))
            }
            HostOperation::GetArgs => new_texts(&self.arguments),
            HostOperation::Exec => {
                guard.check_commands(operation.mnemonic())?;
                let stdin = self.input.lock().for_commands();
                let environment = self.environment.lock().clone();
                commands::run(operation, exactly(arguments), &environment, stdin)
            }
            HostOperation::ExecCapture => {
                guard.check_commands(operation.mnemonic())?;
                let environment = self.environment.lock().clone();
                commands::capture(operation, exactly(arguments), &environment)
            }
            HostOperation::GetTime => Ok(Value::Int(self.clock.unix_seconds())),
            HostOperation::Sleep => time::sleep(&self.clock, operation, exactly(arguments)),
            HostOperation::FormatTime => time::format(operation, exactly(arguments)),
            HostOperation::MonotonicTime => time::monotonic_nanoseconds(&self.clock),
            HostOperation::ReadFile => files::read_text(guard, operation, exactly(arguments)),
            HostOperation::WriteFile => files::write_text(guard, operation, exactly(arguments)),
            HostOperation::AppendFile => files::append(guard, operation, exactly(arguments)),
            HostOperation::ReadBytes => files::read_bytes(guard, operation, exactly(arguments)),
            HostOperation::WriteBytes => files::write_bytes(guard, operation, exactly(arguments)),
            HostOperation::FileExists => files::exists(guard, operation, exactly(arguments)),
            HostOperation::FileSize => files::size(guard, operation, exactly(arguments)),
            HostOperation::DeleteFile => files::delete(guard, operation, exactly(arguments)),
            HostOperation::ListDir => files::list_directory(guard, operation, exactly(arguments)),
            HostOperation::JsonParse => json::parse(operation, exactly(arguments)),
            HostOperation::JsonStringify => json::stringify(exactly(arguments)),
            HostOperation::CsvParse => csv::parse(operation, exactly(arguments)),
            HostOperation::CsvWrite => csv::write(operation, exactly(arguments)),
            HostOperation::Compress => compression::compress(operation, &arguments),
            HostOperation::Decompress => compression::decompress(operation, exactly(arguments)),
            HostOperation::Hash => hash::hash(operation, &arguments),
            HostOperation::Encrypt => encryption::encrypt(operation, exactly(arguments)),
            HostOperation::Decrypt => encryption::decrypt(operation, exactly(arguments)),
            started!() => self.start_and_wait(rights, operation, arguments),
        }
    }

    /// Whether an operation on these arguments neither waits for anything nor works for long.
    #[must_use]
    pub fn is_quick(&self, operation: HostOperation, arguments: &[Value]) -> bool {
        match operation {
            HostOperation::GetEnv
            | HostOperation::SetEnv
            | HostOperation::GetArgs
            | HostOperation::GetTime
            | HostOperation::FormatTime
            | HostOperation::MonotonicTime => true,
            // Somebody who waits for input holds the lock.
            HostOperation::ReadLine | HostOperation::ReadChar => {
                self.input.try_lock().is_some_and(|input| input.has_line())
            }
            HostOperation::JsonParse
            | HostOperation::JsonStringify
            | HostOperation::CsvParse
            | HostOperation::CsvWrite
            | HostOperation::Compress
            | HostOperation::Hash => {
                arguments.iter().all(|argument| has_at_most(argument, QUICK_ELEMENTS_MAX))
            }
            HostOperation::ReadInput
            | HostOperation::Exec
            | HostOperation::ExecCapture
            | HostOperation::Sleep
            | HostOperation::ReadFile
            | HostOperation::WriteFile
            | HostOperation::AppendFile
            | HostOperation::ReadBytes
            | HostOperation::WriteBytes
            | HostOperation::FileExists
            | HostOperation::FileSize
            | HostOperation::DeleteFile
            | HostOperation::ListDir
            // A few bytes can ask for much work.
            | HostOperation::Decompress
            | HostOperation::Encrypt
            | HostOperation::Decrypt
            | started!() => false,
        }
    }
}

/// Elements, or 16 bytes of text, that are worked on in less time than it takes to hand them to another thread.
const QUICK_ELEMENTS_MAX: usize = 1_000;

/// Whether a value, with everything in it, has at most so many elements.
fn has_at_most(value: &Value, max: usize) -> bool {
    let mut left = max;
    let mut values = vec![value.clone()];
    while let Some(value) = values.pop() {
        let size = usize::try_from(flat_size(&value)).unwrap_or(usize::MAX);
        let Some(rest) = left.checked_sub(size.max(1)) else { return false };
        left = rest;
        match &value {
            Value::List(list) => values.extend(list.iter().map(|element| element.to_value())),
            Value::Object(object) => values.extend(object.iter().map(|(_, field)| field.clone())),
            // Maps are no JSON, which is found out at once.
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_of_what_is_started_agrees_with_the_table() {
        for operation in HostOperation::ALL {
            assert_eq!(matches!(operation, started!()), operation.is_started(), "{}", operation.mnemonic());
        }
    }
}
