//! The world seam: threads, locks, atomics, clocks, entropy, sockets and run queues come from here and from nowhere else.
//!
//! It has two faces. The real one is parking_lot, std and crossbeam-deque. With `--cfg ttvm_model` locks, atomics
//! and threads are Shuttle's, which explores their interleavings, and the run queue is a locked double, because
//! crossbeam-deque cannot be explored. The simulated world (virtual time, a seed) is a matter of values, not of
//! types: see [`clock::Clock`] and [`entropy::Random`].
//!
//! Not here: what is done with any of it.

#![forbid(unsafe_code)]

pub mod clock;
pub mod entropy;
pub mod jobs;
pub mod local_socket;
pub mod run_queue;
pub mod sync;
pub mod thread;
