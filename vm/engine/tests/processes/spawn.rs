//! Processes that begin with a function value.

use std::sync::Arc;

use ttvm_engine::{LoadMode, LoadedModule, Process};
use ttvm_isa::{Fault, OpCode};
use ttvm_value::Value;

use crate::vectors::{Function, Line, Vectors, drive, halt, int, load, load_module, print, store, text};

const MODES: [LoadMode; 2] = [LoadMode::Ordinary, LoadMode::Exact];

fn program() -> (Vec<Line>, Vec<Function>) {
    let lines = vec![
        // A label that the program may call, so that there is a region for it.
        OpCode::Call { target: 2, parameters: [].into() }.into(),
        OpCode::Call { target: 3, parameters: [].into() }.into(),
        OpCode::Call { target: 4, parameters: [].into() }.into(),
        halt(),
        Line::At(0),
        load("a"),
        load("b"),
        OpCode::Sub {}.into(),
        OpCode::Ret {}.into(),
        Line::At(1),
        Line::At(2),
        int(5),
        print(),
        OpCode::Ret {}.into(),
        Line::At(3),
        int(6),
        print(),
        int(1),
        int(2),
        OpCode::Ret {}.into(),
        Line::At(4),
        int(7),
        print(),
        int(1),
        OpCode::Ret {}.into(),
    ];
    (lines, vec![Function { name: "minus", parameters: &["a", "b"], from: 0, to: 1 }])
}

fn module(mode: LoadMode) -> Arc<LoadedModule> {
    let (lines, functions) = program();
    load_module(&lines, &functions, mode)
}

fn spawn(function: &Value, arguments: &[Value]) -> Result<Process, Fault> {
    // SAFETY: every test keeps its module until its processes have ended.
    unsafe { Process::spawn("SPAWN", function, arguments.iter().cloned()) }
}

fn run(process: &mut Process) -> Vec<String> {
    let mut kernel = Vectors::default();
    drive(process, &mut kernel, 100);
    kernel.log
}

#[test]
fn a_process_is_small_and_a_small_function_needs_no_heap() {
    let module = module(LoadMode::Ordinary);
    let process = spawn(&module.entry_named("minus").unwrap(), &[Value::Int(7), Value::Int(4)]).unwrap();
    assert_eq!(process.heap_cells(), 0);
}

#[test]
fn a_function_gets_its_arguments_and_its_result_ends_the_process() {
    for mode in MODES {
        let module = module(mode);
        let mut process = spawn(&module.entry_named("minus").unwrap(), &[Value::Int(7), Value::Int(4)]).unwrap();
        // In fixed slots the first instruction is the subtraction.
        let line = if mode == LoadMode::Exact { "test.ttvm:5" } else { "test.ttvm:7" };
        assert_eq!(process.place(), ("minus".to_owned(), line.to_owned()));
        assert_eq!(process.trace_lines(), [format!("at minus ({line})")]);
        let moved = Box::new(process);
        process = *moved;
        assert_eq!(run(&mut process), ["done Int(3)"]);
        assert_eq!(process.place(), (String::new(), String::new()));
    }
}

#[test]
fn a_process_that_has_ended_leaves_the_place_for_the_next_one() {
    let module = module(LoadMode::Ordinary);
    let minus = module.entry_named("minus").unwrap();
    let mut process = Process::blank();
    assert!(process.is_blank());
    for (first, second) in [(7, 4), (1, 9)] {
        let mut arguments = [Value::Int(first), Value::Int(second)];
        // SAFETY: the module is kept until the process has ended.
        assert!(unsafe { process.spawn_again(&minus, &mut arguments) });
        assert!(arguments.iter().all(Value::is_undefined) && !process.is_blank());
        assert_eq!(process.reductions_spent(), 0);
        assert_eq!(run(&mut process), [format!("done Int({})", first - second)]);
        assert!(process.is_blank());
    }
    // Killed on the way, with a value on the heap among its arguments.
    let mut arguments = [Value::str("text").unwrap(), Value::Null];
    // SAFETY: as above.
    assert!(unsafe { process.spawn_again(&minus, &mut arguments) });
    process.clear();
    assert!(process.is_blank());
    // SAFETY: as above.
    assert!(unsafe { process.spawn_again(&module.label_named("l3").unwrap(), &mut []) });
    assert_eq!(run(&mut process), ["6", "done Null"]);
}

#[test]
fn a_stack_on_the_heap_is_freed_when_its_process_is_cleared() {
    let lines = vec![
        halt(),
        Line::At(0),
        // More slots than there are cells within the process.
        load("a"),
        load("a"),
        OpCode::Concat {}.into(),
        load("a"),
        load("a"),
        load("a"),
        load("a"),
        load("a"),
        load("a"),
        load("a"),
        load("a"),
        load("a"),
        OpCode::MakeList { count: 10 }.into(),
        OpCode::Ret {}.into(),
        Line::At(1),
    ];
    let functions = [Function { name: "many", parameters: &["a"], from: 0, to: 1 }];
    let module = load_module(&lines, &functions, LoadMode::Ordinary);
    let many = module.entry_named("many").unwrap();
    let mut process = Process::blank();
    for _ in 0..3 {
        let mut arguments = [Value::str("text").unwrap()];
        // SAFETY: the module is kept until the process has ended.
        assert!(unsafe { process.spawn_again(&many, &mut arguments) });
        assert!(process.heap_cells() > 0);
        assert_eq!(run(&mut process).len(), 1);
        process.clear();
        assert!(process.is_blank());
        assert_eq!(process.heap_cells(), 0);
    }
}

#[test]
fn after_a_deep_recursion_the_next_process_drops_nothing_that_is_not_its_own() {
    let lines = vec![
        halt(),
        Line::At(0),
        OpCode::Receive {}.into(),
        OpCode::Jz { target: 1 }.into(),
        load("held"),
        OpCode::Call { target: 0, parameters: [text("held")].into() }.into(),
        OpCode::Pop {}.into(),
        Line::At(1),
        // So that it stays in its place meanwhile.
        load("held"),
        OpCode::Ret {}.into(),
        Line::At(2),
        load("a"),
        load("b"),
        OpCode::Sub {}.into(),
        OpCode::Ret {}.into(),
        Line::At(3),
    ];
    let functions = [
        Function { name: "deep", parameters: &["held"], from: 0, to: 2 },
        Function { name: "minus", parameters: &["a", "b"], from: 2, to: 3 },
    ];
    let module = load_module(&lines, &functions, LoadMode::Ordinary);
    let (deep, minus) = (module.entry_named("deep").unwrap(), module.entry_named("minus").unwrap());
    // At its end, and killed on the way.
    for last in [Some(0), None] {
        let mut process = Process::blank();
        let mine = Value::list([Value::Int(1)].into_iter()).unwrap();
        let kept = mine.clone();
        let mut arguments = [mine.clone()];
        // SAFETY: the module is kept until the process has ended.
        assert!(unsafe { process.spawn_again(&deep, &mut arguments) });
        assert_eq!(process.heap_cells(), 0, "it begins within the process");
        let queue = [1; 20].into_iter().chain(last).map(Value::Int).collect();
        let outcome = process.run(1000, &mut Vectors { queue, ..Vectors::default() });
        assert_eq!(outcome.is_end(), last.is_some());
        assert!(process.heap_cells() > 0);
        process.clear();
        assert!(process.is_blank() && process.heap_cells() == 0);
        let mut arguments = [Value::Int(7), Value::Int(4)];
        // SAFETY: as above.
        assert!(unsafe { process.spawn_again(&minus, &mut arguments) });
        assert_eq!(run(&mut process), ["done Int(3)"]);
        // Whoever holds the only reference changes the list itself.
        let changed = ttvm_value::ops::lists::append(mine, Value::Int(2)).unwrap();
        assert_eq!((kept.to_string(), changed.to_string()), ("[1]".to_owned(), "[1, 2]".to_owned()));
    }
}

#[test]
fn what_begins_in_a_place_that_was_left_takes_nothing_if_it_cannot() {
    let module = module(LoadMode::Ordinary);
    let minus = module.entry_named("minus").unwrap();
    let mut process = Process::blank();
    let mut arguments = [Value::Int(7)];
    // SAFETY: the module is kept until the process has ended.
    unsafe {
        assert!(!process.spawn_again(&minus, &mut arguments), "it takes two");
        assert!(!process.spawn_again(&Value::Int(1), &mut arguments), "no function");
    }
    assert!(process.is_blank());
    assert!(matches!(arguments, [Value::Int(7)]));
}

#[test]
fn label_code_ends_its_process_whatever_it_leaves() {
    for mode in MODES {
        let module = module(mode);
        for (label, printed) in [("l2", "5"), ("l3", "6"), ("l4", "7")] {
            let mut process = spawn(&module.label_named(label).unwrap(), &[]).unwrap();
            assert_eq!(run(&mut process), [printed, "done Null"], "{label} {mode:?}");
        }
        assert!(module.label_named("nobody").is_none());
        assert!(module.entry_named("l2").is_none());
    }
}

#[test]
fn closures_bring_what_they_captured() {
    let lines = vec![
        int(40),
        store("x"),
        OpCode::Capture { name: text("x") }.into(),
        OpCode::MakeLambda { target: 0, parameters: [text("y")].into() }.into(),
        OpCode::Send { pid: Some(7) }.into(),
        halt(),
        Line::At(0),
        load("x"),
        load("y"),
        OpCode::Add {}.into(),
        OpCode::Ret {}.into(),
        Line::At(1),
    ];
    let functions = [Function { name: "f", parameters: &["y"], from: 0, to: 1 }];
    for mode in MODES {
        let module = load_module(&lines, &functions, mode);
        let mut kernel = Keeper(None);
        let mut process = Process::main(&module);
        let _ = process.run(100, &mut kernel);
        let mut child = spawn(&kernel.0.take().unwrap(), &[Value::Int(2)]).unwrap();
        assert_eq!(run(&mut child), ["done Int(42)"]);
    }
}

/// Keeps the message sent.
struct Keeper(Option<Value>);

impl ttvm_engine::Kernel for Keeper {
    fn write(&mut self, _: ttvm_engine::Stream, _: &str) {}
    fn process(&mut self, request: &mut ttvm_engine::Request<'_>) -> ttvm_engine::Reply {
        self.0 = Some(request.arguments[0].take());
        ttvm_engine::Reply::Nothing
    }
}

#[test]
fn what_is_no_function_or_takes_other_arguments_is_refused() {
    let module = module(LoadMode::Ordinary);
    let error = spawn(&Value::Int(1), &[]).err().unwrap();
    assert_eq!(error.to_string(), "SPAWN expects a function but got Int(1)");
    let error = spawn(&module.entry_named("minus").unwrap(), &[Value::Null]).err().unwrap();
    assert_eq!(error.to_string(), "SPAWN: the function takes 2 arguments but 1 is given");
}

#[test]
fn deep_recursion_spills_to_the_heap_and_a_dropped_process_frees_it() {
    let lines = vec![
        halt(),
        Line::At(0),
        OpCode::Receive {}.into(),
        store("m"),
        load("n"),
        int(1),
        OpCode::Add {}.into(),
        OpCode::Call { target: 0, parameters: [text("n")].into() }.into(),
        load("m"),
        OpCode::Concat {}.into(),
        OpCode::Ret {}.into(),
        Line::At(1),
    ];
    let functions = [Function { name: "deep", parameters: &["n"], from: 0, to: 1 }];
    for mode in MODES {
        let module = load_module(&lines, &functions, mode);
        let mut process = spawn(&module.entry_named("deep").unwrap(), &[Value::Int(0)]).unwrap();
        let queue = (0..50).map(|number| Value::str(&number.to_string()).unwrap()).collect();
        let mut kernel = Vectors { queue, ..Vectors::default() };
        drive(&mut process, &mut kernel, 7);
        assert_eq!(kernel.log, ["waits for ever"]);
        assert!(process.heap_cells() >= 64);
        assert_eq!(process.trace_lines().len(), 51);
    }
}
