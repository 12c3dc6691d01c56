//! Runs one process: values in frames, register code, exceptions, modules. No threads, no clock, no files.
//!
//! A [`LoadedModule`] is code ready to run; a [`Process`] is one thread of execution through it. A run ends with
//! an [`Outcome`]: the process is done, has used up its reductions, crashed, or waits for something that only
//! whoever drives it can do. What it prints goes through the [`Kernel`].
//!
//! See `docs/internals/engine.md` for the layout of frames and the two modes of execution.

mod answering;
mod builtins;
mod captures;
mod code;
mod exact;
mod frames;
mod halves;
mod imports;
mod interpret;
mod kernel;
mod long;
mod matching;
mod messages;
mod operations;
mod process;
mod scope;
mod slow;
mod spawn;
mod step;
mod unwind;
mod work;

pub use crate::{
    code::{LinkError, LoadMode, LoadedModule},
    imports::circular,
    kernel::{Answer, Crash, Entry, Kernel, Made, Outcome, Reply, Request, Step, Stream, Timeout, Waiting},
    process::{Observes, Process},
};
