//! Rules of processes that need counting, many runs or real time.
//!
//! What one program can show is in `tests/cases/processes`. Here: programs as text, run by the whole machine with one
//! and with several schedulers, and what must hold of their counters and traces. After every run messages balance.

use std::sync::{Arc, Mutex};

use ttvm_assembler::assemble;
use ttvm_machine::{Event, Loader, Machine, MachineConfiguration, Observer, Output, Statistics};
use ttvm_tests::{Ending, MachineTier, Observed, Program, run_watched};

fn program(text: &str) -> Program {
    let assembly = assemble("a.ttvm", text.as_bytes());
    assert!(assembly.is_ok(), "{:?}", assembly.diagnostics);
    Program::alone(assembly.module)
}

/// One and two schedulers in real time.
fn real_tiers() -> [MachineTier; 2] {
    [MachineTier::new(1, 0, false), MachineTier::new(2, 0, false)]
}

/// Runs a program that must end normally. All its messages and processes are accounted for.
fn run(text: &str, tier: &MachineTier) -> (Observed, Statistics) {
    let (observed, statistics) = tier.run_and_count(&program(text));
    assert_eq!(observed.ending, Ending::Normal, "{}: {}{}", tier.name, observed.stdout, observed.stderr);
    assert_balance(&statistics, &tier.name);
    (observed, statistics)
}

/// Rule P82, when nothing is left that could have queued messages.
fn assert_balance(statistics: &Statistics, name: &str) {
    assert_eq!(statistics.sent, statistics.received + statistics.undelivered(), "{name}: {statistics:?}");
    assert_eq!(statistics.spawned, statistics.ended, "{name}: {statistics:?}");
}

fn numbers(observed: &Observed) -> Vec<f64> {
    let number = |line: &str| line.parse().unwrap_or_else(|_| panic!("{line:?} is no number"));
    observed.stdout.lines().map(number).collect()
}

// Rules: P38 P82
#[test]
fn a_child_that_dies_at_once_reports_its_real_reason_2000_times() {
    for tier in real_tiers() {
        assert_eq!(run(include_str!("processes/dies_at_once.ttvm"), &tier).0.stdout, "2000\n", "{}", tier.name);
    }
}

// Rules: P40 P82
#[test]
fn links_and_monitors_leave_nothing_behind_in_100_000_lives() {
    for tier in real_tiers() {
        let (observed, statistics) = run(include_str!("processes/link_and_die.ttvm"), &tier);
        let found = numbers(&observed);
        // Bytes of the process before and after, its links and monitors, and all processes.
        assert!(found[1] <= found[0] + 1000.0, "{}: {found:?}", tier.name);
        assert_eq!(found[2..], [0.0, 0.0, 1.0], "{}", tier.name);
        assert_eq!(statistics.spawned, 100_001);
    }
}

// Rules: P45 P43 P44 P82
#[test]
fn a_name_is_a_lock_that_one_process_holds_at_a_time() {
    for tier in real_tiers().into_iter().chain([MachineTier::new(8, 0, false)]) {
        assert_eq!(run(include_str!("processes/name_as_lock.ttvm"), &tier).0.stdout, "8\n", "{}", tier.name);
    }
}

/// Runs a program that counts how often a race broke a rule.
fn assert_never(text: &str) {
    for tier in [MachineTier::new(2, 0, false), MachineTier::new(8, 0, false)] {
        assert_eq!(run(text, &tier).0.stdout, "0\n", "{}", tier.name);
    }
}

// Rules: P1 P82
#[test]
fn what_is_sent_behind_a_pause_waits_even_if_the_target_receives_just_then() {
    assert_never(include_str!("processes/paused.ttvm"));
}

// Rules: P32 P82
#[test]
fn a_process_that_was_seen_to_end_sends_nothing_more() {
    assert_never(include_str!("processes/seen_dead.ttvm"));
}

// Rules: P44 P82
#[test]
fn a_down_message_that_says_noproc_finds_the_name_free() {
    assert_never(include_str!("processes/name_free.ttvm"));
}

// Rules: P37
#[test]
fn a_link_by_number_to_a_process_that_ends_just_then_does_no_harm() {
    let rounds: String =
        (2..102).map(|pid| include_str!("processes/link_by_number.ttvm").replace("77", &pid.to_string())).collect();
    let text = format!("{}{rounds}    PUSH_STR fine\n    PRINT\n", include_str!("processes/ends_at_flag.ttvm"));
    for tier in [MachineTier::new(2, 0, false), MachineTier::new(8, 0, false)] {
        assert_eq!(run(&text, &tier).0.stdout, "fine\n", "{}", tier.name);
    }
}

// Rules: P51 P82
#[test]
fn a_reply_to_a_fresh_ref_costs_the_same_behind_100_000_messages() {
    costs_the_same_behind_messages(include_str!("processes/ask_behind_messages.ttvm"));
}

// Rules: P42 P51 P82
#[test]
fn flushing_a_fresh_monitor_costs_the_same_behind_100_000_messages() {
    costs_the_same_behind_messages(include_str!("processes/flush_behind_messages.ttvm"));
}

/// A program that prints what something costs in reductions prints no more than half as much again if 100 000 messages, and
/// not one, are `QUEUED`.
fn costs_the_same_behind_messages(text: &str) {
    let tier = MachineTier::new(1, 0, true);
    let cost = |queued: u32| numbers(&run(&text.replace("QUEUED", &queued.to_string()), &tier).0)[0];
    let (alone, behind) = (cost(1), cost(100_000));
    assert!(alone > 0.0 && behind <= 1.5 * alone, "{behind} reductions behind messages, {alone} without");
}

// Rules: P42 P53 P82
#[test]
fn others_run_while_a_process_looks_for_an_old_monitors_message_among_100_000() {
    let tier = MachineTier::new(1, 0, true);
    let (observed, statistics) = run(include_str!("processes/flush_old.ttvm"), &tier);
    let found = numbers(&observed);
    // 100 000 messages are 25 turns of 4000.
    assert!((24.0..=30.0).contains(&found[0]), "{found:?}");
    assert_eq!((found[1], statistics.undelivered_flush), (100_000.0, 1), "the others are still there");
}

// Rules: P66 P82
#[test]
fn a_supervisor_that_waits_looks_once_at_each_message_that_it_does_not_want() {
    let looks = |count: u64| {
        let text = include_str!("processes/unwanted.ttvm").replace("COUNT", &count.to_string());
        let (observed, statistics) = run(&text, &MachineTier::new(1, 0, true));
        assert_eq!(observed.stdout, "stopped\n");
        statistics.reductions
    };
    let (few, many) = (looks(500), looks(5000));
    // With the square of the messages it would be a hundred times as much.
    assert!(many <= 20 * few, "{few} reductions for 500 messages, {many} for 5000");
}

// Rules: P52 P82
#[test]
fn a_timer_is_either_cancelled_or_its_message_comes() {
    for tier in real_tiers() {
        let found = numbers(&run(include_str!("processes/cancel_race.ttvm"), &tier).0);
        // Those that were too late to be cancelled, and those that came.
        assert_eq!(found[0], found[1], "{}", tier.name);
    }
}

// Rules: P53
#[test]
fn others_run_while_a_process_works_on_10_million_elements() {
    let turns = numbers(&run(include_str!("processes/long_work.ttvm"), &MachineTier::new(1, 0, false)).0);
    assert_eq!(turns.len(), 11);
    // A slice of 16 000 steps is at most a fifth of a millisecond: the shortest of these operations has hundreds.
    assert!(turns.iter().all(|turns| *turns >= 100.0), "{turns:?}");
}

// Rules: P6 P53 P82
#[test]
fn others_run_while_a_process_hands_over_a_million_lists() {
    for tier in [MachineTier::new(1, 0, true), MachineTier::new(1, 0, true).in_exact_mode()] {
        let turns = numbers(&run(include_str!("processes/handed_over.ttvm"), &tier).0);
        assert_eq!(turns.len(), 13);
        // Three million steps, of which a turn has 64 000.
        assert!(turns.iter().all(|turns| *turns >= 40.0), "{}: {turns:?}", tier.name);
    }
}

// Rules: P53 P82
#[test]
fn a_process_killed_while_it_hands_over_a_million_lists_delays_nobody_and_hands_over_nothing() {
    let tier = MachineTier::new(1, 0, true);
    let (observed, statistics) = run(include_str!("processes/killed_handing_over.ttvm"), &tier);
    let lines: Vec<&str> = observed.stdout.lines().collect();
    let [spawning, "killed", sending, "killed", later, "killed", "1", "0"] = lines[..] else {
        panic!("{lines:?}");
    };
    // What is left of the pass takes as many turns as if nobody had killed it.
    let turns = [spawning, sending, later].map(|turns| turns.parse::<u32>().expect("it is a number"));
    assert!(turns.iter().all(|turns| *turns >= 35), "{turns:?}");
    assert_eq!(statistics.spawned, 4, "main and those that were killed");
}

// Rules: P53
#[test]
fn what_a_host_call_is_given_takes_turns_as_long_as_all_others() {
    let turns = |operation: &str| {
        let text = include_str!("processes/large_argument.ttvm").replace("OPERATION", operation);
        run(&text, &MachineTier::new(1, 0, false)).1.turns
    };
    let (length, json) = (turns("LEN"), turns("JSON_STRINGIFY"));
    assert!(json >= length + 40, "{length} turns without, {json} with the call");
}

// Rules: P53
#[test]
fn a_process_killed_in_the_middle_of_a_sort_ends_at_once() {
    let [alone, beside] =
        real_tiers().map(|tier| numbers(&run(include_str!("processes/killed_at_work.ttvm"), &tier).0));
    assert!(alone[0] <= 3.0, "{alone:?}");
    assert_eq!(alone[1..], [20.0, 1.0], "all were killed, and only this process is left");
    // Beside others a sort may finish while this process's thread waits for a processor.
    assert!(beside[1] >= 1.0, "{beside:?}");
    assert_eq!(beside[2], 1.0, "only this process is left");
}

// Rules: P80
#[test]
fn what_a_process_drops_is_counted_down_where_the_process_goes_on() {
    for tier in [MachineTier::new(2, 0, false), MachineTier::new(8, 0, false)] {
        let (observed, _) = tier.run_and_count(&program(include_str!("processes/goes_on_elsewhere.ttvm")));
        let bytes = numbers(&observed);
        // The list has 80 000.
        assert!(bytes.len() == 4 && bytes.iter().all(|bytes| *bytes < 10_000.0), "{}: {bytes:?}", tier.name);
    }
}

// Rules: P54
#[test]
fn equal_hogs_get_equal_shares() {
    let shares = numbers(&run(include_str!("processes/four_hogs.ttvm"), &MachineTier::new(1, 0, false)).0);
    let all: f64 = shares.iter().sum();
    assert!(shares.iter().all(|share| *share >= 0.9 * all / 4.0), "{shares:?}");
}

// Rules: P56
#[test]
fn a_scheduler_that_sleeps_is_woken_for_processes_that_may_run() {
    // How soon depends on what else this computer does; that no wake-up is lost is what the models show.
    let text = include_str!("processes/starts_elsewhere.ttvm");
    assert_eq!(run(text, &MachineTier::new(2, 0, false)).0.stdout, "both ran\n");
}

// Rules: P57
#[test]
fn a_blocking_host_call_delays_nobody() {
    // The call waits for what the other process does behind it, on the same scheduler.
    let flag = std::env::temp_dir().join(format!("ttvm-blocking-call-{}", std::process::id()));
    let text = include_str!("processes/blocking_call.ttvm").replace("FLAG", flag.to_str().expect("the path is text"));
    let (observed, _) = run(&text, &MachineTier::new(1, 0, false));
    std::fs::remove_file(&flag).expect("the program made it");
    assert_eq!(observed.stdout, "100\n");
}

// Rules: P58 P82
#[test]
fn an_old_pid_never_means_a_new_process() {
    for tier in real_tiers() {
        assert_eq!(run(include_str!("processes/old_pids.ttvm"), &tier).0.stdout, "fine\n", "{}", tier.name);
    }
}

// Rules: P76 P82 P1
#[test]
fn starting_and_stopping_100_000_processes_under_load_loses_nothing() {
    for tier in real_tiers() {
        let (observed, statistics) = run(include_str!("processes/come_and_go.ttvm"), &tier);
        assert_eq!(observed.stdout, "100000\n20000\n", "{}", tier.name);
        assert_eq!(statistics.spawned, 100_002);
    }
}

// Rules: P77
#[test]
fn who_does_not_stop_in_time_is_reported_and_killed() {
    // Under virtual time too, which stands still while the stubborn one computes.
    for is_virtual in [false, true] {
        let (observed, _) = run(include_str!("processes/stubborn.ttvm"), &MachineTier::new(1, 0, is_virtual));
        let report = "these processes did not stop in time: 2";
        assert!(observed.stderr.contains(report), "{}", observed.stderr);
    }
}

// Rules: P77
#[test]
fn of_many_who_do_not_stop_in_time_twenty_are_named() {
    let spawn = "    PUSH_STR stubborn\n    SPAWN\n    POP\n".repeat(24);
    let text = format!("{}{spawn}", include_str!("processes/stubborn.ttvm"));
    let (observed, _) = run(&text, &MachineTier::new(1, 0, true));
    assert!(observed.stderr.contains(", 20, 21 and 5 more"), "{}", observed.stderr);
}

// Rules: P82 P58 P36 P40
#[test]
fn seconds_of_random_spawning_linking_watching_sending_and_killing() {
    let soak = include_str!("processes/soak.ttvm").replace("SOAK_MILLISECONDS", "2500");
    for (schedulers, seed) in [(2, 1), (8, 2)] {
        let (observed, statistics) = run(&soak, &MachineTier::new(schedulers, seed, false));
        assert!(statistics.spawned >= 1000 && statistics.sent > 100, "{statistics:?}");
        assert_eq!(observed.stdout, "over\n");
    }
}

/// Writes down all that happens to processes.
struct Recorder(Arc<Mutex<String>>);

impl Observer for Recorder {
    fn event(&mut self, event: &Event<'_>) {
        let Event { time, scheduler, pid, kind, .. } = event;
        let line = format!("{time:?} {scheduler} {pid} {kind:?}\n");
        self.0.lock().expect("no test panics while it writes").push_str(&line);
    }
}

/// The trace and the output of a run on one scheduler.
fn trace(text: &str, seed: u64, virtual_time: bool) -> (String, String) {
    let program = Loader::default().load_module(program(text).module).expect("the program is right");
    let (trace, output) = (Arc::new(Mutex::new(String::new())), Output::captured());
    let machine = Machine::new(
        program,
        MachineConfiguration {
            output: output.clone(),
            seed,
            virtual_time,
            traces: true,
            observer: Some(Box::new(Recorder(Arc::clone(&trace)))),
            ..MachineConfiguration::default()
        },
    );
    assert_eq!(run_watched(machine).ending, Ending::Normal);
    let trace = trace.lock().expect("the machine is gone").clone();
    (trace, output.text())
}

// Rules: P59
#[test]
fn the_same_seed_gives_the_same_trace_byte_for_byte() {
    for seed in 0..8 {
        let first = trace(include_str!("processes/interleaved.ttvm"), seed, true);
        assert!(first.0.len() > 1000, "a trace says something");
        assert_eq!(first, trace(include_str!("processes/interleaved.ttvm"), seed, true), "seed {seed}");
    }
}

// Rules: P2 P59
#[test]
fn other_seeds_explore_other_orders_of_independent_senders() {
    let mut orders: Vec<String> =
        (1..=20).map(|seed| trace(include_str!("processes/interleaved.ttvm"), seed, true).1).collect();
    orders.sort();
    orders.dedup();
    assert!(orders.len() > 2, "only {} orders", orders.len());
}
