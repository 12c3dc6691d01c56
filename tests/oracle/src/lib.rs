//! The reference interpreter: what a program must print, how it must end and what it must cost.
//!
//! Here: a second, independent reading of the language's rules, kept slow and obvious so that it can be
//! checked by eye; the tests compare every other way to run a program with it. Never here: anything shared
//! with the engine or its values, any cleverness, any `unsafe`. Values nest on the native stack when they are
//! printed, compared or dropped: run programs that nest millions deep elsewhere. Updating a list that a variable
//! holds copies it, so loops over more than some thousand elements take long here.

#![forbid(unsafe_code)]

mod compare;
mod cost;
mod host;
mod json;
mod machine;
mod memory_host;
mod number;
mod operations;
mod processes;
mod text;
mod value;

pub use crate::{
    compare::{Key, equals, total_order},
    host::{HostProblem, ImportProblem, OracleHost},
    machine::{Ending, Oracle, OracleOutcome},
    memory_host::MemoryHost,
    processes::Schedule,
    value::{Exception, Function, Object, Value},
};
