//! Jumps and branches.

use super::{Change, check, check_body, check_body_unchanged, check_unchanged};

#[test]
fn a_branch_on_a_constant_goes_one_way() {
    let report = check_body(
        "LOAD a
         PRINT
         PUSH_INT 0
         JZ else
         LOAD a
         RET
         else:
         LOAD b
         RET",
        "LOAD a
         PRINT
         LOAD b
         RET",
    );
    assert_eq!(report.count(Change::Decided), 1);
    assert_eq!(report.count(Change::Unreachable), 2);
    check_body("PUSH_FLOAT 0\nJZ else\nLOAD a\nRET\nelse:\nLOAD b\nRET", "LOAD a\nRET");
    check_body("NULL\nJNZ else\nLOAD a\nRET\nelse:\nLOAD b\nRET", "LOAD a\nRET");
}

#[test]
fn a_jump_to_a_jump_goes_to_its_end() {
    let report = check_body(
        "LOAD a
         JZ first
         LOAD a
         PRINT
         second:
         LOAD b
         JZ last
         LOAD a
         RET
         first:
         JMP second
         last:
         LOAD b
         RET",
        "LOAD a
         JZ second
         LOAD a
         PRINT
         second:
         LOAD b
         JZ last
         LOAD a
         RET
         last:
         LOAD b
         RET",
    );
    assert_eq!(report.count(Change::Threaded), 1);
}

#[test]
fn a_loop_of_jumps_stays_a_loop() {
    check_unchanged("first:\nJMP first");
    check_body_unchanged("LOAD a\nJZ again\nLOAD b\nRET\nagain:\nJMP again");
    check_body(
        "LOAD a\nJZ first\nLOAD b\nRET\nfirst:\nJMP second\nsecond:\nJMP first",
        "LOAD a\nJZ first\nLOAD b\nRET\nfirst:\nsecond:\nJMP first",
    );
}

#[test]
fn a_jump_to_what_follows_goes_away() {
    check_body("LOAD a\nPRINT\nJMP next\nnext:\nLOAD b\nRET", "LOAD a\nPRINT\nLOAD b\nRET");
    check_body("LOAD a\nJZ next\nnext:\nLOAD b\nRET", "LOAD b\nRET");
    check_body("LOAD a\nLOAD b\nADD\nJZ next\nnext:\nLOAD b\nRET", "LOAD a\nLOAD b\nADD\nPOP\nLOAD b\nRET");
    check("PUSH_INT 1\nPRINT\nJMP 99", "PUSH_INT 1\nPRINT");
}

#[test]
fn a_jump_over_bodies_goes_away() {
    check(
        "PUSH_INT 1\nPRINT\nJMP after\nfn f a\nLOAD a\nRET\nend\nafter:\nPUSH_INT 2\nPRINT",
        "PUSH_INT 1\nPRINT\nfn f a\nLOAD a\nRET\nend\nPUSH_INT 2\nPRINT",
    );
}

#[test]
fn a_branch_over_a_jump_becomes_the_opposite_branch() {
    check_body(
        "again:
         LOAD a
         PRINT
         LOAD b
         JZ end
         JMP again
         end:
         LOAD a
         RET",
        "again:
         LOAD a
         PRINT
         LOAD b
         JNZ again
         LOAD a
         RET",
    );
}

#[test]
fn a_jump_to_the_end_ends_at_once() {
    check_body(
        "LOAD a\nJZ else\nLOAD a\nPRINT\nJMP end\nelse:\nLOAD b\nPRINT\nend:\nRET",
        "LOAD a\nJZ else\nLOAD a\nPRINT\nRET\nelse:\nLOAD b\nPRINT\nRET",
    );
    check(
        "LOAD a\nJZ else\nLOAD a\nPRINT\nJMP end\nelse:\nLOAD b\nPRINT\nend:\nHALT",
        "LOAD a\nJZ else\nLOAD a\nPRINT\nHALT\nelse:\nLOAD b\nPRINT\nHALT",
    );
}

#[test]
fn a_jump_to_an_error_keeps_the_errors_line() {
    check_unchanged("LOAD a\nJZ else\nLOAD a\nPRINT\nJMP end\nelse:\nLOAD b\nPRINT\nend:\nRET");
    check_body_unchanged("LOAD a\nJZ else\nLOAD a\nPRINT\nJMP end\nelse:\nLOAD b\nPRINT\nend:\nLOAD a\nTHROW");
}

#[test]
fn a_jump_where_a_function_begins_stays_if_nothing_else_is_there() {
    check_body_unchanged("JMP next\nnext:\nLOAD b\nPRINT\nLOAD a\nJZ next\nRET");
}
