//! Random `.computation` blocks.

use proptest::{collection::vec, option, prelude::*, sample::select};
use ttvm_isa::FoldOperation;

use super::{name, supervisor::milliseconds};
use crate::computation::{Combiner, ComputationSpec, Compute, Convergence, SuperstepSpec};

/// Any computations, few of which the verifier takes.
pub fn computations() -> BoxedStrategy<Vec<ComputationSpec>> {
    prop_oneof![2 => Just(Vec::new()), 1 => vec(computation(), 1..3)].boxed()
}

/// One computation.
pub fn computation() -> BoxedStrategy<ComputationSpec> {
    let number = || option::of(prop_oneof![0u64..100, any::<u64>()]);
    let combine =
        prop_oneof![select(FoldOperation::ALL).prop_map(Combiner::Operation), name().prop_map(Combiner::Function),];
    let ends = (option::of(name()), option::of(name()), option::of(combine));
    let times = (number(), option::of(milliseconds()), number());
    let counts = (option::of(any::<u32>()), option::of(any::<u32>()));
    (name(), ends, times, counts, vec(superstep(), 0..4))
        .prop_map(|(name, (initialize, finalize, combine), times, counts, supersteps)| ComputationSpec {
            name,
            initialize,
            supersteps,
            finalize,
            processors: counts.0,
            max_supersteps: times.0,
            barrier_timeout_ms: times.1,
            checkpoint_every: times.2,
            on_crash_restart: counts.1,
            combine,
        })
        .boxed()
}

fn superstep() -> BoxedStrategy<SuperstepSpec> {
    let compute = prop_oneof![Just(Compute::Keep), name().prop_map(Compute::Function)];
    let converged =
        prop_oneof![Just(Convergence::Never), Just(Convergence::Always), name().prop_map(Convergence::Function),];
    (name(), option::of(compute), option::of(name()), converged)
        .prop_map(|(name, compute, communicate, converged)| SuperstepSpec { name, compute, communicate, converged })
        .boxed()
}
