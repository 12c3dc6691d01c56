//! Supersteps: barriers and groups of processors on top of processes.
//!
//! | file | what |
//! |---|---|
//! | `supersteps.rs` | the extension that a machine gives to its runtime |
//! | `signal.rs` | what travels between the processes |
//! | `barrier.rs`, `board.rs`, `barrier_operations.rs` | barriers: the process that keeps one; where its parties meet; its instructions |
//! | `group.rs`, `options.rs` | a group of processors: what it is, what `BSP_RUN` says of it |
//! | `compute.rs` | what a `.computation` block makes of a group |
//! | `membership.rs` | what a process has to do with groups |
//! | `processor.rs`, `processor_operations.rs`, `inbox.rs` | a processor; its instructions; what others have sent it |
//! | `coordinator.rs`, `arrivals.rs`, `meeting.rs` | the coordinator; where processors come to the barrier; who has come |
//! | `brought.rs` | what processors bring for aggregates |
//! | `release.rs`, `round.rs` | letting them go on; what a meeting comes to |
//! | `making.rs` | long lists of what processors gave |
//! | `clock.rs` | how long supersteps may last |
//! | `failure.rs`, `coordinator_state.rs`, `checkpoint.rs` | the end of a group that fails; that of a coordinator; beginning again |
//! | `keeping.rs`, `saved.rs` | keeping checkpoints while the group goes on; the folder that they are kept in |
//! | `fold.rs`, `library.rs` | operations with names; functions of `std/bsp` that the machine calls |
//! | `tick.rs` | `TICK_RUN`, which `std/tick` does |
//! | `telemetry.rs` | what can be watched |
//! | `model.rs` | a model of meetings, explored by Shuttle |
//!
//! What they promise is in `docs/reference/supersteps.md` (rules S1 to S18), why they are built this way in
//! `docs/decisions/0007-supersteps.md`, how processors meet in `docs/internals/supersteps.md`. Not here: how processes run
//! (`ttvm-runtime`). Everything happens in processes and by signals: there are no threads, and no lock is held while a
//! program's code runs.

#![forbid(unsafe_code)]
#![cfg_attr(ttvm_model, allow(dead_code, reason = "the model uses the list alone"))]

mod arrivals;
mod brought;
mod fold;
#[cfg(all(test, ttvm_model))]
mod model;

cfg_if::cfg_if! {
    if #[cfg(not(ttvm_model))] {
        mod barrier;
        mod barrier_operations;
        mod board;
        mod checkpoint;
        mod clock;
        mod compute;
        mod coordinator;
        mod coordinator_state;
        mod failure;
        mod group;
        mod inbox;
        mod keeping;
        mod library;
        mod making;
        mod meeting;
        mod membership;
        mod options;
        mod processor;
        mod processor_operations;
        mod release;
        mod round;
        mod saved;
        mod signal;
        mod supersteps;
        mod telemetry;
        mod tick;

        pub use crate::{
            saved::{CheckpointError, CheckpointRecord},
            supersteps::Supersteps,
            telemetry::{Telemetry, TelemetryEvent, TelemetryKind},
        };
    }
}
