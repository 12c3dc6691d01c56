//! Random tables of `RECEIVE_MATCH`.

use proptest::{collection::vec, option, prelude::*, sample::select};
use ttvm_isa::{
    Text,
    receive::{
        After, AfterTime, Comparison, Guard, GuardOperand, Pattern, PatternKind, ReceiveCase, ReceiveTable, Rest,
    },
};

use super::{float, integer, text};

/// A table that keeps its limits; targets lie below `targets`, or rarely anywhere.
pub fn table(targets: u32) -> BoxedStrategy<ReceiveTable> {
    let case = (pattern(), option::of(guard()), target(targets)).prop_map(|(pattern, guard, target)| ReceiveCase {
        pattern,
        guard,
        target,
    });
    let after = (time(), target(targets)).prop_map(|(time, target)| After { time, target });
    prop_oneof![
        3 => (vec(case.clone(), 1..4), option::of(after.clone()))
            .prop_map(|(cases, after)| ReceiveTable { cases, after }),
        1 => (vec(case, 0..2), after).prop_map(|(cases, after)| ReceiveTable { cases, after: Some(after) }),
    ]
    .boxed()
}

fn target(targets: u32) -> BoxedStrategy<u32> {
    prop_oneof![9 => 0..targets.max(1), 1 => any::<u32>()].boxed()
}

fn time() -> BoxedStrategy<AfterTime> {
    prop_oneof![
        2 => prop_oneof![0u64..2000, any::<u64>()].prop_map(AfterTime::Milliseconds),
        1 => variable().prop_map(AfterTime::Variable),
        1 => Just(AfterTime::Infinity),
    ]
    .boxed()
}

/// The name of a variable: plain ones, words of the grammar, and any text.
fn variable() -> BoxedStrategy<Text> {
    let words = vec!["A", "B", "x", "größe", "_", "_x", "int", "when", "infinity", "inf", "a-b", "2", ""];
    prop_oneof![5 => select(words).prop_map(Text::from), 1 => text()].boxed()
}

/// A pattern of a few levels.
pub fn pattern() -> BoxedStrategy<Pattern> {
    let leaf = prop_oneof![
        Just(Pattern::Any),
        variable().prop_map(Pattern::Bind),
        (select(PatternKind::ALL), option::of(variable())).prop_map(|(kind, name)| Pattern::Typed { kind, name }),
        variable().prop_map(Pattern::Equal),
        integer().prop_map(Pattern::Integer),
        float().prop_map(Pattern::Float),
        text().prop_map(Pattern::Text),
        any::<bool>().prop_map(Pattern::Flag),
        Just(Pattern::Null),
        text().prop_map(Pattern::Signal),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let rest = prop_oneof![Just(Rest::Any), variable().prop_map(Rest::Bind)];
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            (vec(inner.clone(), 0..4), option::of(rest)).prop_map(|(items, rest)| Pattern::List { items, rest }),
            vec((text(), inner), 0..4).prop_map(object),
            (boxed.clone(), boxed.clone()).prop_map(|(from, reason)| Pattern::Exit { from, reason }),
            (boxed.clone(), boxed.clone(), boxed).prop_map(|(reference, pid, reason)| Pattern::Down {
                reference,
                pid,
                reason
            }),
        ]
    })
    .boxed()
}

/// An object pattern with each field once.
fn object(mut fields: Vec<(Text, Pattern)>) -> Pattern {
    let mut names = std::collections::HashSet::new();
    fields.retain(|(name, _)| names.insert(name.clone()));
    Pattern::Object(fields)
}

fn guard_operand() -> BoxedStrategy<GuardOperand> {
    prop_oneof![
        variable().prop_map(GuardOperand::Variable),
        integer().prop_map(GuardOperand::Integer),
        float().prop_map(GuardOperand::Float),
        text().prop_map(GuardOperand::Text),
        any::<bool>().prop_map(GuardOperand::Flag),
        Just(GuardOperand::Null),
    ]
    .boxed()
}

/// A guard of a few levels.
pub fn guard() -> BoxedStrategy<Guard> {
    let compare = (select(Comparison::ALL), guard_operand(), guard_operand())
        .prop_map(|(comparison, left, right)| Guard::Compare { comparison, left, right });
    let leaf = prop_oneof![compare, variable().prop_map(Guard::Truth)];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Guard::All),
            vec(inner.clone(), 2..4).prop_map(Guard::Either),
            inner.prop_map(|part| Guard::Not(Box::new(part))),
        ]
    })
    .boxed()
}
