//! Benchmarks over graphs: threads that share the nodes' values, and meet at the standard library's barrier.

use std::{
    fs,
    ops::Range,
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    thread,
};

use crate::report::{Arguments, answer, clocked, timed};

/// The value of a node that nothing has reached.
const UNREACHED: u32 = u32::MAX;

/// Runs the benchmark, or says that there is none of the name.
pub fn run(name: &str, arguments: Arguments<'_>) -> bool {
    match name {
        "pagerank" => pagerank(&Graph::read(arguments.word(0)), arguments.number(2)),
        "spread" => spread(&Graph::read(arguments.word(1)), arguments.word(0) == "bfs"),
        _ => return false,
    }
    true
}

/// Compressed rows.
struct Graph {
    count: usize,
    offsets: Vec<u32>,
    neighbours: Vec<u32>,
}

impl Graph {
    fn read(path: &str) -> Self {
        let bytes = fs::read(path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
        let word = |chunk: &[u8]| u32::from_le_bytes(chunk.try_into().expect("a chunk has four bytes"));
        let words: Vec<u32> = bytes.chunks_exact(4).map(word).collect();
        let count = words[0] as usize;
        let (offsets, neighbours) = words[4..].split_at(count + 1);
        Self { count, offsets: offsets.to_vec(), neighbours: neighbours.to_vec() }
    }

    fn degree(&self, node: usize) -> u32 {
        self.offsets[node + 1] - self.offsets[node]
    }

    fn neighbours(&self, node: usize) -> &[u32] {
        &self.neighbours[self.offsets[node] as usize..self.offsets[node + 1] as usize]
    }

    /// The nodes of one of so many threads.
    fn part(&self, number: usize, threads: usize) -> Range<usize> {
        number * self.count / threads..(number + 1) * self.count / threads
    }
}

fn threads() -> usize {
    std::env::var("W").ok().and_then(|number| number.parse().ok()).unwrap_or(1)
}

/// Runs `part` on each thread.
fn on_all(threads: usize, part: impl Fn(usize) + Sync) {
    let part = &part;
    thread::scope(|scope| {
        (0..threads).for_each(|number| {
            scope.spawn(move || part(number));
        });
    });
}

/// `GRAPH _ STEPS`: each thread (`W` of them) gathers what the neighbours of its nodes give.
fn pagerank(graph: &Graph, steps: u64) {
    let count = graph.count;
    let new = |value: f64| (0..count).map(|_| AtomicU64::new(value.to_bits())).collect::<Vec<_>>();
    let (ranks, shares) = (new(1.0 / count as f64), new(0.0));
    let read = |cell: &AtomicU64| f64::from_bits(cell.load(Ordering::Relaxed));
    let threads = threads();
    let barrier = Barrier::new(threads);
    let part = |number: usize| {
        for _ in 0..steps {
            for node in graph.part(number, threads) {
                let share = read(&ranks[node]) / f64::from(graph.degree(node).max(1));
                shares[node].store(share.to_bits(), Ordering::Relaxed);
            }
            barrier.wait();
            for node in graph.part(number, threads) {
                let sum: f64 = graph.neighbours(node).iter().map(|&other| read(&shares[other as usize])).sum();
                ranks[node].store((0.15 / count as f64 + 0.85 * sum).to_bits(), Ordering::Relaxed);
            }
            barrier.wait();
        }
    };
    timed("time", || {
        on_all(threads, part);
        ranks.iter().map(read).fold(0.0, f64::max) * count as f64
    });
}

/// `components GRAPH _` or `bfs GRAPH _`: the smallest value that reaches each node: in components the nodes' own numbers, in
/// a search one more for each edge from the node to which the first edge leads.
fn spread(graph: &Graph, is_search: bool) {
    let root = graph.neighbours[0];
    let first = |node: u32| match (is_search, node == root) {
        (false, _) => node,
        (true, true) => 1,
        (true, false) => UNREACHED,
    };
    let values: Vec<AtomicU32> = (0..graph.count as u32).map(|node| AtomicU32::new(first(node))).collect();
    let flags = |of: &dyn Fn(u32) -> bool| (0..graph.count as u32).map(|node| AtomicBool::new(of(node))).collect();
    // Nodes that have changed: those of this round and those of the next.
    let changed: [Vec<AtomicBool>; 2] = [flags(&|node| !is_search || node == root), flags(&|_| false)];
    let is_done: [AtomicBool; 2] = [AtomicBool::new(true), AtomicBool::new(true)];
    let threads = threads();
    let barrier = Barrier::new(threads);
    let part = |number: usize| {
        for round in 0_usize.. {
            let (now, next) = (&changed[round & 1], &changed[(round + 1) & 1]);
            for node in graph.part(number, threads).filter(|&node| now[node].swap(false, Ordering::Relaxed)) {
                let value = values[node].load(Ordering::Relaxed) + u32::from(is_search);
                for &other in graph.neighbours(node) {
                    // Looked at before it is written: most know a smaller value.
                    let other = other as usize;
                    if value < values[other].load(Ordering::Relaxed)
                        && value < values[other].fetch_min(value, Ordering::Relaxed)
                    {
                        next[other].store(true, Ordering::Relaxed);
                        is_done[round & 1].store(false, Ordering::Relaxed);
                    }
                }
            }
            barrier.wait();
            let is_last = is_done[round & 1].load(Ordering::Relaxed);
            barrier.wait();
            if is_last {
                return;
            }
            is_done[round & 1].store(true, Ordering::Relaxed);
        }
    };
    clocked("time", || on_all(threads, part));
    let values = values.iter().map(|value| value.load(Ordering::Relaxed));
    if is_search {
        answer(values.filter(|value| *value != UNREACHED).map(u64::from).sum::<u64>());
    } else {
        answer((0..).zip(values).filter(|(node, value): &(u32, u32)| node == value).count());
    }
}
