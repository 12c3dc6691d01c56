//! Every benchmark's program of ours, with its small sizes, finds the answer that the suite states.

use std::path::{Path, PathBuf};

use ttvm_benches::{
    graphs::Graphs,
    suite::{Benchmark, Figure, Group, Unit},
};
use ttvm_machine::{Ending, Input, Loader, Machine, MachineConfiguration, Output};

/// Runs a program of `programs/` and returns what it printed.
fn run(file: &str, arguments: &[String], schedulers: usize) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs").join(file);
    let mut loader = Loader::default();
    let program = loader.load_file(&path).unwrap_or_else(|error| panic!("{error}"));
    assert!(program.warnings.is_empty(), "{file}: {:?}", program.warnings);
    let output = Output::captured();
    let configuration = MachineConfiguration {
        arguments: arguments.to_vec(),
        input: Input::Bytes(Vec::new()),
        output: output.clone(),
        loader,
        schedulers,
        ..MachineConfiguration::default()
    };
    let ending = Machine::new(program, configuration).run().ending;
    assert!(matches!(ending, Ending::Normal), "{file}: {ending:?}");
    output.text()
}

/// What stands behind the word in a line `R <word> <value> <unit>`.
fn value<'a>(output: &'a str, word: &str) -> &'a str {
    let prefix = format!("R {word} ");
    let line = output.lines().find_map(|line| line.strip_prefix(&prefix));
    let (value, _unit) = line.and_then(|line| line.rsplit_once(' ')).unwrap_or_else(|| panic!("no {word} in {output}"));
    value
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

fn check(benchmark: &Benchmark, schedulers: Option<u32>) {
    let graphs = Graphs { folder: PathBuf::from(env!("CARGO_TARGET_TMPDIR")), scale: 6 };
    let words = Benchmark::words(benchmark.command, benchmark.small_sizes);
    let words = graphs.resolve(words).expect("small graphs can be written");
    let (file, arguments) = words.split_first().expect("every command has a word");
    let schedulers = schedulers.map_or(1, |number| usize::try_from(number).expect("schedulers are few"));
    let output = run(file, arguments, schedulers);
    for Figure { name, unit } in benchmark.figures {
        let number = number(value(&output, name));
        // Memory of the whole test may have shrunk in the meantime.
        assert!(number >= 0.0 || (*unit == Unit::Bytes && number.is_finite()), "{}: {output}", benchmark.name);
    }
    let answer = value(&output, "check");
    if benchmark.small_answer.contains('.') {
        let distance = number(answer) - number(benchmark.small_answer);
        assert!(distance.abs() < 1e-9, "{}: {answer}", benchmark.name);
    } else {
        assert_eq!(answer, benchmark.small_answer, "{}", benchmark.name);
    }
}

#[test]
fn every_program_finds_the_answer_of_the_suite() {
    for group in Group::ALL {
        for benchmark in group.benchmarks() {
            for schedulers in group.schedulers() {
                check(benchmark, *schedulers);
            }
        }
    }
}

#[test]
fn the_programs_for_the_start_up_run() {
    assert_eq!(run("start.ttvm", &[], 1), "");
    assert_eq!(run("start_memory.ttvm", &[], 1), "ready\n");
}

#[test]
fn no_benchmark_has_the_name_of_another() {
    let benchmarks = || Group::ALL.into_iter().flat_map(Group::benchmarks);
    let mut names: Vec<_> = benchmarks().map(|benchmark| benchmark.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), benchmarks().count());
}
