//! Sockets between programs of one machine, reached by a path in the file system, and the private folder for them.
//!
//! Where the system has none, making one is an error that says so. Not here: what is said through them.

use std::{env, io, path::PathBuf};

#[cfg(unix)]
pub use std::os::unix::net::{UnixListener as Listener, UnixStream as Stream};

#[cfg(not(unix))]
pub use unavailable::{Listener, Stream};

/// The folder in which programs of this user put their sockets: `ttvm` in the session's runtime folder if there is one,
/// else `ttvm-USER` in the folder for temporary files.
#[must_use]
pub fn private_folder() -> PathBuf {
    match env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder).join("ttvm"),
        None => {
            let user = env::var("USER").unwrap_or_default();
            let user: String = user.chars().filter(|character| character.is_ascii_alphanumeric()).collect();
            env::temp_dir().join(format!("ttvm-{user}"))
        }
    }
}

/// Makes the private folder, which only its owner may enter.
///
/// # Errors
/// What the system says; or that a folder is there which others may enter, or which is not the caller's.
#[cfg(unix)]
pub fn make_private_folder() -> io::Result<PathBuf> {
    use std::{
        fs::{self, DirBuilder},
        os::unix::fs::{DirBuilderExt, MetadataExt},
    };

    let folder = private_folder();
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let found = fs::symlink_metadata(&folder)?;
    // A file made within belongs to the caller.
    let probe = folder.join(format!("{}.probe", std::process::id()));
    fs::write(&probe, [])?;
    let owner = fs::symlink_metadata(&probe).map(|file| file.uid());
    fs::remove_file(&probe)?;
    if found.is_dir() && found.mode() & 0o077 == 0 && found.uid() == owner? {
        return Ok(folder);
    }
    let message = format!("{} is open to others, or not this user's", folder.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

/// As on systems with sockets.
///
/// # Errors
/// Always: there are no sockets to put there.
#[cfg(not(unix))]
pub fn make_private_folder() -> io::Result<PathBuf> {
    Err(unavailable::error())
}

#[cfg(not(unix))]
mod unavailable {
    use std::{
        io::{self, Read, Write},
        path::Path,
        time::Duration,
    };

    pub(super) fn error() -> io::Error {
        io::Error::new(io::ErrorKind::Unsupported, "this system has no local sockets")
    }

    /// There is none.
    #[derive(Debug)]
    pub enum Listener {}

    /// There is none.
    #[derive(Debug)]
    pub enum Stream {}

    impl Listener {
        /// Fails.
        ///
        /// # Errors
        /// Always.
        pub fn bind(_path: impl AsRef<Path>) -> io::Result<Self> {
            Err(error())
        }

        /// Cannot be called.
        ///
        /// # Errors
        /// Never.
        pub fn accept(&self) -> io::Result<(Stream, ())> {
            match *self {}
        }
    }

    impl Stream {
        /// Fails.
        ///
        /// # Errors
        /// Always.
        pub fn connect(_path: impl AsRef<Path>) -> io::Result<Self> {
            Err(error())
        }

        /// Cannot be called.
        ///
        /// # Errors
        /// Never.
        pub fn try_clone(&self) -> io::Result<Self> {
            match *self {}
        }

        /// Cannot be called.
        ///
        /// # Errors
        /// Never.
        pub fn set_read_timeout(&self, _timeout: Option<Duration>) -> io::Result<()> {
            match *self {}
        }

        /// Cannot be called.
        ///
        /// # Errors
        /// Never.
        pub fn set_write_timeout(&self, _timeout: Option<Duration>) -> io::Result<()> {
            match *self {}
        }
    }

    impl Read for Stream {
        fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
            match *self {}
        }
    }

    impl Write for Stream {
        fn write(&mut self, _buffer: &[u8]) -> io::Result<usize> {
            match *self {}
        }

        fn flush(&mut self) -> io::Result<()> {
            match *self {}
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn the_private_folder_is_for_its_owner_alone() {
        let folder = make_private_folder().expect("there is a place for temporary files");
        assert_eq!(std::fs::metadata(folder).expect("it was made").mode() & 0o777, 0o700);
    }
}
