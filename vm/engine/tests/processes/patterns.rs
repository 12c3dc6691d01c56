//! What patterns match and what they bind.

use ttvm_isa::{
    OpCode,
    receive::{
        After, AfterTime, Comparison, Guard, GuardOperand, Pattern, PatternKind, ReceiveCase, ReceiveTable, Rest,
    },
};
use ttvm_value::{Exception, I64Array, Map, Object, Pid, Ref, Str, Value};

use crate::vectors::{Line, Vectors, halt, int, load, print, run, store, str};

fn bind(name: &str) -> Pattern {
    Pattern::Bind(name.into())
}

fn list(items: Vec<Pattern>) -> Pattern {
    Pattern::List { items, rest: None }
}

fn values(values: &[Value]) -> Value {
    Value::list(values.iter().cloned()).unwrap()
}

fn object(fields: &[(&str, Value)]) -> Value {
    let mut object = Object::new();
    for (name, value) in fields {
        object.set(&Str::new(name).unwrap(), value.clone()).unwrap();
    }
    Value::Object(object)
}

/// The variables after a message was received: `x` is 1 and `s` is "a" before, X and Y do not exist. None if the
/// message does not match.
fn received(pattern: &Pattern, guard: Option<Guard>, message: &Value) -> Option<Vec<String>> {
    let case = ReceiveCase { pattern: pattern.clone(), guard, target: 1 };
    let after = After { time: AfterTime::Milliseconds(0), target: 2 };
    let table = ReceiveTable { cases: vec![case], after: Some(after) };
    let show = |name: &str, label: u32| -> Vec<Line> {
        let skip = OpCode::Try { target: label }.into();
        vec![skip, load(name), print(), OpCode::EndTry {}.into(), Line::At(label)]
    };
    let mut lines: Vec<Line> = vec![
        int(1),
        store("x"),
        str("a"),
        store("s"),
        OpCode::ReceiveMatch { table: table.into() }.into(),
        Line::At(2),
        str("no"),
        print(),
        halt(),
        Line::At(1),
    ];
    lines.extend(show("X", 3));
    lines.extend(show("Y", 4));
    lines.extend([load("x"), print(), halt()]);
    let kernel = run(&lines, || Vectors { queue: vec![message.clone()], ..Vectors::default() });
    let mut log = kernel.log;
    assert_eq!(log.pop().as_deref(), Some("done Null"));
    assert_eq!(kernel.queue.len(), usize::from(log == ["no"]));
    (log != ["no"]).then(|| {
        assert_eq!(log.pop().as_deref(), Some("1"), "x is as before");
        log
    })
}

#[track_caller]
fn check(pattern: &Pattern, message: &Value, expected: Option<&[&str]>) {
    let got = received(pattern, None, message);
    assert_eq!(
        got.as_ref().map(|log| log.iter().map(String::as_str).collect::<Vec<_>>()),
        expected.map(<[_]>::to_vec),
        "{pattern} {message:?}"
    );
}

#[test]
fn anything_and_variables_match_everything() {
    check(&Pattern::Any, &Value::Null, Some(&[]));
    check(&bind("X"), &Value::Int(4), Some(&["4"]));
}

#[test]
fn literals_match_what_eq_finds_equal() {
    let text = Pattern::Text("a".into());
    check(&text, &Value::str("a").unwrap(), Some(&[]));
    check(&text, &Value::str("b").unwrap(), None);
    check(&Pattern::Integer(1.into()), &Value::Int(1), Some(&[]));
    check(&Pattern::Integer(1.into()), &Value::Float(1.0), None);
    check(&Pattern::Float(ttvm_isa::Float::new(1.5)), &Value::Float(1.5), Some(&[]));
    check(&Pattern::Float(ttvm_isa::Float::new(f64::NAN)), &Value::Float(f64::NAN), None);
    check(&Pattern::Flag(true), &Value::Bool(true), Some(&[]));
    check(&Pattern::Flag(true), &Value::Int(1), None);
    check(&Pattern::Null, &Value::Null, Some(&[]));
    check(&Pattern::Null, &Value::Int(0), None);
}

#[test]
fn a_type_matches_its_values_only() {
    let samples = [
        (PatternKind::Int, Value::Int(1)),
        (PatternKind::Float, Value::Float(1.0)),
        (PatternKind::Str, Value::str("s").unwrap()),
        (PatternKind::Bool, Value::Bool(false)),
        (PatternKind::List, values(&[])),
        (PatternKind::Object, object(&[])),
        (PatternKind::Map, Value::Map(Map::new())),
        (PatternKind::Bytes, Value::bytes(b"b").unwrap()),
        (PatternKind::Array, Value::I64Array(I64Array::from_slice(&[1]).unwrap())),
        (PatternKind::Pid, Value::Pid(Pid::new(2, 0))),
        (PatternKind::Ref, Value::Ref(Ref(1))),
        (
            PatternKind::Exception,
            Value::Exception(Exception::from_fault(&ttvm_isa::Fault::DivisionByZero, 0, ttvm_value::List::new())),
        ),
    ];
    for (kind, _) in &samples {
        for (other, value) in &samples {
            let pattern = Pattern::Typed { kind: *kind, name: None };
            check(&pattern, value, (kind == other).then_some(&[]));
        }
    }
    let number = Pattern::Typed { kind: PatternKind::Number, name: Some("X".into()) };
    check(&number, &Value::Int(3), Some(&["3"]));
    check(&number, &Value::Float(0.5), Some(&["0.5"]));
    check(&number, &Value::Null, None);
}

#[test]
fn a_variable_of_the_frame_is_compared_with() {
    check(&Pattern::Equal("x".into()), &Value::Int(1), Some(&[]));
    check(&Pattern::Equal("x".into()), &Value::Int(2), None);
    check(
        &list(vec![Pattern::Equal("s".into()), bind("X")]),
        &values(&[Value::str("a").unwrap(), Value::Int(2)]),
        Some(&["2"]),
    );
}

#[test]
fn a_name_that_stands_twice_must_be_equal_both_times() {
    let twice = list(vec![bind("X"), bind("X"), bind("Y")]);
    check(&twice, &values(&[Value::Int(2), Value::Int(2), Value::Int(3)]), Some(&["2", "3"]));
    check(&twice, &values(&[Value::Int(2), Value::Int(4), Value::Int(3)]), None);
}

#[test]
fn lists_match_by_length_and_may_have_a_rest() {
    let pair = list(vec![bind("X"), bind("Y")]);
    check(&pair, &values(&[Value::Int(1), Value::Null]), Some(&["1", "null"]));
    check(&pair, &values(&[Value::Int(1)]), None);
    check(&pair, &values(&[Value::Int(1), Value::Int(2), Value::Int(3)]), None);
    check(&pair, &object(&[]), None);
    let open = |rest| Pattern::List { items: vec![bind("X")], rest: Some(rest) };
    check(&open(Rest::Any), &values(&[Value::Int(1), Value::Int(2)]), Some(&["1"]));
    check(&open(Rest::Bind("Y".into())), &values(&[Value::Int(1), Value::Int(2)]), Some(&["1", "[2]"]));
    check(&open(Rest::Bind("Y".into())), &values(&[Value::Int(1)]), Some(&["1", "[]"]));
    check(&open(Rest::Any), &values(&[]), None);
}

#[test]
fn objects_may_have_more_fields() {
    let pattern = Pattern::Object(vec![("kind".into(), Pattern::Text("a".into())), ("v".into(), bind("X"))]);
    let text = || Value::str("a").unwrap();
    check(&pattern, &object(&[("v", Value::Int(3)), ("more", Value::Null), ("kind", text())]), Some(&["3"]));
    check(&pattern, &object(&[("kind", text())]), None);
    check(&pattern, &object(&[("v", Value::Int(3)), ("kind", Value::Null)]), None);
    check(&pattern, &values(&[]), None);
}

#[test]
fn signals_are_objects() {
    let signal = |name: &str| ("signal", Value::str(name).unwrap());
    let exit = Pattern::Exit { from: Box::new(bind("X")), reason: Box::new(bind("Y")) };
    let message = object(&[signal("exit"), ("from", Value::Pid(Pid::new(3, 1))), ("reason", Value::Int(0))]);
    check(&exit, &message, Some(&["3", "0"]));
    let down =
        Pattern::Down { reference: Box::new(Pattern::Any), pid: Box::new(bind("X")), reason: Box::new(bind("Y")) };
    check(&down, &message, None);
    let message =
        object(&[signal("down"), ("ref", Value::Ref(Ref(1))), ("pid", Value::Int(1)), ("reason", Value::Null)]);
    check(&down, &message, Some(&["1", "null"]));
    check(&Pattern::Signal("child_exit".into()), &object(&[signal("child_exit")]), Some(&[]));
    check(&Pattern::Signal("child_exit".into()), &message, None);
}

#[track_caller]
fn check_guard(guard: Guard, message: i64, matches: bool) {
    let described = guard.to_string();
    let got = received(&bind("X"), Some(guard), &Value::Int(message));
    assert_eq!(got.is_some(), matches, "{described} with {message}");
}

#[test]
fn guards_compare_what_was_bound_with_variables_and_literals() {
    let variable = |name: &str| GuardOperand::Variable(name.into());
    let compare = |comparison, right| Guard::Compare { comparison, left: variable("X"), right };
    let five = || GuardOperand::Integer(5.into());
    check_guard(compare(Comparison::Less, five()), 4, true);
    check_guard(compare(Comparison::Less, five()), 5, false);
    check_guard(compare(Comparison::LessOrEqual, five()), 5, true);
    check_guard(compare(Comparison::Greater, five()), 5, false);
    check_guard(compare(Comparison::GreaterOrEqual, five()), 5, true);
    check_guard(compare(Comparison::Equal, variable("x")), 1, true);
    check_guard(compare(Comparison::Unequal, variable("x")), 1, false);
    check_guard(Guard::Truth("X".into()), 0, false);
    check_guard(Guard::Truth("X".into()), 2, true);
    check_guard(Guard::Not(Box::new(Guard::Truth("X".into()))), 0, true);
}

#[test]
fn a_guard_that_fails_with_an_error_is_false() {
    let variable = |name: &str| GuardOperand::Variable(name.into());
    let bad = || Guard::Compare { comparison: Comparison::Less, left: variable("X"), right: GuardOperand::Null };
    let good = || Guard::Truth("X".into());
    check_guard(bad(), 1, false);
    check_guard(Guard::Not(Box::new(bad())), 1, false);
    check_guard(Guard::Either(vec![bad(), good()]), 1, false);
    check_guard(Guard::Either(vec![good(), bad()]), 1, true);
    check_guard(Guard::All(vec![Guard::Truth("x".into()), good()]), 1, true);
    check_guard(Guard::Truth("absent".into()), 1, false);
}

#[test]
fn what_a_failed_case_bound_is_not_seen() {
    let table = ReceiveTable {
        cases: vec![
            ReceiveCase { pattern: list(vec![bind("X"), Pattern::Integer(9.into())]), guard: None, target: 1 },
            ReceiveCase { pattern: bind("Y"), guard: None, target: 1 },
        ],
        after: None,
    };
    let lines: Vec<Line> = vec![
        int(7),
        store("X"),
        OpCode::ReceiveMatch { table: table.into() }.into(),
        Line::At(1),
        load("X"),
        print(),
        load("Y"),
        print(),
        halt(),
    ];
    let kernel = run(&lines, || Vectors { queue: vec![values(&[Value::Int(1), Value::Int(2)])], ..Vectors::default() });
    assert_eq!(kernel.log, ["7", "[1, 2]", "done Null"]);
}

#[test]
fn many_variables_are_bound() {
    let names: Vec<String> = (0..9).map(|number| format!("V{number}")).collect();
    let pattern = list(names.iter().map(|name| bind(name)).collect());
    let table = ReceiveTable { cases: vec![ReceiveCase { pattern, guard: None, target: 1 }], after: None };
    let mut lines: Vec<Line> = vec![OpCode::ReceiveMatch { table: table.into() }.into(), Line::At(1)];
    lines.extend(names.iter().flat_map(|name| [load(name), print()]));
    lines.push(halt());
    let message = || values(&(0..9).map(Value::Int).collect::<Vec<_>>());
    let kernel = run(&lines, || Vectors { queue: vec![message()], ..Vectors::default() });
    assert_eq!(kernel.log.join(" "), "0 1 2 3 4 5 6 7 8 done Null");
}

#[test]
fn an_undefined_variable_behind_the_sign_is_an_error() {
    let table = ReceiveTable {
        cases: vec![ReceiveCase { pattern: Pattern::Equal("absent".into()), guard: None, target: 1 }],
        after: None,
    };
    let lines = [OpCode::ReceiveMatch { table: table.into() }.into(), Line::At(1), halt()];
    assert_eq!(run(&lines, Vectors::default).log, ["crashed Undefined variable: absent"]);
}

#[test]
fn operands_that_stand_for_variables_keep_their_old_values() {
    let table = ReceiveTable { cases: vec![ReceiveCase { pattern: bind("x"), guard: None, target: 1 }], after: None };
    let lines = [
        int(1),
        store("x"),
        load("x"),
        OpCode::ReceiveMatch { table: table.into() }.into(),
        Line::At(1),
        print(),
        load("x"),
        print(),
        halt(),
    ];
    let kernel = run(&lines, || Vectors { queue: vec![Value::Int(2)], ..Vectors::default() });
    assert_eq!(kernel.log, ["1", "2", "done Null"]);
}

#[test]
fn bound_variables_are_part_of_the_printed_scope() {
    let table = ReceiveTable {
        cases: vec![ReceiveCase { pattern: list(vec![bind("b"), bind("a")]), guard: None, target: 1 }],
        after: None,
    };
    let lines = [OpCode::ReceiveMatch { table: table.into() }.into(), Line::At(1), OpCode::DumpScope {}.into(), halt()];
    let kernel = run(&lines, || Vectors { queue: vec![values(&[Value::Int(1), Value::Int(2)])], ..Vectors::default() });
    assert_eq!(kernel.log, [r#"Current scope: Some({"b": Int(1), "a": Int(2)})"#, "done Null"]);
}
