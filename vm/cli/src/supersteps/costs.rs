//! What supersteps cost on this machine, as `ttvm bsp calibrate` has measured it: g and l of the model T = w + h·g + l.
//!
//! They are kept in `ttvm/bsp.json` in the user's cache directory, for each number of schedulers and processors.

use std::{env, fmt, fs, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{failure::Failure, files};

/// g and l for so many processors on so many schedulers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    /// Threads that run processes.
    pub schedulers: usize,
    /// Processors.
    pub processors: u32,
    /// Nanoseconds for each message of the processor that sends or gets most.
    pub g_ns: f64,
    /// Nanoseconds for ending a superstep in which nothing is sent.
    pub l_ns: f64,
}

impl Costs {
    /// How long so many supersteps take according to the model.
    pub fn predict(&self, work: Duration, h: u64, supersteps: u64) -> Duration {
        let nanoseconds = h as f64 * self.g_ns + supersteps as f64 * self.l_ns;
        // Whatever stands in the file: the cast keeps to the numbers that there are.
        work.saturating_add(Duration::from_nanos(nanoseconds as u64))
    }

    /// What is known of as many schedulers and nearly as many processors.
    pub fn find(schedulers: usize, processors: u32) -> Option<Self> {
        let known = read().into_iter().filter(|known| known.schedulers == schedulers);
        known.min_by_key(|known| known.processors.abs_diff(processors))
    }

    /// Keeps them instead of what was known of these numbers; says where.
    ///
    /// # Errors
    /// [`Failure::Write`], and [`Failure::Usage`] if the user has no cache directory.
    pub fn save(self) -> Result<PathBuf, Failure> {
        let Some(path) = path() else {
            return Err(Failure::usage("there is no place to keep results: neither XDG_CACHE_HOME nor HOME is set"));
        };
        let mut known = read();
        known.retain(|known| (known.schedulers, known.processors) != (self.schedulers, self.processors));
        known.push(self);
        if let Some(directory) = path.parent() {
            let failed = |error| Failure::Write { path: path.clone(), error };
            fs::create_dir_all(directory).map_err(failed)?;
        }
        let text = serde_json::to_string_pretty(&known).expect("numbers and names are JSON");
        files::write(&path, format!("{text}\n").as_bytes())?;
        Ok(path)
    }
}

impl fmt::Display for Costs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schedulers, processors, g_ns, l_ns } = self;
        write!(f, "g = {g_ns:.1} ns, l = {:.1} µs ({processors} processors, schedulers: {schedulers})", l_ns / 1e3)
    }
}

/// What is known. A file that cannot be read is as good as none: measuring again replaces it.
fn read() -> Vec<Costs> {
    let text = path().and_then(|path| fs::read(path).ok()).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Where they are kept: directories that are not absolute do not count, as the XDG specification has it.
fn path() -> Option<PathBuf> {
    let directory = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = directory("XDG_CACHE_HOME")
        .or_else(|| directory("HOME").map(|home| home.join(".cache")))
        .or_else(|| directory("LOCALAPPDATA"))?;
    Some(cache.join("ttvm").join("bsp.json"))
}
