//! Running commands.

#![cfg(unix)]

use tempfile::tempdir;
use ttvm_isa::HostOperation::{Exec, ExecCapture};
use ttvm_value::Value;

use crate::asking::{answer, ask, list, text, world, world_reading};

fn script(script: &str) -> [Value; 2] {
    [text("sh"), list([text("-c"), text(script)])]
}

#[test]
fn exec_gives_the_exit_code() {
    assert_eq!(answer(Exec, [text("true"), list([])]), "Int(0)");
    assert_eq!(answer(Exec, script("exit 3")), "Int(3)");
}

#[test]
fn a_command_ended_by_a_signal_has_128_and_its_number_as_exit_code() {
    assert_eq!(answer(Exec, script("kill -9 $$")), "Int(137)");
    assert_eq!(
        answer(ExecCapture, script("kill -15 $$")),
        r#"Object({"stdout": Str(""), "stderr": Str(""), "exit_code": Int(143)})"#
    );
}

#[test]
fn capturing_tells_both_outputs_apart() {
    assert_eq!(
        answer(ExecCapture, script("echo grüße; echo oops >&2; exit 1")),
        r#"Object({"stdout": Str("grüße\n"), "stderr": Str("oops\n"), "exit_code": Int(1)})"#
    );
}

#[test]
fn output_that_is_not_utf_8_is_bytes() {
    assert_eq!(
        answer(ExecCapture, script(r"printf 'a\377b'; echo e >&2")),
        r#"Object({"stdout": Bytes(3), "stderr": Str("e\n"), "exit_code": Int(0)})"#
    );
}

#[test]
fn arguments_are_never_taken_for_syntax() {
    let arguments = list([text("%s|%s"), text("$(exit 1); *"), text("a  b")]);
    assert_eq!(
        answer(ExecCapture, [text("printf"), arguments]),
        r#"Object({"stdout": Str("$(exit 1); *|a  b"), "stderr": Str(""), "exit_code": Int(0)})"#
    );
}

#[test]
fn much_output_on_both_sides_does_not_block() {
    let wide = "i=0; while [ $i -lt 2000 ]; do printf '%0100d' 0; printf '%0100d' 0 >&2; i=$((i+1)); done";
    let zeros = "0".repeat(200_000);
    assert_eq!(
        answer(ExecCapture, script(wide)),
        format!(r#"Object({{"stdout": Str("{zeros}"), "stderr": Str("{zeros}"), "exit_code": Int(0)}})"#)
    );
}

#[test]
fn a_command_leaves_the_programs_input_alone() {
    let world = world_reading(b"for the program\n");
    assert_eq!(ask(&world, ExecCapture, script("cat")), answer(ExecCapture, [text("true"), list([])]));
    assert_eq!(ask(&world, Exec, script("if read line; then exit 1; fi")), "Int(0)");
    assert_eq!(ask(&world, ttvm_isa::HostOperation::ReadLine, []), r#"Str("for the program")"#);
}

#[test]
fn a_command_that_cannot_be_started_is_an_error() {
    let directory = tempdir().unwrap();
    let program = directory.path().join("program").to_str().expect("a UTF-8 name").to_owned();
    assert_eq!(
        answer(Exec, [text(&program), list([])]),
        format!("host: EXEC: cannot run {program}: No such file or directory (os error 2)")
    );
    let zero = answer(ExecCapture, [text("echo"), list([text("\0")])]);
    assert!(zero.starts_with("host: EXEC_CAPTURE: cannot run echo: "), "{zero}");
}

#[test]
fn the_command_is_a_str_and_its_arguments_a_list_of_strs() {
    let world = world();
    assert_eq!(ask(&world, Exec, [Value::Int(1), list([])]), "type: EXEC expects a string but got Int(1)");
    assert_eq!(ask(&world, Exec, [text("true"), Value::Null]), "type: EXEC expects a list of strings but got Null");
    assert_eq!(
        ask(&world, ExecCapture, [text("true"), list([text("a"), Value::Int(1)])]),
        r#"type: EXEC_CAPTURE expects a list of strings but got List([Str("a"), Int(1)])"#
    );
}
