//! The records of `.computation` blocks. The numbers of all variants are part of the format.

use serde::{Deserialize, Serialize};

/// Mirror of [`crate::ComputationSpec`] without its supersteps, whose list follows.
#[derive(Serialize, Deserialize)]
pub(crate) struct ComputationRecord<'a> {
    pub name: &'a str,
    pub initialize: Option<&'a str>,
    pub finalize: Option<&'a str>,
    pub processors: Option<u32>,
    pub max_supersteps: Option<u64>,
    pub barrier_timeout_ms: Option<u64>,
    pub checkpoint_every: Option<u64>,
    pub on_crash_restart: Option<u32>,
    #[serde(borrow)]
    pub combine: CombinerRecord<'a>,
}

/// Mirror of an optional [`crate::computation::Combiner`].
#[derive(Serialize, Deserialize)]
pub(crate) enum CombinerRecord<'a> {
    /// 0
    None,
    /// 1: the place in `FoldOperation::ALL`.
    Operation(u8),
    /// 2
    Function(&'a str),
}

/// Mirror of [`crate::computation::SuperstepSpec`].
#[derive(Serialize, Deserialize)]
pub(crate) struct SuperstepRecord<'a> {
    pub name: &'a str,
    #[serde(borrow)]
    pub compute: ComputeRecord<'a>,
    pub communicate: Option<&'a str>,
    pub converged: ConvergenceRecord<'a>,
}

/// Mirror of an optional [`crate::computation::Compute`].
#[derive(Serialize, Deserialize)]
pub(crate) enum ComputeRecord<'a> {
    /// 0
    None,
    /// 1
    Keep,
    /// 2
    Function(&'a str),
}

/// Mirror of [`crate::computation::Convergence`].
#[derive(Serialize, Deserialize)]
pub(crate) enum ConvergenceRecord<'a> {
    /// 0
    Never,
    /// 1
    Always,
    /// 2
    Function(&'a str),
}
