//! What it means to run a program: [`Tier`], and everything of a run that two ways to run it can be compared by.

use crate::program::Program;

/// One way to run a program. To add one, implement this and name it in `tier_list.rs`.
pub trait Tier {
    /// What failures call it.
    fn name(&self) -> &str;

    /// Runs a program to its end.
    fn run(&self, program: &Program) -> Observed;

    /// Whether it does not know all instructions, and gives up where it comes to another.
    fn may_give_up(&self) -> bool {
        false
    }
}

/// Everything that can be seen of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// What the program wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr, with the machine's warnings, without the report of an uncaught exception.
    pub stderr: String,
    /// How it ended.
    pub ending: Ending,
    /// What it cost.
    pub reductions: u64,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All is well.
    Normal,
    /// By `EXIT`.
    Exit(i64),
    /// By an exception that nobody caught.
    Uncaught {
        /// Its message.
        message: String,
        /// What `ERROR_KIND` would give.
        kind: String,
        /// The index of the instruction that failed.
        instruction: u32,
        /// What `ERROR_TRACE` would give.
        trace: Vec<String>,
    },
    /// The main process ended for this reason.
    Failed(String),
    /// Every process waits, and nothing can wake any: who waits where for what.
    Deadlock(String),
    /// It could not be loaded.
    NotLoaded(String),
    /// The tier gave up: the program ran for too long or asked for something the tier does not have.
    GaveUp(String),
}

impl Ending {
    /// The exit code of the process that ran the program.
    #[must_use]
    pub fn exit_code(&self) -> i64 {
        match self {
            Self::Normal => 0,
            Self::Exit(code) => *code,
            Self::Uncaught { .. } | Self::Failed(_) => 1,
            Self::Deadlock(_) => 4,
            Self::NotLoaded(_) => 3,
            Self::GaveUp(_) => -1,
        }
    }

    /// What went wrong, if something did.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Uncaught { message, .. }
            | Self::Failed(message)
            | Self::Deadlock(message)
            | Self::NotLoaded(message)
            | Self::GaveUp(message) => Some(message),
            Self::Normal | Self::Exit(_) => None,
        }
    }
}
