//! How many threads run processes.
//!
//! Not here: what other options make of it (`commands/run.rs`).

use clap::Args;

/// How many schedulers to use: one for each core unless something is said.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct SchedulerArguments {
    /// Use one scheduler, on which processes run in an order that the seed decides.
    #[arg(long, conflicts_with = "schedulers")]
    pub no_smp: bool,
    /// Use this many schedulers instead of one for each core.
    #[arg(long, value_name = "N")]
    pub schedulers: Option<u32>,
}
