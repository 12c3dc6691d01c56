//! Checkpoints in a folder: a group that goes on after the machine itself was killed (rule S12).
//!
//! The folder holds a file that says what the group is (`saved/record.rs`), and one for each of the last two checkpoints
//! (`saved/states.rs`). Each is whole or not there (`saved/file.rs`). None of them is left when the results are where they should be.
//! Everything here blocks: only jobs beside the schedulers call it. Not here: when that happens (`keeping.rs`).

mod error;
mod file;
mod program;
mod record;
mod states;

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use ttvm_platform::jobs;
use ttvm_value::SharedValue;

pub use error::CheckpointError;
pub(crate) use program::digest;
pub use record::CheckpointRecord;
pub(crate) use record::{SavePlan, Start};

use crate::{checkpoint::Checkpoint, group::Group};
use file::Kind;

/// The name of the file that says what the group is.
const GROUP_STEM: &str = "group";

/// Before the number of the superstep in the name of a checkpoint's file.
const CHECKPOINT_PREFIX: &str = "superstep-";

const EXTENSION: &str = "ttc";

/// How many checkpoints are kept: when the newest was damaged, the one before it counts.
const KEPT: usize = 2;

/// How often somebody asks for a folder that is in use: the last job of a group that was killed may still have it.
const TRIES_MAX: u32 = 20;

/// How long it waits between two of them.
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// A folder that a group has for itself until this is dropped.
pub(crate) struct Saved {
    folder: PathBuf,
    /// Locked.
    _lock: File,
    /// The hash of the group's file, which every checkpoint of it repeats.
    group: Vec<u8>,
    /// The supersteps of the checkpoints there are, the newest last.
    kept: Vec<u64>,
}

/// What was found in a folder.
pub(crate) struct Opened {
    pub saved: Saved,
    /// What to go on from.
    pub checkpoint: Option<Checkpoint>,
    /// The input, if it is the one that was kept.
    pub input: Option<SharedValue>,
    /// What its random numbers come from, if that was kept.
    pub seed: Option<u64>,
    /// Why newer checkpoints do not count.
    pub refused: Vec<CheckpointError>,
}

/// Takes a folder for a group, and finds what to go on from.
pub(crate) fn open(group: &Group, plan: &SavePlan) -> Result<Opened, CheckpointError> {
    let path = &plan.folder;
    let folder = || path.display().to_string();
    if plan.start != Start::Resume {
        fs::create_dir_all(path).map_err(CheckpointError::system("make", path))?;
    } else if !path.is_dir() {
        return Err(CheckpointError::Nothing { folder: folder() });
    }
    let lock = lock(path)?;
    let record = CheckpointRecord::of(group, plan)?;
    let group_file = group_file(path);
    let is_there = group_file.try_exists().map_err(CheckpointError::system("read", &group_file))?;
    match plan.start {
        Start::New if is_there => return Err(CheckpointError::Occupied { folder: folder() }),
        Start::Resume if !is_there => return Err(CheckpointError::Nothing { folder: folder() }),
        Start::New | Start::Resume | Start::Either => {}
    }
    let mut saved = Saved { folder: path.clone(), _lock: lock, group: Vec::new(), kept: Vec::new() };
    saved.remove_all(file::NEW_EXTENSION)?;
    if !is_there {
        saved.begin(&record)?;
        return Ok(Opened { saved, checkpoint: None, input: None, seed: None, refused: Vec::new() });
    }
    let (found, hash) = read_record(&group_file).map_err(|error| error.in_folder(path))?;
    if let Some(what) = found.difference(&record, plan.start) {
        return Err(CheckpointError::Foreign { path: group_file.display().to_string(), what });
    }
    saved.group = hash.to_vec();
    saved.kept = saved.checkpoints()?;
    let (checkpoint, refused) = saved.newest(group.count)?;
    let (input, seed) = ((plan.start == Start::Resume).then_some(found.input), Some(found.seed));
    Ok(Opened { saved, checkpoint, input, seed, refused })
}

/// Has a folder for itself, until the file is closed or the system finds that the machine is dead.
fn lock(folder: &Path) -> Result<File, CheckpointError> {
    let path = if cfg!(unix) { folder.to_owned() } else { folder.join("lock") };
    let file = if cfg!(unix) { File::open(&path) } else { File::create(&path) };
    let file = file.map_err(CheckpointError::system("open", &path))?;
    for _ in 0..TRIES_MAX {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => jobs::pause(BETWEEN_TRIES),
            Err(TryLockError::Error(error)) => return Err(CheckpointError::system("lock", &path)(error)),
        }
    }
    Err(CheckpointError::InUse { folder: folder.display().to_string() })
}

/// The file that says what the group is whose checkpoints are in a folder.
fn group_file(folder: &Path) -> PathBuf {
    folder.join(GROUP_STEM).with_extension(EXTENSION)
}

fn read_record(path: &Path) -> Result<(CheckpointRecord, [u8; blake3::OUT_LEN]), CheckpointError> {
    let (value, hash) = file::read(path, Kind::Group)?;
    let record = CheckpointRecord::of_value(&value).map_err(|field| CheckpointError::Damaged {
        path: path.display().to_string(),
        what: format!("it has no sound {field:?}"),
    })?;
    Ok((record, hash))
}

impl CheckpointRecord {
    /// What the group is whose checkpoints a folder holds.
    ///
    /// # Errors
    /// [`CheckpointError`], if that cannot be known.
    pub fn read(folder: &Path) -> Result<Self, CheckpointError> {
        let path = group_file(folder);
        match read_record(&path) {
            Ok((record, _)) => Ok(record),
            Err(CheckpointError::System { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                Err(CheckpointError::Nothing { folder: folder.display().to_string() })
            }
            Err(error) => Err(error.in_folder(folder)),
        }
    }

    /// Removes what a group has kept in a folder, when its results are where they should be.
    ///
    /// # Errors
    /// [`CheckpointError`], if it is in use or the system refuses.
    pub fn remove(folder: &Path) -> Result<(), CheckpointError> {
        let lock = lock(folder)?;
        Saved { folder: folder.to_owned(), _lock: lock, group: Vec::new(), kept: Vec::new() }.clear()
    }
}

impl Saved {
    /// A folder in which nothing has begun: checkpoints without a group's file are what an end left that was cut short.
    fn begin(&mut self, record: &CheckpointRecord) -> Result<(), CheckpointError> {
        self.remove_all(EXTENSION)?;
        let bytes = file::seal(Kind::Group, &record.to_value()?);
        let bytes = bytes.map_err(|error| CheckpointError::NotData { what: record.not_data().to_owned(), error })?;
        self.group = bytes.last_chunk::<{ blake3::OUT_LEN }>().map(|hash| hash.to_vec()).unwrap_or_default();
        file::replace(&group_file(&self.folder), &bytes)
    }

    /// Our files in the folder with an extension: the supersteps in the names of checkpoints, `None` for the group's.
    fn files(&self, extension: &str) -> Result<Vec<(PathBuf, Option<u64>)>, CheckpointError> {
        let entries = fs::read_dir(&self.folder).map_err(CheckpointError::system("read", &self.folder))?;
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(CheckpointError::system("read", &self.folder))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let Some((stem, ending)) = name.rsplit_once('.') else { continue };
            let number = stem.strip_prefix(CHECKPOINT_PREFIX).and_then(|number| number.parse().ok());
            let is_ours =
                number.is_some_and(|number: u64| stem.len() == CHECKPOINT_PREFIX.len() + number.to_string().len());
            if ending == extension && (is_ours || stem == GROUP_STEM) {
                found.push((path, number));
            }
        }
        Ok(found)
    }

    fn remove_all(&self, extension: &str) -> Result<(), CheckpointError> {
        self.files(extension)?.iter().try_for_each(|(path, _)| remove(path))
    }

    /// The supersteps of the checkpoints in the folder, the newest last.
    fn checkpoints(&self) -> Result<Vec<u64>, CheckpointError> {
        let mut found: Vec<u64> = self.files(EXTENSION)?.into_iter().filter_map(|(_, superstep)| superstep).collect();
        found.sort_unstable();
        Ok(found)
    }

    fn checkpoint_file(&self, superstep: u64) -> PathBuf {
        self.folder.join(format!("{CHECKPOINT_PREFIX}{superstep}.{EXTENSION}"))
    }

    /// The newest checkpoint that is sound, and why newer ones are not.
    fn newest(&mut self, processors: u32) -> Result<(Option<Checkpoint>, Vec<CheckpointError>), CheckpointError> {
        let mut refused = Vec::new();
        while let Some(superstep) = self.kept.pop() {
            match self.read(superstep, processors) {
                Ok(checkpoint) => {
                    self.kept.push(superstep);
                    return Ok((Some(checkpoint), refused));
                }
                // Whoever may not read it today may tomorrow.
                Err(error @ CheckpointError::System { .. }) => return Err(error),
                Err(error) => refused.push(error),
            }
        }
        if refused.is_empty() {
            return Ok((None, refused));
        }
        Err(refused.swap_remove(0).in_folder(&self.folder))
    }

    fn read(&self, superstep: u64, processors: u32) -> Result<Checkpoint, CheckpointError> {
        let path = self.checkpoint_file(superstep);
        let (value, _) = file::read(&path, Kind::Checkpoint)?;
        let name = path.display().to_string();
        if states::group_of(&value) != Some(&self.group) {
            return Err(CheckpointError::Foreign { path: name, what: "run" });
        }
        states::of_value(&value, processors)
            .map_err(|field| CheckpointError::Damaged { path: name, what: format!("it has no sound {field:?}") })
    }

    /// Writes a checkpoint; only the last ones stay.
    pub fn write(&mut self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        let value = states::to_value(checkpoint, &self.group)?;
        let bytes = file::seal(Kind::Checkpoint, &value).map_err(|error| {
            let what = || CheckpointError::NotData { what: "the checkpoint".to_owned(), error };
            states::not_data(checkpoint).unwrap_or_else(what)
        })?;
        file::replace(&self.checkpoint_file(checkpoint.superstep), &bytes)?;
        self.kept.retain(|kept| *kept != checkpoint.superstep);
        self.kept.push(checkpoint.superstep);
        while self.kept.len() > KEPT {
            let oldest = self.kept.remove(0);
            remove(&self.checkpoint_file(oldest))?;
        }
        Ok(())
    }

    /// The group has its results: nothing is left to go on from.
    pub fn clear(self) -> Result<(), CheckpointError> {
        // Without it the checkpoints mean nothing, so it goes first.
        remove(&group_file(&self.folder))?;
        file::sync_folder(&self.folder).map_err(CheckpointError::system("write", &self.folder))?;
        self.remove_all(EXTENSION)
    }
}

fn remove(path: &Path) -> Result<(), CheckpointError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(CheckpointError::system("remove", path)(error)),
        _ => Ok(()),
    }
}
