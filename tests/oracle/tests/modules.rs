//! Modules: what `IMPORT` runs and copies, and what `.import` links.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use ttvm_bytecode::{Body, BodyKind, Import, Module, verify};
use ttvm_isa::{Names, OpCode, Text};
use ttvm_oracle::{Ending, ImportProblem, MemoryHost, Oracle, OracleOutcome};

fn text(value: &str) -> OpCode {
    OpCode::PushStr { value: value.into() }
}

fn import(path: &str) -> OpCode {
    OpCode::Import { path: path.into() }
}

fn load(name: &str) -> OpCode {
    OpCode::Load { name: name.into() }
}

/// Stores a str in a variable and exports it.
fn export(name: &str, value: &str) -> [OpCode; 3] {
    [text(value), OpCode::Store { name: name.into() }, OpCode::Export { name: name.into() }]
}

const PRINT: OpCode = OpCode::Print {};

fn module(source: &str, code: Vec<OpCode>) -> Module {
    Module { source: source.into(), lines: (1u32..).take(code.len()).collect(), code, ..Module::default() }
}

/// Runs a program with modules that are found by their source names.
fn run(main: Module, modules: Vec<Module>) -> OracleOutcome {
    let modules: HashMap<Text, Module> = modules.into_iter().map(|module| (module.source.clone(), module)).collect();
    let modules = Rc::new(RefCell::new(modules));
    let loader = move |_: &str, path: &str| match modules.borrow().get(path) {
        Some(module) => Ok(verify(module.clone()).expect("the test's module is valid")),
        None => Err(ImportProblem { reason: "no such module".to_owned() }),
    };
    let verified = verify(main).expect("the test's module is valid");
    Oracle::new(verified, Box::new(MemoryHost::new("", Box::new(loader)))).run(100_000)
}

fn message(outcome: &OracleOutcome) -> &str {
    match &outcome.ending {
        Ending::Uncaught(exception) => &exception.message,
        other => panic!("it ended with {other:?} after printing {}", outcome.stdout),
    }
}

#[test]
fn a_module_runs_once_and_its_exports_are_copied_each_time() {
    let mut code = vec![text("running"), PRINT];
    code.extend(export("a", "exported"));
    let main = module("main", vec![import("m"), import("m"), load("a"), PRINT]);
    let outcome = run(main, vec![module("m", code)]);
    assert_eq!((outcome.stdout.as_str(), outcome.ending), ("running\nexported\n", Ending::Normal));
    assert_eq!(outcome.reductions, 2);
}

#[test]
fn halt_in_a_module_ends_the_module_only() {
    let mut code: Vec<OpCode> = export("a", "1").into();
    code.extend([OpCode::Call { target: 5, parameters: Names::from([]) }, PRINT, OpCode::Halt {}, PRINT]);
    let main = module("main", vec![text("mine"), import("m"), load("a"), PRINT, PRINT]);
    let outcome = run(main, vec![module("m", code)]);
    assert_eq!((outcome.stdout.as_str(), outcome.ending), ("1\nmine\n", Ending::Normal));
}

#[test]
fn a_module_does_not_see_the_operand_stack_of_its_importer() {
    let outcome = run(module("main", vec![text("mine"), import("m")]), vec![module("m", vec![PRINT])]);
    assert_eq!(message(&outcome), "Stack underflow during PRINT");
}

#[test]
fn a_circle_is_an_error_that_names_the_path_which_closes_it() {
    let modules = vec![module("m", vec![import("n")]), module("n", vec![import("m")])];
    let outcome = run(module("main", vec![import("m")]), modules);
    assert_eq!(message(&outcome), "Circular dependency detected: m");
}

#[test]
fn a_failed_import_may_be_tried_again() {
    let code = vec![text("running"), PRINT, load("missing")];
    let main = module(
        "main",
        vec![OpCode::Try { target: 3 }, import("m"), OpCode::Halt {}, OpCode::ErrorMessage {}, PRINT, import("m")],
    );
    let outcome = run(main, vec![module("m", code)]);
    assert_eq!(outcome.stdout, "running\nUndefined variable: missing\nrunning\n");
    assert_eq!(message(&outcome), "Undefined variable: missing");
}

#[test]
fn a_missing_module_is_an_import_error() {
    let outcome = run(module("main", vec![import("m")]), Vec::new());
    assert_eq!(message(&outcome), "Cannot import m: no such module");
}

/// A module with an exported function `twice s`.
fn library() -> Module {
    let body = Body {
        kind: BodyKind::Function,
        name: "twice".into(),
        parameters: Names::from([Text::from("s")]),
        start: 0,
        end: 4,
    };
    Module {
        bodies: vec![body],
        exports: vec!["twice".into()],
        ..module("lib", vec![load("s"), load("s"), OpCode::Concat {}, OpCode::Ret {}, text("top level ran"), PRINT])
    }
}

fn linked(code: Vec<OpCode>) -> Module {
    Module { imports: vec![Import { path: "lib".into(), prefix: "q".into() }], ..module("main", code) }
}

#[test]
fn a_linked_function_is_called_without_running_its_module() {
    let call = OpCode::CallImport { prefix: "q".into(), name: "twice".into(), count: 1 };
    let get = OpCode::LoadImport { prefix: "q".into(), name: "twice".into() };
    let code = vec![text("ab"), call, PRINT, text("c"), get, OpCode::CallFunction { count: None }, PRINT];
    let outcome = run(linked(code), vec![library()]);
    assert_eq!((outcome.stdout.as_str(), outcome.ending), ("abab\ncc\n", Ending::Normal));
    assert_eq!(outcome.reductions, 2);
}

#[test]
fn calling_what_a_linked_module_does_not_export_is_found_before_the_program_runs() {
    let call = OpCode::CallImport { prefix: "q".into(), name: "thrice".into(), count: 1 };
    let outcome = run(linked(vec![text("ran"), PRINT, call]), vec![library()]);
    assert_eq!(outcome.ending, Ending::NotLoaded("`q` exports no function `thrice`".to_owned()));
    assert_eq!(outcome.stdout, "");
}

#[test]
fn exported_functions_are_imported_as_values() {
    let main = module("main", vec![import("lib"), load("twice"), PRINT]);
    let outcome = run(main, vec![library()]);
    assert_eq!(outcome.stdout, "top level ran\nfunction@0 (s)\n");
}
