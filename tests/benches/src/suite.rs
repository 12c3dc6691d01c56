//! What a benchmark is: its name, our program, the peers' programs, the sizes, the figures; and the groups.
//!
//! Only data. `{}` in a command stands for the sizes, which all contestants share. The benchmarks themselves:
//! `sequential`, `processes`, `outside`, `supersteps`.

mod outside;
mod processes;
mod sequential;
mod supersteps;

use serde::Serialize;

/// A language that ttvm is measured beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Erlang on BEAM, with its native-code compiler where it has one.
    Erlang,
    /// Lua 5.4, an interpreter.
    Lua,
    /// LuaJIT, a tracing compiler.
    LuaJit,
    /// Go, compiled ahead of time.
    Go,
    /// Native Rust: the limit.
    Rust,
    /// Timely dataflow, in native Rust.
    Timely,
}

impl Peer {
    /// All peers, in the order of the tables.
    pub const ALL: [Self; 6] = [Self::Erlang, Self::Lua, Self::LuaJit, Self::Go, Self::Rust, Self::Timely];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Erlang => "Erlang",
            Self::Lua => "Lua",
            Self::LuaJit => "LuaJIT",
            Self::Go => "Go",
            Self::Rust => "Rust",
            Self::Timely => "timely",
        }
    }

    /// Whether it can make use of so many schedulers.
    #[must_use]
    pub const fn can_use(self, schedulers: u32) -> bool {
        match self {
            Self::Lua | Self::LuaJit => schedulers == 1,
            Self::Erlang | Self::Go | Self::Rust | Self::Timely => true,
        }
    }
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Seconds by the program's own clock.
    Seconds,
    /// Bytes of memory.
    Bytes,
}

/// What programs report of themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The word behind `R`.
    pub name: &'static str,
    /// What is counted.
    pub unit: Unit,
}

/// Benchmarks that are recorded together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// One process computes.
    Sequential,
    /// Processes are started, wait and send.
    Processes,
    /// Processes are blocked by the world outside, and others must not notice.
    Outside,
    /// Processes meet at barriers and exchange messages there.
    Supersteps,
}

impl Group {
    /// All groups, in the order in which they run.
    pub const ALL: [Self; 4] = [Self::Sequential, Self::Processes, Self::Outside, Self::Supersteps];

    /// The name on the command line and of the record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Processes => "processes",
            Self::Outside => "outside",
            Self::Supersteps => "supersteps",
        }
    }

    /// Its benchmarks.
    #[must_use]
    pub const fn benchmarks(self) -> &'static [Benchmark] {
        match self {
            Self::Sequential => sequential::BENCHMARKS,
            Self::Processes => processes::BENCHMARKS,
            Self::Outside => outside::BENCHMARKS,
            Self::Supersteps => supersteps::BENCHMARKS,
        }
    }

    /// Whether it is measured beside a peer at all.
    #[must_use]
    pub fn has_rival(self, peer: Peer) -> bool {
        let is_of = |benchmark: &Benchmark| benchmark.rivals.iter().any(|rival| rival.peer == peer);
        self.benchmarks().iter().any(is_of)
    }

    /// With how many schedulers each benchmark is measured; `None` is one process that nothing else runs beside.
    #[must_use]
    pub const fn schedulers(self) -> &'static [Option<u32>] {
        match self {
            Self::Sequential => &[None],
            Self::Processes | Self::Outside | Self::Supersteps => &[Some(1), Some(2)],
        }
    }
}

/// A peer's program for a benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Rival {
    /// The language.
    pub peer: Peer,
    /// What sets it apart from another program in the same language, else empty.
    pub variant: &'static str,
    /// The program and its arguments; for Erlang, options of the machine and their values may stand before it.
    pub command: &'static str,
}

/// A benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Benchmark {
    /// The name; what stands before an underscore is its family.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// The figures that the programs report.
    pub figures: &'static [Figure],
    /// Our program, a file of `programs/`, and its arguments.
    pub command: &'static str,
    /// The sizes that are measured.
    pub sizes: &'static str,
    /// Sizes that take no time, for tests and for the run before the rounds.
    pub small_sizes: &'static str,
    /// The answer for the small sizes.
    pub small_answer: &'static str,
    /// Whom it is measured beside.
    pub rivals: &'static [Rival],
}

impl Benchmark {
    /// Whether `--only` with this word chooses the benchmark.
    #[must_use]
    pub fn is_called(&self, word: &str) -> bool {
        self.name == word || self.name.split('_').next() == Some(word)
    }

    /// The words of a command, with the sizes put in.
    #[must_use]
    pub fn words(command: &str, sizes: &str) -> Vec<String> {
        command.replace("{}", sizes).split_whitespace().map(str::to_owned).collect()
    }
}

const fn rival(peer: Peer, command: &'static str) -> Rival {
    Rival { peer, variant: "", command }
}

const fn variant(peer: Peer, variant: &'static str, command: &'static str) -> Rival {
    Rival { peer, variant, command }
}

const fn seconds(name: &'static str) -> Figure {
    Figure { name, unit: Unit::Seconds }
}

const fn bytes(name: &'static str) -> Figure {
    Figure { name, unit: Unit::Bytes }
}

const TIME: &[Figure] = &[seconds("time")];

const DELAYS: &[Figure] = &[seconds("p50"), seconds("p90"), seconds("p99"), seconds("max")];
