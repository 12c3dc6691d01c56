//! The benchmarks: what each is called, our program, the peers' programs, and the sizes.
//!
//! Only data. `{}` in a command stands for the sizes, which all contestants share.

/// A language that ttvm is measured beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Erlang on BEAM, with its native-code compiler where it has one; one scheduler.
    Erlang,
    /// Lua 5.4, an interpreter.
    Lua,
    /// LuaJIT, a tracing compiler.
    LuaJit,
    /// Go, compiled ahead of time; one thread at a time.
    Go,
    /// Native Rust: the limit.
    Rust,
}

impl Peer {
    /// All peers, in the order of the tables.
    pub const ALL: [Self; 5] = [Self::Erlang, Self::Lua, Self::LuaJit, Self::Go, Self::Rust];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Erlang => "Erlang",
            Self::Lua => "Lua",
            Self::LuaJit => "LuaJIT",
            Self::Go => "Go",
            Self::Rust => "Rust",
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
    /// The program and its arguments.
    pub command: &'static str,
}

/// A benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Benchmark {
    /// The name; what stands before an underscore is its family.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// The figures that the programs report, all in seconds.
    pub figures: &'static [&'static str],
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

const TIME: &[&str] = &["time"];

/// Rivals of both programs for the orbits; all but Erlang change their bodies in place.
const BODIES: &[Rival] = &[
    rival(Peer::Erlang, "b_nbody {}"),
    rival(Peer::Lua, "nbody.lua {}"),
    rival(Peer::LuaJit, "nbody.lua {}"),
    rival(Peer::Go, "nbody {}"),
    rival(Peer::Rust, "nbody {}"),
];

/// All benchmarks.
pub const BENCHMARKS: &[Benchmark] = &[
    Benchmark {
        name: "fib",
        about: "recursive Fibonacci numbers",
        figures: TIME,
        command: "fib.ttvm {}",
        sizes: "32",
        small_sizes: "15",
        small_answer: "610",
        rivals: &[
            rival(Peer::Erlang, "b_fib {}"),
            rival(Peer::Lua, "fib.lua {}"),
            rival(Peer::LuaJit, "fib.lua {}"),
            rival(Peer::Go, "fib {}"),
            rival(Peer::Rust, "fib {}"),
        ],
    },
    Benchmark {
        name: "loop",
        about: "a loop over small ints: the sum of (i * 7 + 3) rem 11",
        figures: TIME,
        command: "loop.ttvm {}",
        sizes: "100000000",
        small_sizes: "1000",
        small_answer: "4998",
        rivals: &[
            rival(Peer::Erlang, "b_loop {}"),
            rival(Peer::Lua, "loop.lua {}"),
            rival(Peer::LuaJit, "loop.lua {}"),
            rival(Peer::Go, "loop {}"),
            rival(Peer::Rust, "loop {}"),
        ],
    },
    Benchmark {
        name: "nbody",
        about: "orbits of five bodies, ours over typed arrays changed in place",
        figures: TIME,
        command: "nbody.ttvm {}",
        sizes: "1000000",
        small_sizes: "1000",
        small_answer: "-0.169087605",
        rivals: BODIES,
    },
    Benchmark {
        name: "nbody_lists",
        about: "orbits of five bodies, ours over lists changed in place",
        figures: TIME,
        command: "nbody_lists.ttvm {}",
        sizes: "1000000",
        small_sizes: "1000",
        small_answer: "-0.169087605",
        rivals: BODIES,
    },
    Benchmark {
        name: "list",
        about: "builds a list of ints, maps x * 2 + 1, sums; loops written out",
        figures: TIME,
        command: "list.ttvm loop {}",
        sizes: "1000000 20",
        small_sizes: "1000 2",
        small_answer: "2004000",
        rivals: &[
            rival(Peer::Erlang, "b_list own {}"),
            rival(Peer::Lua, "list.lua array {}"),
            rival(Peer::LuaJit, "list.lua array {}"),
            rival(Peer::Go, "list slice {}"),
            rival(Peer::Rust, "list vec {}"),
        ],
    },
    Benchmark {
        name: "list_std",
        about: "the same through the libraries and function values",
        figures: TIME,
        command: "list.ttvm std {}",
        sizes: "1000000 20",
        small_sizes: "1000 2",
        small_answer: "2004000",
        rivals: &[rival(Peer::Erlang, "b_list lists {}")],
    },
    Benchmark {
        name: "string",
        about: "one string of equal pieces, by appending",
        figures: TIME,
        command: "string.ttvm append {}",
        sizes: "1000000",
        small_sizes: "1000",
        small_answer: "5000",
        rivals: &[
            rival(Peer::Erlang, "b_string append {}"),
            rival(Peer::Lua, "string.lua append {}"),
            rival(Peer::LuaJit, "string.lua append {}"),
            rival(Peer::Go, "string append {}"),
            rival(Peer::Rust, "string append {}"),
        ],
    },
    Benchmark {
        name: "string_ints",
        about: "one string of ints and commas, by appending",
        figures: TIME,
        command: "string.ttvm ints {}",
        sizes: "1000000",
        small_sizes: "1000",
        small_answer: "3890",
        rivals: &[
            rival(Peer::Erlang, "b_string ints {}"),
            rival(Peer::Lua, "string.lua ints {}"),
            rival(Peer::LuaJit, "string.lua ints {}"),
            rival(Peer::Go, "string ints {}"),
            rival(Peer::Rust, "string ints {}"),
        ],
    },
    Benchmark {
        name: "map_seq",
        about: "a map of ints: inserts, then look-ups, keys in order",
        figures: &["insert", "lookup"],
        command: "map.ttvm seq {}",
        sizes: "1000000",
        small_sizes: "1000",
        small_answer: "499500",
        rivals: &[
            rival(Peer::Erlang, "b_map map seq {}"),
            rival(Peer::Lua, "map.lua seq {}"),
            rival(Peer::LuaJit, "map.lua seq {}"),
            rival(Peer::Go, "map seq {}"),
            rival(Peer::Rust, "map sip seq {}"),
            variant(Peer::Rust, "fast hash", "map fx seq {}"),
        ],
    },
    Benchmark {
        name: "map_rand",
        about: "a map of ints: inserts, then look-ups, keys scattered over 32 bits",
        figures: &["insert", "lookup"],
        command: "map.ttvm rand {}",
        sizes: "1000000",
        small_sizes: "1000",
        small_answer: "499500",
        rivals: &[
            rival(Peer::Erlang, "b_map map rand {}"),
            rival(Peer::Lua, "map.lua rand {}"),
            rival(Peer::LuaJit, "map.lua rand {}"),
            rival(Peer::Go, "map rand {}"),
            rival(Peer::Rust, "map sip rand {}"),
            variant(Peer::Rust, "fast hash", "map fx rand {}"),
        ],
    },
];
