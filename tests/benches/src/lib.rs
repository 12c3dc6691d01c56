//! Measures ttvm beside other languages: the same programs, run in turn on the same machine.
//!
//! Here: the list of benchmarks, finding and building the contestants, rounds, statistics, records. Not here: the
//! programs themselves (`programs/` ours, `peers/` theirs) and the rules for reading the figures
//! (`docs/performance/README.md`).

#![forbid(unsafe_code)]

pub mod suite;

pub mod contestants;
pub mod graphs;
pub mod rounds;
pub mod start_up;

pub mod record;
pub mod statistics;
pub mod surroundings;

mod process;
mod report;

pub use crate::report::ReportError;
