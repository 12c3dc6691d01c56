//! Files that hold one value: either whole or not there, whatever happens to the machine while one is written, and
//! refused when anything in them has changed.
//!
//! A file is magic, version, kind, the value's bytes, and a BLAKE3 hash of everything before it. It is written under
//! another name, brought to the disk and then renamed, so that its name never stands for a part of it. Not here: which
//! files there are and what the values mean.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use ttvm_value::{
    Value,
    wire::{self, NotData},
};

use super::error::CheckpointError;

/// The first bytes: no text begins with 0x89, and a transfer that rewrites line ends shows.
const MAGIC: [u8; 8] = [0x89, b't', b't', b'c', b'\r', b'\n', 0x1A, b'\n'];

/// The version of the layout, and of what the values in it look like.
pub(crate) const VERSION: u16 = 2;

/// Where the value begins: behind magic, version and kind.
const VALUE_OFFSET: usize = MAGIC.len() + 3;

/// What the name of a file that is being written ends in.
pub(super) const NEW_EXTENSION: &str = "new";

const HASH_BYTES: usize = blake3::OUT_LEN;

/// What a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// What the group is.
    Group = 1,
    /// How far it was.
    Checkpoint = 2,
}

impl Kind {
    fn describe(self) -> &'static str {
        match self {
            Self::Group => "the description of a group whose checkpoints are kept",
            Self::Checkpoint => "a checkpoint",
        }
    }
}

/// The bytes of a file.
pub(super) fn seal(kind: Kind, value: &Value) -> Result<Vec<u8>, NotData> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    bytes.push(kind as u8);
    wire::write(value, &mut bytes)?;
    let hash = blake3::hash(&bytes);
    bytes.extend(hash.as_bytes());
    Ok(bytes)
}

/// Takes the place of a file, of which nothing is lost until the new one is on the disk.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), CheckpointError> {
    let new = path.with_extension(NEW_EXTENSION);
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(CheckpointError::system("write", &new))?;
    fs::rename(&new, path).map_err(CheckpointError::system("write", path))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    sync_folder(folder).map_err(CheckpointError::system("write", folder))
}

/// Brings the names in a folder to the disk.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Such systems do that by themselves.
#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Reads a file of a kind: its value, and its hash.
pub(super) fn read(path: &Path, kind: Kind) -> Result<(Value, [u8; HASH_BYTES]), CheckpointError> {
    let bytes = fs::read(path).map_err(CheckpointError::system("read", path))?;
    let name = || path.display().to_string();
    let damaged = |what: String| CheckpointError::Damaged { path: name(), what };
    let Some(rest) = bytes.strip_prefix(&MAGIC) else {
        // A file of which only a part was written begins like a whole one.
        if MAGIC.starts_with(&bytes) {
            return Err(damaged("it ends in the middle".to_owned()));
        }
        return Err(CheckpointError::NotOurs { path: name(), expected: kind.describe() });
    };
    let Some((version, _)) = rest.split_first_chunk() else { return Err(damaged("it ends in the middle".to_owned())) };
    let found = u16::from_le_bytes(*version);
    if found != VERSION {
        return Err(CheckpointError::Version { path: name(), found });
    }
    let sealed = bytes.split_last_chunk::<HASH_BYTES>().filter(|(whole, _)| whole.len() >= VALUE_OFFSET);
    let Some((whole, hash)) = sealed else { return Err(damaged("it ends in the middle".to_owned())) };
    if blake3::hash(whole) != *hash {
        return Err(damaged("its bytes are not those that were written".to_owned()));
    }
    if whole[VALUE_OFFSET - 1] != kind as u8 {
        return Err(CheckpointError::NotOurs { path: name(), expected: kind.describe() });
    }
    let value = wire::read(&whole[VALUE_OFFSET..]).map_err(|error| damaged(error.to_string()))?;
    Ok((value, *hash))
}
