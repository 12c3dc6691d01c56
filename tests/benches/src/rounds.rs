//! Runs a benchmark's contestants in turn, A B C A B C …, and checks that they agree.

use std::{collections::BTreeMap, io};

use serde::Serialize;

use crate::{
    contestants::{Contestant, OURS},
    graphs::Graphs,
    process::{ProcessError, Program},
    report::{Report, ReportError, answers_agree},
    suite::{Benchmark, Figure, Rival},
};

/// Which sizes are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// Those that are measured.
    Full,
    /// Those that take no time.
    Small,
}

/// One contestant in one benchmark, over all rounds.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// The name in tables, with the variant.
    pub name: String,
    /// The program and its arguments.
    pub command: String,
    /// The value of each figure, by the program's own account, a value for each round.
    pub figures: BTreeMap<String, Vec<f64>>,
    /// Processor time of the whole process, start and end included, a value for each round.
    pub processor_seconds: Vec<f64>,
}

/// What came of a benchmark.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// The benchmark's name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// With how many schedulers; `None` is one process that nothing else runs beside.
    pub schedulers: Option<u32>,
    /// The sizes.
    pub sizes: &'static str,
    /// What all found.
    pub answer: String,
    /// The figures.
    pub figures: &'static [Figure],
    /// The contestants, ours first.
    pub series: Vec<Series>,
}

/// Why a benchmark gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoundError {
    /// A program did not run to its end.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A graph cannot be made.
    #[error("cannot make a graph: {0}")]
    Graph(#[from] io::Error),
    /// A program's output is no report.
    #[error("{command}: {error}")]
    Report {
        /// The program.
        command: String,
        /// What is wrong with the output.
        #[source]
        error: ReportError,
    },
    /// A figure is missing.
    #[error("{command} reports no `{figure}`")]
    NoFigure {
        /// The program.
        command: String,
        /// The figure.
        figure: &'static str,
    },
    /// Two contestants found different answers.
    #[error("the answers differ: {first} found {first_answer}, {other} found {other_answer}")]
    Disagree {
        /// The first program.
        first: String,
        /// What it found.
        first_answer: String,
        /// The other program.
        other: String,
        /// What that one found.
        other_answer: String,
    },
}

/// A contestant's program and what came of it.
struct Entrant {
    program: Program,
    series: Series,
}

/// Runs all contestants once with the small sizes, to see that they agree, then the rounds.
///
/// # Errors
/// See [`RoundError`]; the first mistake ends the benchmark.
pub fn measure(
    benchmark: &Benchmark,
    schedulers: Option<u32>,
    contestants: &[Contestant],
    sizes: Sizes,
    rounds: u32,
    graphs: &Graphs,
) -> Result<Measured, RoundError> {
    let entrants = |sizes| entrants(benchmark, schedulers, contestants, sizes, graphs);
    let small = run_once(benchmark, &mut entrants(benchmark.small_sizes)?)?;
    if !answers_agree(&small, benchmark.small_answer) {
        return Err(RoundError::Disagree {
            first: "the suite".to_owned(),
            first_answer: benchmark.small_answer.to_owned(),
            other: benchmark.name.to_owned(),
            other_answer: small,
        });
    }
    let sizes = match sizes {
        Sizes::Full => benchmark.sizes,
        Sizes::Small => benchmark.small_sizes,
    };
    let mut entrants = entrants(sizes)?;
    let mut answer = String::new();
    for _ in 0..rounds {
        answer = run_once(benchmark, &mut entrants)?;
    }
    let series = entrants.into_iter().map(|entrant| entrant.series).collect();
    let Benchmark { name, about, figures, .. } = *benchmark;
    Ok(Measured { name, about, schedulers, sizes, answer, figures, series })
}

fn entrants(
    benchmark: &Benchmark,
    schedulers: Option<u32>,
    contestants: &[Contestant],
    sizes: &str,
    graphs: &Graphs,
) -> io::Result<Vec<Entrant>> {
    let entrant = |contestant: &Contestant, name: String, command: &str| {
        let words = Benchmark::words(command, sizes);
        let series = Series { name, command: words.join(" "), figures: BTreeMap::new(), processor_seconds: Vec::new() };
        Ok(Entrant { program: contestant.program(&graphs.resolve(words)?, schedulers), series })
    };
    let ours = contestants.iter().filter(|contestant| contestant.peer.is_none());
    let ours = ours.map(|ours| entrant(ours, OURS.to_owned(), benchmark.command));
    let mut entrants = ours.collect::<io::Result<Vec<_>>>()?;
    let can_take_part = |rival: &&Rival| rival.peer.can_use(schedulers.unwrap_or(1));
    for rival in benchmark.rivals.iter().filter(can_take_part) {
        let name = match rival.variant {
            "" => rival.peer.name().to_owned(),
            variant => format!("{} ({variant})", rival.peer.name()),
        };
        let found = contestants.iter().find(|contestant| contestant.peer == Some(rival.peer));
        entrants.extend(found.map(|contestant| entrant(contestant, name, rival.command)).transpose()?);
    }
    Ok(entrants)
}

/// One round; returns the answer on which all agree.
fn run_once(benchmark: &Benchmark, entrants: &mut [Entrant]) -> Result<String, RoundError> {
    let mut first: Option<(String, String)> = None;
    for Entrant { program, series } in entrants {
        let (output, processor_seconds) = program.run()?;
        let report = Report::read(&output).map_err(|error| RoundError::Report { command: program.shown(), error })?;
        for figure in benchmark.figures {
            let missing = || RoundError::NoFigure { command: program.shown(), figure: figure.name };
            let value = report.value(figure).ok_or_else(missing)?;
            series.figures.entry(figure.name.to_owned()).or_default().push(value);
        }
        series.processor_seconds.push(processor_seconds);
        let (first, first_answer) = first.get_or_insert_with(|| (program.shown(), report.answer.clone()));
        if !answers_agree(first_answer, &report.answer) {
            return Err(RoundError::Disagree {
                first: first.clone(),
                first_answer: first_answer.clone(),
                other: program.shown(),
                other_answer: report.answer,
            });
        }
    }
    Ok(first.map_or_else(String::new, |(_, answer)| answer))
}
