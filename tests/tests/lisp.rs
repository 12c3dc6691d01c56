//! Translates every Lisp program of `tests/lisp` and runs it in every way there is.
//!
//! The programs say in their headers what they print, as case files do; `TTVM_BLESS=1` rewrites the headers.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use ttvm_tests::{Case, Ending, Observed, Program, Tier, tiers};

#[path = "lisp/random.rs"]
mod random;

/// Far more than any program here needs.
const STEPS_MAX: u64 = 100_000_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("lisp")
}

/// The programs to run: all, or those whose path contains `TTVM_CASE`.
fn chosen() -> Vec<PathBuf> {
    let entries = fs::read_dir(root()).expect("the folder of the programs can be read");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("the entry can be read").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "lisp"));
    if let Ok(part) = env::var("TTVM_CASE") {
        files.retain(|file| file.to_string_lossy().contains(&part));
    }
    files.sort();
    files
}

/// The header lines at the top of a text.
fn header(text: &str) -> String {
    text.lines().take_while(|line| line.starts_with(';')).map(|line| format!("{line}\n")).collect()
}

/// The case that a Lisp program is: its header before its translation.
fn case_of(name: &str, text: &str) -> Result<Case, String> {
    let assembly = ttvm_lisp::compile(name, text).map_err(|errors| {
        let problems: Vec<String> = errors.iter().map(ToString::to_string).collect();
        problems.join("\n")
    })?;
    Case::parse(name, &format!("{}{assembly}", header(text))).map_err(|error| error.to_string())
}

fn problems(file: &Path) -> Vec<String> {
    let name = file.file_name().expect("it was found in a folder").to_string_lossy().into_owned();
    let mut text = fs::read_to_string(file).expect("a program is UTF-8 text");
    try_problems(file, &name, &mut text).unwrap_or_else(|problem| vec![format!("{name}: {problem}")])
}

fn try_problems(file: &Path, name: &str, text: &mut String) -> Result<Vec<String>, String> {
    let mut case = case_of(name, text)?;
    let program = case.program(&root()).map_err(|error| error.to_string())?;
    if env::var("TTVM_BLESS").is_ok_and(|value| value == "1") {
        let blessed = case.blessed(&tiers(STEPS_MAX)[0].run(&program));
        let rest = &text[header(text).len()..];
        let new = format!("{}{rest}", header(&blessed));
        if new != *text {
            fs::write(file, &new).expect("the program can be written");
        }
        // The header changes the lines of nothing: the translation names those of the old text.
        case = Case::parse(name, &blessed).map_err(|error| error.to_string())?;
    }
    let mut problems = Vec::new();
    let ways = tiers(STEPS_MAX);
    for observed in ways.iter().map(|tier| tier.run(&program)) {
        problems.extend(case.differences(&observed).into_iter().map(|text| format!("{name}: {text}")));
    }
    problems.extend(disagreements(&ways, &program).into_iter().map(|text| format!("{name}: {text}")));
    Ok(problems)
}

/// Where the ways to run a program differ in anything that can be seen.
fn disagreements(ways: &[Box<dyn Tier>], program: &Program) -> Vec<String> {
    let reference: Observed = ways[0].run(program);
    let others = ways[1..].iter().map(|tier| (tier.name(), tier.run(program)));
    let different = others.filter(|(_, observed)| *observed != reference);
    different.map(|(name, observed)| format!("{name}: {observed:?}, not {reference:?}")).collect()
}

#[test]
fn every_lisp_program_prints_what_its_header_says_in_every_tier() {
    let problems: Vec<String> = chosen().iter().flat_map(|file| problems(file)).collect();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn translations_are_in_canonical_form() {
    for file in chosen() {
        let text = fs::read_to_string(&file).expect("a program is UTF-8 text");
        let assembly = ttvm_lisp::compile("program.lisp", &text).expect("the programs are right");
        let formatted = ttvm_assembler::format(assembly.as_bytes()).expect("the translation can be read");
        assert_eq!(formatted, assembly, "{}", file.display());
    }
}

#[test]
fn random_programs_are_translated_verified_and_run_alike() {
    let ways = tiers(200_000);
    for seed in 0..300 {
        let text = random::program(seed);
        let assembly = ttvm_lisp::compile("random.lisp", &text)
            .unwrap_or_else(|errors| panic!("seed {seed}: {}\n{text}", errors[0]));
        let assembled = ttvm_assembler::assemble("random.ttvm", assembly.as_bytes());
        assert_eq!(assembled.diagnostics, [], "seed {seed}:\n{text}");
        let program = Program::alone(assembled.module);
        let reference = ways[0].run(&program);
        assert!(!matches!(reference.ending, Ending::NotLoaded(_)), "seed {seed}: {:?}\n{text}", reference.ending);
        assert_eq!(reference.stdout, random::expected(seed), "seed {seed}:\n{text}\n{assembly}");
        let problems = disagreements(&ways, &program);
        assert!(problems.is_empty(), "seed {seed}: {problems:?}\n{text}");
    }
}
