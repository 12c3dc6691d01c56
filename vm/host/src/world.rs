//! The [`World`]: everything outside the machine that one running program may ask for.
//!
//! Here: its parts, and which handler answers which operation. Never here: the handlers themselves, which
//! live in files by family.

use ttvm_isa::{Fault, HostOperation};
use ttvm_value::Value;

use crate::{
    arguments::{exactly, new_texts},
    commands,
    environment::Environment,
    files,
    input::{Input, InputReader},
    json,
    time::{self, Clock},
};

/// What a [`World`] is made from.
#[derive(Clone, Debug)]
pub struct WorldConfiguration {
    /// The words after the program on the command line, for `GET_ARGS`.
    pub arguments: Vec<String>,
    /// Where `READ_LINE`, `READ_CHAR` and `READ_INPUT` read from.
    pub input: Input,
    /// Whether time is virtual: it starts at [`VIRTUAL_TIME_START`](crate::VIRTUAL_TIME_START) and stands
    /// still but for `SLEEP`, which advances it and returns at once.
    pub virtual_time: bool,
}

/// What a program sees of the world outside the machine.
///
/// Changes to the environment live here and not in the operating system's process, so that two machines in
/// one process do not disturb each other.
#[derive(Debug)]
pub struct World {
    arguments: Vec<String>,
    input: InputReader,
    environment: Environment,
    clock: Clock,
}

/// Whoever performs operations may do so on any thread.
const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<World>();
};

impl World {
    /// A world in which nothing has been read or changed yet.
    #[must_use]
    pub fn new(configuration: WorldConfiguration) -> Self {
        let WorldConfiguration { arguments, input, virtual_time } = configuration;
        Self {
            arguments,
            input: InputReader::new(input),
            environment: Environment::default(),
            clock: if virtual_time { Clock::start_virtual() } else { Clock::start_real() },
        }
    }

    /// Answers `operation`, blocking until it is done. `arguments` are in the order they were pushed.
    ///
    /// The answer to an operation without a result is null, to be dropped. Output that the machine still
    /// buffers must be written out before `EXEC`, whose command writes to the same terminal.
    ///
    /// # Errors
    /// [`Fault::TypeMismatch`] and [`Fault::Argument`] for arguments that the operation does not take,
    /// [`Fault::FileOperation`], [`Fault::Host`] and [`Fault::Json`] for what goes wrong outside,
    /// [`Fault::Limit`] for an answer that is too large.
    ///
    /// # Panics
    /// If the number of arguments is not [`HostOperation::arguments`]: a mistake of the caller.
    pub fn perform(&mut self, operation: HostOperation, arguments: Vec<Value>) -> Result<Value, Fault> {
        match operation {
            HostOperation::ReadLine => self.input.read_line(operation),
            HostOperation::ReadChar => self.input.read_char(operation),
            HostOperation::ReadInput => self.input.read_all(operation),
            HostOperation::GetEnv => self.environment.get(operation, exactly(arguments)),
            HostOperation::SetEnv => self.environment.set(operation, exactly(arguments)),
            HostOperation::GetArgs => new_texts(&self.arguments),
            HostOperation::Exec => {
                let stdin = self.input.for_commands();
                commands::run(operation, exactly(arguments), &self.environment, stdin)
            }
            HostOperation::ExecCapture => commands::capture(operation, exactly(arguments), &self.environment),
            HostOperation::GetTime => Ok(Value::Int(self.clock.unix_seconds())),
            HostOperation::Sleep => self.clock.sleep(operation, exactly(arguments)),
            HostOperation::FormatTime => time::format(operation, exactly(arguments)),
            HostOperation::MonotonicTime => self.clock.monotonic_nanoseconds(),
            HostOperation::ReadFile => files::read_text(operation, exactly(arguments)),
            HostOperation::WriteFile => files::write_text(operation, exactly(arguments)),
            HostOperation::AppendFile => files::append(operation, exactly(arguments)),
            HostOperation::ReadBytes => files::read_bytes(operation, exactly(arguments)),
            HostOperation::WriteBytes => files::write_bytes(operation, exactly(arguments)),
            HostOperation::FileExists => files::exists(operation, exactly(arguments)),
            HostOperation::FileSize => files::size(operation, exactly(arguments)),
            HostOperation::DeleteFile => files::delete(operation, exactly(arguments)),
            HostOperation::ListDir => files::list_directory(operation, exactly(arguments)),
            HostOperation::JsonParse => json::parse(operation, exactly(arguments)),
            HostOperation::JsonStringify => json::stringify(exactly(arguments)),
        }
    }
}
