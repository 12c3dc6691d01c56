//! Watching a program from outside while it runs: what `--observe` opens and what `ttvm top` reads.
//!
//! | file | what |
//! |---|---|
//! | `live/wire.rs` | what is asked and answered, a line of JSON each |
//! | `live/server.rs` | the side of the program |
//! | `live/client.rs` | the side of whoever watches |
//!
//! The protocol is described in `docs/reference/observing.md`. Not here: how a machine is looked at
//! (`ttvm_machine::Handle::snapshot`), how that is shown (`top/`).

mod client;
mod server;
mod wire;

pub use client::{Client, ClientError, find_socket};
pub use server::{Observatory, ObserveError};
#[cfg(test)]
pub use wire::Counters;
pub use wire::{Frame, ProcessLine, Request, SchedulerLine, Sort};
