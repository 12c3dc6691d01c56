//! What the optimizer says of itself.

use ttvm_bytecode::Rule;

use super::listing::read;
use crate::{Change, Outcome, optimize};

#[test]
fn a_report_counts_what_was_done() {
    let module = read("PUSH_INT 1\nPUSH_INT 2\nADD\nPRINT\nHALT\nPRINT");
    let (_, report) = optimize(&module);
    let lines = [
        "6 -> 3 instructions in 1 round",
        "       1 instruction on constants computed",
        "       1 unreachable instruction removed",
    ];
    assert_eq!(report.to_string(), lines.join("\n"));
    assert_eq!(report.count(Change::Folded), 1);
    assert_eq!(report.count(Change::Threaded), 0);
}

#[test]
fn a_module_without_anything_to_do_is_unchanged() {
    let (_, report) = optimize(&read("PUSH_INT 1\nPRINT"));
    assert!(report.is_unchanged());
    assert_eq!(report.to_string(), "2 instructions, unchanged");
}

#[test]
fn a_module_that_is_not_valid_comes_back_as_it_is() {
    let module = read("PUSH_INT 1\nJMP inside\nfn f\nNULL\ninside:\nRET\nend");
    let (same, report) = optimize(&module);
    assert_eq!(same, module);
    let Outcome::Refused(error) = &report.outcome else { panic!("{report}") };
    assert_eq!(error.rule, Rule::V4Targets);
    assert!(report.to_string().starts_with("unchanged, the program is not valid: test:2: V4"), "{report}");
}

#[test]
fn code_left_alone_is_counted() {
    let (_, report) = optimize(&read("ADD\nPRINT"));
    assert_eq!(report.left_alone, 2);
}

#[test]
fn long_chains_of_rounds_come_to_an_end() {
    // Each branch can only be decided when the code before it is gone.
    let text: String = (0..300).map(|n| format!("FALSE\nJZ l{n}\nPUSH_INT {n}\nPRINT\nl{n}:\n")).collect();
    let (better, report) = optimize(&read(&text));
    assert_eq!(report.outcome, Outcome::Finished);
    assert!(better.code.is_empty(), "{report}");
}
