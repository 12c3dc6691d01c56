//! The benchmarks of supersteps: empty ones, and graphs.
//!
//! Only data. A word `graph:NAME` stands for the file of a graph.

use super::{Benchmark, Peer, Rival, TIME, rival, variant};

/// The benchmarks of the group.
pub(super) const BENCHMARKS: &[Benchmark] = &[
    barrier("barrier_2", "2 processes meet at a barrier", "2 200000", WITH_THREADS),
    barrier("barrier_100", "100 processes meet at a barrier", "100 4000", WITH_THREADS),
    barrier("barrier_10000", "10 000 processes meet at a barrier", "10000 20", WITHOUT_THREADS),
    superstep("superstep_2", "2 processors end supersteps in which they do nothing", "2 200000"),
    superstep("superstep_100", "100 processors end supersteps in which they do nothing", "100 4000"),
    superstep("superstep_10000", "10 000 processors end supersteps in which they do nothing", "10000 20"),
    Benchmark {
        name: "pagerank_kron",
        about: "20 supersteps of PageRank on a graph whose edges a few nodes have, in two parts",
        sizes: "graph:kron 2 20",
        small_sizes: "graph:kron:6 2 3",
        small_answer: "4.284560665007518",
        ..PAGERANK
    },
    Benchmark {
        name: "pagerank_uniform",
        about: "20 supersteps of PageRank on a graph whose nodes have edges alike, in two parts",
        ..PAGERANK
    },
    Benchmark {
        name: "components_kron",
        about: "connected components by labels that spread, on a graph whose edges a few nodes have, in two parts",
        sizes: "graph:kron 2",
        small_sizes: "graph:kron:6 2",
        small_answer: "3",
        ..COMPONENTS
    },
    Benchmark {
        name: "components_uniform",
        about: "connected components by labels that spread, on a graph whose nodes have edges alike, in two parts",
        ..COMPONENTS
    },
    Benchmark {
        name: "bfs_kron",
        about: "breadth-first search on a graph whose edges a few nodes have, in two parts",
        sizes: "graph:kron 2",
        small_sizes: "graph:kron:6 2",
        small_answer: "179",
        ..BFS
    },
    Benchmark {
        name: "bfs_uniform",
        about: "breadth-first search on a graph whose nodes have edges alike, in two parts",
        ..BFS
    },
];

const ERLANG: Rival = rival(Peer::Erlang, "b_barrier {}");
const GO: Rival = rival(Peer::Go, "barrier {}");
const THREADS: Rival = variant(Peer::Rust, "threads", "th-barrier std {}");

const WITH_THREADS: &[Rival] = &[ERLANG, GO, THREADS];
// So many threads are no barrier that anybody would use.
const WITHOUT_THREADS: &[Rival] = &[ERLANG, GO];

const fn barrier(name: &'static str, about: &'static str, sizes: &'static str, rivals: &'static [Rival]) -> Benchmark {
    Benchmark {
        name,
        about,
        figures: TIME,
        command: "barrier.ttvm {}",
        sizes,
        small_sizes: "3 10",
        small_answer: "30",
        rivals,
    }
}

const fn superstep(name: &'static str, about: &'static str, sizes: &'static str) -> Benchmark {
    Benchmark { command: "superstep.ttvm {}", ..barrier(name, about, sizes, WITHOUT_THREADS) }
}

const PAGERANK: Benchmark = Benchmark {
    name: "pagerank",
    about: "",
    figures: TIME,
    command: "pagerank.ttvm {}",
    sizes: "graph:uniform 2 20",
    small_sizes: "graph:uniform:6 2 3",
    small_answer: "1.2508177289346092",
    rivals: &[
        rival(Peer::Erlang, "b_pr pull {}"),
        variant(Peer::Rust, "threads", "th-pagerank {}"),
        rival(Peer::Timely, "pagerank {}"),
    ],
};

const COMPONENTS: Benchmark = Benchmark {
    name: "components",
    command: "spread.ttvm components {}",
    sizes: "graph:uniform 2",
    small_sizes: "graph:uniform:6 2",
    small_answer: "1",
    rivals: &[
        rival(Peer::Erlang, "b_spread components {}"),
        variant(Peer::Rust, "threads", "th-spread components {}"),
        rival(Peer::Timely, "components {}"),
    ],
    ..PAGERANK
};

const BFS: Benchmark = Benchmark {
    name: "bfs",
    command: "spread.ttvm bfs {}",
    small_answer: "166",
    rivals: &[
        rival(Peer::Erlang, "b_spread bfs {}"),
        variant(Peer::Rust, "threads", "th-spread bfs {}"),
        rival(Peer::Timely, "bfs {}"),
    ],
    ..COMPONENTS
};
