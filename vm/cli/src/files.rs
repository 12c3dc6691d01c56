//! Reading inputs and writing results: `-` for the standard streams, results complete or not at all.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use ttvm_isa::limits;

use crate::{
    failure::Failure,
    report::{Place, Report},
    show,
};

/// How messages call standard input.
pub const STDIN: &str = "<stdin>";

/// Whether a path stands for a standard stream.
pub fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// What messages call an input.
pub fn name_of(path: &Path) -> String {
    if is_standard(path) { STDIN.to_owned() } else { path.display().to_string() }
}

/// Reads an input.
///
/// # Errors
/// [`Failure::Unloadable`].
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let result = if is_standard(path) { read_within_limit(io::stdin().lock()) } else { read_file(path) };
    result.map_err(|error| {
        let message = format!("the file cannot be read: {error}");
        Failure::Unloadable(vec![Report::error(Place::file(&name_of(path)), message)])
    })
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let file = fs::File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    read_within_limit(file)
}

/// Reads what a program may be long at most; endless input is an error, not the end of memory.
fn read_within_limit(reader: impl Read) -> io::Result<Vec<u8>> {
    let max = limits::SOURCE_BYTES_MAX.max(limits::FILE_BYTES_MAX);
    let mut bytes = Vec::new();
    reader.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::other(format!("it has more than {max} bytes")));
    }
    Ok(bytes)
}

/// Writes a result. A file is complete or as it was before, whatever happens meanwhile.
///
/// # Errors
/// [`Failure::Write`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if is_standard(path) {
        return show::print(bytes);
    }
    replace(path, bytes).map_err(|error| Failure::Write { path: path.to_path_buf(), error })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let old = match fs::metadata(path) {
        // Devices and pipes are written to, not replaced.
        Ok(metadata) if !metadata.is_file() => return fs::write(path, bytes),
        Ok(metadata) if metadata.permissions().readonly() => {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        Ok(metadata) => Some(metadata),
        Err(_) => None,
    };
    // A link stays a link: what it leads to is replaced.
    let target = if old.is_some() { fs::canonicalize(path)? } else { path.to_path_buf() };
    let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ttvm-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What a new file gets is cut down by the process's mask.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(directory.map_or_else(|| PathBuf::from("."), Path::to_path_buf))?;
    file.write_all(bytes)?;
    if let Some(old) = old {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.persist(target)?;
    Ok(())
}
