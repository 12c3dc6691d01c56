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
#[cfg(all(test, ttvm_model))]
mod model;

#[cfg(not(ttvm_model))]
mod barrier;
#[cfg(not(ttvm_model))]
mod barrier_operations;
#[cfg(not(ttvm_model))]
mod board;
#[cfg(not(ttvm_model))]
mod checkpoint;
#[cfg(not(ttvm_model))]
mod clock;
#[cfg(not(ttvm_model))]
mod compute;
#[cfg(not(ttvm_model))]
mod coordinator;
#[cfg(not(ttvm_model))]
mod coordinator_state;
#[cfg(not(ttvm_model))]
mod failure;
#[cfg(not(ttvm_model))]
mod fold;
#[cfg(not(ttvm_model))]
mod group;
#[cfg(not(ttvm_model))]
mod inbox;
#[cfg(not(ttvm_model))]
mod keeping;
#[cfg(not(ttvm_model))]
mod library;
#[cfg(not(ttvm_model))]
mod making;
#[cfg(not(ttvm_model))]
mod meeting;
#[cfg(not(ttvm_model))]
mod membership;
#[cfg(not(ttvm_model))]
mod options;
#[cfg(not(ttvm_model))]
mod processor;
#[cfg(not(ttvm_model))]
mod processor_operations;
#[cfg(not(ttvm_model))]
mod release;
#[cfg(not(ttvm_model))]
mod round;
#[cfg(not(ttvm_model))]
mod saved;
#[cfg(not(ttvm_model))]
mod signal;
#[cfg(not(ttvm_model))]
mod supersteps;
#[cfg(not(ttvm_model))]
mod telemetry;
#[cfg(not(ttvm_model))]
mod tick;

#[cfg(not(ttvm_model))]
pub use crate::{
    saved::{CheckpointError, CheckpointRecord},
    supersteps::Supersteps,
    telemetry::{Telemetry, TelemetryEvent, TelemetryKind},
};
