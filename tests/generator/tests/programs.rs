//! What the generator promises: valid, deterministic programs that mostly end and show what they compute.

use ttvm_bytecode::verify;
use ttvm_generator::{Style, module};
use ttvm_oracle::{Ending, MemoryHost, Oracle, OracleOutcome};

const SEEDS: u64 = 200;
const STEPS: u64 = 10_000;

fn run(seed: u64, size: usize, style: Style) -> OracleOutcome {
    let verified = verify(module(seed, size, style))
        .unwrap_or_else(|errors| panic!("{style:?} {seed} {size} is not valid: {errors:?}"));
    Oracle::new(verified, Box::new(MemoryHost::without_modules(""))).run(STEPS)
}

#[test]
fn every_program_is_valid_and_runs_the_same_twice() {
    for style in Style::ALL {
        for seed in 0..SEEDS {
            let size = 5 + (seed as usize % 40);
            assert_eq!(run(seed, size, style), run(seed, size, style), "{style:?} {seed} {size}");
        }
    }
}

#[test]
fn nearly_all_programs_end_and_print() {
    for style in Style::ALL {
        let outcomes: Vec<OracleOutcome> = (0..SEEDS).map(|seed| run(seed, 40, style)).collect();
        let endless = outcomes.iter().filter(|outcome| outcome.ending == Ending::OutOfSteps).count();
        let silent = outcomes.iter().filter(|outcome| outcome.stdout.is_empty()).count();
        assert!(endless * 5 < outcomes.len(), "{style:?}: {endless} of {SEEDS} programs do not end");
        assert!(silent * 10 < outcomes.len(), "{style:?}: {silent} of {SEEDS} programs print nothing");
    }
}

#[test]
fn structured_programs_never_fail_in_main() {
    for seed in 0..SEEDS {
        let outcome = run(seed, 30, Style::Structured);
        assert!(matches!(outcome.ending, Ending::Normal | Ending::OutOfSteps), "{seed}: {:?}", outcome.ending);
    }
}

#[test]
fn classic_programs_show_both_good_ends_and_underflow() {
    let outcomes: Vec<OracleOutcome> = (0..SEEDS).map(|seed| run(seed, 60, Style::Classic)).collect();
    let holds = |text: &str| outcomes.iter().filter(|outcome| outcome.stdout.contains(text)).count();
    for (text, at_least) in [
        ("Stack underflow during", 50),
        ("Need ", 1),
        ("Undefined variable: not set", 5),
        ("closure@", 5),
        ("at f0 (", 5),
        ("Thrown value", 5),
    ] {
        let found = holds(text);
        assert!(found >= at_least, "only {found} of {SEEDS} programs print `{text}`");
    }
}

#[test]
fn classic_programs_run_in_every_mode_of_the_analysis() {
    let regions: Vec<_> = (0..SEEDS)
        .flat_map(|seed| {
            let verified = verify(module(seed, 60, Style::Classic)).expect("the other tests show that it is valid");
            verified.regions().to_vec()
        })
        .collect();
    let exact = regions.iter().filter(|region| region.exact.is_some()).count();
    let dynamic = regions.iter().filter(|region| region.has_dynamic_handlers).count();
    assert!(exact * 4 > regions.len(), "{exact} of {} regions are exact", regions.len());
    assert!((regions.len() - exact) * 4 > regions.len(), "{exact} of {} regions are exact", regions.len());
    assert!(dynamic > 10, "{dynamic} regions have dynamic handlers");
}
