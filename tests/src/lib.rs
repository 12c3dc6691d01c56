//! Case files and the ways to run them.
//!
//! A case is a program under `cases/<family>/` whose first comment lines say what it shows and what must come of
//! it ([`Case`]). A [`Tier`] is one way to run a program; all must agree. Here: reading and checking cases. Never
//! here: what instructions do.
//!
//! Run all cases with `cargo test -p ttvm-tests`, some with `TTVM_CASE=<part of a path>`, in some
//! ways with `TTVM_TIER=<part of a name>`; write what the reference
//! interpreter says into the files with `TTVM_BLESS=1`, and read the difference before you commit it.

#![forbid(unsafe_code)]

mod case;
mod engine_tier;
mod escape;
mod machine_tier;
mod program;
mod side_by_side;
mod talking;
mod tier;
mod tier_list;

pub use crate::{
    case::{Case, CaseError, find_cases},
    machine_tier::{Finish, MachineTier, run_watched},
    program::{LoadError, Program},
    side_by_side::side_by_side,
    talking::{failing, printed, talking_tiers},
    tier::{Ending, Observed, Tier},
    tier_list::{Oracle, OracleFromBytes, ScheduledOracle, machine_tiers, process_references, process_tiers, tiers},
};
