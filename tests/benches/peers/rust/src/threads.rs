//! Benchmarks over threads of the system: the cost without any scheduler of our own making.

use std::{
    hint::{black_box, spin_loop},
    sync::{
        Arc, Barrier,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use crate::report::{Arguments, answer, figure, timed};

/// Runs the benchmark, or says that there is none of the name.
pub fn run(name: &str, arguments: Arguments<'_>) -> bool {
    match name {
        "spawn" => spawn(arguments.number(0)),
        "pingpong" if arguments.word(0) == "mpsc" => ping_pong_channels(arguments.number(1)),
        "pingpong" => ping_pong_spinning(arguments.number(1)),
        "ring" => ring(arguments.number(0), arguments.number(1)),
        "fanin" => fan_in(arguments.number(0), arguments.number(1)),
        "barrier" => barrier(arguments),
        "preempt" => preempt(arguments.number(0), arguments.number(1)),
        _ => return false,
    }
    true
}

fn spawn(n: u64) {
    timed("time", || {
        for _ in 0..n {
            thread::spawn(|| ()).join().expect("an empty thread ends well");
        }
        n
    });
}

fn ping_pong_channels(rounds: u64) {
    let (ping, pings) = mpsc::channel();
    let (pong, pongs) = mpsc::channel();
    thread::spawn(move || pings.iter().try_for_each(|value: u64| pong.send(value)));
    timed("time", || {
        for i in 0..rounds {
            ping.send(i).expect("the partner listens");
            pongs.recv().expect("the partner answers");
        }
        rounds
    });
}

/// Two words on cache lines of their own.
#[derive(Default)]
struct Words {
    first: AtomicU64,
    _apart: [u64; 16],
    second: AtomicU64,
}

/// Waits until the word has the value; Acquire pairs with the Release of whoever stores it.
fn wait_for(word: &AtomicU64, value: u64) {
    while word.load(Ordering::Acquire) != value {
        spin_loop();
    }
}

/// Two busy threads: the limit of the hardware.
fn ping_pong_spinning(rounds: u64) {
    let words = Arc::new(Words::default());
    let partner = Arc::clone(&words);
    thread::spawn(move || {
        for i in 1..=rounds {
            wait_for(&partner.first, i);
            partner.second.store(i, Ordering::Release);
        }
    });
    timed("time", || {
        for i in 1..=rounds {
            words.first.store(i, Ordering::Release);
            wait_for(&words.second, i);
        }
        rounds
    });
}

fn ring(parties: u64, hops: u64) {
    let (first, mut receiver) = mpsc::channel::<u64>();
    let (done, ended) = mpsc::channel();
    for i in 0..parties {
        let (next, next_receiver) = if i + 1 == parties { (first.clone(), mpsc::channel().1) } else { mpsc::channel() };
        let (done, own) = (done.clone(), receiver);
        let node = move || {
            for value in own {
                if value == 0 {
                    let _ = done.send(());
                    return;
                }
                // The others are gone once the last hop is made.
                let _ = next.send(value - 1);
            }
        };
        thread::Builder::new().stack_size(65_536).spawn(node).expect("the system has threads left");
        receiver = next_receiver;
    }
    timed("time", || {
        first.send(hops).expect("the ring is whole");
        ended.recv().expect("the last hop is told");
        hops
    });
}

fn fan_in(senders: u64, messages: u64) {
    timed("time", || {
        let (sender, receiver) = mpsc::channel::<(u64, u64)>();
        for i in 0..senders {
            let sender = sender.clone();
            thread::spawn(move || (1..=messages).try_for_each(|j| sender.send((i, j))));
        }
        drop(sender);
        receiver.iter().map(|message| message.1).sum::<u64>()
    });
}

/// `std PARTIES STEPS` with the standard barrier, `spin PARTIES STEPS` with busy waiting.
fn barrier(arguments: Arguments<'_>) {
    let is_spinning = arguments.word(0) == "spin";
    let (parties, steps) = (arguments.number(1), arguments.number(2));
    let barrier = Arc::new(Barrier::new(usize::try_from(parties).expect("parties fit in memory")));
    let words = Arc::new(Words::default());
    let party = move || {
        for step in 1..=steps {
            if !is_spinning {
                barrier.wait();
            } else if words.first.fetch_add(1, Ordering::AcqRel) == parties - 1 {
                words.first.store(0, Ordering::Release);
                words.second.store(step, Ordering::Release);
            } else {
                wait_for(&words.second, step);
            }
        }
    };
    let others: Vec<_> = (1..parties).map(|_| thread::spawn(party.clone())).collect();
    let start = Instant::now();
    party();
    for other in others {
        other.join().expect("a party ends well");
    }
    let seconds = start.elapsed().as_secs_f64();
    figure("time", seconds, "s");
    figure("us_per_step", seconds * 1e6 / steps as f64, "us");
    answer(parties * steps);
}

/// How late a sleep of one millisecond ends while other threads are busy.
fn preempt(busy: u64, samples: u64) {
    for _ in 0..busy {
        thread::spawn(|| {
            let mut value = 0u64;
            loop {
                value = black_box((value * 7 + 3) % 1_000_003);
            }
        });
    }
    let mut late: Vec<f64> = (0..samples)
        .map(|_| {
            let start = Instant::now();
            thread::sleep(Duration::from_millis(1));
            start.elapsed().as_secs_f64() * 1e6 - 1000.0
        })
        .collect();
    late.sort_by(f64::total_cmp);
    for (name, part) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)] {
        let index = ((late.len() as f64 * part) as usize).min(late.len() - 1);
        figure(name, late[index], "us");
    }
}
