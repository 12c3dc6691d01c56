//! What the kernel performs.

use ttvm_engine::Reply;
use ttvm_isa::{Fault, OpCode};
use ttvm_value::{Pid, Value};

use crate::vectors::{Line, Vectors, halt, int, load, print, run, store, str};

fn replying(replies: impl Fn() -> Vec<Reply>) -> impl Fn() -> Vectors {
    move || Vectors { replies: replies().into(), ..Vectors::default() }
}

#[test]
fn arguments_come_in_the_order_they_were_pushed_and_the_place_is_the_instructions() {
    let lines = [str("hello"), int(2), OpCode::Send { pid: None }.into(), halt()];
    let kernel = run(&lines, Vectors::default);
    assert_eq!(kernel.log, [r#"SEND [Str("hello"), Int(2)] at test.ttvm:3"#, "done Null"]);
}

#[test]
fn results_take_the_place_of_arguments() {
    let lines = [int(1), str("child"), OpCode::SpawnMonitor { count: None }.into(), print(), print(), print(), halt()];
    let two = || Reply::Two(Value::Pid(Pid::new(2, 0)), Value::Int(9));
    let kernel = run(&lines, replying(|| vec![two()]));
    assert_eq!(kernel.log[1..], ["9", "2", "1", "done Null"]);
}

#[test]
fn a_result_without_arguments_goes_straight_to_the_variable() {
    let lines = [OpCode::SelfPid {}.into(), store("me"), load("me"), print(), halt()];
    let kernel = run(&lines, replying(|| vec![Reply::Value(Value::Pid(Pid::new(7, 0)))]));
    assert_eq!(kernel.log[1..], ["7", "done Null"]);
}

#[test]
fn missing_results_are_null_and_surplus_ones_are_dropped() {
    let lines = [OpCode::MakeRef {}.into(), print(), OpCode::Yield {}.into(), halt()];
    let kernel = run(&lines, replying(|| vec![Reply::Nothing, Reply::Value(Value::Int(1))]));
    assert_eq!(kernel.log[1..], ["null", "YIELD [] at test.ttvm:3", "done Null"]);
}

#[test]
fn a_fault_is_raised_at_the_instruction_and_can_be_caught() {
    let lines: Vec<Line> = vec![
        OpCode::Try { target: 1 }.into(),
        int(5),
        OpCode::Link { pid: None }.into(),
        OpCode::EndTry {}.into(),
        halt(),
        Line::At(1),
        OpCode::Catch {}.into(),
        OpCode::ErrorMessage {}.into(),
        print(),
        halt(),
    ];
    let fault = || Fault::Argument { operation: "LINK", error: "noproc".to_owned() };
    let kernel = run(&lines, replying(|| vec![Reply::Fault(fault())]));
    assert_eq!(kernel.log[1..], ["LINK: noproc", "done Null"]);
}

#[test]
fn an_answer_may_come_later_and_may_be_a_fault() {
    let lines: Vec<Line> = vec![
        int(1),
        store("pid"),
        OpCode::Try { target: 1 }.into(),
        OpCode::StartSupervisor { name: Some("shop".into()) }.into(),
        store("pid"),
        OpCode::EndTry {}.into(),
        Line::At(1),
        load("pid"),
        print(),
        halt(),
    ];
    let answering = |answer: fn() -> Result<Value, Fault>| {
        move || Vectors { replies: vec![Reply::Wait].into(), answers: vec![answer()].into(), ..Vectors::default() }
    };
    let kernel = run(&lines, answering(|| Ok(Value::Int(42))));
    assert_eq!(kernel.log[1..], [r#"answer in ("main", "test.ttvm:4")"#, "42", "done Null"]);
    let kernel = run(&lines, answering(|| Err(Fault::DivisionByZero)));
    assert_eq!(kernel.log[2..], ["1", "done Null"], "the variable keeps its value");
}

#[test]
fn a_process_may_give_up_its_turn() {
    let lines = [OpCode::Yield {}.into(), str("later"), print(), halt()];
    let kernel = run(&lines, replying(|| vec![Reply::Yield]));
    assert_eq!(kernel.log[1..], ["yield", "later", "done Null"]);
}

#[test]
fn a_process_that_ends_itself_cannot_catch_that() {
    let lines: Vec<Line> =
        vec![OpCode::Try { target: 1 }.into(), str("bye"), OpCode::ExitSelf {}.into(), Line::At(1), halt()];
    assert_eq!(run(&lines, Vectors::default).log, [r#"ended Str("bye")"#]);
    let lines: Vec<Line> =
        vec![OpCode::Try { target: 1 }.into(), str("kill"), int(1), OpCode::ExitProcess {}.into(), Line::At(1), halt()];
    let kernel = run(&lines, replying(|| vec![Reply::Exit(Value::Int(3))]));
    assert_eq!(kernel.log[1..], ["ended Int(3)"]);
}

#[test]
fn operands_below_an_instruction_stay() {
    let lines =
        [int(1), int(2), int(3), str("f"), OpCode::Spawn { count: Some(1) }.into(), print(), print(), print(), halt()];
    let kernel = run(&lines, replying(|| vec![Reply::Value(Value::Int(8))]));
    assert_eq!(kernel.log[1..], ["8", "2", "1", "done Null"]);
}
