//! The tests that are built in, as commands. That each can fail is shown by the unit tests beside them.

use crate::Scratch;

const SUITES: [&str; 17] = [
    "test-concurrency",
    "test-multithreaded",
    "test-message-passing",
    "test-process-spawning",
    "test-register-whereis",
    "test-yield-comprehensive",
    "test-spawn-comprehensive",
    "test-send-receive-comprehensive",
    "test-concurrency-bytecode",
    "test-smp-concurrency",
    "test-monitoring-linking",
    "test-supervisor-tree",
    "test-selective-receive",
    "test-trap-exit",
    "test-process-registry",
    "test-coffee-shop",
    "test-supersteps",
];

/// The names of the checks in what a run of suites says; each line about one ends with its time.
fn names(lines: &[&str]) -> Vec<String> {
    let names = lines.iter().filter_map(|line| line.strip_prefix("  ok  "));
    let names = names.map(|line| line.split_once(" (").filter(|(_, time)| time.ends_with(" ms)")));
    names.map(|name| name.expect("a time stands behind the name").0.to_owned()).collect()
}

// Rules: L6.20
#[test]
fn every_suite_passes_and_says_what_it_checked() {
    let scratch = Scratch::new();
    for suite in SUITES {
        let output = scratch.run(&[suite]);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{}", output.stdout);
        let lines: Vec<&str> = output.stdout.lines().collect();
        assert_eq!(lines[0], suite);
        let checks = names(&lines);
        assert!(!checks.is_empty(), "{}", output.stdout);
        let summary = format!("{} passed, 0 failed, in ", checks.len());
        assert!(lines[checks.len() + 1].starts_with(&summary), "{}", output.stdout);
    }
}

#[test]
fn test_all_runs_every_suite() {
    let output = Scratch::new().run(&["test-all"]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{}", output.stdout);
    let suites: Vec<&str> = output.stdout.lines().filter(|line| line.starts_with("test-")).collect();
    assert_eq!(suites, SUITES);
}
