//! The smallest value that reaches each node: in components the nodes' own numbers, in a search one more for each edge from the
//! node to which the first edge leads. A worker sends of each node only values smaller than all that it sent before.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
    time::Instant,
};

use timely::{
    dataflow::{
        channels::pact::Exchange,
        operators::{generic::Operator, Concat, ConnectLoop, Feedback, Probe},
        InputHandle, ProbeHandle,
    },
    worker::Worker,
};

use crate::graph::Graph;

/// The value of a node that nothing has reached.
const UNREACHED: u32 = u32::MAX;

/// Runs and reports: in components how many nodes keep their own number, in a search the sum of all values.
pub fn run(graph: Graph, workers: usize, is_search: bool) {
    let graph = Arc::new(graph);
    let found = crate::on_all(workers, move |worker| work(worker, &graph, is_search));
    crate::report(&found, found.iter().map(|part| part.1).sum::<u64>());
}

fn work(worker: &mut Worker, graph: &Arc<Graph>, is_search: bool) -> (f64, u64) {
    let (index, peers) = (worker.index(), worker.peers());
    let (mut input, probe) = (InputHandle::new(), ProbeHandle::new());
    let values = Rc::new(RefCell::new(vec![UNREACHED; graph.count]));
    let (known, graph_here) = (Rc::clone(&values), Arc::clone(graph));
    // What this worker knows to be known of each node, wherever it belongs.
    let mut told = vec![UNREACHED; graph.count];
    worker.dataflow::<usize, _, _>(|scope| {
        let (handle, stream) = scope.feedback(1);
        let exchange = Exchange::new(|record: &(u32, u32)| u64::from(record.0));
        let spread = input.to_stream(scope).concat(stream).unary_frontier(exchange, "spread", move |_, _| {
            let mut due = BTreeMap::new();
            move |(input, frontier), output| {
                let mut values = known.borrow_mut();
                input.for_each_time(|time, data| {
                    let iteration = *time.time();
                    let (_, changed) =
                        due.entry(iteration).or_insert_with(|| (time.retain(output.output_index()), BTreeSet::new()));
                    for (node, value) in data.flat_map(|records| records.drain(..)) {
                        if value < values[node as usize] {
                            values[node as usize] = value;
                            changed.insert(node);
                        }
                    }
                });
                while let Some(entry) = due.first_entry().filter(|entry| !frontier.less_equal(entry.key())) {
                    let (_, (capability, changed)) = entry.remove_entry();
                    let mut session = output.session(&capability);
                    for node in changed {
                        let value = values[node as usize] + u32::from(is_search);
                        for &other in graph_here.neighbours(node as usize) {
                            if value < told[other as usize] {
                                told[other as usize] = value;
                                session.give((other, value));
                            }
                        }
                    }
                }
            }
        });
        spread.probe_with(&probe).connect_loop(handle);
    });
    let start = Instant::now();
    let own = (index..graph.count).step_by(peers);
    if !is_search {
        own.clone().for_each(|node| input.send((node as u32, node as u32)));
    } else if index == 0 {
        input.send((graph.first_target(), 1));
    }
    input.close();
    while !probe.done() {
        worker.step_or_park(None);
    }
    let seconds = start.elapsed().as_secs_f64();
    let values = values.borrow();
    let found = own.map(|node| match (is_search, values[node]) {
        (false, value) => u64::from(value as usize == node),
        (true, UNREACHED) => 0,
        (true, value) => u64::from(value),
    });
    (seconds, found.sum())
}
