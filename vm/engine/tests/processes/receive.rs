//! Receiving: order, waiting, time, preemption.

use ttvm_engine::{LoadMode, Outcome, Process};
use ttvm_isa::{
    OpCode,
    receive::{After, AfterTime, Pattern, ReceiveCase, ReceiveTable},
};
use ttvm_value::{Ref, Value};

use crate::vectors::{Line, Vectors, halt, int, jump, load, load_module, print, run, store, str};

fn case(pattern: Pattern, target: u32) -> ReceiveCase {
    ReceiveCase { pattern, guard: None, target }
}

fn receive_match(cases: Vec<ReceiveCase>, after: Option<(AfterTime, u32)>) -> Line {
    let after = after.map(|(time, target)| After { time, target });
    OpCode::ReceiveMatch { table: ReceiveTable { cases, after }.into() }.into()
}

fn with_queue(queue: &[i64]) -> impl Fn() -> Vectors {
    let queue: Vec<i64> = queue.to_vec();
    move || Vectors { queue: queue.iter().map(|int| Value::Int(*int)).collect(), ..Vectors::default() }
}

#[test]
fn receive_takes_the_oldest_message_and_waits_for_one() {
    let lines = [OpCode::Receive {}.into(), print(), OpCode::Receive {}.into(), store("x"), load("x"), print(), halt()];
    let kernel = run(&lines, || Vectors { later: [Value::Int(2)].into(), ..with_queue(&[1])() });
    assert_eq!(kernel.log, ["1", "2", "done Null"]);
}

#[test]
fn receive_keeps_the_operands_below() {
    let lines = [int(7), OpCode::Receive {}.into(), OpCode::Add {}.into(), print(), halt()];
    let kernel = run(&lines, || Vectors { later: [Value::Int(2)].into(), ..Vectors::default() });
    assert_eq!(kernel.log, ["9", "done Null"]);
}

fn with_timeout(time: Line) -> Vec<Line> {
    vec![
        int(5),
        time,
        OpCode::ReceiveTimeout { target: 1 }.into(),
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
fn a_timeout_pushes_nothing_and_the_time_is_given_again_when_the_wait_goes_on() {
    let later =
        |values: &'static [Value]| move || Vectors { later: values.iter().cloned().collect(), ..Vectors::default() };
    let kernel = run(&with_timeout(int(50)), later(&[Value::Null]));
    assert_eq!(kernel.log, ["wait After(50)", "over", "5", "done Null"]);
    let kernel =
        run(&with_timeout(OpCode::PushFloat { value: ttvm_isa::Float::new(0.2) }.into()), later(&[Value::Int(3)]));
    assert_eq!(kernel.log, ["wait After(1)", "3", "5", "done Null"]);
    let kernel = run(&with_timeout(str("infinity")), later(&[Value::Int(3)]));
    assert_eq!(kernel.log, ["wait Never", "3", "5", "done Null"]);
    let kernel = run(&with_timeout(int(0)), Vectors::default);
    assert_eq!(kernel.log, ["over", "5", "done Null"], "after 0 does not wait");
}

#[test]
fn a_time_that_is_none_is_an_error() {
    let kernel = run(&with_timeout(int(-1)), Vectors::default);
    assert_eq!(kernel.log, ["crashed RECEIVE_TIMEOUT: -1 is no number of milliseconds"]);
    let kernel = run(&with_timeout(str("soon")), Vectors::default);
    assert_eq!(kernel.log, [r#"crashed RECEIVE_TIMEOUT expects milliseconds or infinity but got Str("soon")"#]);
}

#[test]
fn polling_in_a_loop_comes_to_the_end_of_its_turn() {
    let table = receive_match(vec![], Some((AfterTime::Milliseconds(0), 1)));
    for lines in
        [vec![Line::At(1), table], vec![Line::At(1), int(0), OpCode::ReceiveTimeout { target: 1 }.into(), halt()]]
    {
        for mode in [LoadMode::Ordinary, LoadMode::Exact] {
            let mut process = Process::main(&load_module(&lines, &[], mode));
            assert!(matches!(process.run(100, &mut Vectors::default()), Outcome::OutOfReductions));
        }
    }
}

#[test]
fn the_first_message_that_any_case_matches_is_taken_and_the_others_keep_their_places() {
    let literal = |int: i64| Pattern::Integer(int.into());
    let lines = [
        receive_match(vec![case(literal(5), 1), case(literal(3), 2)], None),
        Line::At(1),
        str("five"),
        print(),
        halt(),
        Line::At(2),
        str("three"),
        print(),
        halt(),
    ];
    let kernel = run(&lines, with_queue(&[1, 3, 2, 5]));
    assert_eq!(kernel.log, ["three", "done Null"], "queue order beats case order (P46)");
    assert_eq!(format!("{:?}", kernel.queue), "[Int(1), Int(2), Int(5)]", "P47");
}

#[test]
fn a_wait_goes_on_with_messages_not_looked_at_yet() {
    let lines =
        [receive_match(vec![case(Pattern::Integer(9.into()), 1)], None), Line::At(1), str("nine"), print(), halt()];
    let kernel = run(&lines, || Vectors { later: [Value::Int(4), Value::Int(9)].into(), ..with_queue(&[1, 2])() });
    assert_eq!(kernel.log, ["nine", "done Null"]);
    assert_eq!(kernel.shown, 4, "each message is looked at once");
    assert_eq!(format!("{:?}", kernel.queue), "[Int(1), Int(2), Int(4)]");
}

#[test]
fn scanning_a_long_queue_is_preempted_and_goes_on_where_it_was() {
    let lines =
        [receive_match(vec![case(Pattern::Integer((-1).into()), 1)], None), Line::At(1), str("found"), print(), halt()];
    let mut queue: Vec<i64> = (0..10_000).collect();
    queue.push(-1);
    for mode in [LoadMode::Ordinary, LoadMode::Exact] {
        let mut process = Process::main(&load_module(&lines, &[], mode));
        let mut kernel = with_queue(&queue)();
        let mut turns = 0;
        while !matches!(process.run(1000, &mut kernel), Outcome::Done(_)) {
            turns += 1;
        }
        assert_eq!(turns, 9);
        assert_eq!(kernel.shown, 10_001);
        assert_eq!(kernel.queue.len(), 10_000);
    }
}

#[test]
fn the_time_of_a_table_may_be_a_variable_or_for_ever() {
    let lines = |time: AfterTime| {
        vec![
            int(30),
            store("wait"),
            receive_match(vec![case(Pattern::Null, 1)], Some((time, 2))),
            Line::At(1),
            halt(),
            Line::At(2),
            str("over"),
            print(),
            halt(),
        ]
    };
    let kernel = run(&lines(AfterTime::Variable("wait".into())), || Vectors {
        later: [Value::Null].into(),
        ..Vectors::default()
    });
    assert_eq!(kernel.log, ["wait After(30)", "over", "done Null"]);
    let kernel = run(&lines(AfterTime::Infinity), Vectors::default);
    assert_eq!(kernel.log, ["wait Never", "waits for ever"]);
    let kernel = run(&lines(AfterTime::Variable("absent".into())), Vectors::default);
    assert_eq!(kernel.log, ["crashed Undefined variable: absent"]);
}

#[test]
fn a_reference_that_every_case_demands_begins_the_search() {
    let list = |items: Vec<Pattern>| Pattern::List { items, rest: None };
    let equal = |name: &str| Pattern::Equal(name.into());
    let lines = |second: Pattern| {
        vec![
            OpCode::MakeRef {}.into(),
            store("r"),
            int(1),
            store("n"),
            receive_match(vec![case(list(vec![equal("n"), equal("r")]), 1), case(second, 1)], None),
            Line::At(1),
            halt(),
        ]
    };
    let kernel = || {
        let message = Value::list([Value::Int(1), Value::Ref(Ref(6))].into_iter()).unwrap();
        Vectors {
            replies: vec![ttvm_engine::Reply::Value(Value::Ref(Ref(6)))].into(),
            queue: vec![Value::Int(0), message],
            ..Vectors::default()
        }
    };
    let with = run(&lines(list(vec![equal("r"), equal("n")])), kernel);
    assert_eq!(with.references, [Some(Ref(6)); 2], "P51");
    let without = run(&lines(equal("n")), kernel);
    assert_eq!(without.references, [None; 2]);
}
