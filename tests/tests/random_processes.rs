//! Runs random programs of many processes, whose output does not depend on their order, in many orders; all must see the
//! same as the reference interpreter.

use std::env;

use ttvm_assembler::assemble;
use ttvm_generator::process_program;
use ttvm_oracle::Schedule;
use ttvm_tests::{Ending, MachineTier, Observed, Program, ScheduledOracle, Tier};

/// Programs; `TTVM_PROGRAMS` asks for more.
const PROGRAMS: u64 = 60;

/// Programs begin with this seed, or with `TTVM_SEED`.
const FIRST_SEED: u64 = 1_000;

/// More than any of these programs needs.
const STEPS_MAX: u64 = 20_000_000;

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// What must be the same in all orders: the output, and how the program ended. A deadlock names processes, whose numbers
/// depend on the order.
fn seen(observed: Observed) -> (String, Ending) {
    let ending = match observed.ending {
        Ending::Deadlock(_) => Ending::Deadlock(String::new()),
        other => other,
    };
    (observed.stdout, ending)
}

/// Other orders of the reference interpreter, and machines with several schedulers, seeds and lengths of turns.
fn tiers(seed: u64) -> Vec<Box<dyn Tier>> {
    let mut tiers: Vec<Box<dyn Tier>> = Vec::new();
    for schedule in [Schedule::RoundRobin(1), Schedule::Random(seed), Schedule::Random(!seed)] {
        tiers.push(Box::new(ScheduledOracle::new(STEPS_MAX, schedule)));
    }
    let machine = |schedulers, order| MachineTier::new(schedulers, order, true);
    for tier in [machine(1, 0), machine(1, seed), machine(1, seed).in_exact_mode(), machine(2, 0), machine(8, 0)] {
        tiers.push(Box::new(tier));
    }
    tiers
}

#[test]
fn programs_of_many_processes_do_the_same_in_every_order() {
    let first = number("TTVM_SEED", FIRST_SEED);
    for seed in first..first + number("TTVM_PROGRAMS", PROGRAMS) {
        let stages = 1 + seed as usize % 6;
        let text = process_program(seed, stages);
        let assembly = assemble("random.ttvm", text.as_bytes());
        assert!(assembly.is_ok(), "process_program({seed}, {stages}): {:?}\n{text}", assembly.diagnostics);
        let program = Program::alone(assembly.module);
        let reference = seen(ScheduledOracle::new(STEPS_MAX, Schedule::default()).run(&program));
        assert!(
            !matches!(reference.1, Ending::GaveUp(_) | Ending::NotLoaded(_)),
            "process_program({seed}, {stages}): {:?}",
            reference.1
        );
        for tier in tiers(seed) {
            let observed = seen(tier.run(&program));
            assert_eq!(observed, reference, "{}: process_program({seed}, {stages})\n{text}", tier.name());
        }
    }
}
