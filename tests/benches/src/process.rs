//! Runs a program to its end and reads what it used.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Instant,
};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};

/// A program with its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(&'static str, String)>,
    /// Where it runs, if not where the runner does.
    pub(crate) folder: Option<PathBuf>,
}

/// Why a program gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// It cannot be started.
    #[error("cannot start {program}: {error}")]
    Start {
        /// The program and its arguments.
        program: String,
        /// The system's words.
        #[source]
        error: io::Error,
    },
    /// It failed.
    #[error("{program} failed with {status}: {stderr}")]
    Failed {
        /// The program and its arguments.
        program: String,
        /// Its exit status.
        status: String,
        /// What it said.
        stderr: String,
    },
    /// Its memory cannot be read.
    #[error("no memory is known of {program}")]
    NoMemory {
        /// The program and its arguments.
        program: String,
    },
}

impl Program {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), arguments: Vec::new(), environment: Vec::new(), folder: None }
    }

    pub(crate) fn with<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }

    /// The program's own name and its arguments, without folders.
    pub(crate) fn shown(&self) -> String {
        let name = self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let arguments = self.arguments.iter().map(|argument| {
            let path = Path::new(argument);
            match path.file_name().filter(|_| path.is_absolute()) {
                Some(file) => file.to_string_lossy().into_owned(),
                None if argument.is_empty() || argument.contains(' ') => format!("'{argument}'"),
                None => argument.clone(),
            }
        });
        std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
    }

    fn start_error(&self, error: io::Error) -> ProcessError {
        ProcessError::Start { program: self.shown(), error }
    }

    /// Runs to the end with an empty input.
    pub(crate) fn output(&self) -> Result<Output, ProcessError> {
        let output = self.command().stdin(Stdio::null()).output().map_err(|error| self.start_error(error))?;
        if output.status.success() {
            return Ok(output);
        }
        let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(ProcessError::Failed { program: self.shown(), status: output.status.to_string(), stderr })
    }

    /// Runs to the end; what it printed, and the seconds of processor time of the whole process.
    pub(crate) fn run(&self) -> Result<(String, f64), ProcessError> {
        let before = children_seconds();
        let output = self.output()?;
        Ok((String::from_utf8_lossy(&output.stdout).into_owned(), children_seconds() - before))
    }

    /// Seconds by the clock from the start of the process to its end.
    pub(crate) fn wall_seconds(&self) -> Result<f64, ProcessError> {
        let start = Instant::now();
        self.output()?;
        Ok(start.elapsed().as_secs_f64())
    }

    /// The most memory, in bytes, that the program has used when it prints its first line and waits for input.
    ///
    /// Read from the living process: the counter that the system keeps of ended ones includes the starting process.
    pub(crate) fn peak_bytes(&self) -> Result<u64, ProcessError> {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| self.start_error(error))?;
        let stdout = child.stdout.take().expect("stdout is a pipe, as asked for above");
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        let status = fs::read_to_string(format!("/proc/{}/status", child.id()));
        drop(child.stdin.take());
        child.wait().map_err(|error| self.start_error(error))?;
        let is_ready = read.is_ok_and(|bytes| bytes > 0);
        let peak = status.ok().filter(|_| is_ready).and_then(|status| high_water_bytes(&status));
        peak.ok_or_else(|| ProcessError::NoMemory { program: self.shown() })
    }
}

/// Processor time of all children that have ended.
fn children_seconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system knows the usage of this process");
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // Exact below 2^53 microseconds, 285 years.
    microseconds as f64 / 1e6
}

fn high_water_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_memory_is_read_from_the_description_of_a_process() {
        assert_eq!(high_water_bytes("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), Some(2048 * 1024));
        assert_eq!(high_water_bytes("Name:\tx\n"), None);
    }

    #[test]
    fn a_failing_program_is_an_error_with_what_it_said() {
        let error =
            Program::new("/bin/sh").with(["-c", "echo why >&2; exit 3"]).output().expect_err("the exit status is 3");
        assert_eq!(error.to_string(), "sh -c 'echo why >&2; exit 3' failed with exit status: 3: why");
    }
}
