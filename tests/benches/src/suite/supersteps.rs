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
    pagerank(
        "pagerank_kron",
        "20 supersteps of PageRank on a graph whose edges a few nodes have, in two parts",
        "graph:kron 2 20",
        "graph:kron:6 2 3",
        "4.284560665007518",
    ),
    pagerank(
        "pagerank_uniform",
        "20 supersteps of PageRank on a graph whose nodes have edges alike, in two parts",
        "graph:uniform 2 20",
        "graph:uniform:6 2 3",
        "1.2508177289346092",
    ),
];

const ERLANG: Rival = rival(Peer::Erlang, "b_barrier {}");
const GO: Rival = rival(Peer::Go, "barrier {}");
const THREADS: Rival = variant(Peer::Rust, "threads", "th-barrier std {}");

const WITH_GRAPHS: &[Rival] = &[rival(Peer::Erlang, "b_pr pull {}"), variant(Peer::Rust, "threads", "th-pagerank {}")];
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

const fn pagerank(
    name: &'static str,
    about: &'static str,
    sizes: &'static str,
    small_sizes: &'static str,
    small_answer: &'static str,
) -> Benchmark {
    Benchmark {
        name,
        about,
        figures: TIME,
        command: "pagerank.ttvm {}",
        sizes,
        small_sizes,
        small_answer,
        rivals: WITH_GRAPHS,
    }
}
