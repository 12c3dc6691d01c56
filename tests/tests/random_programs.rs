//! Runs random programs in every way; all must see the same.

use std::env;

use ttvm_generator::{Style, module};
use ttvm_tests::{Ending, Program, tiers};

/// Programs of each style; `TTVM_PROGRAMS` asks for more.
const PROGRAMS: u64 = 150;

/// Programs begin with this seed, or with `TTVM_SEED`.
const FIRST_SEED: u64 = 1_000;

/// Programs that run for longer are not compared.
const STEPS_MAX: u64 = 20_000;

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn check(style: Style) {
    let first = number("TTVM_SEED", FIRST_SEED);
    let tiers = tiers(STEPS_MAX);
    for seed in first..first + number("TTVM_PROGRAMS", PROGRAMS) {
        let size = 10 + seed as usize % 90;
        let program = Program::alone(module(seed, size, style));
        let reference = tiers[0].run(&program);
        if matches!(reference.ending, Ending::GaveUp(_)) {
            continue;
        }
        for tier in &tiers[1..] {
            let observed = tier.run(&program);
            assert_eq!(observed, reference, "{}: module({seed}, {size}, Style::{style:?})", tier.name());
        }
    }
}

#[test]
fn structured_programs_do_the_same_in_every_tier() {
    check(Style::Structured);
}

#[test]
fn classic_programs_do_the_same_in_every_tier() {
    check(Style::Classic);
}

#[test]
fn instruction_soup_does_the_same_in_every_tier() {
    check(Style::Soup);
}
