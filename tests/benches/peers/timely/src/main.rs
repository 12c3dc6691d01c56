//! Graphs over timely dataflow: `tpr pagerank GRAPH.csr PARTS ITERATIONS`, `tpr components GRAPH.csr PARTS`, `tpr bfs …`.
//!
//! `W` says how many workers there are; without it there are as many as PARTS. Nodes are dealt out to the workers in turn:
//! node v belongs to worker v modulo the number of workers.

#![forbid(unsafe_code)]

mod graph;
mod pagerank;
mod spread;

use std::fmt::Display;

use timely::worker::Worker;

use graph::Graph;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let workers = |parts: &str| std::env::var("W").as_deref().unwrap_or(parts).parse().expect("W and PARTS are numbers");
    match words.as_slice() {
        ["pagerank", path, parts, iterations] => {
            pagerank::run(Graph::read(path), workers(parts), iterations.parse().expect("ITERATIONS is a number"))
        }
        ["components", path, parts] => spread::run(Graph::read(path), workers(parts), false),
        ["bfs", path, parts] => spread::run(Graph::read(path), workers(parts), true),
        _ => {
            eprintln!("usage: tpr pagerank GRAPH.csr PARTS ITERATIONS | tpr components|bfs GRAPH.csr PARTS");
            std::process::exit(2);
        }
    }
}

/// Runs on so many workers; gives what each has found.
fn on_all<T: Send + 'static>(workers: usize, work: impl Fn(&mut Worker) -> T + Send + Sync + 'static) -> Vec<T> {
    let guards = timely::execute(timely::Config::process(workers), work).expect("the workers start");
    guards.join().into_iter().map(|found| found.expect("a worker ends well")).collect()
}

/// The slowest worker's seconds, and the answer.
fn report<T>(found: &[(f64, T)], answer: impl Display) {
    println!("R time {:.9} s", found.iter().map(|part| part.0).fold(0.0, f64::max));
    println!("R check {answer} n");
}
