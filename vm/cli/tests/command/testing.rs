//! `ttvm test`: which tests run, what is shown of them.
//!
//! Rules: L6.13.

use expect_test::expect;

use crate::{Output, SUM, Scratch};

/// The output with the times replaced, which differ from run to run.
fn without_times(output: Output) -> Output {
    let line = |line: &str| match line.rsplit_once("  (") {
        Some((before, time)) if time.ends_with(" ms)") || time.ends_with(" s)") => format!("{before}  (TIME)\n"),
        _ => format!("{line}\n"),
    };
    Output { stdout: output.stdout.lines().map(line).collect(), ..output }
}

const FAILING: &str = "\
.test \"prints and fails\"
    PUSH_STR \"on the way\"
    PRINT
    PUSH_INT 1
    PUSH_INT 2
    ASSERT_EQ
.end
.test \"ends early\"
    PUSH_INT 0
    EXIT
.end
.test \"passes\"
    TRUE
    ASSERT
.end
";

#[test]
fn passing_tests_are_listed_and_counted() {
    let scratch = Scratch::with("sum.ttvm", SUM);
    let expected =
        "sum.ttvm\n  ok    the sum of nothing is 0  (TIME)\n  ok    words become numbers  (TIME)\n2 passed, 0 failed\n";
    assert_eq!(without_times(scratch.run(&["test", "sum.ttvm"])), Output::expect(0, expected, ""));
    assert_eq!(scratch.run(&["compile", "sum.ttvm", "sum.ttb"]).code, 0);
    let expected = expected.replace("sum.ttvm\n", "sum.ttb\n");
    assert_eq!(without_times(scratch.run(&["test", "sum.ttb"])), Output::expect(0, &expected, ""));
}

#[test]
fn failing_tests_show_what_they_printed_and_have_exit_code_1() {
    let scratch = Scratch::with("failing.ttvm", FAILING);
    let output = without_times(scratch.run(&["test", "failing.ttvm"]));
    expect![[r#"
        failing.ttvm
          FAIL  prints and fails  (TIME)
        --- standard output ---
        on the way
        ---
          FAIL  ends early  (TIME)
          ok    passes  (TIME)
        1 passed, 2 failed
    "#]]
    .assert_eq(&output.stdout);
    expect![[r#"
        failing.ttvm:6:5: error: Assertion failed: Int(1) is not equal to Int(2)
           6 |     ASSERT_EQ
             |     ^^^^^^^^^
          at prints and fails (failing.ttvm:6)
          in process 1
        error: the test `ends early` ended early, with EXIT 0
    "#]]
    .assert_eq(&output.stderr);
    assert_eq!(output.code, 1);
}

#[test]
fn a_filter_chooses_tests_by_their_titles() {
    let scratch = Scratch::with("failing.ttvm", FAILING);
    let output = without_times(scratch.run(&["test", "--filter", "passes", "failing.ttvm"]));
    let expected = "failing.ttvm\n  ok    passes  (TIME)\n1 passed, 0 failed, 2 filtered out\n";
    assert_eq!(output, Output::expect(0, expected, ""));
}

#[test]
fn each_test_has_a_machine_of_its_own() {
    let program = "\
.test \"changes the environment\"
    PUSH_STR \"TTVM_TEST_LEAK\"
    PUSH_STR \"yes\"
    SET_ENV
.end
.test \"sees nothing of it\"
    PUSH_STR \"TTVM_TEST_LEAK\"
    GET_ENV
    NULL
    ASSERT_EQ
.end
";
    let scratch = Scratch::with("own.ttvm", program);
    assert_eq!(scratch.run(&["test", "own.ttvm"]).code, 0);
}

#[test]
fn the_main_code_does_not_run_in_tests() {
    let scratch = Scratch::with("main.ttvm", "PUSH_INT 9\nEXIT\n.test \"runs alone\"\n    TRUE\n    ASSERT\n.end\n");
    assert_eq!(scratch.run(&["test", "main.ttvm"]).code, 0);
    assert_eq!(scratch.run(&["main.ttvm"]).code, 9);
}

#[test]
fn a_file_that_cannot_be_loaded_does_not_hinder_the_others() {
    let scratch = Scratch::with("bad.ttvm", "PRNT\n").and("sum.ttvm", SUM);
    let output = scratch.run(&["test", "bad.ttvm", "sum.ttvm"]);
    assert_eq!(output.code, 3);
    assert!(output.stdout.ends_with("2 passed, 0 failed\n"), "{}", output.stdout);
    assert!(output.stderr.contains("A0101"), "{}", output.stderr);
}

#[test]
fn a_file_without_tests_has_none() {
    let scratch = Scratch::with("hello.ttvm", "NULL\n");
    assert_eq!(scratch.run(&["test", "hello.ttvm"]), Output::expect(0, "0 passed, 0 failed\n", ""));
}
