//! Frames, operand stacks and handlers: the rules that are easiest to get wrong, on modules written by hand.

use std::sync::Arc;

use ttvm_bytecode::{Body, BodyKind, Label, Module, verify};
use ttvm_isa::{Integer, Names, OpCode, Text};
use ttvm_oracle::{Ending, MemoryHost, Oracle, OracleOutcome};

fn int(value: i64) -> OpCode {
    OpCode::PushInt { value: Integer::Small(value) }
}

fn text(value: &str) -> OpCode {
    OpCode::PushStr { value: value.into() }
}

fn names(list: &[&str]) -> Names {
    list.iter().map(|name| Text::from(*name)).collect()
}

fn call(target: u32, parameters: &[&str]) -> OpCode {
    OpCode::Call { target, parameters: names(parameters) }
}

fn load(name: &str) -> OpCode {
    OpCode::Load { name: name.into() }
}

fn store(name: &str) -> OpCode {
    OpCode::Store { name: name.into() }
}

const PRINT: OpCode = OpCode::Print {};
const RET: OpCode = OpCode::Ret {};
const HALT: OpCode = OpCode::Halt {};
const END_TRY: OpCode = OpCode::EndTry {};

/// A module without bodies; its labels give names to traces.
fn labelled(code: &[OpCode], labels: &[(&str, u32)]) -> Module {
    Module {
        source: Arc::from("test.ttvm"),
        code: code.to_vec(),
        lines: (1u32..).take(code.len()).collect(),
        labels: labels.iter().map(|(name, at)| Label { name: Text::from(*name), at: *at, body: None }).collect(),
        ..Module::default()
    }
}

fn plain(code: &[OpCode]) -> Module {
    labelled(code, &[])
}

fn with_body(code: &[OpCode], name: &str, parameters: &[&str], start: u32, end: u32) -> Module {
    let body = Body { kind: BodyKind::Function, name: name.into(), parameters: names(parameters), start, end };
    Module { bodies: vec![body], ..plain(code) }
}

fn run(module: Module) -> OracleOutcome {
    let verified = verify(module).expect("the test's module is valid");
    Oracle::new(verified, Box::new(MemoryHost::without_modules(""))).run(100_000)
}

fn stdout(module: Module) -> String {
    let outcome = run(module);
    assert_eq!(outcome.ending, Ending::Normal, "after printing {}", outcome.stdout);
    outcome.stdout
}

#[test]
fn a_label_function_leaves_what_it_leaves_on_the_shared_stack() {
    let code = [int(1), call(5, &[]), PRINT, PRINT, HALT, int(2), int(3), RET];
    assert_eq!(stdout(plain(&code)), "3\n2\n");
}

#[test]
fn a_label_function_may_take_values_from_below_its_arguments() {
    let code = [int(7), call(3, &[]), HALT, PRINT, RET];
    assert_eq!(stdout(plain(&code)), "7\n");
}

#[test]
fn a_body_returns_its_top_and_drops_the_rest() {
    let code = [int(1), int(2), int(3), RET, call(0, &[]), PRINT, PRINT];
    let outcome = run(with_body(&code, "f", &[], 0, 4));
    assert_eq!(outcome.stdout, "3\n");
    let Ending::Uncaught(exception) = outcome.ending else { panic!("{:?}", outcome.ending) };
    assert_eq!(exception.message, "Stack underflow during PRINT");
    assert_eq!(exception.instruction, 6);
    assert_eq!(exception.trace, ["at main (test.ttvm:7)"]);
}

#[test]
fn a_body_without_a_value_returns_null_at_its_end() {
    let code = [int(1), OpCode::Pop {}, call(0, &[]), PRINT];
    assert_eq!(stdout(with_body(&code, "f", &[], 0, 2)), "null\n");
}

#[test]
fn a_handler_cuts_the_stack_to_where_the_try_ran() {
    let code = [int(1), OpCode::Try { target: 5 }, int(2), int(3), OpCode::Throw {}, PRINT, PRINT, HALT];
    let printed = stdout(plain(&code));
    assert_eq!(printed, "Exception: Thrown value: Int(3)\nStack trace:\n  at instruction 4\n1\n");
}

#[test]
fn a_handler_keeps_a_stack_that_is_lower_than_where_the_try_ran() {
    let code = [int(1), int(2), OpCode::Try { target: 5 }, PRINT, OpCode::Add {}, OpCode::ErrorMessage {}, PRINT];
    let outcome = run(plain(&code));
    // ADD has taken the 1 before it missed the other operand.
    assert_eq!(outcome.stdout, "2\nStack underflow during ADD\n");
}

#[test]
fn the_end_try_of_a_catch_block_does_not_disarm_the_outer_try() {
    let code = [
        OpCode::Try { target: 8 },
        OpCode::Try { target: 4 },
        text("inner"),
        OpCode::Throw {},
        OpCode::Pop {},
        END_TRY,
        text("outer"),
        OpCode::Throw {},
        OpCode::ErrorMessage {},
        PRINT,
    ];
    assert_eq!(stdout(plain(&code)), "outer\n");
}

#[test]
fn an_error_passes_through_frames_to_the_newest_handler() {
    let code =
        [OpCode::Try { target: 2 }, call(5, &["n"]), OpCode::ErrorTrace {}, PRINT, HALT, call(7, &[]), RET, load("n")];
    // The call at 1 finds no argument.
    let outcome = run(labelled(&code, &[("f", 5), ("g", 7)]));
    assert_eq!(outcome.stdout, "[at main (test.ttvm:2)]\n");
    let code = [
        OpCode::Try { target: 3 },
        int(1),
        call(6, &["n"]),
        OpCode::ErrorTrace {},
        PRINT,
        HALT,
        call(9, &[]),
        OpCode::Catch {},
        RET,
        load("n"),
    ];
    let outcome = run(labelled(&code, &[("f", 6), ("g", 9)]));
    assert_eq!(outcome.stdout, "[at g (test.ttvm:10), at f (test.ttvm:7), at main (test.ttvm:3)]\n");
}

#[test]
fn a_call_right_before_ret_replaces_its_frame() {
    let code =
        [OpCode::Try { target: 2 }, call(5, &[]), OpCode::ErrorTrace {}, PRINT, HALT, call(7, &[]), RET, load("n")];
    let outcome = run(labelled(&code, &[("f", 5), ("g", 7)]));
    assert_eq!(outcome.stdout, "[at g (test.ttvm:8), at main (test.ttvm:2)]\n");
}

#[test]
fn a_frame_with_an_armed_handler_is_not_replaced() {
    let code = [
        call(2, &[]),
        HALT,
        OpCode::Try { target: 5 },
        OpCode::TailCall { target: 7, parameters: names(&[]) },
        RET,
        OpCode::ErrorMessage {},
        PRINT,
        load("n"),
    ];
    let outcome = run(plain(&code));
    assert_eq!(outcome.stdout, "Undefined variable: n\n");
}

#[test]
fn a_tail_call_under_a_try_returns_after_its_callee() {
    let code = [
        call(4, &[]),
        PRINT,
        HALT,
        int(0),
        OpCode::Try { target: 3 },
        OpCode::TailCall { target: 6, parameters: names(&[]) },
        text("callee"),
        RET,
    ];
    assert_eq!(stdout(plain(&code)), "callee\n");
}

#[test]
fn ret_at_top_level_is_a_catchable_error() {
    let code = [OpCode::Try { target: 2 }, RET, OpCode::ErrorMessage {}, PRINT];
    assert_eq!(stdout(plain(&code)), "No variable scope available\n");
}

#[test]
fn a_closure_has_its_parameters_before_its_captures() {
    let code = [
        int(1),
        store("p"),
        int(2),
        store("q"),
        OpCode::Capture { name: "q".into() },
        OpCode::Capture { name: "p".into() },
        OpCode::MakeLambda { target: 13, parameters: names(&["r", "q"]) },
        store("f"),
        int(3),
        int(4),
        load("f"),
        OpCode::CallFunction { count: Some(2) },
        HALT,
        OpCode::DumpScope {},
        RET,
    ];
    assert_eq!(stdout(plain(&code)), "Current scope: Some({\"r\": Int(3), \"q\": Int(4), \"p\": Int(1)})\n");
}

#[test]
fn deleting_an_unknown_variable_only_warns() {
    let outcome = run(plain(&[OpCode::Delete { name: "x".into() }]));
    assert_eq!(outcome.stderr, "Warning: tried to DELETE unknown variable 'x'\n");
    assert_eq!(outcome.ending, Ending::Normal);
}

#[test]
fn calls_and_backward_jumps_cost_one_reduction_each() {
    // Three turns: the counter goes 3, 2, 1, and the jump back is taken twice.
    let code = [int(3), int(1), OpCode::Sub {}, OpCode::Dup {}, OpCode::Jnz { target: 1 }, call(7, &[]), HALT, RET];
    assert_eq!(run(plain(&code)).reductions, 3);
}

#[test]
fn going_to_a_handler_costs_a_reduction() {
    let code = [OpCode::Try { target: 2 }, RET, OpCode::Pop {}, OpCode::Try { target: 5 }, RET, OpCode::Pop {}];
    assert_eq!(run(plain(&code)).reductions, 2);
}

#[test]
fn a_loop_that_goes_round_by_errors_comes_to_an_end_of_its_reductions() {
    let code = [OpCode::Try { target: 0 }, RET];
    let outcome = run(plain(&code));
    assert_eq!(outcome.ending, Ending::OutOfSteps);
    assert!(outcome.reductions > 10_000, "{}", outcome.reductions);
}

#[test]
fn a_long_chain_of_calls_is_traced_at_both_ends() {
    // f(n): n - 1 until 0, then an undefined variable.
    let code = [
        int(300),
        call(3, &["n"]),
        HALT,
        load("n"),
        OpCode::Jz { target: 10 },
        load("n"),
        int(1),
        OpCode::Sub {},
        call(3, &["n"]),
        PRINT,
        load("missing"),
    ];
    let Ending::Uncaught(exception) = run(labelled(&code, &[("f", 3)])).ending else { panic!("it should fail") };
    assert_eq!(exception.trace.len(), 129);
    assert_eq!(exception.trace[0], "at f (test.ttvm:11)");
    assert_eq!(exception.trace[64], "... 174 more ...");
    assert_eq!(exception.trace[128], "at main (test.ttvm:2)");
}

#[test]
fn a_jump_to_the_end_of_the_code_stops_even_inside_calls() {
    let code = [call(2, &[]), PRINT, OpCode::Jmp { target: 99 }];
    assert_eq!(stdout(plain(&code)), "");
}
