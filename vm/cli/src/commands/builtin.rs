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
/// [`Failure::Write`].
pub fn run(test: BuiltinTest) -> Result<i32, Failure> {
    let wanted = test.suite();
    let suites = SUITES.iter().filter(|suite| wanted.is_none_or(|name| name == suite.name));
    builtin_tests::run(suites, &Way::default(), &mut |line| show::print(format!("{line}\n").as_bytes()))
}
