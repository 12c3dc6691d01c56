//! `ttvm test-all` and its parts: the tests that are built in.

use crate::{
    arguments::BuiltinTest,
    builtin_tests::{self, SUITES, Way},
    failure::Failure,
    show,
};

/// Runs the tests and gives the exit code.
///
/// # Errors
/// [`Failure::Write`], and [`Failure::Usage`] for a suite without checks.
pub fn run(test: BuiltinTest) -> Result<i32, Failure> {
    let wanted = test.suite();
    if let Some(name) = wanted.filter(|name| SUITES.iter().all(|suite| suite.name != *name)) {
        return Err(Failure::usage(format!("there is nothing to test yet: this version has no checks for `{name}`")));
    }
    let suites = SUITES.iter().filter(|suite| wanted.is_none_or(|name| name == suite.name));
    builtin_tests::run(suites, &Way::default(), &mut |line| show::print(format!("{line}\n").as_bytes()))
}
