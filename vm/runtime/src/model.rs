//! Models of the protocols between threads, explored by Shuttle (`docs/internals/scheduler.md`).
//!
//! Each has a planted fault that the exploration must find: a model that cannot fail shows nothing.

use std::{panic, time::Duration};

use shuttle::thread;
use ttvm_platform::{
    run_queue::Injector,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::spin,
};
use ttvm_value::{Pid, SharedValue, Value};

use crate::{
    idle::{Idle, Slept},
    mailbox::Node,
    signal::Signal,
    slab::{Cache, Runnable, Sent, Slab},
};

/// Interleavings explored of each model.
const ITERATIONS: usize = 3_000;

fn message(number: i64) -> Box<Node> {
    Node::new(Signal::message(SharedValue::new(Value::Int(number)).0, 0))
}

fn number(signal: Signal) -> i64 {
    match signal {
        Signal::Message(message) => match message.value.into_value() {
            Value::Int(number) => number,
            other => panic!("{other:?}"),
        },
        Signal::Control(_) | Signal::Extension(_) => panic!("only messages were sent"),
    }
}

/// What a send must do with the right it gets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The sender that ends the wait does not make the process runnable.
    ForgetsToWake,
    /// The receiver waits without asking whether signals have come.
    ParksBlindly,
}

/// Two senders, one receiver that parks between messages; whoever wakes it runs it.
fn senders_and_receiver(fault: Fault) {
    let slab = Arc::new(Slab::new());
    let runnable = slab.insert(&mut Cache::default(), 1, Vec::<i64>::new()).expect("there is room");
    let pid = slab.pid(&runnable);
    let runnable_processes = Arc::new(Mutex::new(vec![runnable]));
    let senders: Vec<_> = [1, 2]
        .into_iter()
        .map(|sender| {
            let (slab, runnable_processes) = (Arc::clone(&slab), Arc::clone(&runnable_processes));
            thread::spawn(move || {
                for count in 0..2 {
                    let woken = send(&slab, pid, sender * 10 + count);
                    if fault != Fault::ForgetsToWake {
                        runnable_processes.lock().extend(woken);
                    }
                }
            })
        })
        .collect();
    let mut received = 0;
    let mut idle = 0;
    while received < 4 {
        let Some(runnable) = runnable_processes.lock().pop() else {
            // All have sent, and nobody may run the process: a wake-up was lost.
            idle += 1;
            assert!(idle < 200, "the process waits, with signals");
            thread::yield_now();
            continue;
        };
        received = run(&slab, pid, runnable, &runnable_processes, fault);
    }
    senders.into_iter().for_each(|sender| sender.join().expect("senders do not panic"));
    let mut found = Vec::new();
    let runnable = runnable_processes.lock().pop().or_else(|| slab.claim(pid));
    if let Some(mut runnable) = runnable {
        found.append(slab.state(&mut runnable));
        drop(slab.close(&mut runnable));
        slab.remove(&mut Cache::default(), runnable);
    }
    for sender in [1, 2] {
        let of_sender: Vec<i64> = found.iter().copied().filter(|number| number / 10 == sender).collect();
        assert_eq!(of_sender, [sender * 10, sender * 10 + 1], "rule P1");
    }
}

/// Sends a message as a scheduler does: a process that waits gets it from its owner, which is the sender for that moment.
/// Gives the right to run it, if it waited.
fn send(slab: &Slab<Vec<i64>>, pid: Pid, number: i64) -> Option<Runnable<Vec<i64>>> {
    if let Some(mut runnable) = slab.claim(pid) {
        slab.state(&mut runnable).push(number);
        return Some(runnable);
    }
    match slab.send(pid, message(number)) {
        Sent::Queued => None,
        Sent::Woke(runnable) => Some(runnable),
        Sent::Dead(_) => panic!("the process lives"),
    }
}

/// One turn of the receiver; gives how many messages it has got so far.
fn run(
    slab: &Slab<Vec<i64>>,
    pid: Pid,
    mut runnable: Runnable<Vec<i64>>,
    queue: &Mutex<Vec<Runnable<Vec<i64>>>>,
    fault: Fault,
) -> usize {
    let mut chain = slab.take_signals(pid);
    while let Some(node) = chain.pop() {
        slab.state(&mut runnable).push(number(node.signal));
    }
    let taken = slab.state(&mut runnable).len();
    if fault == Fault::ParksBlindly && slab.has_signals(pid) {
        return taken;
    }
    if let Err(awake) = slab.park(runnable) {
        queue.lock().push(awake);
    }
    taken
}

#[test]
fn every_message_is_received_once_in_its_senders_order_and_no_wake_up_is_lost() {
    shuttle::check_random(|| senders_and_receiver(Fault::None), ITERATIONS);
    shuttle::check_pct(|| senders_and_receiver(Fault::None), ITERATIONS, 3);
}

#[test]
fn the_model_of_the_mailbox_finds_a_forgotten_wake_up() {
    assert!(finds(|| senders_and_receiver(Fault::ForgetsToWake)));
}

#[test]
fn the_model_of_the_mailbox_finds_a_process_that_waits_without_looking() {
    assert!(finds(|| senders_and_receiver(Fault::ParksBlindly)));
}

/// Whether an exploration of the model fails.
fn finds(model: impl Fn() + Send + Sync + panic::UnwindSafe + panic::RefUnwindSafe + 'static) -> bool {
    let model = std::sync::Arc::new(model);
    let (random, steered) = (std::sync::Arc::clone(&model), model);
    panic::catch_unwind(|| shuttle::check_random(move || random(), ITERATIONS)).is_err()
        || panic::catch_unwind(|| shuttle::check_pct(move || steered(), ITERATIONS, 3)).is_err()
}

/// Work is added by one thread; two schedulers sleep when they find none, and end when all is done.
fn sleepers(has_fault: bool) {
    const WORK: usize = 3;
    let idle = Arc::new(Idle::new(2));
    let queue = Arc::new(Injector::default());
    let done = Arc::new(AtomicUsize::new(0));
    let is_over = Arc::new(AtomicBool::new(false));
    let schedulers: Vec<_> = (0..2)
        .map(|id| {
            let (idle, queue) = (Arc::clone(&idle), Arc::clone(&queue));
            let (done, is_over) = (Arc::clone(&done), Arc::clone(&is_over));
            thread::spawn(move || schedule(id, &idle, &queue, &done, &is_over))
        })
        .collect();
    for item in 0..WORK {
        queue.push(item);
        if !has_fault {
            idle.notify();
        }
    }
    let mut waited = 0;
    while done.load(Ordering::SeqCst) < WORK {
        waited += 1;
        assert!(waited < 500, "work waits while schedulers sleep");
        thread::yield_now();
        spin();
    }
    is_over.store(true, Ordering::SeqCst);
    idle.notify_all();
    schedulers.into_iter().for_each(|scheduler| scheduler.join().expect("schedulers do not panic"));
}

fn schedule(id: usize, idle: &Idle, queue: &Injector<usize>, done: &AtomicUsize, is_over: &AtomicBool) {
    idle.attach(id);
    let local = ttvm_platform::run_queue::Worker::default();
    idle.start_search();
    loop {
        if is_over.load(Ordering::SeqCst) {
            return;
        }
        if queue.take(&local).is_some() {
            if idle.stop_search() {
                idle.notify();
            }
            done.fetch_add(1, Ordering::SeqCst);
            idle.start_search();
            continue;
        }
        let has_work = || is_over.load(Ordering::SeqCst) || !queue.is_empty();
        let slept = idle.sleep(id, None::<Duration>, has_work, || false);
        assert_eq!(slept, Slept::Search);
    }
}

#[test]
fn work_that_is_added_is_done_while_any_scheduler_could_sleep() {
    shuttle::check_random(|| sleepers(false), ITERATIONS);
    shuttle::check_pct(|| sleepers(false), ITERATIONS, 3);
}

#[test]
fn the_model_of_sleeping_finds_work_that_nobody_is_told_of() {
    assert!(finds(|| sleepers(true)));
}

/// Two schedulers without work: exactly one finds that all is quiet, at any one time.
#[test]
fn somebody_finds_that_all_is_quiet() {
    let model = || {
        let idle = Arc::new(Idle::new(2));
        let is_over = Arc::new(AtomicBool::new(false));
        let quiet = Arc::new(AtomicUsize::new(0));
        let schedulers: Vec<_> = (0..2)
            .map(|id| {
                let (idle, is_over, quiet) = (Arc::clone(&idle), Arc::clone(&is_over), Arc::clone(&quiet));
                thread::spawn(move || {
                    idle.attach(id);
                    idle.start_search();
                    while !is_over.load(Ordering::SeqCst) {
                        if idle.sleep(id, None, || is_over.load(Ordering::SeqCst), || true) == Slept::Quiet {
                            quiet.fetch_add(1, Ordering::SeqCst);
                            is_over.store(true, Ordering::SeqCst);
                            idle.notify_all();
                        }
                    }
                })
            })
            .collect();
        schedulers.into_iter().for_each(|scheduler| scheduler.join().expect("schedulers do not panic"));
        assert_eq!(quiet.load(Ordering::SeqCst), 1);
    };
    shuttle::check_random(model, ITERATIONS);
}

/// A job outside adds an item; the scheduler that finds it starts another job, which adds one more. What was true before
/// that job began must not count as quiet.
fn jobs(has_fault: bool) {
    let idle = Arc::new(Idle::new(3));
    let queue = Arc::new(Injector::default());
    let outside = Arc::new(AtomicUsize::new(0));
    let done = Arc::new(AtomicUsize::new(0));
    let is_over = Arc::new(AtomicBool::new(false));
    start_job(0, has_fault, &idle, &queue, &outside);
    let schedulers: Vec<_> = (0..3)
        .map(|id| {
            let (idle, queue) = (Arc::clone(&idle), Arc::clone(&queue));
            let (outside, done, is_over) = (Arc::clone(&outside), Arc::clone(&done), Arc::clone(&is_over));
            thread::spawn(move || {
                idle.attach(id);
                let local = ttvm_platform::run_queue::Worker::default();
                idle.start_search();
                while !is_over.load(Ordering::SeqCst) {
                    if let Some(item) = queue.take(&local) {
                        if idle.stop_search() {
                            idle.notify();
                        }
                        done.fetch_add(1, Ordering::SeqCst);
                        if item == 0 {
                            start_job(1, has_fault, &idle, &queue, &outside);
                        }
                        idle.start_search();
                        continue;
                    }
                    let has_work = || is_over.load(Ordering::SeqCst) || !queue.is_empty();
                    let may_be_quiet = || outside.load(Ordering::SeqCst) == 0;
                    if idle.sleep(id, None, has_work, may_be_quiet) == Slept::Quiet {
                        assert_eq!(done.load(Ordering::SeqCst), 2, "quiet, with a job outside");
                        is_over.store(true, Ordering::SeqCst);
                        idle.notify_all();
                    }
                }
            })
        })
        .collect();
    schedulers.into_iter().for_each(|scheduler| scheduler.join().expect("schedulers do not panic"));
}

#[test]
fn nothing_is_quiet_while_a_job_is_outside() {
    shuttle::check_random(|| jobs(false), ITERATIONS);
    shuttle::check_pct(|| jobs(false), ITERATIONS, 4);
}

#[test]
fn the_model_of_jobs_finds_one_that_counts_as_done_too_early() {
    assert!(finds(|| jobs(true)));
}

fn start_job(item: usize, has_fault: bool, idle: &Arc<Idle>, queue: &Arc<Injector<usize>>, outside: &Arc<AtomicUsize>) {
    let (idle, queue, outside) = (Arc::clone(idle), Arc::clone(queue), Arc::clone(outside));
    outside.fetch_add(1, Ordering::SeqCst);
    thread::spawn(move || {
        if has_fault {
            outside.fetch_sub(1, Ordering::SeqCst);
        }
        queue.push(item);
        if !has_fault {
            outside.fetch_sub(1, Ordering::SeqCst);
        }
        idle.notify();
    });
}
