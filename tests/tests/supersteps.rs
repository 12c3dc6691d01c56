//! Supersteps with many processes.
//!
//! What one program can show is in `tests/cases/supersteps`. Here: how many parties and processors there may be, and that
//! messages and processes balance afterwards (rule P82).

use ttvm_assembler::assemble;
use ttvm_machine::Statistics;
use ttvm_tests::{Ending, MachineTier, Program};

/// Runs a program that must end normally, and gives its output. All its messages and processes are accounted for.
fn run(text: &str, tier: &MachineTier) -> String {
    let assembly = assemble("a.ttvm", text.as_bytes());
    assert!(assembly.is_ok(), "{:?}", assembly.diagnostics);
    let (observed, statistics) = tier.run_and_count(&Program::alone(assembly.module));
    assert_eq!(observed.ending, Ending::Normal, "{}: {}{}", tier.name, observed.stdout, observed.stderr);
    let Statistics { sent, received, spawned, ended, .. } = statistics;
    assert_eq!(sent, received + statistics.undelivered(), "{}: {statistics:?}", tier.name);
    assert_eq!(spawned, ended, "{}: {statistics:?}", tier.name);
    observed.stdout
}

// Rules: S4 S1
#[test]
fn a_hundred_thousand_parties_wait_at_a_barrier() {
    for tier in [MachineTier::new(1, 0, false), MachineTier::new(2, 0, false)] {
        assert_eq!(run(include_str!("supersteps/many_parties.ttvm"), &tier), "100000\n200000\n", "{}", tier.name);
    }
}

// Rules: S13 S14 S5
#[test]
fn twenty_thousand_processors_exchange_messages_and_leave_nothing_behind() {
    let text = include_str!("supersteps/many_processors.ttvm").replace("PROCESSORS", "20000");
    for tier in [MachineTier::new(1, 3, true), MachineTier::new(2, 0, false), MachineTier::new(8, 0, false)] {
        // Each number comes three times.
        assert_eq!(run(&text, &tier), "20000\n599970000\n1\n", "{}", tier.name);
    }
}
