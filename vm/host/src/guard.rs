//! What a process may ask of the world outside: the one place that decides.
//!
//! Every operation that reaches outside passes here first. What is permitted is data (`ttvm_isa::permission`); here it
//! is compared with files, hosts and commands. A file is found by its real path, whatever links and `..` lead there, and
//! opened below the directory that permits it (`place.rs`). Not here: doing what was asked.

use std::{
    fs::{self, File},
    io,
    path::{Component, Path, PathBuf},
};

use ttvm_isa::{Endpoint, Fault, Permissions, Reach, Rights};
use ttvm_platform::sync::Arc;

use crate::place::Place;

/// What is to be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Write,
    /// A link is itself deleted, not what it leads to.
    Delete,
    /// Databases.
    ReadAndWrite,
}

/// Why there is no way to a file.
#[derive(Debug)]
pub enum NoPlace {
    /// It is not permitted; whether there is such a file remains unknown.
    NotPermitted(Fault),
    /// The system's error, where it is permitted to know.
    System(io::Error),
}

/// Decides for one process what it may do.
#[derive(Clone, Debug)]
pub struct Guard {
    machine: Arc<Permissions>,
    rights: Rights,
}

/// Somebody's permissions, and whether they are the machine's, which an option of the command can change.
type Layer<'a> = (&'a Permissions, bool);

impl Guard {
    /// For a process of a machine.
    pub(crate) fn new(machine: Arc<Permissions>, rights: Rights) -> Self {
        Self { machine, rights }
    }

    /// For nobody in particular: nothing is refused.
    #[must_use]
    pub fn open() -> Self {
        Self { machine: Arc::new(Permissions::all()), rights: Rights::default() }
    }

    fn layers(&self) -> impl Iterator<Item = Layer<'_>> {
        let rights = self.rights.iter().map(|permissions| (permissions, false));
        [(&*self.machine, true)].into_iter().chain(rights)
    }

    /// Whether a host may be reached at a port, or its name be looked up. Whatever opens something to the network asks
    /// this first.
    ///
    /// # Errors
    /// [`Fault::NotPermitted`]
    pub(crate) fn check_network(&self, operation: &'static str, host: &str, port: Option<u16>) -> Result<(), Fault> {
        let permits = |endpoints: &[Endpoint]| endpoints.iter().any(|endpoint| endpoint.includes(host, port));
        let refused = self.layers().find(|(permissions, _)| match &permissions.net {
            Reach::Everything => false,
            Reach::Only(endpoints) => !permits(endpoints),
        });
        let Some((_, is_machine)) = refused else { return Ok(()) };
        let endpoint = match port {
            Some(port) if host.contains(':') => format!("[{host}]:{port}"),
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let option = is_machine.then(|| format!("--allow-net={endpoint}"));
        Err(Fault::NotPermitted { operation, what: format!("the network at {endpoint}"), option })
    }

    /// Whether commands may be run.
    pub(crate) fn check_commands(&self, operation: &'static str) -> Result<(), Fault> {
        self.check_flag(operation, "running commands", "--allow-exec", |permissions| permissions.exec)
    }

    /// Whether environment variables may be read and set.
    pub(crate) fn check_environment(&self, operation: &'static str) -> Result<(), Fault> {
        self.check_flag(operation, "the environment", "--allow-env", |permissions| permissions.env)
    }

    fn check_flag(
        &self,
        operation: &'static str,
        what: &str,
        option: &str,
        permits: impl Fn(&Permissions) -> bool,
    ) -> Result<(), Fault> {
        match self.layers().find(|(permissions, _)| !permits(permissions)) {
            None => Ok(()),
            Some((_, is_machine)) => {
                let option = is_machine.then(|| option.to_owned());
                Err(Fault::NotPermitted { operation, what: what.to_owned(), option })
            }
        }
    }

    /// Whether every file may be read and written.
    pub(crate) fn permits_all_files(&self) -> bool {
        self.limits(Purpose::ReadAndWrite).next().is_none()
    }

    /// All lists of which each must have the file, whether they are the machine's, and the word for what they limit.
    fn limits(&self, purpose: Purpose) -> impl Iterator<Item = (&[PathBuf], bool, &'static str)> {
        let limits = self.layers().flat_map(move |(permissions, is_machine)| {
            let (reads, writes) = match purpose {
                Purpose::Read => (true, false),
                Purpose::Write | Purpose::Delete => (false, true),
                Purpose::ReadAndWrite => (true, true),
            };
            let read = reads.then_some((&permissions.read, is_machine, "read"));
            let write = writes.then_some((&permissions.write, is_machine, "write"));
            read.into_iter().chain(write)
        });
        limits.filter_map(|(reach, is_machine, word)| match reach {
            Reach::Everything => None,
            Reach::Only(paths) => Some((&paths[..], is_machine, word)),
        })
    }

    /// Opens a file to read it.
    ///
    /// # Errors
    /// As for every way to a file, and what the system says.
    pub fn open_file(&self, operation: &'static str, path: &Path) -> Result<File, NoPlace> {
        self.locate(operation, Purpose::Read, path)?.open().map_err(NoPlace::System)
    }

    /// Whether there is such a file that is no directory.
    ///
    /// # Errors
    /// [`Fault::NotPermitted`]
    pub fn is_file(&self, operation: &'static str, path: &Path) -> Result<bool, Fault> {
        match self.locate(operation, Purpose::Read, path) {
            Ok(place) => Ok(place.look().is_ok_and(|found| found.is_file)),
            Err(NoPlace::System(_)) => Ok(false),
            Err(NoPlace::NotPermitted(fault)) => Err(fault),
        }
    }

    /// Whether files in a folder, which need not be there yet, may be read and written.
    ///
    /// # Errors
    /// [`Fault::NotPermitted`]
    pub fn check_folder(&self, operation: &'static str, folder: &Path) -> Result<(), Fault> {
        match self.locate(operation, Purpose::ReadAndWrite, folder) {
            Ok(_) | Err(NoPlace::System(_)) => Ok(()),
            Err(NoPlace::NotPermitted(fault)) => Err(fault),
        }
    }

    /// The way to a file.
    ///
    /// # Errors
    /// [`NoPlace::NotPermitted`], whether there is such a file or not; [`NoPlace::System`] if there is no way there.
    pub(crate) fn locate(&self, operation: &'static str, purpose: Purpose, path: &Path) -> Result<Place, NoPlace> {
        if self.limits(purpose).next().is_none() {
            return Ok(Place::anywhere(path));
        }
        let (real, missing) = real_path(path, purpose);
        let mut deepest: Option<PathBuf> = None;
        for (permitted, is_machine, word) in self.limits(purpose) {
            // The machine's are real paths, and stay what they were when it began: see `settled`.
            let roots =
                permitted.iter().filter_map(|root| if is_machine { Some(root.clone()) } else { real_root(root) });
            let root = roots.filter(|root| real.starts_with(root)).max_by_key(|root| root.components().count());
            let Some(root) = root else {
                let option = is_machine.then(|| format!("--allow-{word}={}", path.display()));
                let what = format!("{} {}", if word == "read" { "reading" } else { "writing" }, path.display());
                return Err(NoPlace::NotPermitted(Fault::NotPermitted { operation, what, option }));
            };
            // All that have it lie on one line: what lies below the deepest lies below all.
            if deepest.as_ref().is_none_or(|known| root.starts_with(known)) {
                deepest = Some(root);
            }
        }
        if let Some(error) = missing {
            return Err(NoPlace::System(error));
        }
        let root = deepest.expect("there is a limit, and it has the file");
        Place::below(&root, real).map_err(NoPlace::System)
    }
}

/// The same permissions with real paths: what is later put in the place of something that was named is not permitted.
pub(crate) fn settled(mut permissions: Permissions) -> Permissions {
    for reach in [&mut permissions.read, &mut permissions.write] {
        if let Reach::Only(paths) = reach {
            // No path at all would be the beginning of every path.
            let real = |path: &PathBuf| real_root(path).or_else(|| std::path::absolute(path).ok());
            *paths = paths.iter().filter_map(real).collect();
        }
    }
    permissions
}

/// The real path of what was permitted: something that is there, or a file that may come to be.
fn real_root(path: &Path) -> Option<PathBuf> {
    match real_path(path, Purpose::Read) {
        (real, None) => Some(real),
        (_, Some(_)) => None,
    }
}

/// The real path of a file that is there or whose directory is, and otherwise the best guess, with the error.
fn real_path(path: &Path, purpose: Purpose) -> (PathBuf, Option<io::Error>) {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut first_error = None;
    for ancestor in whole.ancestors() {
        if purpose == Purpose::Delete && ancestor == whole {
            // The link itself.
            continue;
        }
        let mut real = match fs::canonicalize(ancestor) {
            Ok(real) => real,
            Err(error) => {
                first_error.get_or_insert(error);
                continue;
            }
        };
        let rest = whole.strip_prefix(ancestor).unwrap_or(Path::new(""));
        let is_near = rest.components().count() <= 1 && !rest.ends_with("..");
        for component in rest.components() {
            match component {
                Component::ParentDir => {
                    real.pop();
                }
                Component::Normal(name) => real.push(name),
                Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
            }
        }
        return (real, if is_near { None } else { Some(first_error.unwrap_or_else(not_found)) });
    }
    (whole, Some(first_error.unwrap_or_else(not_found)))
}

fn not_found() -> io::Error {
    io::Error::from(io::ErrorKind::NotFound)
}
