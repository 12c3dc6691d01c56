//! Environment variables and the words of the command line.

use std::env;

use ttvm_host::{Input, World, WorldConfiguration};
use ttvm_isa::{
    HostOperation::{ExecCapture, GetArgs, GetEnv, SetEnv},
    Permissions,
};
use ttvm_platform::{clock::Clock, sync::Arc};
use ttvm_value::Value;

use crate::asking::{answer, ask, list, text, world};

#[test]
fn variables_of_the_process_are_seen() {
    let expected = env::var("CARGO_PKG_NAME").expect("cargo sets it for tests");
    assert_eq!(answer(GetEnv, [text("CARGO_PKG_NAME")]), format!("Str({expected:?})"));
    assert_eq!(answer(GetEnv, [text("TTVM_NOBODY_SETS_THIS")]), "Null");
}

#[test]
fn a_variable_that_was_set_is_seen_by_this_world_alone() {
    let world = world();
    assert_eq!(ask(&world, SetEnv, [text("TTVM_SET"), text("=ü")]), "Null");
    assert_eq!(ask(&world, GetEnv, [text("TTVM_SET")]), r#"Str("=ü")"#);
    assert_eq!(answer(GetEnv, [text("TTVM_SET")]), "Null");
    assert_eq!(env::var_os("TTVM_SET"), None);
}

#[test]
fn null_removes_a_variable() {
    let world = world();
    ask(&world, SetEnv, [text("CARGO_PKG_NAME"), Value::Null]);
    assert_eq!(ask(&world, GetEnv, [text("CARGO_PKG_NAME")]), "Null");
    ask(&world, SetEnv, [text("CARGO_PKG_NAME"), text("again")]);
    assert_eq!(ask(&world, GetEnv, [text("CARGO_PKG_NAME")]), r#"Str("again")"#);
}

#[cfg(unix)]
#[test]
fn commands_get_the_changed_variables() {
    let world = world();
    ask(&world, SetEnv, [text("TTVM_SET"), text("here")]);
    ask(&world, SetEnv, [text("CARGO_PKG_NAME"), Value::Null]);
    let script = list([text("-c"), text("printf %s,%s \"$TTVM_SET\" \"${CARGO_PKG_NAME-gone}\"")]);
    assert_eq!(
        ask(&world, ExecCapture, [text("sh"), script]),
        r#"Object({"stdout": Str("here,gone"), "stderr": Str(""), "exit_code": Int(0)})"#
    );
}

#[test]
fn names_that_no_system_can_hold_are_refused() {
    assert_eq!(answer(SetEnv, [text("a=b"), text("c")]), r#"argument: SET_ENV: "a=b" cannot be a name: it contains ="#);
    assert_eq!(answer(SetEnv, [text(""), text("c")]), r#"argument: SET_ENV: "" cannot be a name: it is empty"#);
    assert_eq!(
        answer(SetEnv, [text("a\0"), text("c")]),
        r#"argument: SET_ENV: "a\0" cannot be a name: it contains a zero byte"#
    );
    assert_eq!(answer(SetEnv, [text("a"), text("\0")]), "argument: SET_ENV: the value of a contains a zero byte");
    for name in ["", "a=b", "a\0"] {
        assert_eq!(answer(GetEnv, [text(name)]), "Null");
    }
}

#[test]
fn names_and_values_are_strs() {
    assert_eq!(answer(GetEnv, [Value::Int(1)]), "type: GET_ENV expects a string but got Int(1)");
    assert_eq!(answer(SetEnv, [text("a"), Value::Int(1)]), "type: SET_ENV expects a string but got Int(1)");
}

#[test]
fn arguments_are_the_words_of_the_command_line() {
    let arguments = vec!["--flag".to_owned(), "two words".to_owned(), String::new()];
    let world = World::new(WorldConfiguration {
        arguments,
        input: Input::Bytes(Vec::new()),
        clock: Arc::new(Clock::virtual_time()),
        permissions: Permissions::all(),
    });
    assert_eq!(ask(&world, GetArgs, []), r#"List([Str("--flag"), Str("two words"), Str("")])"#);
    assert_eq!(answer(GetArgs, []), "List([])");
}
