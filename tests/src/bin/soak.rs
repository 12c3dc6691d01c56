//! The soak: processes spawn, kill, link, watch, name and send to each other at random for as long as wanted, and what
//! must hold of that is checked at intervals and in the end.
//!
//! `cargo run --release -p ttvm-tests --bin soak -- [MINUTES] [SCHEDULERS] [SEED]`; the same program runs for seconds in
//! the tests. Rules P40 (nothing grows) and P82 (messages balance). Prints a line for each interval; exit code 1 if
//! anything does not hold.

#![forbid(unsafe_code)]

use std::{
    fs,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ttvm_assembler::assemble;
use ttvm_machine::{Ending, Handle, Loader, Machine, MachineConfiguration, Order, Output, Snapshot};
use ttvm_platform::thread;

const PROGRAM: &str = include_str!("../../tests/processes/soak.ttvm");

/// Processes there may be: the program makes no more than about a hundred, and looks at that a moment late.
const ALIVE_MAX: u64 = 1_000;

/// Messages that may be on their way, or queued at processes that were not seen, while the program runs.
const ON_THE_WAY_MAX: u64 = 100_000;

/// How much memory may grow after the first interval, when all tables have their size.
const GROWTH_BYTES_MAX: u64 = 64 << 20;

/// Checks of one run.
const CHECKS: u32 = 30;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize, default: f64| words.get(index).map_or(Ok(default), |word| word.parse());
    let (Ok(minutes), Ok(schedulers), Ok(seed)) =
        (number(0, 30.0), number(1, thread::available() as f64), number(2, 1.0))
    else {
        eprintln!("usage: soak [MINUTES] [SCHEDULERS] [SEED]");
        return ExitCode::from(2);
    };
    if !(minutes > 0.0 && minutes < 1e6) {
        eprintln!("MINUTES is a number above 0");
        return ExitCode::from(2);
    }
    match soak(Duration::from_secs_f64(60.0 * minutes), schedulers as usize, seed as u64) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("FAILED: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn soak(time: Duration, schedulers: usize, seed: u64) -> Result<(), String> {
    let text = PROGRAM.replace("SOAK_MILLISECONDS", &time.as_millis().to_string());
    let module = assemble("soak.ttvm", text.as_bytes()).module;
    let program = Loader::default().load_module(module).map_err(|error| error.to_string())?;
    let (output, is_over) = (Output::captured(), Arc::new(AtomicBool::new(false)));
    let configuration = MachineConfiguration {
        schedulers,
        seed,
        output: output.clone(),
        // Its processes crash all the time.
        is_quiet: true,
        ..MachineConfiguration::default()
    };
    let mut machine = Machine::new(program, configuration);
    let (handle, watched) = (machine.handle(), Arc::clone(&is_over));
    let watch = move || watch(&handle, time / CHECKS, &watched);
    let watcher = thread::spawn("soak-watcher".to_owned(), watch).map_err(|error| error.to_string())?;
    let run = machine.run();
    is_over.store(true, Ordering::Relaxed);
    watcher.join().map_err(|_| "the watcher panicked".to_owned())??;
    let statistics = run.statistics;
    println!("end: {statistics:?}");
    if !matches!(run.ending, Ending::Normal) || output.text() != "over\n" {
        return Err(format!("it ended with {:?} and printed {:?}", run.ending, output.text()));
    }
    if statistics.sent != statistics.received + statistics.undelivered() {
        return Err("messages do not balance (rule P82)".to_owned());
    }
    if statistics.spawned != statistics.ended {
        return Err("processes are left".to_owned());
    }
    Ok(())
}

/// Looks at intervals until the run is over.
fn watch(handle: &Handle, interval: Duration, is_over: &AtomicBool) -> Result<(), String> {
    let mut first = None;
    let mut waited = Duration::ZERO;
    loop {
        const STEP: Duration = Duration::from_millis(50);
        thread::sleep(Some(STEP));
        if is_over.load(Ordering::Relaxed) {
            return Ok(());
        }
        waited += STEP;
        if waited < interval {
            continue;
        }
        waited = Duration::ZERO;
        let snapshot = handle.snapshot(Order::Age, usize::try_from(ALIVE_MAX).unwrap_or(usize::MAX));
        let found = check(&snapshot, &mut first);
        if found.is_err() {
            handle.stop();
            return found;
        }
    }
}

/// What must hold while the program runs.
fn check(snapshot: &Snapshot, first: &mut Option<u64>) -> Result<(), String> {
    let statistics = &snapshot.statistics;
    let resident = resident_bytes();
    let queued: u64 = snapshot.shown.iter().map(|process| process.mailbox).sum();
    let ties: usize = snapshot.shown.iter().map(|process| process.links.len() + process.monitored_by.len()).sum();
    println!(
        "{:>6.0} s: {} spawned, {} alive ({} unseen), {ties} ties, {} sent, {queued} queued, {} KB",
        snapshot.time.as_secs_f64(),
        statistics.spawned,
        snapshot.processes,
        snapshot.unseen,
        statistics.sent,
        resident >> 10
    );
    if snapshot.processes > ALIVE_MAX {
        return Err(format!("{} processes live", snapshot.processes));
    }
    let arrived = statistics.received + statistics.undelivered() + queued;
    if statistics.sent.abs_diff(arrived) > ON_THE_WAY_MAX {
        return Err(format!("{} messages were sent, {arrived} have arrived (rule P82)", statistics.sent));
    }
    let first = *first.get_or_insert(resident);
    if resident > first + GROWTH_BYTES_MAX {
        return Err(format!("memory has grown from {first} to {resident} bytes (rule P40)"));
    }
    Ok(())
}

/// Resident memory, where the system tells it as Linux does; else 0, and growth is not checked.
fn resident_bytes() -> u64 {
    let text = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).map_or(0, |pages| pages * 4_096)
}
