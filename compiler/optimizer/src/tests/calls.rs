//! Calls, and the frames that traces show.

use super::{Change, check, check_body_unchanged, check_unchanged};

const CALLEE: &str = "\nfn g x\nLOAD x\nPRINT\nend\n";

fn with_callee(code: &str) -> String {
    format!("fn f a b\n{code}\nend{CALLEE}")
}

#[test]
fn a_function_made_to_be_called_is_called() {
    let report = check(
        &with_callee("LOAD a\nMAKE_FUNCTION g x\nCALL_FUNCTION\nPRINT\nLOAD b\nRET"),
        &with_callee("LOAD a\nCALL g x\nPRINT\nLOAD b\nRET"),
    );
    assert_eq!(report.count(Change::Called), 1);
}

#[test]
fn a_call_with_the_wrong_count_stays_to_fail() {
    check_unchanged(&with_callee("LOAD a\nLOAD b\nMAKE_FUNCTION g x\nCALL_FUNCTION 2\nPRINT\nLOAD b\nRET"));
}

#[test]
fn a_label_function_that_leaves_nothing_is_not_called_instead() {
    check_unchanged("LOAD a\nMAKE_FUNCTION g x\nCALL_FUNCTION\nHALT\ng:\nLOAD x\nPRINT\nRET");
}

#[test]
fn no_call_becomes_a_tail_call() {
    check_unchanged(&with_callee("LOAD a\nCALL g x\nPUSH_INT 1\nPOP\nRET"));
    check_unchanged(&with_callee("LOAD a\nCALL g x\nCATCH\nRET"));
    check_unchanged(&with_callee("LOAD a\nCALL g x\nJMP next\nnext:\nRET"));
    check_unchanged(&with_callee(
        "LOAD a\nJZ else\nLOAD b\nCALL g x\nJMP end\nelse:\nLOAD a\nPRINT\nLOAD b\nend:\nRET",
    ));
}

#[test]
fn no_tail_call_becomes_a_call() {
    // The call never returns, so nothing reaches the RET; with it the loop runs in one frame.
    check_body_unchanged("LOAD a\nPRINT\nLOAD a\nLOAD b\nCALL f a b\nRET");
}

#[test]
fn behind_a_call_that_never_returns_something_stays() {
    // Without HALT the RET at the end would follow the call.
    check(
        "fn f a\nLOAD a\nJZ end\nCALL g\nLOAD a\nPRINT\nend:\nRET\nend\nfn g\nagain:\nJMP again\nend",
        "fn f a\nLOAD a\nJZ end\nCALL g\nHALT\nend:\nRET\nend\nfn g\nagain:\nJMP again\nend",
    );
}

#[test]
fn functions_keep_different_places() {
    // Equal places would make the two functions equal, and errors in one would name the other.
    check_unchanged("MAKE_FUNCTION f x\nMAKE_FUNCTION g x\nEQ\nPRINT\nHALT\nf:\nCATCH\ng:\nLOAD x\nRET");
}
