//! Machine errors: what can go wrong while a program runs, with the texts that programs may rely on.
//!
//! A fault becomes an exception value when it is raised; until then it costs nothing but its fields.

use std::fmt;

/// An error raised by an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// An instruction found fewer values on the operand stack than it takes.
    StackUnderflow {
        /// Mnemonic of the instruction.
        operation: &'static str,
    },
    /// A call or `MAKE_LIST` found fewer values than it takes.
    InsufficientStackItems {
        /// Values it takes.
        needed: usize,
        /// Values there are.
        available: usize,
    },
    /// An operand has the wrong type or value.
    TypeMismatch {
        /// Mnemonic of the instruction.
        operation: &'static str,
        /// What it takes, with its article: `a list`, `two numbers (int or float)`.
        expected: &'static str,
        /// What it found: the debug forms of the operands (`Int(1), Str("x")`), or a word.
        got: String,
    },
    /// A variable that does not exist was read.
    UndefinedVariable {
        /// Its name.
        name: String,
    },
    /// An index lies outside a list, array, str or bytes.
    IndexOutOfBounds {
        /// The index as written.
        index: String,
        /// The number of elements.
        length: usize,
    },
    /// `RET` outside any call.
    NoVariableScope,
    /// A function was called by a name nobody has.
    UnknownLabel {
        /// The name.
        name: String,
    },
    /// A division by zero.
    DivisionByZero,
    /// Modules import each other in a circle.
    CircularDependency {
        /// The path as written in the `IMPORT` that closes the circle.
        path: String,
    },
    /// A module could not be imported.
    Import {
        /// The path as written.
        path: String,
        /// Why.
        reason: String,
    },
    /// The operating system refused something with a file.
    FileOperation {
        /// The file.
        path: String,
        /// The system's words.
        error: String,
    },
    /// The operating system refused something else.
    Host {
        /// Mnemonic of the instruction.
        operation: &'static str,
        /// What happened.
        error: String,
    },
    /// A value cannot be written or read as JSON.
    Json {
        /// What is wrong, and where.
        error: String,
    },
    /// An argument has the right type but not a possible value.
    Argument {
        /// Mnemonic of the instruction.
        operation: &'static str,
        /// What is wrong with it.
        error: String,
    },
    /// `ASSERT` or `ASSERT_EQ` failed.
    AssertionFailed {
        /// What was compared, or empty.
        detail: String,
    },
    /// There is no such process.
    NoProcess {
        /// Mnemonic of the instruction.
        operation: &'static str,
        /// What the program named: a number, or a name in quotes.
        target: String,
    },
    /// A barrier that not all parties can come to any more.
    BrokenBarrier {
        /// Mnemonic of the instruction.
        operation: &'static str,
        /// What broke it.
        reason: String,
    },
    /// A stream that takes or gives nothing any more, or a future that cannot be awaited.
    Channel {
        /// Mnemonic of the instruction.
        operation: &'static str,
        /// What is the matter with it.
        error: String,
    },
    /// The program, or this process of it, is not permitted to do that.
    NotPermitted {
        /// Mnemonic of the instruction.
        operation: &'static str,
        /// What: `reading /etc/passwd`.
        what: String,
        /// The option of the command that would permit it; none if a process has given it up.
        option: Option<String>,
    },
    /// A group of processors has failed.
    Superstep(Box<SuperstepFault>),
    /// A limit of the machine was reached.
    Limit {
        /// What there would be too much of.
        what: &'static str,
        /// How much is allowed.
        max: u64,
    },
}

/// How a group of processors has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuperstepFault {
    /// Mnemonic of the instruction that started it.
    pub operation: &'static str,
    /// The computation's name, or empty.
    pub group: String,
    /// The number of the superstep.
    pub superstep: u64,
    /// Its name, or empty.
    pub name: String,
    /// The processor that failed, as people call it, if it was one.
    pub processor: Option<String>,
    /// Why.
    pub reason: String,
}

impl fmt::Display for SuperstepFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, group, superstep, name, processor, reason } = self;
        let space = |text: &str| if text.is_empty() { "" } else { " " };
        write!(f, "{operation}{}{group}: superstep {superstep}{}{name}: ", space(group), space(name))?;
        match processor {
            Some(processor) => write!(f, "{processor}: {reason}"),
            None => f.write_str(reason),
        }
    }
}

impl Fault {
    /// A type mismatch.
    #[must_use]
    #[cold]
    pub fn mismatch(operation: &'static str, expected: &'static str, got: String) -> Self {
        Self::TypeMismatch { operation, expected, got }
    }

    /// The word `ERROR_KIND` gives.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::StackUnderflow { .. } | Self::InsufficientStackItems { .. } => "underflow",
            Self::TypeMismatch { .. } => "type",
            Self::UndefinedVariable { .. } | Self::NoVariableScope | Self::UnknownLabel { .. } => "undefined",
            Self::IndexOutOfBounds { .. } => "index",
            Self::DivisionByZero => "arithmetic",
            Self::CircularDependency { .. } | Self::Import { .. } => "import",
            Self::FileOperation { .. } => "file",
            Self::Host { .. } => "host",
            Self::Json { .. } => "json",
            Self::Argument { .. } => "argument",
            Self::AssertionFailed { .. } => "assertion",
            Self::NoProcess { .. } => "noproc",
            Self::BrokenBarrier { .. } => "barrier",
            Self::Channel { .. } => "channel",
            Self::NotPermitted { .. } => "permission",
            Self::Superstep(_) => "superstep",
            Self::Limit { .. } => "limit",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StackUnderflow { operation } => write!(f, "Stack underflow during {operation}"),
            Self::InsufficientStackItems { needed, available } => {
                write!(f, "Need {needed} stack items but only {available} available")
            }
            Self::TypeMismatch { operation, expected, got } => {
                write!(f, "{operation} expects {expected} but got {got}")
            }
            Self::UndefinedVariable { name } => write!(f, "Undefined variable: {name}"),
            Self::IndexOutOfBounds { index, length } => {
                write!(f, "Index {index} out of bounds for list of length {length}")
            }
            Self::NoVariableScope => f.write_str("No variable scope available"),
            Self::UnknownLabel { name } => write!(f, "Unknown label: {name}"),
            Self::DivisionByZero => f.write_str("Division by zero"),
            Self::CircularDependency { path } => write!(f, "Circular dependency detected: {path}"),
            Self::Import { path, reason } => write!(f, "Cannot import {path}: {reason}"),
            Self::FileOperation { path, error } => write!(f, "File operation failed on {path}: {error}"),
            Self::Host { operation, error }
            | Self::Argument { operation, error }
            | Self::Channel { operation, error } => write!(f, "{operation}: {error}"),
            Self::Json { error } => write!(f, "Invalid JSON: {error}"),
            Self::AssertionFailed { detail } if detail.is_empty() => f.write_str("Assertion failed"),
            Self::AssertionFailed { detail } => write!(f, "Assertion failed: {detail}"),
            Self::NoProcess { operation, target } => write!(f, "{operation}: noproc: there is no process {target}"),
            Self::BrokenBarrier { operation, reason } => write!(f, "{operation}: broken barrier: {reason}"),
            Self::NotPermitted { operation, what, option: Some(option) } => {
                write!(f, "{operation}: {what} is not permitted; {option} would permit it")
            }
            Self::NotPermitted { operation, what, option: None } => {
                write!(f, "{operation}: {what} is not permitted: this process, or one it comes from, has given it up")
            }
            Self::Superstep(fault) => fault.fmt(f),
            Self::Limit { what, max } => write!(f, "Limit reached: at most {max} {what}"),
        }
    }
}

impl std::error::Error for Fault {}
