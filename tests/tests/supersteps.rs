//! Supersteps with many processes.
//!
//! What one program can show is in `tests/cases/supersteps`. Here: how many parties and processors there may be, and that
//! messages and processes balance afterwards (rule P82).

use std::sync::{Arc, Mutex};

use expect_test::expect_file;
use ttvm_assembler::assemble;
use ttvm_machine::{
    Loader, Machine, MachineConfiguration, Output, Statistics, Telemetry, TelemetryEvent, TelemetryKind,
};
use ttvm_tests::{Ending, MachineTier, Program, run_watched};

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
