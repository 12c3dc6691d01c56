//! Code that nothing reaches.

use super::{check, check_body, check_unchanged};

#[test]
fn what_follows_an_end_goes_away() {
    for end in ["RET", "THROW", "HALT"] {
        check_body(&format!("LOAD a\n{end}\nLOAD b\nPRINT\nPUSH_INT 1\nRET"), &format!("LOAD a\n{end}"));
    }
    check("PUSH_INT 1\nPRINT\nHALT\nPUSH_INT 2\nPRINT", "PUSH_INT 1\nPRINT\nHALT");
}

#[test]
fn functions_and_tests_stay() {
    check_unchanged("PUSH_INT 1\nPRINT\nfn f a\nLOAD a\nRET\nend\ntest t\nPUSH_INT 2\nPRINT\nend");
}

#[test]
fn a_label_function_that_nothing_calls_any_more_goes_away() {
    check("FALSE\nJZ end\nPUSH_INT 1\nCALL f x\nend:\nHALT\nf:\nLOAD x\nPRINT\nRET", "HALT");
}

#[test]
fn what_a_label_that_nothing_refers_to_leads_to_stays_as_it_is() {
    check_unchanged("PUSH_INT 1\nPRINT\nHALT\nhidden:\nPUSH_INT 1\nPUSH_INT 2\nADD\nPRINT\nHALT");
}

#[test]
fn what_linking_checks_stays() {
    check(
        "import other o\nPUSH_INT 1\nPRINT\nHALT\nPUSH_INT 2\nCALL_IMPORT o f 0\nPRINT\nLOAD_IMPORT o g\nCALL_FUNCTION",
        "import other o\nPUSH_INT 1\nPRINT\nHALT\nCALL_IMPORT o f 0\nLOAD_IMPORT o g",
    );
}

#[test]
fn code_whose_stack_is_known_at_run_time_only_stays_as_it_is() {
    // ADD takes what may not be there, so that all of it runs in exact mode.
    check_unchanged("ADD\nPUSH_INT 1\nPUSH_INT 2\nADD\nPRINT");
}
