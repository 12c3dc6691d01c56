//! [`Failure`]: why a command did not do what it was asked to, and the exit code for it.

use std::{io, path::PathBuf};

use crate::{
    live::{ClientError, ObserveError},
    report::Report,
    show,
};

/// The exit code for wrong usage.
const USAGE: i32 = 2;

/// The exit code for a program that cannot be loaded.
const CANNOT_BE_LOADED: i32 = 3;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line asks for what there is not.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// A way out.
        help: Option<String>,
    },
    /// A program cannot be loaded, for these reasons.
    #[error("a program cannot be loaded")]
    Unloadable(Vec<Report>),
    /// A program cannot be watched.
    #[error(transparent)]
    Watch(#[from] ClientError),
    /// A program cannot let itself be watched.
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// A result cannot be written.
    #[error("cannot write {}: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's words.
        #[source]
        error: io::Error,
    },
}

impl Failure {
    /// Wrong usage without a way out to propose.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: None }
    }

    /// Says on standard error what went wrong.
    pub fn show(&self) {
        match self {
            Self::Usage { help, .. } => {
                show::line(&format!("error: {self}"));
                if let Some(help) = help {
                    show::line(&format!("help: {help}"));
                }
            }
            Self::Write { .. } | Self::Watch(_) | Self::Observe(_) => show::line(&format!("error: {self}")),
            Self::Unloadable(reports) => show::reports(reports),
        }
    }

    /// The exit code.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Usage { .. } => USAGE,
            Self::Unloadable(_) => CANNOT_BE_LOADED,
            Self::Write { .. } | Self::Watch(_) | Self::Observe(_) => 1,
        }
    }
}
