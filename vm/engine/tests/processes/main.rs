//! Instructions that concern processes, with a kernel made of plain vectors, in both modes and with short turns.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failing preparation may end a test")]

mod answering;
mod operations;
mod patterns;
mod receive;
mod spawn;
mod vectors;
