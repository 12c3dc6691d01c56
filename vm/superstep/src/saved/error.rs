//! Why a group's checkpoints cannot be kept in a folder, or not be gone on from: what is wrong, where, and what to do.

use std::{io, path::Path};

use thiserror::Error;
use ttvm_isa::Fault;
use ttvm_value::wire::NotData;

use super::file::VERSION;

/// What is wrong with the checkpoints in a folder.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The system does not let the machine do it.
    #[error("cannot {action} {path}: {error}")]
    System {
        /// What was to be done.
        action: &'static str,
        /// The file or folder.
        path: String,
        /// The system's words.
        #[source]
        error: io::Error,
    },
    /// The file is not one of ours, or not of this kind.
    #[error("{path} is not {expected}")]
    NotOurs {
        /// The file.
        path: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The file was written by a machine whose files are laid out in another way.
    #[error(
        "{path} has version {found} of the format of checkpoints, and this machine knows version {VERSION}: go on with the machine that wrote it"
    )]
    Version {
        /// The file.
        path: String,
        /// Its version.
        found: u16,
    },
    /// The file is not what was written: part of it is missing or changed.
    #[error("{path} is damaged: {what}")]
    Damaged {
        /// The file.
        path: String,
        /// How that shows.
        what: String,
    },
    /// The file is sound, and belongs to something else.
    #[error("{path} is of another {what}: go on with that one, or begin anew in another folder")]
    Foreign {
        /// The file.
        path: String,
        /// What differs.
        what: &'static str,
    },
    /// There are files, but none is sound.
    #[error("{first}; nothing else is left in {folder} to go on from: begin anew in another folder")]
    NoneLeft {
        /// The folder.
        folder: String,
        /// What is wrong with the newest.
        first: Box<CheckpointError>,
    },
    /// Somebody wants to go on where nothing has begun.
    #[error("{folder} holds no checkpoints: begin with `ttvm bsp run --checkpoint-dir {folder}`")]
    Nothing {
        /// The folder.
        folder: String,
    },
    /// Somebody wants to begin where something can be gone on with.
    #[error("{folder} already holds checkpoints: go on with `ttvm bsp resume {folder}`, or begin in another folder")]
    Occupied {
        /// The folder.
        folder: String,
    },
    /// Another group has the folder, in this machine or another.
    #[error("{folder} is in use by another group")]
    InUse {
        /// The folder.
        folder: String,
    },
    /// Something that would have to be kept belongs to this machine alone.
    #[error("{what} cannot be kept: {error}")]
    NotData {
        /// What it is.
        what: String,
        /// What it leads to.
        #[source]
        error: NotData,
    },
    /// The process that wants it may not use the folder.
    #[error("{0}")]
    NotPermitted(Fault),
    /// There is no memory for it, or it is too large.
    #[error("a checkpoint cannot be kept: {0}")]
    TooLarge(String),
}

impl CheckpointError {
    /// It is all that there is to go on from in a folder. What the system refuses may be allowed tomorrow.
    pub(super) fn in_folder(self, folder: &Path) -> Self {
        match self {
            Self::System { .. } => self,
            first => Self::NoneLeft { folder: folder.display().to_string(), first: Box::new(first) },
        }
    }

    /// What the system refused to do.
    pub(super) fn system(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::System { action, path, error }
    }
}
