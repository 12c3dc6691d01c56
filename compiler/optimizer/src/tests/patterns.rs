//! Instructions that undo each other.

use super::{Change, check, check_body, check_body_unchanged, check_unchanged};

#[test]
fn what_is_pushed_and_dropped_is_not_pushed() {
    for pushes in ["PUSH_STR s", "LOAD a", "MAKE_OBJECT", "MAP_NEW", "MAKE_FUNCTION f a b"] {
        let report = check_body(&format!("{pushes}\nPOP\nLOAD b\nPRINT\nLOAD a\nRET"), "LOAD b\nPRINT\nLOAD a\nRET");
        assert!(!report.is_unchanged());
    }
}

#[test]
fn a_variable_that_may_not_exist_is_read_even_for_nothing() {
    check_body_unchanged("LOAD x\nPOP\nLOAD b\nRET");
    check_body_unchanged("LOAD b\nJZ end\nPUSH_INT 1\nSTORE x\nend:\nLOAD x\nPOP\nLOAD b\nRET");
    check_body_unchanged("DELETE a\nLOAD a\nPOP\nLOAD b\nRET");
    check_body_unchanged("LOAD x\nSTORE x\nLOAD b\nRET");
}

#[test]
fn a_variable_stored_on_every_way_surely_exists() {
    check_body(
        "LOAD b
         JZ else
         LOAD a
         STORE x
         JMP end
         else:
         LOAD b
         STORE x
         end:
         LOAD x
         POP
         LOAD b
         RET",
        "LOAD b
         JZ else
         LOAD a
         STORE x
         JMP end
         else:
         LOAD b
         STORE x
         end:
         LOAD b
         RET",
    );
}

#[test]
fn a_variable_that_could_be_read_before_surely_exists() {
    check_body("LOAD x\nPRINT\nLOAD x\nPOP\nLOAD b\nRET", "LOAD x\nPRINT\nLOAD b\nRET");
}

#[test]
fn a_handler_knows_only_what_existed_before_the_failure() {
    check_body_unchanged(
        "TRY failed
         LOAD a
         LOAD b
         ADD
         STORE x
         END_TRY
         LOAD b
         RET
         failed:
         POP
         END_TRY
         LOAD x
         POP
         LOAD b
         RET",
    );
}

#[test]
fn storing_what_was_read_does_nothing() {
    check_body("LOAD a\nSTORE a\nLOAD b\nRET", "LOAD b\nRET");
    check_body_unchanged("LOAD a\nSTORE b\nLOAD b\nRET");
}

#[test]
fn a_copy_that_is_dropped_is_not_made() {
    check_body("LOAD a\nLOAD b\nADD\nDUP\nPOP\nRET", "LOAD a\nLOAD b\nADD\nRET");
    check_body("LOAD a\nLOAD b\nOVER\nPOP\nADD\nRET", "LOAD a\nLOAD b\nADD\nRET");
    check_body("LOAD a\nLOAD b\nADD\nDUP\nSTORE x\nPOP\nLOAD x\nRET", "LOAD a\nLOAD b\nADD\nSTORE x\nLOAD x\nRET");
    check_body("LOAD a\nLOAD b\nADD\nDUP\nSWAP\nADD\nRET", "LOAD a\nLOAD b\nADD\nDUP\nADD\nRET");
}

#[test]
fn exchanging_twice_does_nothing() {
    check_body("LOAD a\nLOAD b\nSWAP\nSWAP\nADD\nRET", "LOAD a\nLOAD b\nADD\nRET");
    check_body("LOAD a\nLOAD b\nLOAD a\nROT\nROT\nROT\nMAKE_LIST 3\nRET", "LOAD a\nLOAD b\nLOAD a\nMAKE_LIST 3\nRET");
}

#[test]
fn values_pushed_in_the_wrong_order_are_pushed_in_the_right_one() {
    check_body("LOAD a\nPUSH_INT 1\nSWAP\nSUB\nRET", "PUSH_INT 1\nLOAD a\nSUB\nRET");
    check_body("LOAD a\nLOAD b\nSWAP\nSUB\nRET", "LOAD b\nLOAD a\nSUB\nRET");
    check_body_unchanged("LOAD x\nPUSH_INT 1\nSWAP\nSUB\nRET");
    check_body_unchanged("LOAD a\nLOAD x\nSWAP\nSUB\nRET");
}

#[test]
fn a_missing_value_is_missed_by_the_same_instruction() {
    // In classic code nothing may be below.
    check_unchanged("DUP\nPOP");
    check_unchanged("SWAP\nSWAP");
    check_unchanged("PUSH_INT 1\nMAKE_LIST 1\nSWAP\nSWAP");
}

#[test]
fn what_a_function_value_leaves_is_not_counted_on() {
    // The function may leave nothing; then DUP must find the stack empty.
    check_body_unchanged("LOAD a\nCALL_FUNCTION 0\nDUP\nPOP\nRET");
}

#[test]
fn not_three_times_is_not_once() {
    check_body("LOAD a\nNOT\nNOT\nNOT\nRET", "LOAD a\nNOT\nRET");
    check_body("LOAD a\nLOAD b\nAND\nNOT\nNOT\nRET", "LOAD a\nLOAD b\nAND\nRET");
}

#[test]
fn not_twice_makes_a_bool_of_an_int() {
    check_body_unchanged("LOAD a\nNOT\nNOT\nRET");
    check_body_unchanged("LOAD a\nLOAD b\nEQ\nNOT\nNOT\nRET");
}

#[test]
fn not_turns_the_branch_behind_it_where_it_cannot_fail() {
    check_body(
        "LOAD a\nLOAD b\nLT\nNOT\nJZ end\nLOAD a\nPRINT\nend:\nLOAD b\nRET",
        "LOAD a\nLOAD b\nLT\nJNZ end\nLOAD a\nPRINT\nend:\nLOAD b\nRET",
    );
    check_body_unchanged("LOAD a\nNOT\nJZ end\nLOAD a\nPRINT\nend:\nLOAD b\nRET");
}

#[test]
fn catch_goes_away() {
    let report = check(
        "TRY failed\nLOAD x\nPRINT\nHALT\nfailed:\nCATCH\nPRINT",
        "TRY failed\nLOAD x\nPRINT\nHALT\nfailed:\nPRINT",
    );
    assert_eq!(report.count(Change::Cancelled), 1);
}
