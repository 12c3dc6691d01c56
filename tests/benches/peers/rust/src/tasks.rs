//! Benchmarks over tokio tasks. The environment variable `W` sets the number of worker threads (2 without it).

use std::{future::Future, pin::Pin, time::Duration};

use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc::{UnboundedSender, unbounded_channel as channel},
};

use crate::report::{Arguments, answer, clocked, figure, resident_bytes, timed};

/// Runs the benchmark, or says that there is none of the name.
pub fn run(name: &str, arguments: Arguments<'_>) -> bool {
    let workers = std::env::var("W").map_or(2, |words| words.parse().expect("W is a number"));
    let runtime = Builder::new_multi_thread().worker_threads(workers).enable_all().build().expect("threads are left");
    let number = |index| arguments.number(index);
    match name {
        "spawn" if arguments.word(0) == "fire" => {
            task(&runtime, "time", fire(number(1)));
            task(&runtime, "time2", fire(number(1)));
        }
        "spawn" => task(&runtime, "time", one_by_one(number(1))),
        "idle" => idle(&runtime, number(0)),
        "pingpong" => task(&runtime, "time", ping_pong(number(0))),
        "ring" => ring(&runtime, number(0), number(1)),
        "fanin" => task(&runtime, "time", fan_in(number(0), number(1))),
        "skynet" => task(&runtime, "time", skynet_root(number(0))),
        "timers" => task(&runtime, "time", timers(number(0), number(1), Duration::from_millis(number(2)))),
        _ => return false,
    }
    true
}

/// Times a task that runs on the workers, not on the main thread.
fn task(runtime: &Runtime, name: &str, work: impl Future<Output = u64> + Send + 'static) {
    timed(name, || runtime.block_on(runtime.spawn(work)).expect("the task ends well"));
}

async fn fire(n: u64) -> u64 {
    let tasks: Vec<_> = (0..n).map(|_| tokio::spawn(async {})).collect();
    for task in tasks {
        task.await.expect("an empty task ends well");
    }
    n
}

async fn one_by_one(n: u64) -> u64 {
    for _ in 0..n {
        tokio::spawn(async {}).await.expect("an empty task ends well");
    }
    n
}

/// Bytes of a task that waits for a message.
fn idle(runtime: &Runtime, n: u64) {
    let before = resident_bytes();
    let spawned = runtime.spawn(async move {
        let spawn_one = |_| {
            let (sender, mut receiver) = channel::<u8>();
            tokio::spawn(async move { receiver.recv().await });
            sender
        };
        (0..n).map(spawn_one).collect::<Vec<_>>()
    });
    let senders = clocked("spawn", || runtime.block_on(spawned).expect("the task ends well"));
    std::thread::sleep(Duration::from_secs(2));
    figure("rss_per_proc", (resident_bytes() - before) / n as f64, "b");
    answer(n);
    drop(senders);
}

async fn ping_pong(rounds: u64) -> u64 {
    let (ping, mut pings) = channel();
    let (pong, mut pongs) = channel();
    tokio::spawn(async move {
        while let Some(value) = pings.recv().await {
            let _ = pong.send(value);
        }
    });
    for i in 0..rounds {
        let _ = ping.send(i);
        pongs.recv().await.expect("the partner answers");
    }
    rounds
}

/// Builds the ring first, so that only the hops are timed.
fn ring(runtime: &Runtime, parties: u64, hops: u64) {
    let (first, mut receiver) = channel::<u64>();
    let (done, mut ended) = channel();
    for i in 0..parties {
        let (next, next_receiver) = if i + 1 == parties { (first.clone(), channel().1) } else { channel() };
        let (done, mut own) = (done.clone(), receiver);
        runtime.spawn(async move {
            while let Some(value) = own.recv().await {
                if value == 0 {
                    let _ = done.send(());
                    return;
                }
                let _ = next.send(value - 1);
            }
        });
        receiver = next_receiver;
    }
    task(runtime, "time", async move {
        let _ = first.send(hops);
        ended.recv().await;
        hops
    });
}

async fn fan_in(senders: u64, messages: u64) -> u64 {
    let (sender, mut receiver) = channel::<(u64, u64)>();
    for i in 0..senders {
        let sender = sender.clone();
        tokio::spawn(async move {
            for j in 1..=messages {
                let _ = sender.send((i, j));
            }
        });
    }
    drop(sender);
    let mut sum = 0;
    while let Some((_, value)) = receiver.recv().await {
        sum += value;
    }
    sum
}

async fn skynet_root(leaves: u64) -> u64 {
    let (sender, mut receiver) = channel();
    tokio::spawn(skynet(sender, 0, leaves));
    receiver.recv().await.expect("the root answers")
}

fn skynet(parent: UnboundedSender<u64>, number: u64, size: u64) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        if size == 1 {
            let _ = parent.send(number);
            return;
        }
        let (sender, mut receiver) = channel();
        let part = size / 10;
        for i in 0..10 {
            tokio::spawn(skynet(sender.clone(), number + i * part, part));
        }
        let mut sum = 0;
        for _ in 0..10 {
            sum += receiver.recv().await.expect("each child answers");
        }
        let _ = parent.send(sum);
    })
}

async fn timers(n: u64, repeats: u64, sleep: Duration) -> u64 {
    let tasks: Vec<_> = (0..n).map(|_| tokio::spawn(wait(repeats, sleep))).collect();
    for task in tasks {
        task.await.expect("a sleeping task ends well");
    }
    n
}

async fn wait(repeats: u64, sleep: Duration) {
    for _ in 0..repeats {
        tokio::time::sleep(sleep).await;
    }
}
