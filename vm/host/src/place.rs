//! Where a file is: anywhere, as the operating system takes its path, or below a directory that permits it.
//!
//! Only this file touches the file system for programs. Below a directory everything is opened step by step from it, so that
//! nobody who changes links meanwhile leads out of it: that is what `cap-std` is for. Not here: what is permitted
//! (`guard.rs`).

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use cap_std::{ambient_authority, fs::Dir};

/// The way to a file.
#[derive(Debug)]
pub(crate) struct Place(Way);

#[derive(Debug)]
enum Way {
    Anywhere(PathBuf),
    Below { directory: Dir, inner: PathBuf, whole: PathBuf },
}

/// What is known of a file.
pub(crate) struct Found {
    pub is_directory: bool,
    pub is_file: bool,
    pub bytes: u64,
}

impl Place {
    /// Wherever a path leads.
    pub fn anywhere(path: &Path) -> Self {
        Self(Way::Anywhere(path.to_path_buf()))
    }

    /// Below a directory, or the one file that is permitted and may not be there yet; both paths are real ones, and `real` begins with `root`.
    pub fn below(root: &Path, real: PathBuf) -> io::Result<Self> {
        let is_directory = fs::symlink_metadata(root).is_ok_and(|found| found.is_dir());
        let directory = if is_directory { root } else { root.parent().unwrap_or(root) };
        let inner = match real.strip_prefix(directory) {
            Ok(inner) if inner.as_os_str().is_empty() => PathBuf::from("."),
            Ok(inner) => inner.to_path_buf(),
            Err(_) => return Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        let directory = Dir::open_ambient_dir(directory, ambient_authority())?;
        Ok(Self(Way::Below { directory, inner, whole: real }))
    }

    /// The path, for libraries that open files themselves; a real one if files are not permitted everywhere.
    pub fn path(&self) -> &Path {
        match &self.0 {
            Way::Anywhere(path) | Way::Below { whole: path, .. } => path,
        }
    }

    pub fn open(&self) -> io::Result<File> {
        match &self.0 {
            Way::Anywhere(path) => File::open(path),
            Way::Below { directory, inner, .. } => directory.open(inner).map(cap_std::fs::File::into_std),
        }
    }

    /// Opens a file to write it anew.
    pub fn create(&self) -> io::Result<File> {
        match &self.0 {
            Way::Anywhere(path) => File::create(path),
            Way::Below { directory, inner, .. } => directory.create(inner).map(cap_std::fs::File::into_std),
        }
    }

    /// Opens a file to write at its end, making it if there is none.
    pub fn append(&self) -> io::Result<File> {
        match &self.0 {
            Way::Anywhere(path) => fs::OpenOptions::new().append(true).create(true).open(path),
            Way::Below { directory, inner, .. } => {
                let mut options = cap_std::fs::OpenOptions::new();
                options.append(true).create(true);
                directory.open_with(inner, &options).map(cap_std::fs::File::into_std)
            }
        }
    }

    pub fn look(&self) -> io::Result<Found> {
        match &self.0 {
            Way::Anywhere(path) => {
                let found = fs::metadata(path)?;
                Ok(Found { is_directory: found.is_dir(), is_file: found.is_file(), bytes: found.len() })
            }
            Way::Below { directory, inner, .. } => {
                let found = directory.metadata(inner)?;
                Ok(Found { is_directory: found.is_dir(), is_file: found.is_file(), bytes: found.len() })
            }
        }
    }

    pub fn delete(&self) -> io::Result<()> {
        match &self.0 {
            Way::Anywhere(path) => fs::remove_file(path),
            Way::Below { directory, inner, .. } => directory.remove_file(inner),
        }
    }

    /// The names in a directory, in no particular order.
    pub fn names(&self) -> io::Result<Vec<std::ffi::OsString>> {
        match &self.0 {
            Way::Anywhere(path) => fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect(),
            Way::Below { directory, inner, .. } => {
                directory.read_dir(inner)?.map(|entry| Ok(entry?.file_name())).collect()
            }
        }
    }
}
