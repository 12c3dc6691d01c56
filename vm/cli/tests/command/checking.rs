//! `ttvm check`: errors, warnings, slow code.
//!
//! Rules: L1.34, L5.10, L6.11.

use expect_test::expect;

use crate::{Output, SUM, Scratch};

#[test]
fn nothing_is_said_about_a_good_program() {
    let scratch = Scratch::with("sum.ttvm", SUM);
    assert_eq!(scratch.run(&["check", "sum.ttvm"]), Output::expect(0, "", ""));
    assert_eq!(scratch.run_with_input(&["check", "-"], SUM.as_bytes()), Output::expect(0, "", ""));
    assert_eq!(scratch.run(&["compile", "sum.ttvm", "sum.ttb"]).code, 0);
    assert_eq!(scratch.run(&["check", "sum.ttb"]), Output::expect(0, "", ""));
}

#[test]
fn every_file_is_checked_and_errors_have_exit_code_1() {
    let scratch = Scratch::with("sum.ttvm", SUM)
        .and("bad.ttvm", "PRNT\nJMP nowhere\n")
        .and("under.ttvm", ".fn f\n    ADD\n    RET\n.end\n")
        .and("damaged.ttb", b"\x89ttb\r\n\x1A\n and so on");
    let output = scratch.run(&["check", "bad.ttvm", "sum.ttvm", "under.ttvm", "missing.ttvm"]);
    expect![[r#"
        bad.ttvm:1:1: error A0101: unknown mnemonic `PRNT`
           1 | PRNT
             | ^^^^
          help: did you mean `PRINT`?
        bad.ttvm:2:5: error A0302: no label or function is named `nowhere`
           2 | JMP nowhere
             |     ^^^^^^^
        under.ttvm:2:5: error V7: ADD takes 2 values, but `f` has 0 here
           2 |     ADD
             |     ^^^
        missing.ttvm: error: the file cannot be read: No such file or directory (os error 2)
        4 files checked: 4 errors, 0 warnings
    "#]]
    .assert_eq(&output.stderr);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert_eq!(scratch.run(&["check", "damaged.ttb"]).code, 1);
}

#[test]
fn code_that_must_run_in_exact_mode_is_a_warning() {
    let program = "\
PUSH_INT 1
JZ skip
PUSH_INT 2
skip:
PRINT
CALL many
PRINT
HALT
LABEL many
PUSH_INT 1
PUSH_INT 2
RET
";
    let scratch = Scratch::with("slow.ttvm", program);
    let output = scratch.run(&["check", "slow.ttvm"]);
    expect![[r#"
        slow.ttvm:5:1: warning C0001: `main` runs in the slow exact mode: PRINT takes 1 from the operand stack, where none is sure to be
           5 | PRINT
             | ^^^^^
          help: a `.fn` has an operand stack of its own and returns one value; such code always runs fast
        slow.ttvm:12:1: warning C0001: `many` runs in the slow exact mode: it returns here with 2 values on the operand stack
          12 | RET
             | ^^^
          help: a `.fn` has an operand stack of its own and returns one value; such code always runs fast
        1 file checked: 0 errors, 2 warnings
    "#]].assert_eq(&output.stderr);
    assert_eq!(output.code, 0);
    assert_eq!(scratch.run(&["check", "--quiet", "slow.ttvm"]), Output::expect(0, "", ""));
}

#[test]
fn a_function_that_leaves_values_behind_is_an_error() {
    let program = "\
.fn by_ret
    PUSH_INT 1
    PUSH_INT 2
    RET
.end
.fn by_end
    PUSH_INT 1
    CALL by_ret
.end
.fn by_jump x
    PUSH_INT 1
    PUSH_INT 2
    LOAD x
    JZ end
    POP
  end:
.end
.fn good x
    LOAD x
    JZ zero
    PUSH_INT 1
    RET
  zero:
    PUSH_STR \"thrown, not returned\"
    PUSH_STR \"so this may stay\"
    THROW
.end
";
    let scratch = Scratch::with("left.ttvm", program);
    let output = scratch.run(&["check", "left.ttvm"]);
    expect![[r#"
        left.ttvm:4:5: error C0002: `by_ret` returns here with 2 values on its operand stack; only the top one is returned
           4 |     RET
             |     ^^^
          help: take the others away with `POP`, or return a list
        left.ttvm:8:5: error C0002: `by_end` returns here with 2 values on its operand stack; only the top one is returned
           8 |     CALL by_ret
             |     ^^^^^^^^^^^
          help: take the others away with `POP`, or return a list
        left.ttvm:14:5: error C0002: `by_jump` returns here with 2 values on its operand stack; only the top one is returned
          14 |     JZ end
             |     ^^^^^^
          help: take the others away with `POP`, or return a list
        1 file checked: 3 errors, 0 warnings
    "#]]
    .assert_eq(&output.stderr);
    assert_eq!(output.code, 1);
}
