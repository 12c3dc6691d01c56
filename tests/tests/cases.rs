//! Runs every case file in every way.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use ttvm_tests::{Case, Observed, Program, Tier, find_cases, machine_tiers, process_tiers, tiers};

/// Far more than any case needs.
const STEPS_MAX: u64 = 5_000_000;

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
        return process_tiers(case.any_order(), case.real_time()).into_iter().map(boxed).collect();
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

#[test]
fn every_case_gives_what_its_header_says_in_every_tier() {
    let problems: Vec<String> = chosen().iter().flat_map(|file| problems(file)).collect();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
