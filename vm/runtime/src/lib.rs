//! Many processes: schedulers, mailboxes, signals, names, timers and supervision.
//!
//! | file | what |
//! |---|---|
//! | `runtime.rs` | a machine: set up, run, ended |
//! | `scheduler.rs`, `idle.rs`, `quiet.rs` | what runs next; sleeping; when nothing can happen any more |
//! | `turn.rs`, `state.rs`, `bonds.rs`, `few.rs`, `ending.rs` | one turn, one process, whom it has to do with and in what small maps, its end |
//! | `spawn.rs`, `starts.rs` | its beginning; what a name starts |
//! | `signal.rs`, `signals.rs`, `mailbox.rs`, `inbox.rs` | what is sent, what it does, how it arrives, how it is received |
//! | `flush.rs` | the search for a `down` message that is not wanted any more |
//! | `limits.rs`, `account.rs` | what a process may hold, and what it may with all it starts |
//! | `garbage.rs` | what processes have dropped, until it is taken apart |
//! | `context.rs`, `kernel.rs`, `operations.rs`, `native.rs` | what a process may do; what the engine asks for; instructions; processes in Rust |
//! | `extension.rs` | what a higher floor adds to processes |
//! | `channel.rs` | futures and streams |
//! | `reply.rs` | how the world outside answers |
//! | `supervisor.rs`, `group.rs` | processes that start, watch and stop others |
//! | `snapshot.rs`, `snapshot/view.rs` | what all processes do, seen from outside |
//! | `slab.rs`, `names.rs`, `timers.rs`, `wheel.rs`, `counters.rs`, `maxima.rs` | tables, and how full they may be |
//!
//! What it promises is in `docs/reference/processes.md` (rules P1 to P86), how it works in
//! `docs/internals/scheduler.md`. Not here: how code runs (`ttvm-engine`), what the world answers (the [`Host`]).

#![deny(unsafe_code)]
#![cfg_attr(ttvm_model, allow(dead_code, reason = "models use the tables without the schedulers"))]

mod idle;
mod inbox;
mod mailbox;
#[cfg(all(test, ttvm_model))]
mod model;
mod signal;
mod slab;
mod terms;
mod wheel;

cfg_if::cfg_if! {
    if #[cfg(not(ttvm_model))] {
        mod account;
        mod bonds;
        mod channel;
        mod context;
        mod counters;
        mod ending;
        mod extension;
        mod few;
        mod flush;
        mod garbage;
        mod group;
        mod host;
        mod kernel;
        mod limits;
        mod marking;
        mod maxima;
        mod names;
        mod native;
        mod operations;
        mod quiet;
        mod reply;
        mod runtime;
        mod scheduler;
        mod shared;
        mod signals;
        mod snapshot;
        mod spawn;
        mod starts;
        mod state;
        mod supervisor;
        mod timers;
        mod turn;

        pub use crate::{
            context::{Context, NoProcess},
            counters::Statistics,
            extension::{Extension, Payload},
            host::{Event, EventKind, Host},
            maxima::Maxima,
            names::NameError,
            native::{NativeProcess, NativeStep},
            quiet::Stuck,
            reply::Reply,
            runtime::{Ending, Handle, Hold, Runtime, RuntimeConfiguration},
            snapshot::{Doing, Order, ProcessView, SchedulerView, Snapshot},
            spawn::{Spawned, Ties},
            supervisor::Restarts,
            terms::{field, is_orderly, object, text},
        };
    }
}
