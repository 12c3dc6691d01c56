//! The reference page names everything there is, and the prelude is a right program.

use ttvm_diagnostics::Code as _;

use crate::{analyse, builtin::BUILTINS, compile, error::Errors, problem::LispErrorCode, reader};

const REFERENCE: &str = include_str!("../../../docs/reference/lisp.md");

#[test]
fn the_reference_page_lists_every_code_with_its_title() {
    for code in LispErrorCode::ALL {
        let row = format!("| {code} | {} |", code.title());
        assert!(REFERENCE.contains(&row), "docs/reference/lisp.md lacks `{row}`");
    }
}

#[test]
fn the_reference_page_names_every_form_and_function() {
    let mut errors = Errors::new();
    let prelude = reader::read(crate::PRELUDE, &mut errors);
    let program = analyse::analyse(&prelude.data, &[], &mut errors);
    assert_eq!(errors.finish(), [], "the prelude is right");
    let functions = program.functions.iter().skip(1).map(|function| function.name.as_str());
    let mut names: Vec<&str> = functions.collect();
    names.extend(BUILTINS.iter().map(|builtin| builtin.name));
    names.extend(analyse::form_names().map(|name| -> &str { name }));
    // Loops of the prelude have names too.
    names.retain(|name| !name.starts_with('%') && *name != "loop");
    for name in names {
        let is_named = REFERENCE.contains(&format!("`{name}`")) || REFERENCE.contains(&format!("`({name} "));
        assert!(is_named, "docs/reference/lisp.md lacks `{name}`");
    }
}

#[test]
fn every_function_of_the_prelude_can_be_translated() {
    let mut errors = Errors::new();
    let prelude = reader::read(crate::PRELUDE, &mut errors);
    for datum in &prelude.data {
        let name = datum.form("define").and_then(|rest| rest[0].list()?[0].symbol()).expect("it defines functions");
        compile("program.lisp", &format!("(print {name})")).expect("the prelude is right");
    }
}

#[test]
fn every_built_in_function_can_be_a_value() {
    for builtin in BUILTINS {
        compile("program.lisp", &format!("(print {})", builtin.name)).expect("it has a value");
    }
}
