//! PageRank: in each iteration every worker sums the shares for each target, and sends the sums.

use std::{cell::RefCell, collections::BTreeMap, mem, rc::Rc, sync::Arc, time::Instant};

use timely::{
    dataflow::{
        channels::pact::Exchange,
        operators::{generic::Operator, Concat, ConnectLoop, Feedback, Probe},
        InputHandle, ProbeHandle,
    },
    worker::Worker,
};

use crate::graph::Graph;

const DAMPING: f64 = 0.85;

/// Runs and reports; the answer is the largest rank, times the number of nodes.
pub fn run(graph: Graph, workers: usize, iterations: usize) {
    let count = graph.count as f64;
    let graph = Arc::new(graph);
    let found = crate::on_all(workers, move |worker| {
        let (index, peers) = (worker.index(), worker.peers());
        let own = (graph.count - index).div_ceil(peers);
        let received = [vec![0.0; own], vec![0.0; own]];
        let combined = vec![0.0; graph.count];
        work(worker, Part { graph: Arc::clone(&graph), index, peers, iterations, received, combined })
    });
    crate::report(&found, found.iter().map(|part| part.1).fold(0.0, f64::max) * count);
}

/// One worker's part of the ranks.
struct Part {
    graph: Arc<Graph>,
    index: usize,
    peers: usize,
    iterations: usize,
    /// Sums received for even and odd iterations.
    received: [Vec<f64>; 2],
    /// Sums to be sent, for all vertices.
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
            neighbours.iter().for_each(|neighbour| self.combined[*neighbour as usize] += share);
        }
        // The next iteration comes even if there are no edges.
        give((self.index as u32, 0.0));
        for (vertex, sum) in self.combined.iter_mut().enumerate().filter(|(_, sum)| **sum != 0.0) {
            give((vertex as u32, mem::take(sum)));
        }
    }
}

/// The worker's part: seconds, and its largest rank.
fn work(worker: &mut Worker, mut part: Part) -> (f64, f64) {
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
    (seconds, ranks.iter().copied().fold(0.0, f64::max))
}
