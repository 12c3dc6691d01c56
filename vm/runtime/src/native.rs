//! Processes whose code is Rust: supervisors, and those that embedders write.
//!
//! To every other process they are processes like any other: same mailbox, same signals, same rules.

use ttvm_value::Value;

use crate::context::Context;

/// What a run of a native process costs its turn.
pub(crate) const REDUCTIONS_PER_RUN: i64 = 20;

/// A process whose code is Rust.
///
/// It runs on a scheduler's thread: `run` should take microseconds, and must not block.
pub trait NativeProcess: Send {
    /// What it is, for listings.
    fn name(&self) -> &str;

    /// Does a piece of work: typically receives a message and acts on it.
    fn run(&mut self, context: &mut Context<'_, '_>) -> NativeStep;
}

/// What a native process does next.
#[derive(Debug)]
pub enum NativeStep {
    /// Goes on, after others had their turn if its budget is spent.
    Again,
    /// Waits until a message comes. What it has left in its queue does not count.
    Wait,
    /// Ends for this reason.
    End(Value),
}
