//! Functions that answer for an instruction that waits.

use ttvm_engine::{LoadMode, Process, Reply};
use ttvm_isa::OpCode;
use ttvm_value::Value;

use crate::vectors::{Function, Line, Vectors, drive, halt, int, load, load_module, print, text};

fn superstep() -> Line {
    OpCode::Superstep { name: Some(text("next")) }.into()
}

/// Waits twice, with an operand below and a handler around, and prints what came.
fn program() -> (Vec<Line>, Vec<Function>) {
    let lines = vec![
        OpCode::Call { target: 3, parameters: [].into() }.into(),
        int(7),
        OpCode::Try { target: 4 }.into(),
        superstep(),
        print(),
        superstep(),
        print(),
        OpCode::EndTry {}.into(),
        print(),
        halt(),
        Line::At(4),
        OpCode::ErrorMessage {}.into(),
        print(),
        print(),
        halt(),
        Line::At(0),
        load("a"),
        load("b"),
        OpCode::Sub {}.into(),
        OpCode::Ret {}.into(),
        Line::At(1),
        load("a"),
        OpCode::Throw {}.into(),
        Line::At(2),
        Line::At(3),
        OpCode::Ret {}.into(),
    ];
    let functions = vec![
        Function { name: "minus", parameters: &["a", "b"], from: 0, to: 1 },
        Function { name: "fail", parameters: &["a"], from: 1, to: 2 },
    ];
    (lines, functions)
}

/// What happens when these functions answer, which is the same in both modes and with short turns.
fn log(calls: &[(&str, &[i64])]) -> Vec<String> {
    let (lines, functions) = program();
    let mut logs = [LoadMode::Ordinary, LoadMode::Exact].into_iter().flat_map(|mode| {
        let module = load_module(&lines, &functions, mode);
        [4000, 1].map(|budget| {
            let call = |(name, arguments): &(&str, &[i64])| {
                let function = module.entry_named(name).or_else(|| module.label_named(name)).unwrap();
                (function, arguments.iter().map(|int| Value::Int(*int)).collect())
            };
            let mut kernel = Vectors {
                replies: vec![Reply::Wait, Reply::Wait].into(),
                calls: calls.iter().map(call).collect(),
                ..Vectors::default()
            };
            drive(&mut Process::main(&module), &mut kernel, budget);
            kernel.log.retain(|line| !line.starts_with("SUPERSTEP [") && !line.starts_with("answer"));
            kernel.log
        })
    });
    let first = logs.next().unwrap();
    logs.for_each(|other| assert_eq!(other, first));
    first
}

#[test]
fn what_the_function_returns_is_the_instructions_result() {
    assert_eq!(log(&[("minus", &[10, 2]), ("minus", &[1, 2])]), ["8", "-1", "7", "done Null"]);
}

#[test]
fn what_the_function_throws_is_thrown_by_the_instruction() {
    assert_eq!(log(&[("minus", &[10, 2]), ("fail", &[5])]), ["8", "Thrown value: Int(5)", "7", "done Null"]);
}

#[test]
fn a_function_that_cannot_be_called_is_the_instructions_error() {
    let wrong = "SUPERSTEP: the function takes 2 arguments but 1 is given";
    assert_eq!(log(&[("minus", &[10])]), [wrong, "7", "done Null"]);
    let label = "SUPERSTEP: a function that begins at a label cannot answer for the machine";
    assert_eq!(log(&[("l3", &[])]), [label, "7", "done Null"]);
}
