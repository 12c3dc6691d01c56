//! Runs every case file in every way.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use ttvm_tests::{
    Case, Ending, Observed, Program, Tier, find_cases, machine_tiers, process_references, process_tiers, side_by_side,
    tiers,
};

/// Far more than any case needs.
const STEPS_MAX: u64 = 5_000_000;

/// The same for the reference interpreter and programs with processes, of which it looks at all before each turn.
const PROCESS_STEPS_MAX: u64 = 100_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// The files to run: all, or those whose path contains `TTVM_CASE`.
fn chosen() -> Vec<PathBuf> {
    let mut files = find_cases(&root()).expect("the folder of the cases can be read");
    if let Ok(part) = env::var("TTVM_CASE") {
        files.retain(|file| file.to_string_lossy().contains(&part));
    }
    files
}

/// What is wrong with a case, each with the name of the tier.
fn problems(file: &Path) -> Vec<String> {
    let relative = file.strip_prefix(root()).expect("cases lie below their root");
    let name = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
    let text = fs::read_to_string(file).expect("a case is UTF-8 text");
    let mut case = match Case::parse(&name, &text) {
        Ok(case) => case,
        Err(error) => return vec![format!("{name}: {error}")],
    };
    let program = match case.program(&root()) {
        Ok(program) => program,
        Err(error) => return vec![format!("{name}: {error}")],
    };
    if env::var("TTVM_BLESS").is_ok_and(|value| value == "1") {
        let tiers = tiers_for(&case);
        let blessed = case.blessed(&tiers[0].run(&program));
        if blessed != text {
            fs::write(file, &blessed).expect("the case can be written");
        }
        case = Case::parse(&name, &blessed).expect("what was written is a header");
    }
    check(&case, &program)
}

/// The ways to run a case, the reference first.
fn tiers_for(case: &Case) -> Vec<Box<dyn Tier>> {
    let boxed = |tier| Box::new(tier) as Box<dyn Tier>;
    if case.has_processes() {
        let mut references = process_references(PROCESS_STEPS_MAX, case.any_order());
        references.retain(|_| case.in_reference());
        let machines = process_tiers(case.any_order(), case.real_time()).into_iter().map(boxed);
        return machines.chain(references.into_iter().map(|tier| Box::new(tier) as Box<dyn Tier>)).collect();
    }
    let mut tiers = tiers(STEPS_MAX);
    if case.in_machine() {
        tiers.extend(machine_tiers().into_iter().map(boxed));
    }
    tiers
}

fn check(case: &Case, program: &Program) -> Vec<String> {
    let mut problems = Vec::new();
    let mut reference: Option<Observed> = None;
    for tier in tiers_for(case) {
        let observed = tier.run(program);
        if tier.may_give_up() && matches!(observed.ending, Ending::GaveUp(_)) {
            continue;
        }
        let differences = case.differences(&observed);
        problems.extend(differences.into_iter().map(|text| format!("{}: {}: {text}", case.name, tier.name())));
        match &reference {
            None => reference = Some(observed),
            // What processes write to stderr has no order, and what they cost depends on how they meet.
            Some(_) if case.has_processes() => {}
            // Costs, kinds and traces are not in the case's header.
            Some(reference) if *reference != observed => {
                problems.push(format!("{}: {}: {observed:?}, not {reference:?}", case.name, tier.name()));
            }
            Some(_) => {}
        }
    }
    problems
}

/// Checks some of the chosen files, the others of which another test checks: those of the world outside, which they share, and
/// all others.
fn check_files(in_the_world: bool, check_all: impl Fn(&[PathBuf]) -> Vec<String>) {
    let world = root().join("world");
    let files: Vec<PathBuf> = chosen().into_iter().filter(|file| file.starts_with(&world) == in_the_world).collect();
    let problems = check_all(&files);
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_case_gives_what_its_header_says_in_every_tier() {
    check_files(false, |files| side_by_side(files, |file| problems(file)));
}

#[test]
fn every_case_of_the_world_gives_what_its_header_says_in_every_tier() {
    check_files(true, |files| files.iter().flat_map(|file| problems(file)).collect());
}

/// Families of cases with processes, without those that are about what the reference interpreter does not know.
const KNOWN_FAMILIES: [&str; 9] =
    ["exits", "links", "machine", "monitors", "names", "receive", "signals", "spawn", "time"];

#[test]
fn the_reference_interpreter_does_not_give_up_on_most_cases_with_processes() {
    let runs = |file: &PathBuf| {
        let name = file.strip_prefix(root()).expect("cases lie below their root").to_string_lossy();
        let case = Case::parse(&name, &fs::read_to_string(file).expect("a case is UTF-8 text")).expect("it is a case");
        let program = case.program(&root()).expect("it is a program");
        let references = process_references(PROCESS_STEPS_MAX, false);
        references.iter().all(|tier| !matches!(tier.run(&program).ending, Ending::GaveUp(_)))
    };
    let folder = |family: &str| root().join("processes").join(family);
    let files = KNOWN_FAMILIES.iter().flat_map(|family| find_cases(&folder(family)).expect("the folder can be read"));
    let (run, given_up): (Vec<_>, Vec<_>) = files.partition(runs);
    assert!(run.len() >= given_up.len(), "it gives up on {given_up:?}");
}
