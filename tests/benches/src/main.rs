//! The command `ttvm-bench`: measures ttvm beside the languages that are installed and writes the record.
//!
//! Here: the command line and what is said while it runs. Not here: the measuring (`ttvm_benches`).

#![forbid(unsafe_code)]

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use ttvm_benches::{
    contestants::{self, Contestant},
    graphs::Graphs,
    record::Record,
    rounds::{self, Sizes},
    start_up,
    suite::{Benchmark, Group, Peer},
    surroundings::{self, Machine},
};

const USAGE: &str = "\
Measures ttvm beside the languages that are installed and writes docs/performance/<date>-<group>.md and .json.

usage: cargo run --release -p ttvm-benches -- [OPTIONS]

  --group GROUP    only `sequential`, `processes`, `outside` or `supersteps`; all but the first also with 2 schedulers
  --rounds N       how often each program runs (5)
  --only A,B       only these benchmarks or families, and `start` for the start-up
  --scale N        graphs have 2 to the power of N nodes (18)
  --small          small sizes, to see that all works; writes no record
  --ttvm PATH      the binary to measure, instead of building this workspace's
  --output FOLDER  where the record goes, instead of docs/performance
  --help           this text";

/// The name of the start-up in `--only`.
const START: &str = "start";

/// Empty programs started for each contestant, and with `--small`.
const STARTS: u32 = 50;
const STARTS_SMALL: u32 = 3;

/// How large graphs are. With 24, a file has some 2 GB.
const SCALE: u32 = 18;
const SCALES: std::ops::RangeInclusive<u32> = 4..=24;

struct Options {
    group: Option<Group>,
    rounds: u32,
    scale: u32,
    only: Vec<String>,
    sizes: Sizes,
    ttvm: Option<PathBuf>,
    output: Option<PathBuf>,
}

/// What the command line asks for, or what is wrong with it.
enum Asked {
    Run(Options),
    Help,
    Wrong(String),
}

impl Options {
    fn read(mut words: impl Iterator<Item = String>) -> Asked {
        let mut options = Self {
            group: None,
            rounds: 5,
            scale: SCALE,
            only: Vec::new(),
            sizes: Sizes::Full,
            ttvm: None,
            output: None,
        };
        while let Some(word) = words.next() {
            if word == "--help" {
                return Asked::Help;
            }
            if word == "--small" {
                options.sizes = Sizes::Small;
                continue;
            }
            let Some(value) = words.next() else {
                return Asked::Wrong(format!("`{word}` is no option, or its value is missing"));
            };
            match word.as_str() {
                "--group" => match Group::ALL.into_iter().find(|group| group.name() == value) {
                    Some(group) => options.group = Some(group),
                    None => {
                        let names = Group::ALL.map(Group::name).join(", ");
                        return Asked::Wrong(format!("--group takes one of {names}, found `{value}`"));
                    }
                },
                "--rounds" => match value.parse() {
                    Ok(rounds) if rounds > 0 => options.rounds = rounds,
                    _ => return Asked::Wrong(format!("--rounds takes a number from 1, found `{value}`")),
                },
                "--scale" => match value.parse() {
                    Ok(scale) if SCALES.contains(&scale) => options.scale = scale,
                    _ => return Asked::Wrong(format!("--scale takes a number from 4 to 24, found `{value}`")),
                },
                "--only" => options.only = value.split(',').map(str::to_owned).collect(),
                "--ttvm" => options.ttvm = Some(value.into()),
                "--output" => options.output = Some(value.into()),
                _ => return Asked::Wrong(format!("`{word}` is no option")),
            }
        }
        match options.only.iter().find(|word| !options.groups().any(|group| has(group, word))) {
            Some(word) => Asked::Wrong(format!("no benchmark `{word}`; there are {}", names(options.groups()))),
            None => Asked::Run(options),
        }
    }

    /// The groups that are chosen as such.
    fn groups(&self) -> impl Iterator<Item = Group> {
        let chosen = self.group;
        Group::ALL.into_iter().filter(move |group| chosen.is_none_or(|chosen| chosen == *group))
    }

    /// Whether anything of the group is to run.
    fn wants_any_of(&self, group: Group) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| has(group, word))
    }

    fn wants(&self, benchmark: &Benchmark) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| benchmark.is_called(word))
    }

    fn wants_start_up(&self) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| word == START)
    }
}

/// Whether the group has something of the name.
fn has(group: Group, word: &str) -> bool {
    (measures_start_up(group) && word == START) || group.benchmarks().iter().any(|benchmark| benchmark.is_called(word))
}

fn measures_start_up(group: Group) -> bool {
    group == Group::Sequential
}

fn names(groups: impl Iterator<Item = Group>) -> String {
    let names = |group: Group| {
        let start = measures_start_up(group).then_some(START);
        group.benchmarks().iter().map(|benchmark| benchmark.name).chain(start)
    };
    groups.flat_map(names).collect::<Vec<_>>().join(", ")
}

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Asked::Run(options) => options,
        Asked::Help => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Asked::Wrong(reason) => {
            eprintln!("{reason}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}; nothing was written");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate lies in tests/benches");
    let groups: Vec<Group> = options.groups().filter(|group| options.wants_any_of(*group)).collect();
    let (contestants, missing) = find(root, options.ttvm.as_deref(), &groups)?;
    for group in groups {
        let record = measure(group, options, root, contestants.clone(), missing.clone())?;
        print!("{}", record.page());
        if options.sizes == Sizes::Full {
            let folder = options.output.clone().unwrap_or_else(|| root.join("docs/performance"));
            let page = record.write(&folder).map_err(|error| error.to_string())?;
            eprintln!("written: {} and .json", page.display());
        }
    }
    Ok(())
}

/// Runs what is wanted of a group.
fn measure(
    group: Group,
    options: &Options,
    root: &Path,
    contestants: Vec<Contestant>,
    missing: Vec<String>,
) -> Result<Record, String> {
    let load_before = surroundings::load();
    let graphs = Graphs { folder: root.join("target/benches/graphs"), scale: options.scale };
    let mut benchmarks = Vec::new();
    for benchmark in group.benchmarks().iter().filter(|benchmark| options.wants(benchmark)) {
        for &schedulers in group.schedulers() {
            let with = schedulers.map_or_else(String::new, |number| format!(", schedulers: {number}"));
            eprintln!("{}: {}{with}", benchmark.name, benchmark.about);
            let measured = rounds::measure(benchmark, schedulers, &contestants, options.sizes, options.rounds, &graphs);
            benchmarks.push(measured.map_err(|error| format!("{}: {error}", benchmark.name))?);
        }
    }
    let mut start_up = Vec::new();
    if measures_start_up(group) && options.wants_start_up() {
        eprintln!("start-up");
        let runs = if options.sizes == Sizes::Small { STARTS_SMALL } else { STARTS };
        start_up = start_up::measure(&contestants, runs).map_err(|error| format!("start-up: {error}"))?;
    }
    let of_group = |contestant: &Contestant| contestant.peer.is_none_or(|peer| group.has_rival(peer));
    Ok(Record {
        group,
        date: surroundings::date(),
        command: command_line(group, options),
        commit: surroundings::commit(root),
        machine: Machine::here(),
        load: [load_before, surroundings::load()],
        rounds: options.rounds,
        contestants: contestants.into_iter().filter(of_group).collect(),
        missing,
        benchmarks,
        start_up,
    })
}

/// Ours, which must be there, and the peers of these groups; for those that are not there, the reason.
fn find(root: &Path, ttvm: Option<&Path>, groups: &[Group]) -> Result<(Vec<Contestant>, Vec<String>), String> {
    eprintln!("building the contestants");
    let mut contestants = vec![contestants::ours(root, ttvm).map_err(|error| error.to_string())?];
    let mut missing = Vec::new();
    for peer in Peer::ALL.into_iter().filter(|peer| groups.iter().any(|group| group.has_rival(*peer))) {
        match contestants::peer(peer, root) {
            Ok(contestant) => contestants.push(contestant),
            Err(error) => {
                eprintln!("left out: {error}");
                missing.push(error.to_string());
            }
        }
    }
    Ok((contestants, missing))
}

/// The command line to repeat the run, without paths of this machine.
fn command_line(group: Group, options: &Options) -> String {
    let mut line =
        format!("cargo run --release -p ttvm-benches -- --group {} --rounds {}", group.name(), options.rounds);
    if group == Group::Supersteps {
        line += &format!(" --scale {}", options.scale);
    }
    if !options.only.is_empty() {
        line += &format!(" --only {}", options.only.join(","));
    }
    if options.sizes == Sizes::Small {
        line += " --small";
    }
    if options.ttvm.is_some() {
        line += " --ttvm PATH";
    }
    line
}
