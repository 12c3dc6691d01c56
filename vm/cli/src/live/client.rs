//! The side of whoever watches: finds a program's socket, asks, and reads answers.

use std::{
    ffi::OsStr,
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use ttvm_platform::local_socket::{Stream, private_folder};

use super::wire::{ANSWER_BYTES_MAX, Frame, Refusal, Request};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a program cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody runs with `--observe`.
    #[error("no program runs with --observe: there is no socket in {}", .0.display())]
    Nobody(PathBuf),
    /// Several do.
    #[error("several programs run with --observe; name one: {}", .0.join(", "))]
    Several(Vec<String>),
    /// It cannot be reached.
    #[error("cannot reach {}: {error}", path.display())]
    Unreachable {
        /// Where.
        path: PathBuf,
        /// The system's words.
        #[source]
        error: io::Error,
    },
    /// It has ended.
    #[error("the program has ended")]
    Ended,
    /// It does not speak this protocol.
    #[error("what answers is no program that runs with --observe: {0}")]
    Garbage(#[source] serde_json::Error),
    /// It refuses to answer.
    #[error("the program answers: {0}")]
    Refused(String),
}

/// The socket that a word names: a path, the system's number of a program, or without a word that of the only program
/// there is.
///
/// # Errors
/// [`ClientError::Nobody`] and [`ClientError::Several`].
pub fn find_socket(word: Option<&OsStr>) -> Result<PathBuf, ClientError> {
    let folder = private_folder();
    if let Some(word) = word {
        let is_number = word.to_str().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        let is_path = !is_number || Path::new(word).exists();
        return Ok(if is_path { word.into() } else { folder.join(word).with_extension("sock") });
    }
    let mut found = sockets_in(&folder);
    found.retain(|path| Stream::connect(path).is_ok());
    match found.len() {
        0 => Err(ClientError::Nobody(folder)),
        1 => Ok(found.remove(0)),
        _ => {
            let stem = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Err(ClientError::Several(found.iter().map(stem).collect()))
        }
    }
}

/// The sockets in a folder, sorted.
pub(super) fn sockets_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut sockets: Vec<PathBuf> = entries.filter(|path| path.extension() == Some(OsStr::new("sock"))).collect();
    sockets.sort();
    sockets
}

/// A connection to a program that runs with `--observe`.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<Stream>,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// [`ClientError::Unreachable`].
    pub fn connect(path: &Path) -> Result<Self, ClientError> {
        let connect = || {
            let stream = Stream::connect(path)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(Self { stream: BufReader::new(stream) })
        };
        connect().map_err(|error| ClientError::Unreachable { path: path.to_owned(), error })
    }

    /// Asks, and waits for the answer as it was sent.
    ///
    /// # Errors
    /// [`ClientError::Ended`].
    pub fn ask_raw(&mut self, request: &Request) -> Result<String, ClientError> {
        let mut line = serde_json::to_string(request).map_err(ClientError::Garbage)?;
        line.push('\n');
        let mut answer = String::new();
        // Whatever goes wrong with the connection: there is nobody any more.
        self.stream.get_mut().write_all(line.as_bytes()).map_err(|_| ClientError::Ended)?;
        let read = Read::take(&mut self.stream, ANSWER_BYTES_MAX).read_line(&mut answer);
        match read {
            Ok(0) | Err(_) => Err(ClientError::Ended),
            Ok(_) => Ok(answer),
        }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// [`ClientError::Ended`], [`ClientError::Garbage`] and [`ClientError::Refused`].
    pub fn ask(&mut self, request: &Request) -> Result<Frame, ClientError> {
        let answer = self.ask_raw(request)?;
        match serde_json::from_str::<Refusal>(&answer) {
            Ok(refusal) => Err(ClientError::Refused(refusal.error)),
            Err(_) => serde_json::from_str(&answer).map_err(ClientError::Garbage),
        }
    }
}
