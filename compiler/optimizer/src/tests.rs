//! Each transformation by itself: where it fires and where it must not. That programs go on doing the same is tested
//! against the reference interpreter, in the crate of the tests.

mod calls;
mod constants;
mod handlers;
mod jumps;
mod labels;
mod listing;
mod patterns;
mod reports;
mod unreachable;

use self::listing::{read, show};
use crate::{Change, Report, optimize};

/// Optimizes a listing and compares what comes of it with another.
fn check(text: &str, expected: &str) -> Report {
    let module = read(text);
    let (better, report) = optimize(&module);
    assert_eq!(show(&better), show(&read(expected)), "\n{report}");
    assert_eq!(optimize(&better).0, better, "optimizing again changes something");
    report
}

/// Checks that a listing stays as it is.
fn check_unchanged(text: &str) {
    let report = check(text, text);
    assert!(report.is_unchanged(), "{report}");
}

/// Checks the code of a function `f` with parameters `a b`, which is optimized on its own.
fn check_body(text: &str, expected: &str) -> Report {
    check(&format!("fn f a b\n{text}\nend"), &format!("fn f a b\n{expected}\nend"))
}

/// Checks that the code of a function `f` with parameters `a b` stays as it is.
fn check_body_unchanged(text: &str) {
    check_unchanged(&format!("fn f a b\n{text}\nend"));
}
