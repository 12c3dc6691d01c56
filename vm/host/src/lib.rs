//! The world outside the machine: files, standard input, the environment, commands, time, data formats and
//! cryptography.
//!
//! Here: the answers to [`HostOperation`](ttvm_isa::HostOperation)s. Never here: who waits for an answer and
//! on which thread it is worked out; every operation here simply blocks until it is done.
//!
//! What programs may rely on is written in `docs/reference/json.md`, `docs/reference/formats.md`
//! and `docs/reference/time-and-commands.md`.

#![forbid(unsafe_code)]

mod world;

mod arguments;
mod bounded;
mod commands;
mod compression;
mod csv;
mod encryption;
mod environment;
mod files;
mod hash;
mod input;
mod json;
mod time;

pub use crate::{
    input::Input,
    time::{SLEEP_MILLISECONDS_MAX, VIRTUAL_TIME_START},
    world::{World, WorldConfiguration},
};
