//! The command `ttvm` as its users meet it: what it prints where, and with which exit code.
//!
//! Each test has a directory of its own, which is the command's working directory.

#![expect(clippy::unwrap_used, reason = "a failing preparation may end a test")]

mod builtin;
mod bytecode;
mod checking;
mod diagnostics;
mod durable;
mod explaining;
mod formatting;
#[cfg(target_os = "linux")]
mod memory;
mod observing;
mod pages;
mod permissions;
mod processes;
mod random;
mod readme;
mod running;
mod supersteps;
mod testing;
mod translating;
#[cfg(unix)]
mod watching;

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A directory with files.
struct Scratch(TempDir);

/// What a run of the command gave.
#[derive(Debug, PartialEq, Eq)]
struct Output {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The same with one file.
    fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        Self::new().and(name, content)
    }

    fn and(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn read_text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// The command, to run in the directory.
    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ttvm"));
        // What a user has measured would be shown.
        command.env("XDG_CACHE_HOME", self.path("cache"));
        command.current_dir(self.0.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the command with words.
    fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> Output {
        self.run_with_input(words, b"")
    }

    /// Runs the command with words and standard input.
    fn run_with_input<S: AsRef<OsStr>>(&self, words: &[S], input: &[u8]) -> Output {
        let mut child = self.command().args(words).stdin(Stdio::piped()).spawn().unwrap();
        // Whoever does not read its input is no failure here.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        Output {
            code: output.status.code().expect("no signal ends the command"),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Output {
    fn expect(code: i32, stdout: &str, stderr: &str) -> Self {
        Self { code, stdout: stdout.to_owned(), stderr: stderr.to_owned() }
    }
}

/// Prints its arguments' number and sum.
const SUM: &str = "\
GET_ARGS
CALL sum
PRINT
.fn sum words
    PUSH_INT 0
    STORE total
    PUSH_INT 0
    STORE index
  next:
    LOAD index
    LOAD words
    LEN
    GE
    JNZ done
    LOAD total
    LOAD words
    LOAD index
    INDEX
    TO_INT
    ADD
    STORE total
    LOAD index
    PUSH_INT 1
    ADD
    STORE index
    JMP next
  done:
    LOAD total
    RET
.end
.test \"the sum of nothing is 0\"
    MAKE_LIST 0
    CALL sum
    PUSH_INT 0
    ASSERT_EQ
.end
.test \"words become numbers\"
    PUSH_STR \"1\"
    PUSH_STR \"-3\"
    MAKE_LIST 2
    CALL sum
    PUSH_INT -2
    ASSERT_EQ
.end
";
