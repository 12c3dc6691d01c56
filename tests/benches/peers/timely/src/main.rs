//! PageRank over timely dataflow: `tpr GRAPH.csr WORKERS ITERATIONS MODE`.
//!
//! MODE `edge`: one record (target, share) for each edge; `agg`: shares summed for each target before the exchange.
//! Vertices are dealt out to the workers in turn: vertex v belongs to worker v modulo the number of workers.

#![forbid(unsafe_code)]

use std::{cell::RefCell, collections::BTreeMap, fs, mem, rc::Rc, sync::Arc, time::Instant};

use timely::dataflow::{
    channels::pact::Exchange,
    operators::{generic::Operator, Concat, ConnectLoop, Feedback, Probe},
    InputHandle, ProbeHandle,
};

const DAMPING: f64 = 0.85;

/// Compressed rows: the neighbours of v are `words[count + 1 + words[v] .. count + 1 + words[v + 1]]`.
struct Graph {
    count: usize,
    words: Vec<u32>,
}

impl Graph {
    fn read(path: &str) -> Self {
        let bytes = fs::read(path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
        let count = u64::from_le_bytes(bytes[..8].try_into().expect("the slice has eight bytes"));
        let word = |chunk: &[u8]| u32::from_le_bytes(chunk.try_into().expect("a chunk has four bytes"));
        let words = bytes[16..].chunks_exact(4).map(word).collect();
        Self { count: usize::try_from(count).expect("the graph fits in memory"), words }
    }

    fn neighbours(&self, vertex: usize) -> &[u32] {
        let (from, to) = (self.words[vertex] as usize, self.words[vertex + 1] as usize);
        &self.words[self.count + 1 + from..self.count + 1 + to]
    }
}

/// One worker's part of the ranks.
struct Part {
    graph: Arc<Graph>,
    index: usize,
    peers: usize,
    iterations: usize,
    /// Sums received for even and odd iterations.
    received: [Vec<f64>; 2],
    /// Sums to be sent, for all vertices; empty when edges are sent one by one.
    combined: Vec<f64>,
}

impl Part {
    /// Turns what was received for an iteration into ranks.
    fn ranks(&mut self, iteration: usize) -> Vec<f64> {
        let count = self.graph.count as f64;
        let rank = |sum: &mut f64| match iteration {
            0 => 1.0 / count,
            _ => (1.0 - DAMPING) / count + DAMPING * mem::take(sum),
        };
        self.received[iteration & 1].iter_mut().map(rank).collect()
    }

    /// Gives what the neighbours get from these ranks.
    fn send(&mut self, ranks: &[f64], mut give: impl FnMut((u32, f64))) {
        for (i, rank) in ranks.iter().enumerate() {
            let neighbours = self.graph.neighbours(i * self.peers + self.index);
            let share = rank / neighbours.len() as f64;
            for &neighbour in neighbours {
                if self.combined.is_empty() {
                    give((neighbour, share));
                } else {
                    self.combined[neighbour as usize] += share;
                }
            }
        }
        if self.combined.is_empty() {
            // The next iteration comes even if there are no edges.
            give((self.index as u32, 0.0));
        }
        for (vertex, sum) in self.combined.iter_mut().enumerate().filter(|(_, sum)| **sum != 0.0) {
            give((vertex as u32, mem::take(sum)));
        }
    }
}

/// What a worker has found.
struct Found {
    seconds: f64,
    sum: f64,
    top: usize,
    top_rank: f64,
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let [_, path, workers, iterations, mode] = words.as_slice() else {
        eprintln!("usage: tpr GRAPH.csr WORKERS ITERATIONS edge|agg");
        std::process::exit(2);
    };
    let workers = workers.parse().expect("WORKERS is a number");
    let iterations: usize = iterations.parse().expect("ITERATIONS is a number");
    let is_combining = mode == "agg";
    let graph = Arc::new(Graph::read(path));
    let run = timely::execute(timely::Config::process(workers), move |worker| {
        let (index, peers) = (worker.index(), worker.peers());
        let own = (graph.count - index).div_ceil(peers);
        let part = Part {
            graph: Arc::clone(&graph),
            index,
            peers,
            iterations,
            received: [vec![0.0; own], vec![0.0; own]],
            combined: if is_combining { vec![0.0; graph.count] } else { Vec::new() },
        };
        work(worker, part)
    });
    let guards = run.expect("the workers start");
    let found: Vec<Found> = guards.join().into_iter().map(|found| found.expect("a worker ends well")).collect();
    report(&found, iterations);
}

fn work(worker: &mut timely::worker::Worker, mut part: Part) -> Found {
    let (index, peers) = (part.index, part.peers);
    let mut input = InputHandle::new();
    let probe = ProbeHandle::new();
    let last = Rc::new(RefCell::new(Vec::new()));
    let result = Rc::clone(&last);
    worker.dataflow::<usize, _, _>(|scope| {
        let (handle, stream) = scope.feedback(1);
        let exchange = Exchange::new(|record: &(u32, f64)| u64::from(record.0));
        let ranks = input.to_stream(scope).concat(stream).unary_frontier(exchange, "pagerank", move |_, _| {
            let mut due = BTreeMap::new();
            move |(input, frontier), output| {
                input.for_each_time(|time, data| {
                    let iteration = *time.time();
                    due.entry(iteration).or_insert_with(|| time.retain(output.output_index()));
                    for (vertex, share) in data.flat_map(|records| records.drain(..)) {
                        part.received[iteration & 1][vertex as usize / peers] += share;
                    }
                });
                while let Some(entry) = due.first_entry().filter(|entry| !frontier.less_equal(entry.key())) {
                    let (iteration, capability) = entry.remove_entry();
                    let ranks = part.ranks(iteration);
                    if iteration == part.iterations {
                        *last.borrow_mut() = ranks;
                        break;
                    }
                    let mut session = output.session(&capability);
                    part.send(&ranks, |record| session.give(record));
                }
            }
        });
        ranks.probe_with(&probe).connect_loop(handle);
    });
    let start = Instant::now();
    input.send((index as u32, 0.0));
    input.close();
    while !probe.done() {
        worker.step_or_park(None);
    }
    let seconds = start.elapsed().as_secs_f64();
    let ranks = result.borrow();
    let (top, top_rank) = ranks.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).expect("each worker has vertices");
    Found { seconds, sum: ranks.iter().sum(), top: top * peers + index, top_rank: *top_rank }
}

fn report(found: &[Found], iterations: usize) {
    let seconds = found.iter().map(|part| part.seconds).fold(0.0, f64::max);
    let sum: f64 = found.iter().map(|part| part.sum).sum();
    let top = found.iter().max_by(|a, b| a.top_rank.total_cmp(&b.top_rank)).expect("there are workers");
    println!("R time {seconds:.9} s");
    println!("R s_per_iter {:.9} s", seconds / iterations as f64);
    println!("# sum {sum:.6} top {} {:.9}", top.top, top.top_rank);
}
