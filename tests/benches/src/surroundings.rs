//! Where and from what the figures come: the machine, the commit, the date.

use std::{fs, path::Path, thread};

use serde::Serialize;

use crate::process::Program;

/// The machine, as far as it explains figures.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Memory in GiB, rounded.
    pub memory_gib: u64,
    /// The system's kernel.
    pub kernel: String,
}

impl Machine {
    /// This machine; what the system does not tell is `unknown`.
    #[must_use]
    pub fn here() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let unknown = || "unknown".to_owned();
        let field = |text: &str, name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name))?;
            Some(value.trim_start_matches([' ', '\t', ':']).trim().to_owned())
        };
        let kilobytes = field(&read("/proc/meminfo"), "MemTotal")
            .and_then(|value| value.split(' ').next().and_then(|number| number.parse::<u64>().ok()));
        let system =
            format!("{} {}", read("/proc/sys/kernel/ostype").trim(), read("/proc/sys/kernel/osrelease").trim());
        Self {
            processor: field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(unknown),
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory_gib: kilobytes.map_or(0, |kilobytes| (kilobytes + (1 << 19)) >> 20),
            kernel: if system.trim().is_empty() { unknown() } else { system },
        }
    }
}

/// Processes that wanted to run, on average over the last minute.
#[must_use]
pub fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
}

/// The commit that is checked out, and whether the files differ from it.
#[must_use]
pub fn commit(root: &Path) -> String {
    let git = |arguments: &[&str]| {
        let root = root.to_string_lossy().into_owned();
        let program = Program::new("git").with(["-C".to_owned(), root]).with(arguments.iter().copied());
        program.run().ok().map(|(output, _)| output.trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else { return "unknown".to_owned() };
    let changes = git(&["status", "--porcelain", "--untracked-files=no"]);
    if changes.is_some_and(|changes| changes.is_empty()) { commit } else { format!("{commit} with changes") }
}

/// Today in UTC, as `2026-12-31`.
#[must_use]
pub fn date() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}
