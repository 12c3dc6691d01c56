//! Computing with constants, and constants in variables.

use super::{Change, check, check_body, check_body_unchanged, check_unchanged};

#[test]
fn an_expression_of_constants_becomes_its_value() {
    let report = check(
        "PUSH_INT 2
         PUSH_INT 3
         PUSH_INT 4
         MUL
         ADD
         PRINT",
        "PUSH_INT 14
         PRINT",
    );
    assert_eq!(report.count(Change::Folded), 2);
}

#[test]
fn ints_that_outgrow_64_bits_become_big() {
    check(
        "PUSH_INT 9223372036854775807
         PUSH_INT 1
         ADD
         PRINT",
        "PUSH_INT 9223372036854775808
         PRINT",
    );
}

#[test]
fn floats_keep_every_bit() {
    check(
        "PUSH_FLOAT 0.1
         PUSH_FLOAT 0.2
         ADD
         PRINT
         PUSH_FLOAT 0
         NEG
         PRINT",
        "PUSH_FLOAT 0.30000000000000004
         PRINT
         PUSH_FLOAT -0
         PRINT",
    );
}

#[test]
fn what_would_fail_stays_to_fail() {
    for text in [
        "PUSH_INT 1\nPUSH_INT 0\nDIV\nPRINT",
        "PUSH_INT 1\nPUSH_FLOAT -0\nMOD\nPRINT",
        "PUSH_INT 1\nPUSH_STR a\nADD\nPRINT",
        "PUSH_FLOAT 0\nNOT\nPRINT",
        "PUSH_INT 1\nPUSH_INT -1\nSHL\nPRINT",
        "PUSH_STR a\nTO_INT\nPRINT",
        "PUSH_FLOAT inf\nFLOOR\nPRINT",
        "FALSE\nASSERT",
        "PUSH_INT 1\nPUSH_FLOAT 1\nASSERT_EQ",
    ] {
        check_unchanged(text);
    }
}

#[test]
fn results_that_would_make_the_file_grow_are_left_to_the_machine() {
    check_unchanged("PUSH_INT 3\nPUSH_INT 100000\nPOW\nPRINT");
    check_unchanged("PUSH_INT 1\nPUSH_INT 5000\nSHL\nPRINT");
    let long = "a".repeat(1000);
    check_unchanged(&format!("PUSH_STR {long}\nPUSH_STR {long}\nCONCAT\nPRINT"));
}

#[test]
fn stack_instructions_on_constants_become_constants() {
    check(
        "PUSH_INT 1
         PUSH_INT 2
         SWAP
         OVER
         PUSH_INT 3
         MAKE_LIST 4
         PRINT",
        "PUSH_INT 2
         PUSH_INT 1
         PUSH_INT 2
         PUSH_INT 3
         MAKE_LIST 4
         PRINT",
    );
}

#[test]
fn nothing_is_computed_across_a_place_that_is_jumped_to() {
    check_body_unchanged(
        "LOAD a
         LOAD b
         JZ else
         PUSH_INT 1
         JMP end
         else:
         PUSH_INT 2
         end:
         PUSH_INT 3
         ADD
         MAKE_LIST 2
         RET",
    );
}

#[test]
fn a_variable_that_holds_a_constant_is_replaced_by_it_within_a_block() {
    let report = check_body(
        "PUSH_INT 5
         STORE x
         LOAD a
         JZ end
         LOAD x
         PUSH_INT 1
         ADD
         RET
         end:
         LOAD x
         RET",
        "PUSH_INT 5
         STORE x
         LOAD a
         JZ end
         PUSH_INT 6
         RET
         end:
         LOAD x
         RET",
    );
    assert_eq!(report.count(Change::Forwarded), 1);
}

#[test]
fn a_variable_stored_deleted_or_imported_in_between_is_read() {
    for change in ["LOAD a\nSTORE x", "DELETE x", "IMPORT other"] {
        check_body_unchanged(&format!("PUSH_INT 5\nSTORE x\n{change}\nLOAD x\nRET"));
    }
}

#[test]
fn a_str_stays_in_its_variable_where_it_can_be_extended_in_place() {
    check_body_unchanged("PUSH_STR s\nSTORE x\nLOAD x\nLOAD a\nCONCAT\nRET");
}

#[test]
fn a_constant_is_stored_once() {
    check_body(
        "PUSH_INT 5
         STORE x
         PUSH_INT 5
         STORE x
         LOAD a
         RET",
        "PUSH_INT 5
         STORE x
         LOAD a
         RET",
    );
}

#[test]
fn a_store_stays_whatever_goes_away_behind_it() {
    check_body(
        "PUSH_INT 5
         STORE x
         CATCH
         FALSE
         JNZ end
         LOAD a
         RET
         end:
         LOAD b
         RET",
        "PUSH_INT 5
         STORE x
         LOAD a
         RET",
    );
}
