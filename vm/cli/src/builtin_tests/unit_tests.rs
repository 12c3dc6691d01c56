//! Checks that must fail do, each in its way; those that are shipped are run by the tests of the command.

use std::time::Duration;

use super::{Check, Form, SUITES, Suite, Way, run};

/// The lines said about checks of one program, and the exit code.
fn lines(program: &'static str, patience: Duration) -> (Vec<String>, i32) {
    let checks = vec![
        Check { name: "text", program, form: Form::Text },
        Check { name: "bytecode", program, form: Form::Bytecode },
    ];
    let suite = Suite { name: "test-it", checks: checks.leak() };
    let mut lines = Vec::new();
    let mut say = |line: &str| {
        lines.push(line.to_owned());
        Ok(())
    };
    let way = Way { schedulers: vec![1, 2], patience };
    let code = run([&suite], &way, &mut say).expect("saying never fails here");
    (lines, code)
}

/// What is said of the check as text, without times, and the exit code. That as bytecode has the same fate.
fn fate(program: &'static str) -> (String, i32) {
    let (lines, code) = lines(program, Duration::from_secs(300));
    assert_eq!(lines.len(), 4, "{lines:?}");
    let without_time = lines[1].rsplit_once(" (").filter(|(_, time)| time.ends_with(" ms)"));
    let first = without_time.map_or(lines[1].as_str(), |(line, _)| line).to_owned();
    assert_eq!(lines[2].starts_with("  FAILED"), first.starts_with("  FAILED"), "{lines:?}");
    (first, code)
}

#[test]
fn a_check_that_prints_what_it_says_passes() {
    assert_eq!(fate("; prints:\n;| 1\n    PUSH_INT 1\n    PRINT\n"), ("  ok  text".to_owned(), 0));
}

#[test]
fn a_check_with_a_wrong_expectation_fails() {
    let (line, code) = fate("; prints:\n;| 2\n    PUSH_INT 1\n    PRINT\n");
    assert_eq!(line, r#"  FAILED text: expected "2\n", found "1\n", with 1 scheduler"#);
    assert_eq!(code, 1);
}

#[test]
fn a_check_that_crashes_ends_early_or_waits_for_ever_fails() {
    let (line, code) = fate("    PUSH_STR oh\n    THROW\n");
    assert_eq!(line, "  FAILED text: it printed what it should, but crashed at text.ttvm:2: oh, with 1 scheduler");
    assert_eq!(code, 1);
    let (line, _) = fate("    PUSH_INT 3\n    EXIT\n");
    assert_eq!(line, "  FAILED text: it printed what it should, but ended with exit code 3, with 1 scheduler");
    let (line, _) = fate("    RECEIVE\n");
    assert_eq!(line, "  FAILED text: it printed what it should, but then waits for ever, with 1 scheduler");
}

#[test]
fn a_check_that_cannot_be_loaded_fails() {
    let (line, code) = fate("    ADDD\n");
    assert!(line.starts_with("  FAILED text: "), "{line}");
    assert_eq!(code, 1);
}

#[test]
fn a_check_that_does_not_end_fails_when_its_time_is_over() {
    let (lines, code) = lines("again:\n    JMP again\n", Duration::from_millis(50));
    assert_eq!(lines[1], "  FAILED text: it has not ended after 50.0 ms, with 1 scheduler");
    assert_eq!(code, 1);
}

#[test]
fn every_suite_fails_when_what_one_of_its_checks_prints_is_changed() {
    for suite in SUITES {
        for check in suite.checks {
            let broken = check.program.replacen("\n;| ", "\n;| something else\n;| ", 1);
            assert_ne!(broken, check.program, "{}: {} expects nothing", suite.name, check.name);
            let checks = vec![Check { program: broken.leak(), ..*check }];
            let suite = Suite { name: suite.name, checks: checks.leak() };
            let way = Way { schedulers: vec![2], ..Way::default() };
            assert_eq!(run([&suite], &way, &mut |_| Ok(())).expect("saying never fails here"), 1, "{}", check.name);
        }
    }
}
