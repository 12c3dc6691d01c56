//! Processes: who there is, who runs next, and what they do to each other, written from the rules P1 to P59 and P80 of
//! `docs/reference/processes.md`.
//!
//! | file | what |
//! |---|---|
//! | `processes/schedule.rs` | turns, virtual time, the end of the program |
//! | `processes/table.rs` | the processes and their timers |
//! | `processes/mailbox.rs` | mailboxes and their limits |
//! | `processes/signals.rs` | what exits, links and monitors do |
//! | `processes/instructions.rs` | one arm for each instruction |
//! | `processes/spawn.rs`, `processes/messages.rs`, `processes/ties.rs`, `processes/time.rs` | what they do |
//! | `processes/matching.rs` | patterns and guards of `.receive` |
//!
//! One thread, one process at a time. Every signal acts when it is sent, which is one of the orders that the rules allow:
//! only what does not depend on the order can be compared. Never here: supervisors, groups, streams, supersteps, limits other
//! than of mailboxes, and what is known of other processes. Programs that use them get no verdict.

mod instructions;
mod mailbox;
mod matching;
mod messages;
mod schedule;
mod signals;
mod spawn;
mod table;
mod ties;
mod time;

pub use self::schedule::Schedule;
pub(crate) use self::{schedule::Chooser, table::Processes};

/// The number of the main process.
pub(crate) const MAIN: u64 = 1;
