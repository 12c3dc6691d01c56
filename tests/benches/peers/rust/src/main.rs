//! The benchmarks in native Rust: `peer NAME ARGUMENTS…`. The limit of what a machine can reach.
//!
//! Here: choosing the benchmark. Not here: the benchmarks (`sequential`, `threads`, `graphs`, `tasks`) and how they report.

#![forbid(unsafe_code)]

mod graphs;
mod sequential;
mod tasks;
mod threads;

mod bodies;
mod report;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = words.split_first() else {
        eprintln!("usage: peer NAME ARGUMENTS");
        std::process::exit(2);
    };
    let arguments = report::Arguments(rest);
    let is_known = match name.split_once('-') {
        Some(("th", threads)) => threads::run(threads, arguments) || graphs::run(threads, arguments),
        Some(("tk", tasks)) => tasks::run(tasks, arguments),
        _ => sequential::run(name, arguments),
    };
    if !is_known {
        eprintln!("no benchmark `{name}`");
        std::process::exit(2);
    }
}
