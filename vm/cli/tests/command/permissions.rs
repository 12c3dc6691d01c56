//! What programs are permitted: `--sandbox` and `--allow-...`.
//!
//! Rules: L6.21.

use crate::{Output, Scratch};

const READ: &str = "PUSH_STR \"a/file\"\nREAD_FILE\nPRINT\n";
const ENVIRONMENT: &str = "PUSH_STR \"NO_SUCH_VARIABLE\"\nGET_ENV\nPRINT\n";
const COMMAND: &str = "PUSH_STR \"true\"\nMAKE_LIST 0\nEXEC\nPRINT\n";
const LOOK_UP: &str = "PUSH_STR \"localhost\"\nDNS_RESOLVE\nLEN\nPUSH_INT 0\nGT\nPRINT\n";

fn scratch() -> Scratch {
    let scratch = Scratch::with("read.ttvm", READ).and("env.ttvm", ENVIRONMENT).and("exec.ttvm", COMMAND);
    let scratch = scratch.and("net.ttvm", LOOK_UP).and("write.ttvm", "PUSH_STR x\nPUSH_STR \"b/new\"\nWRITE_FILE\n");
    for (directory, file) in [("a", "file"), ("b", "other")] {
        std::fs::create_dir(scratch.path(directory)).unwrap();
        std::fs::write(scratch.path(directory).join(file), file).unwrap();
    }
    scratch
}

/// Runs a program that is refused something; gives the first line of the error without its place.
fn refused(scratch: &Scratch, words: &[&str]) -> String {
    let output = scratch.run(words);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.stderr);
    let line = output.stderr.lines().next().unwrap_or_default();
    line.split_once(": error: ").map_or(line, |(_, message)| message).to_owned()
}

#[test]
fn without_options_everything_is_permitted() {
    let scratch = scratch();
    for (program, printed) in
        [("read.ttvm", "file\n"), ("env.ttvm", "null\n"), ("exec.ttvm", "0\n"), ("net.ttvm", "1\n"), ("write.ttvm", "")]
    {
        assert_eq!(scratch.run(&[program]), Output::expect(0, printed, ""));
    }
}

#[test]
fn a_sandbox_permits_nothing_and_says_what_would() {
    let scratch = scratch();
    let refused = |program| refused(&scratch, &["--sandbox", program]);
    let expected = "READ_FILE: reading a/file is not permitted; --allow-read=a/file would permit it";
    assert_eq!(refused("read.ttvm"), expected);
    let expected = "WRITE_FILE: writing b/new is not permitted; --allow-write=b/new would permit it";
    assert_eq!(refused("write.ttvm"), expected);
    let expected = "DNS_RESOLVE: the network at localhost is not permitted; --allow-net=localhost would permit it";
    assert_eq!(refused("net.ttvm"), expected);
    let expected = "EXEC: running commands is not permitted; --allow-exec would permit it";
    assert_eq!(refused("exec.ttvm"), expected);
    let expected = "GET_ENV: the environment is not permitted; --allow-env would permit it";
    assert_eq!(refused("env.ttvm"), expected);
}

#[test]
fn what_the_error_names_permits_it() {
    let scratch = scratch();
    for (option, program, printed) in [
        ("--allow-read=a/file", "read.ttvm", "file\n"),
        ("--allow-read=a", "read.ttvm", "file\n"),
        ("--allow-read", "read.ttvm", "file\n"),
        ("--allow-write=b", "write.ttvm", ""),
        ("--allow-write=b/new", "write.ttvm", ""),
        ("--allow-net=localhost", "net.ttvm", "1\n"),
        ("--allow-net=localhost:80", "net.ttvm", "1\n"),
        ("--allow-exec", "exec.ttvm", "0\n"),
        ("--allow-env", "env.ttvm", "null\n"),
    ] {
        assert_eq!(scratch.run(&["--sandbox", option, program]), Output::expect(0, printed, ""), "{option}");
    }
}

#[test]
fn outside_a_sandbox_an_option_narrows_only_what_it_is_about() {
    let scratch = scratch();
    let expected = "READ_FILE: reading a/file is not permitted; --allow-read=a/file would permit it";
    assert_eq!(refused(&scratch, &["--allow-read=b", "read.ttvm"]), expected);
    let both = ["--allow-read=b", "--allow-read=a", "read.ttvm"];
    assert_eq!(scratch.run(&both), Output::expect(0, "file\n", ""));
    assert_eq!(scratch.run(&["--allow-read=b", "exec.ttvm"]), Output::expect(0, "0\n", ""));
}

#[test]
fn other_commands_that_run_programs_know_the_options_too() {
    let scratch = scratch().and("tests.ttvm", format!(".test \"reads\"\n{READ}.end\n"));
    assert_eq!(scratch.run(&["test", "tests.ttvm"]).code, 0);
    let output = scratch.run(&["test", "--sandbox", "tests.ttvm"]);
    assert_eq!(output.code, 1);
    assert!((output.stdout + &output.stderr).contains("reading a/file is not permitted"));
    assert_eq!(scratch.run(&["profile", "--sandbox", "read.ttvm"]).code, 1);
    assert_eq!(scratch.run(&["trace", "--sandbox", "read.ttvm"]).code, 1);
}

#[test]
fn a_program_and_what_it_imports_statically_may_always_be_read() {
    let scratch = Scratch::with("main.ttvm", ".import \"part\" as part\nCALL part.f/0\nPRINT\n")
        .and("part.ttvm", ".export f\n.fn f\nPUSH_STR linked\n.end\n");
    assert_eq!(scratch.run(&["--sandbox", "main.ttvm"]), Output::expect(0, "linked\n", ""));
}

#[test]
fn a_host_that_is_none_is_wrong_usage() {
    let output = scratch().run(&["--allow-net=http://a", "read.ttvm"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("a host is written as HOST, HOST:PORT or [ADDRESS]:PORT"), "{}", output.stderr);
}
