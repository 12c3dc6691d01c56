//! The world as programs meet it: real files in directories of their own, real commands, a real or a virtual
//! clock. Every test asks a `World` as the machine does.

#![expect(clippy::unwrap_used, reason = "a failing preparation may end a test")]

mod asking;

mod commands;
mod compression;
mod csv;
mod encryption;
mod environment;
mod files;
mod hash;
mod input;
mod json;
mod json_properties;
mod permissions;
mod time;
