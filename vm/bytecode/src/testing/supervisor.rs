//! Random `.supervisor` blocks.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{float, integer, name, text};
use crate::{
    SupervisorSpec,
    supervisor::{AutoShutdown, Backoff, ChildSpec, Literal, Restart, Shutdown, Start, Strategy as Restarting},
};

/// Any supervisors, few of which the verifier takes.
pub fn supervisors() -> BoxedStrategy<Vec<SupervisorSpec>> {
    prop_oneof![2 => Just(Vec::new()), 1 => vec(supervisor(), 1..3)].boxed()
}

/// A number of milliseconds, often one that a larger unit says shorter.
pub(super) fn milliseconds() -> BoxedStrategy<u64> {
    prop_oneof![0u64..3000, (0u64..100).prop_map(|s| s * 1000), (0u64..9).prop_map(|m| m * 60_000), any::<u64>()]
        .boxed()
}

/// One supervisor.
pub fn supervisor() -> BoxedStrategy<SupervisorSpec> {
    let head = (name(), select(Restarting::ALL), any::<u32>(), milliseconds(), select(AutoShutdown::ALL));
    (head, vec(child(), 0..4))
        .prop_map(|((name, strategy, intensity, period_ms, auto_shutdown), children)| SupervisorSpec {
            name,
            strategy,
            intensity,
            period_ms,
            auto_shutdown,
            children,
        })
        .boxed()
}

fn child() -> BoxedStrategy<ChildSpec> {
    let start = prop_oneof![
        3 => (text(), vec(literal(), 0..3)).prop_map(|(name, arguments)| Start::Function { name, arguments }),
        1 => text().prop_map(Start::Supervisor),
    ];
    let shutdown = prop_oneof![
        milliseconds().prop_map(Shutdown::After),
        Just(Shutdown::BrutalKill),
        Just(Shutdown::Infinity),
        Just(Shutdown::OF_FUNCTION),
    ];
    let backoff = (milliseconds(), milliseconds()).prop_map(|(first_ms, last_ms)| Backoff { first_ms, last_ms });
    (name(), start, select(Restart::ALL), shutdown, any::<bool>(), option::of(backoff))
        .prop_map(|(id, start, restart, shutdown, significant, backoff)| ChildSpec {
            id,
            start,
            restart,
            shutdown,
            significant,
            backoff,
        })
        .boxed()
}

fn literal() -> BoxedStrategy<Literal> {
    prop_oneof![
        integer().prop_map(Literal::Integer),
        float().prop_map(Literal::Float),
        text().prop_map(Literal::Text),
        any::<bool>().prop_map(Literal::Flag),
        Just(Literal::Null),
    ]
    .boxed()
}
