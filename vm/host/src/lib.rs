//! The world outside the machine: files, standard input, the environment, commands, time, data formats,
//! cryptography, databases and the network.
//!
//! Here: the answers to [`HostOperation`](ttvm_isa::HostOperation)s. Never here: who waits for an answer and
//! on which thread it is worked out; operations simply block until they are
//! done, but for those on resources and the network, which are started and answer later.
//!
//! What programs may rely on is written in `docs/reference/json.md`, `docs/reference/formats.md`,
//! `docs/reference/network.md` and `docs/reference/time-and-commands.md`.

#![forbid(unsafe_code)]

mod world;

mod arguments;
mod bounded;
mod commands;
mod compression;
mod csv;
mod database;
mod encryption;
mod environment;
mod files;
mod guard;
mod hash;
mod http;
mod input;
mod json;
mod network;
mod place;
mod reactor;
mod resources;
mod tcp;
mod time;
mod udp;

pub use crate::{
    guard::{Guard, NoPlace},
    input::Input,
    network::Answering,
    time::{SLEEP_MILLISECONDS_MAX, VIRTUAL_TIME_START},
    world::{World, WorldConfiguration},
};
