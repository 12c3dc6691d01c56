//! What the kernel performs.

use ttvm_engine::Reply;
use ttvm_isa::{Fault, OpCode};
use ttvm_value::{Pid, Value};

use crate::vectors::{Line, Vectors, halt, int, jump, load, print, run, store, str};

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
fn an_instruction_that_is_not_done_is_performed_again_with_its_arguments_in_a_later_turn() {
    let lines =
        [int(7), int(1), str("f"), OpCode::SpawnMonitor { count: Some(1) }.into(), print(), print(), print(), halt()];
    let two = || Reply::Two(Value::Pid(Pid::new(2, 0)), Value::Int(9));
    let kernel = run(&lines, replying(|| vec![Reply::Again, Reply::Again, two()]));
    let asked = r#"SPAWN_MONITOR [Int(1), Str("f")] at test.ttvm:4"#;
    assert_eq!(kernel.log, [asked, "yield", asked, "yield", asked, "9", "2", "7", "done Null"]);
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

fn with_barrier() -> Vec<Line> {
    vec![
        int(5),
        str("barrier"),
        int(50),
        OpCode::BarrierTimeout { target: 1 }.into(),
        print(),
        jump(2),
        Line::At(1),
        str("over"),
        print(),
        Line::At(2),
        print(),
        halt(),
    ]
}

#[test]
fn an_instruction_with_a_time_goes_on_or_to_its_target() {
    let generation = replying(|| vec![Reply::Value(Value::Int(3))]);
    let kernel = run(&with_barrier(), generation);
    let asked = r#"BARRIER_TIMEOUT [Str("barrier"), Int(50)] at test.ttvm:4"#;
    assert_eq!(kernel.log, [asked, "3", "5", "done Null"]);
    let kernel = run(&with_barrier(), replying(|| vec![Reply::Branch]));
    assert_eq!(kernel.log, [asked, "over", "5", "done Null"]);
}

#[test]
fn an_instruction_with_a_time_may_wait_for_how_it_ends() {
    let waiting = |is_late: bool| {
        let answers = || vec![Ok(Value::Int(4))].into();
        move || Vectors { replies: vec![Reply::Wait].into(), answers: answers(), is_late, ..Vectors::default() }
    };
    let answered = r#"answer in ("main", "test.ttvm:4")"#;
    assert_eq!(run(&with_barrier(), waiting(false)).log[1..], [answered, "4", "5", "done Null"]);
    assert_eq!(run(&with_barrier(), waiting(true)).log[1..], [answered, "over", "5", "done Null"]);
    let fault = || Fault::Argument { operation: "BARRIER_TIMEOUT", error: "broken barrier".to_owned() };
    let failing = || Vectors { replies: vec![Reply::Fault(fault())].into(), ..Vectors::default() };
    let crashed = "crashed BARRIER_TIMEOUT: broken barrier";
    assert_eq!(run(&with_barrier(), failing).log[1..], [crashed]);
}

#[test]
fn a_target_above_costs_a_reduction_each_time() {
    let lines = [Line::At(1), str("barrier"), int(0), OpCode::BarrierTimeout { target: 1 }.into(), print(), halt()];
    let kernel = run(&lines, replying(|| vec![Reply::Branch, Reply::Branch, Reply::Value(Value::Int(2))]));
    let printed: Vec<&String> = kernel.log.iter().filter(|line| !line.starts_with("BARRIER")).collect();
    assert_eq!(printed, ["2", "done Null"]);
    assert_eq!(kernel.log.len(), 5, "it came three times");
}
