//! `ttvm FILE` and `ttvm run`: arguments, input, output, exit codes.
//!
//! Rules: L6.1-L6.3, L6.5, L6.8.

use std::{io::Read, process::Stdio};

use crate::{Output, SUM, Scratch};

const HELLO: &str = "PUSH_STR \"hello\"\nPRINT\n";

#[test]
fn a_program_runs_with_and_without_the_word_run() {
    let scratch = Scratch::with("hello.ttvm", HELLO);
    let expected = Output::expect(0, "hello\n", "");
    assert_eq!(scratch.run(&["hello.ttvm"]), expected);
    assert_eq!(scratch.run(&["run", "hello.ttvm"]), expected);
}

#[test]
fn a_program_called_like_a_command_runs_with_the_word_run() {
    let scratch = Scratch::with("check", HELLO);
    assert_eq!(scratch.run(&["run", "check"]), Output::expect(0, "hello\n", ""));
}

#[test]
fn words_behind_the_program_are_its_own_even_if_they_look_like_options() {
    let scratch = Scratch::with("sum.ttvm", SUM).and("words.ttvm", "GET_ARGS\nPRINT\n");
    assert_eq!(scratch.run(&["sum.ttvm", "1", "-3", "44"]), Output::expect(0, "42\n", ""));
    let words = ["--quiet", "words.ttvm", "--help", "-x", "--", "run"];
    assert_eq!(scratch.run(&words), Output::expect(0, "[--help, -x, --, run]\n", ""));
}

#[test]
fn a_program_comes_from_standard_input_when_it_is_a_dash() {
    let scratch = Scratch::new();
    assert_eq!(scratch.run_with_input(&["-"], HELLO.as_bytes()), Output::expect(0, "hello\n", ""));
    let crash = scratch.run_with_input(&["run", "-"], b"NULL\nTHROW\n");
    assert_eq!(crash.code, 1);
    assert!(crash.stderr.starts_with("<stdin>:2:1: error: Thrown value: Null\n   2 | THROW\n"), "{}", crash.stderr);
}

#[test]
fn a_program_reads_standard_input() {
    let scratch = Scratch::with("echo.ttvm", "READ_LINE\nPRINT\nREAD_INPUT\nWRITE\nREAD_LINE\nPRINT\n");
    let output = scratch.run_with_input(&["echo.ttvm"], b"one\ntwo\nthree\n");
    assert_eq!(output, Output::expect(0, "one\ntwo\nthree\nnull\n", ""));
}

#[test]
fn exit_gives_the_exit_code_and_keeps_what_was_printed() {
    let scratch = Scratch::with("exit.ttvm", "PUSH_STR before\nPRINT\nPUSH_INT 7\nEXIT\nPUSH_STR after\nPRINT\n");
    assert_eq!(scratch.run(&["exit.ttvm"]), Output::expect(7, "before\n", ""));
}

#[test]
fn a_crash_has_exit_code_1_and_keeps_what_was_printed() {
    let scratch = Scratch::with("crash.ttvm", "PUSH_STR before\nPRINT\nPUSH_STR oh\nTHROW\n");
    let output = scratch.run(&["crash.ttvm"]);
    assert_eq!((output.code, output.stdout.as_str()), (1, "before\n"));
}

#[test]
fn output_and_errors_go_to_their_own_streams() {
    let scratch = Scratch::with("both.ttvm", "PUSH_STR out\nPRINT\nPUSH_STR err\nPRINT_ERR\n");
    assert_eq!(scratch.run(&["both.ttvm"]), Output::expect(0, "out\n", "err\n"));
}

#[test]
fn warnings_are_shown_unless_the_command_is_quiet() {
    let scratch = Scratch::with("warn.ttvm", "PUSH_INT 1\nPRINT twice\n");
    let output = scratch.run(&["warn.ttvm"]);
    assert_eq!((output.code, output.stdout.as_str()), (0, "1\n"));
    assert!(output.stderr.starts_with("warn.ttvm:2:7: warning A0104: "), "{}", output.stderr);
    assert_eq!(scratch.run(&["--quiet", "warn.ttvm"]), Output::expect(0, "1\n", ""));
}

#[test]
fn a_quiet_command_leaves_out_the_machine_s_warnings_but_not_what_the_program_says() {
    let scratch = Scratch::with("delete.ttvm", "DELETE x\nPUSH_STR \"said\"\nPRINT_ERR\n");
    let warned = "Warning: tried to DELETE unknown variable 'x'\nsaid\n";
    assert_eq!(scratch.run(&["delete.ttvm"]), Output::expect(0, "", warned));
    assert_eq!(scratch.run(&["--quiet", "delete.ttvm"]), Output::expect(0, "", "said\n"));
}

#[test]
fn an_unknown_command_is_wrong_usage_and_the_nearest_is_proposed() {
    let scratch = Scratch::new();
    let expected = "error: `chekc` is an unknown command, and no such file exists\nhelp: did you mean `ttvm check`?\n";
    assert_eq!(scratch.run(&["chekc", "a.ttvm"]), Output::expect(2, "", expected));
    let output = scratch.run(&["test-nothing"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("unknown command"), "{}", output.stderr);
}

#[test]
fn wrong_usage_has_exit_code_2() {
    let scratch = Scratch::with("hello.ttvm", HELLO);
    for words in [
        &["--bogus", "hello.ttvm"][..],
        &["compile", "hello.ttvm"],
        &["--seed", "x", "hello.ttvm"],
        &["--schedulers", "0", "hello.ttvm"],
        &["--trace", "--profile", "hello.ttvm"],
        &["completions", "tcsh-but-not-really"],
        &["fmt"],
        &[],
    ] {
        let output = scratch.run(words);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{words:?}");
        assert!(!output.stderr.is_empty(), "{words:?}");
    }
}

// Rules: L6.6
#[test]
fn any_number_of_schedulers_runs_a_program() {
    let scratch = Scratch::with("hello.ttvm", HELLO);
    for words in
        [&["--no-smp", "hello.ttvm"][..], &["--schedulers", "1", "hello.ttvm"], &["--schedulers", "3", "hello.ttvm"]]
    {
        assert_eq!(scratch.run(words), Output::expect(0, "hello\n", ""));
    }
}

// Rules: L6.7
#[test]
fn smp_says_what_it_does_on_standard_error() {
    let scratch = Scratch::with("hello.ttvm", HELLO);
    let expected = "Running with BEAM-style SMP scheduler...\nCreating scheduler pool with 2 threads (CPU cores)\n\
        Process 1 exiting with reason: normal\nSMP scheduler shutdown complete\n";
    assert_eq!(scratch.run(&["--smp", "--schedulers", "2", "hello.ttvm"]), Output::expect(0, "hello\n", expected));
    assert_eq!(scratch.run(&["--smp", "--quiet", "hello.ttvm"]), Output::expect(0, "hello\n", ""));
}

#[test]
fn the_same_seed_gives_the_same_numbers() {
    let scratch = Scratch::with("dice.ttvm", "RANDOM\nPRINT\nRANDOM\nPRINT\n");
    let seven = scratch.run(&["--seed", "7", "dice.ttvm"]);
    assert_eq!(seven, scratch.run(&["--seed", "7", "dice.ttvm"]));
    assert_ne!(seven, scratch.run(&["--seed", "8", "dice.ttvm"]));
    assert_eq!(scratch.run(&["--no-smp", "dice.ttvm"]), scratch.run(&["--seed", "0", "dice.ttvm"]));
    // However many cores there are: one scheduler has the seed 0.
    let by_chance = ["--smp", "--schedulers", "2", "dice.ttvm"];
    assert_ne!(scratch.run(&by_chance).stdout, scratch.run(&by_chance).stdout);
}

#[test]
fn virtual_time_passes_only_by_sleeping() {
    let program = "GET_TIME\nPRINT\nPUSH_INT 3600000\nSLEEP\nGET_TIME\nPRINT\n";
    let scratch = Scratch::with("time.ttvm", program);
    let output = scratch.run(&["--virtual-time", "time.ttvm"]);
    assert_eq!(output, Output::expect(0, "946684800\n946688400\n", ""));
}

#[test]
fn modules_are_found_beside_the_program_wherever_it_is_run_from() {
    let module = ".export double\n.fn double x\n    LOAD x\n    LOAD x\n    ADD\n    RET\n.end\n";
    let main = ".import \"lib/double\" as d\nPUSH_INT 21\nCALL d.double/1\nPRINT\n";
    let scratch = Scratch::with("programs/main.ttvm", main).and("programs/lib/double.ttvm", module);
    assert_eq!(scratch.run(&["programs/main.ttvm"]), Output::expect(0, "42\n", ""));
}

#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    let scratch = Scratch::with("yes.ttvm", "again:\nPUSH_STR yes\nPRINT\nJMP again\n");
    let mut child = scratch.command().arg("yes.ttvm").spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut beginning = [0; 4];
    stdout.read_exact(&mut beginning).unwrap();
    assert_eq!(&beginning, b"yes\n");
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let scratch = Scratch::with("hello.ttvm", HELLO);
    for words in [&["hello.ttvm"][..], &["disasm", "hello.ttvm"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let child = scratch.command().args(words).stdout(Stdio::from(full)).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.starts_with("error: cannot write standard output: "), "{stderr}");
    }
}

#[cfg(target_os = "linux")]
mod names_that_are_no_text {
    use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};

    use crate::{Output, Scratch};

    #[test]
    fn a_file_may_have_any_name() {
        let scratch = Scratch::new();
        let name = OsStr::from_bytes(b"caf\xE9.ttvm");
        let compiled = OsStr::from_bytes(b"caf\xE9.ttb");
        fs::write(scratch.0.path().join(name), super::HELLO).unwrap();
        assert_eq!(scratch.run(&[name]), Output::expect(0, "hello\n", ""));
        assert_eq!(scratch.run(&[OsStr::new("compile"), name, compiled]), Output::expect(0, "", ""));
        assert_eq!(scratch.run(&[compiled]), Output::expect(0, "hello\n", ""));
        let missing = scratch.run(&[OsStr::from_bytes(b"\xFF.ttvm")]);
        assert_eq!(missing.code, 3);
    }

    #[test]
    fn an_argument_that_is_no_text_is_wrong_usage() {
        let scratch = Scratch::with("hello.ttvm", super::HELLO);
        let output = scratch.run(&[OsStr::new("hello.ttvm"), OsStr::new("a"), OsStr::from_bytes(b"\xFF")]);
        assert_eq!(output.code, 2);
        assert!(output.stderr.contains("argument 2 of the program is not UTF-8"), "{}", output.stderr);
    }
}
