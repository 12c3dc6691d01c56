//! Supersteps with many processes.
//!
//! What one program can show is in `tests/cases/supersteps`. Here: how many parties and processors there may be, and that
//! messages and processes balance afterwards (rule P82).

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use expect_test::expect_file;
use ttvm_assembler::assemble;
use ttvm_machine::{
    Loader, Machine, MachineConfiguration, Output, Statistics, Telemetry, TelemetryEvent, TelemetryKind,
};
use ttvm_tests::{Ending, MachineTier, Program, Tier, run_watched};

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

/// Writes down what groups of processors tell, without times.
#[derive(Default)]
struct Recorder(Mutex<Vec<String>>);

impl Telemetry for Recorder {
    fn event(&self, event: &TelemetryEvent<'_>) {
        let TelemetryEvent { operation, group, superstep, name, kind, .. } = event;
        let what = match kind {
            TelemetryKind::ProcessorInitialized { processor, .. } => format!("ProcessorInitialized {processor}"),
            TelemetryKind::ComputeCompleted { processor, inbox_size, .. } => {
                format!("ComputeCompleted {processor}, inbox {inbox_size}")
            }
            TelemetryKind::SuperstepCompleted { processors, messages, messages_max, converged, .. } => {
                format!("SuperstepCompleted by {processors}, messages {messages}, most {messages_max}, {converged}")
            }
            TelemetryKind::ComputationCompleted { superstep_count, messages_left, error, .. } => {
                format!("ComputationCompleted {superstep_count}, left {messages_left}, {error:?}")
            }
            other => format!("{other:?}"),
        };
        let line = format!("{operation} {group} {superstep} {name}: {what}");
        self.0.lock().expect("no test panics while it writes").push(line);
    }
}

#[test]
fn whoever_watches_is_told_what_happens_in_a_group() {
    let module = assemble("a.ttvm", include_str!("supersteps/watched.ttvm").as_bytes()).module;
    let program = Loader::default().load_module(module).expect("the program is right");
    let recorder = Arc::new(Recorder::default());
    let telemetry = Some(Arc::clone(&recorder) as Arc<dyn Telemetry>);
    let configuration =
        MachineConfiguration { virtual_time: true, telemetry, output: Output::captured(), ..Default::default() };
    assert_eq!(run_watched(Machine::new(program, configuration)).ending, Ending::Normal);
    let told = recorder.0.lock().expect("the machine is gone").join("\n");
    expect_file!["supersteps/watched.txt"].assert_eq(&told);
}

/// What a program prints with these arguments, with one scheduler while somebody watches, and then each superstep is looked at
/// by the coordinator.
fn run_with_watcher(program: &Program) -> String {
    let loaded = Loader::default().load_module(program.module.clone()).expect("the program is right");
    let (output, telemetry) = (Output::captured(), Some(Arc::new(Recorder::default()) as Arc<dyn Telemetry>));
    let arguments = program.arguments.clone();
    let configuration = MachineConfiguration { telemetry, arguments, output: output.clone(), ..Default::default() };
    assert_eq!(run_watched(Machine::new(loaded, configuration)).ending, Ending::Normal);
    output.text()
}

// Rules: S1 S5 S6 S10
#[test]
fn supersteps_that_bring_nothing_come_to_the_same_as_if_each_was_looked_at() {
    let module = assemble("mixed.ttvm", include_bytes!("supersteps/mixed.ttvm")).module;
    for (processors, seed) in [(1, 11), (2, 12), (2, 13), (3, 14), (3, 15), (7, 16), (128, 17), (129, 18)] {
        let arguments = vec![processors.to_string(), seed.to_string()];
        let program = Program { arguments, ..Program::alone(module.clone()) };
        let expected = run_with_watcher(&program);
        for (schedulers, seed, virtual_time) in [(1, 0, true), (1, 9, true), (2, 0, false), (8, 0, false)] {
            let tier = MachineTier::new(schedulers, seed, virtual_time);
            let observed = tier.run(&program);
            assert_eq!((observed.ending, observed.stdout), (Ending::Normal, expected.clone()), "{}", tier.name);
        }
    }
}

/// The errors of a program whose processors fail as the words say, in every order, and what is left of it.
fn error_of(words: &[&str]) -> String {
    let program = Program {
        arguments: words.iter().map(|word| (*word).to_owned()).collect(),
        ..Program::alone(assemble("faults.ttvm", include_bytes!("supersteps/faults.ttvm")).module)
    };
    let orders = [(1, 0, true), (1, 5, true), (1, 6, true), (2, 0, false), (8, 0, false)];
    let outputs: BTreeSet<String> = orders
        .into_iter()
        .map(|(schedulers, seed, virtual_time)| {
            let tier = MachineTier::new(schedulers, seed, virtual_time);
            let (observed, statistics) = tier.run_and_count(&program);
            assert_eq!(observed.ending, Ending::Normal, "{words:?}, {}: {observed:?}", tier.name);
            assert_eq!(statistics.spawned, statistics.ended, "{words:?}, {}", tier.name);
            observed.stdout
        })
        .collect();
    assert_eq!(outputs.len(), 1, "{words:?}: the order shows: {outputs:#?}");
    let output = outputs.into_iter().next().expect("there is one");
    let error = output.strip_suffix("\n1\n").unwrap_or_else(|| panic!("{words:?}: main is not alone: {output}"));
    error.to_owned()
}

// Rules: S7 S8 S11 S14
#[test]
fn whatever_processors_do_in_whatever_phase_the_error_names_the_first_of_them_and_nothing_is_left() {
    let phases = ["initialize", "compute", "converged", "communicate", "combine", "finalize", "group"];
    let mut table = String::new();
    for phase in phases {
        for how in ["throw", "crash", "exit", "kill", "hang", "nobody"] {
            // Only the first processor has several messages to combine.
            let chosen = if phase == "combine" { ["0", "2"] } else { ["2", "1"] };
            let error = error_of(&[phase, how, chosen[0], chosen[1], "3"]);
            writeln!(table, "{phase}, {how}: {error}").expect("writing to a string cannot fail");
        }
    }
    let error = error_of(&["barrier", "", "2"]);
    writeln!(table, "barrier, killed: {error}").expect("writing to a string cannot fail");
    expect_file!["supersteps/faults.txt"].assert_eq(&table);
}
