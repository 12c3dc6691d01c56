//! The side of the program that is watched: a socket, a thread for each that watches, and what is answered.
//!
//! Nothing here runs on a scheduler's thread. Whoever watches can slow the program down only by what a look costs, and
//! looks are paced: after one, everybody waits at least as long as it took.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde::Serialize;
use ttvm_machine::Handle;
use ttvm_platform::local_socket::{Listener, Stream, make_private_folder};

use super::wire::{Frame, REQUEST_BYTES_MAX, Refusal, Request};
use crate::observe::lock;

/// Those who may watch at once.
const CLIENTS_MAX: usize = 8;

/// The least time between two looks.
const PAUSE_MIN: Duration = Duration::from_millis(20);

/// How long a client may take to read an answer.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// Why a program cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// There is no folder for the socket.
    #[error("no private folder for the socket of --observe: {0}; --observe=PATH names a socket elsewhere")]
    Folder(#[source] io::Error),
    /// Somebody else is there.
    #[error("the socket {} of --observe is in use by another program", .0.display())]
    InUse(PathBuf),
    /// What is there is no socket.
    #[error("--observe: {} exists and is no socket", .0.display())]
    Occupied(PathBuf),
    /// The system refuses.
    #[error("cannot open the socket {} of --observe: {error}", path.display())]
    Socket {
        /// Where.
        path: PathBuf,
        /// The system's words.
        #[source]
        error: io::Error,
    },
}

/// A socket through which a program is watched; it is gone when this is dropped.
#[derive(Debug)]
pub struct Observatory {
    path: PathBuf,
}

/// What all who watch share.
struct Shared {
    handle: Handle,
    program: String,
    clients: AtomicUsize,
    /// When the next look may begin.
    next: Mutex<Instant>,
}

impl Observatory {
    /// Opens the socket, at a path or where [`super::find_socket`] looks for it, and answers until it is dropped.
    ///
    /// # Errors
    /// [`ObserveError`].
    pub fn open(path: Option<&Path>, program: &str, handle: Handle) -> Result<Self, ObserveError> {
        let path = match path {
            Some(path) => path.to_owned(),
            None => {
                let folder = make_private_folder().map_err(ObserveError::Folder)?;
                remove_abandoned(&folder);
                folder.join(format!("{}.sock", std::process::id()))
            }
        };
        make_room(&path)?;
        let socket_error = |error| ObserveError::Socket { path: path.clone(), error };
        let listener = Listener::bind(&path).map_err(socket_error)?;
        let observatory = Self { path: path.clone() };
        observatory.close_to_others().map_err(socket_error)?;
        let (clients, next) = (AtomicUsize::new(0), Mutex::new(Instant::now()));
        let shared = Arc::new(Shared { handle, program: program.to_owned(), clients, next });
        let serve = move || accept(&listener, &shared);
        thread::Builder::new().name("ttvm-observe".into()).spawn(serve).map_err(socket_error)?;
        Ok(observatory)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whoever may not read the program's memory may not watch it.
    #[cfg(unix)]
    fn close_to_others(&self) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&self.path, fs::Permissions::from_mode(0o600))
    }

    #[cfg(not(unix))]
    fn close_to_others(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Observatory {
    fn drop(&mut self) {
        // If it is gone already, all is well.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes a socket that a program has left behind at this place.
fn make_room(path: &Path) -> Result<(), ObserveError> {
    let Ok(found) = fs::symlink_metadata(path) else { return Ok(()) };
    if !is_socket(&found) {
        return Err(ObserveError::Occupied(path.to_owned()));
    }
    if Stream::connect(path).is_ok() {
        return Err(ObserveError::InUse(path.to_owned()));
    }
    fs::remove_file(path).map_err(|error| ObserveError::Socket { path: path.to_owned(), error })
}

#[cfg(unix)]
fn is_socket(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    found.file_type().is_socket()
}

#[cfg(not(unix))]
fn is_socket(_found: &fs::Metadata) -> bool {
    false
}

/// Removes the sockets of programs that were killed.
fn remove_abandoned(folder: &Path) {
    for path in super::client::sockets_in(folder) {
        if Stream::connect(&path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Takes in those who want to watch.
fn accept(listener: &Listener, shared: &Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept() else {
            // Too many open files, most likely: that may pass.
            thread::sleep(PAUSE_MIN);
            continue;
        };
        if shared.clients.fetch_add(1, Ordering::Relaxed) >= CLIENTS_MAX {
            // If it does not listen, it need not know.
            let _ = refuse(&stream, format!("{CLIENTS_MAX} programs watch already"));
            shared.clients.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let served = Arc::clone(shared);
        let serve = move || {
            // However it ends: the client sees that it has.
            let _ = served.serve(stream);
            served.clients.fetch_sub(1, Ordering::Relaxed);
        };
        if thread::Builder::new().name("ttvm-observed".into()).spawn(serve).is_err() {
            shared.clients.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn refuse(stream: &Stream, error: String) -> io::Result<()> {
    write_line(stream, &Refusal { error })
}

fn write_line(mut stream: &Stream, answer: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    stream.write_all(&line)
}

impl Shared {
    /// Answers one client until it goes, or sends more than a line may hold.
    fn serve(&self, stream: Stream) -> io::Result<()> {
        stream.set_write_timeout(Some(WRITE_PATIENCE))?;
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = Read::take(&mut reader, REQUEST_BYTES_MAX).read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(());
            }
            if !line.ends_with(b"\n") && read as u64 == REQUEST_BYTES_MAX {
                return refuse(&stream, format!("a request has at most {REQUEST_BYTES_MAX} bytes"));
            }
            match serde_json::from_slice(&line) {
                Ok(request) => write_line(&stream, &self.look(request))?,
                Err(error) => refuse(&stream, format!("this is no request: {error}"))?,
            }
        }
    }

    /// Looks at the machine: one look at a time, and a pause behind each.
    fn look(&self, request: Request) -> Frame {
        let mut next = lock(&self.next);
        thread::sleep(next.saturating_duration_since(Instant::now()));
        let start = Instant::now();
        let snapshot = self.handle.snapshot(request.sort.order(), request.limit);
        let cost = start.elapsed();
        *next = Instant::now() + cost.max(PAUSE_MIN);
        drop(next);
        Frame::new(snapshot, u64::try_from(cost.as_nanos()).unwrap_or(u64::MAX), &self.program)
    }
}
