//! Running other programs: `EXEC` and `EXEC_CAPTURE`.
//!
//! Programs are started directly, never through a shell, so that no argument can be taken for syntax.

use std::{
    io,
    process::{Command, ExitStatus, Stdio},
    thread,
};

use ttvm_isa::{Fault, HostOperation};
use ttvm_value::Value;

use crate::{
    arguments::{host_fault, new_object, new_text_or_bytes, text, texts},
    bounded::{BYTES_MAX, Bounded, read_to_end},
    environment::Environment,
};

/// `EXEC`: runs a command on the program's own input and outputs and gives its exit code.
pub(crate) fn run(
    operation: HostOperation,
    [program, arguments]: [Value; 2],
    environment: &Environment,
    stdin: Stdio,
) -> Result<Value, Fault> {
    let program = text(operation, &program)?;
    let mut command = prepare(operation, program, &arguments, environment)?;
    let status = command.stdin(stdin).status().map_err(|error| cannot_run(operation, program, &error))?;
    Ok(Value::Int(exit_code(status)))
}

/// `EXEC_CAPTURE`: runs a command without input and gives what it wrote and its exit code.
pub(crate) fn capture(
    operation: HostOperation,
    [program, arguments]: [Value; 2],
    environment: &Environment,
) -> Result<Value, Fault> {
    let program = text(operation, &program)?;
    let mut command = prepare(operation, program, &arguments, environment)?;
    let output = run_to_end(&mut command, BYTES_MAX).map_err(|error| cannot_run(operation, program, &error))?;
    new_object([
        ("stdout", new_text_or_bytes(&output.stdout.whole()?)?),
        ("stderr", new_text_or_bytes(&output.stderr.whole()?)?),
        ("exit_code", Value::Int(exit_code(output.status))),
    ])
}

/// What a command has done.
struct Output {
    stdout: Bounded,
    stderr: Bounded,
    status: ExitStatus,
}

/// Runs a command without input until it ends or has written more than `bytes_max` to one of its outputs.
fn run_to_end(command: &mut Command, bytes_max: usize) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().expect("it was asked for");
    let stderr = child.stderr.take().expect("it was asked for");
    // Both must be read at once: a command that fills one pipe while the other is read would never end.
    let outputs = thread::Builder::new()
        .name("stderr of a command".to_owned())
        .spawn(move || read_to_end(stderr, bytes_max))
        .and_then(|reader| {
            let stdout = read_to_end(stdout, bytes_max)?;
            if stdout == Bounded::TooMuch {
                child.kill()?;
            }
            let stderr = reader.join().expect("reading does not panic")?;
            Ok((stdout, stderr))
        });
    if outputs.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    let (stdout, stderr) = outputs?;
    Ok(Output { stdout, stderr, status })
}

fn prepare(
    operation: HostOperation,
    program: &str,
    arguments: &Value,
    environment: &Environment,
) -> Result<Command, Fault> {
    let mut command = Command::new(program);
    command.args(texts(operation, arguments)?);
    environment.apply_to(&mut command);
    Ok(command)
}

fn cannot_run(operation: HostOperation, program: &str, error: &io::Error) -> Fault {
    host_fault(operation, format!("cannot run {program}: {error}"))
}

/// The exit code; 128 + n, as shells say it, if signal n ended the command.
#[cfg(unix)]
fn exit_code(status: ExitStatus) -> i64 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    i64::from(code.expect("a command that has ended did so by exiting or by a signal"))
}

/// The exit code.
#[cfg(not(unix))]
fn exit_code(status: ExitStatus) -> i64 {
    i64::from(status.code().expect("without signals every command that has ended has an exit code"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_writes_too_much_is_ended() {
        let output = run_to_end(&mut Command::new("yes"), 1_000).expect("yes is there");
        assert_eq!(output.stdout, Bounded::TooMuch);
        assert_eq!(output.stderr, Bounded::Whole(Vec::new()));
        assert!(exit_code(output.status) > 128, "it does not end by itself");
        let output = run_to_end(Command::new("sh").args(["-c", "yes >&2"]), 1_000).expect("a shell is there");
        assert_eq!(output.stdout, Bounded::Whole(Vec::new()));
        assert_eq!(output.stderr, Bounded::TooMuch);
    }

    #[test]
    fn as_much_as_allowed_is_kept() {
        let output = run_to_end(Command::new("printf").arg("abc"), 3).expect("printf is there");
        assert_eq!(output.stdout, Bounded::Whole(b"abc".to_vec()));
        let output = run_to_end(Command::new("printf").arg("abcd"), 3).expect("printf is there");
        assert_eq!(output.stdout, Bounded::TooMuch);
    }
}
