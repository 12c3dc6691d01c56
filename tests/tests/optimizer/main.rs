//! The optimizer: what it makes of a program does the same as the program.
//!
//! Instruction numbers may change, in texts too, and reductions may become fewer; nothing else. Here: how programs are
//! compared, and the programs of cases and of the generator. Programs made for the optimizer are in `reducible.rs`
//! and `constants.rs`.

mod constants;
mod reducible;

use std::{env, fs, path::Path};

use ttvm_assembler::assemble;
use ttvm_generator::{Style, module, process_program};
use ttvm_optimizer::{Change, Outcome, Report, optimize};
use ttvm_tests::{Case, Ending, MachineTier, Observed, Program, Tier, find_cases, tiers};

/// Programs of each style; `TTVM_PROGRAMS` asks for more.
const PROGRAMS: u64 = 400;

/// Programs begin with this seed, or with `TTVM_SEED`.
const FIRST_SEED: u64 = 1_000;

/// Programs that run for longer are not compared.
const STEPS_MAX: u64 = 20_000;

/// The ways to run programs and what the optimizer makes of them, each compared with itself: that all ways agree is
/// what other tests are for.
const TIERS: [&str; 3] = ["reference interpreter", "engine", "engine in exact mode"];

/// What stands before an instruction number in texts.
const NUMBERED: [&str; 7] =
    ["at instruction ", "at instruction #", "function@", "closure@", "Function(", "Closure(", "instruction "];

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The text with every instruction number replaced by `N`.
fn masked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let (head, tail) = rest.split_at(character.len_utf8());
        shown.push_str(head);
        rest = tail;
        if NUMBERED.iter().any(|before| shown.ends_with(before)) {
            let digits = rest.chars().take_while(char::is_ascii_digit).count();
            shown.push_str(if digits > 0 { "N" } else { "" });
            rest = &rest[digits..];
        }
    }
    shown
}

/// What must stay as it is.
fn seen(observed: &Observed) -> (String, String, Ending) {
    let ending = match &observed.ending {
        Ending::Uncaught { message, kind, instruction: _, trace } => Ending::Uncaught {
            message: masked(message),
            kind: kind.clone(),
            instruction: 0,
            trace: trace.iter().map(|line| masked(line)).collect(),
        },
        other => other.clone(),
    };
    (masked(&observed.stdout), masked(&observed.stderr), ending)
}

/// Compares a program with what the optimizer makes of it.
fn check(program: &Program, steps_max: u64, name: &str) -> Report {
    let (better, report) = optimize(&program.module);
    let (again, _) = optimize(&better);
    assert_eq!(again, better, "{name}: optimizing again changes something");
    assert_eq!(better.lines.len(), better.code.len(), "{name}");
    assert!(better.code.len() <= program.module.code.len(), "{name}");
    let better = Program { module: better, ..program.clone() };
    let tiers = tiers(steps_max);
    // Only the reference interpreter's steps are counted; what it gives up may never end elsewhere.
    if matches!(tiers[0].run(program).ending, Ending::GaveUp(_)) {
        return report;
    }
    for tier in tiers.iter().filter(|tier| TIERS.contains(&tier.name())) {
        let reference = tier.run(program);
        let observed = tier.run(&better);
        if seen(&observed) != seen(&reference) || observed.reductions > reference.reductions {
            let text = ttvm_assembler::disassemble(&better.module);
            let (seen, wanted) = (seen(&observed), seen(&reference));
            panic!("{text}\n{name}, {}: {seen:#?}, not {wanted:#?}", tier.name());
        }
    }
    report
}

/// Compares a program with processes with what the optimizer makes of it.
fn check_processes(program: &Program, name: &str) {
    let (better, _) = optimize(&program.module);
    let better = Program { module: better, ..program.clone() };
    let tier = MachineTier::new(1, 0, true);
    assert_eq!(seen(&tier.run(&better)), seen(&tier.run(program)), "{name}");
}

/// How often each kind of change was made.
#[derive(Default)]
struct Counts(Vec<(Change, usize)>);

impl Counts {
    fn add(&mut self, report: &Report) {
        for change in Change::ALL {
            match self.0.iter_mut().find(|(known, _)| *known == change) {
                Some((_, count)) => *count += report.count(change),
                None => self.0.push((change, report.count(change))),
            }
        }
    }

    /// That every kind was made often enough to be tested, unless only a few programs were asked for.
    fn assert_all(&self) {
        let wanted = if env::var("TTVM_PROGRAMS").is_ok() { 0 } else { 20 };
        for (change, count) in &self.0 {
            assert!(*count >= wanted, "{change:?} was made only {count} times");
        }
    }
}

/// Compares programs of a style.
fn check_style(style: Style) -> Counts {
    let first = number("TTVM_SEED", FIRST_SEED);
    let mut counts = Counts::default();
    for seed in first..first + number("TTVM_PROGRAMS", PROGRAMS) {
        let size = 10 + seed as usize % 90;
        let name = format!("module({seed}, {size}, {style:?})");
        let report = check(&Program::alone(module(seed, size, style)), STEPS_MAX, &name);
        assert!(matches!(report.outcome, Outcome::Finished | Outcome::Withheld), "{name}: {report}");
        counts.add(&report);
    }
    counts
}

#[test]
fn structured_programs_do_the_same_when_optimized() {
    check_style(Style::Structured).assert_all();
}

#[test]
fn classic_programs_do_the_same_when_optimized() {
    check_style(Style::Classic).assert_all();
}

#[test]
fn instruction_soup_does_the_same_when_optimized() {
    let count = check_style(Style::Soup).0.into_iter().find(|(change, _)| *change == Change::Unreachable);
    assert!(
        env::var("TTVM_PROGRAMS").is_ok() || count.is_some_and(|(_, count)| count > 100),
        "soup has unreachable instructions"
    );
}

/// A quarter as many, because each is several programs.
#[test]
fn programs_of_many_processes_do_the_same_when_optimized() {
    let first = number("TTVM_SEED", FIRST_SEED);
    let tier = MachineTier::new(1, 0, true);
    for seed in first..first + number("TTVM_PROGRAMS", PROGRAMS) / 4 {
        let assembly = assemble("random.ttvm", process_program(seed, 4).as_bytes());
        assert!(assembly.is_ok(), "{:?}", assembly.diagnostics);
        let program = Program::alone(assembly.module);
        let (better, _) = optimize(&program.module);
        // Crashes are reported in the order in which they happen, and a deadlock says who waits in which function at what line.
        let seen = |program: &Program| {
            let (stdout, _, ending) = seen(&tier.run(program));
            (stdout, if matches!(ending, Ending::Deadlock(_)) { Ending::Deadlock(String::new()) } else { ending })
        };
        let better = Program { module: better, ..program.clone() };
        assert_eq!(seen(&better), seen(&program), "process_program({seed}, 4)");
    }
}

#[test]
fn every_case_does_the_same_when_optimized() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    for file in find_cases(&root).expect("the folder of the cases can be read") {
        let relative = file.strip_prefix(&root).expect("cases lie below their root");
        let name = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let text = fs::read_to_string(&file).expect("a case is UTF-8 text");
        let case = Case::parse(&name, &text).expect("the test of the cases checks their headers");
        let program = case.program(&root).expect("the test of the cases assembles them");
        if case.has_processes() {
            check_processes(&program, &name);
        } else {
            check(&program, 5_000_000, &name);
        }
    }
}
