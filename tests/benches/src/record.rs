//! The record of a run: one page for people, one file for programs, both with all that is needed to repeat it.

use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    contestants::Contestant,
    rounds::{Measured, Series},
    start_up::StartUp,
    statistics::Summary,
    suite::{Figure, Group, Peer, Unit},
    surroundings::Machine,
};

/// Everything that is known of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Which benchmarks.
    pub group: Group,
    /// The day, in UTC.
    pub date: String,
    /// How it was run.
    pub command: String,
    /// What was measured.
    pub commit: String,
    /// Where.
    pub machine: Machine,
    /// Processes that wanted to run before the first round and after the last, this one's included.
    pub load: [f64; 2],
    /// How often each program ran.
    pub rounds: u32,
    /// Who took part.
    pub contestants: Vec<Contestant>,
    /// Who did not, and why.
    pub missing: Vec<String>,
    /// What came of it.
    pub benchmarks: Vec<Measured>,
    /// What came of the empty programs; empty if they did not run.
    pub start_up: Vec<StartUp>,
}

/// A record cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}: {error}")]
pub struct WriteError {
    path: String,
    #[source]
    error: io::Error,
}

impl Record {
    /// Writes `<date>-<group>.md` and `.json`, with `-2`, `-3`, … on further runs of a day; returns the page's path.
    ///
    /// # Errors
    /// A file or the folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, WriteError> {
        let failed = |path: &Path, error| WriteError { path: path.display().to_string(), error };
        fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        let numbered = (2..).map(|number| format!("-{number}"));
        let page = std::iter::once(String::new())
            .chain(numbered)
            .map(|suffix| folder.join(format!("{}-{}{suffix}.md", self.date, self.group.name())))
            .find(|path| !path.exists())
            .expect("the numbers are endless");
        let json = serde_json::to_string_pretty(self).expect("a record holds no keys but words") + "\n";
        fs::write(&page, self.page()).map_err(|error| failed(&page, error))?;
        let data = page.with_extension("json");
        fs::write(&data, json).map_err(|error| failed(&data, error))?;
        Ok(page)
    }

    /// The page for people.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = String::new();
        self.write_page(&mut page).expect("writing to a string cannot fail");
        page
    }

    fn write_page(&self, page: &mut String) -> std::fmt::Result {
        let Machine { processor, cores, memory_gib, kernel } = &self.machine;
        let title = match self.group {
            Group::Sequential => "Sequential benchmarks",
            Group::Processes => "Benchmarks of processes",
            Group::Outside => "Delays while others are blocked outside",
            Group::Supersteps => "Benchmarks of supersteps",
        };
        writeln!(page, "# {title}, {}\n", self.date)?;
        writeln!(
            page,
            "How to read this: [README.md](README.md). All values of all rounds are in the `.json` beside it.\n"
        )?;
        writeln!(page, "* Machine: {processor}, {cores} cores, {memory_gib} GiB, {kernel}")?;
        writeln!(page, "* Load before and after: {:.2}, {:.2}", self.load[0], self.load[1])?;
        writeln!(page, "* Commit: {}", self.commit)?;
        writeln!(page, "* Command: `{}`", self.command)?;
        writeln!(page, "* Rounds: {}; in each, all contestants of a benchmark run one after the other\n", self.rounds)?;
        writeln!(page, "| contestant | version | started as |\n|---|---|---|")?;
        for Contestant { name, version, started_as, .. } in &self.contestants {
            writeln!(page, "| {name} | {version} | `{started_as}` |")?;
        }
        for missing in &self.missing {
            writeln!(page, "\nLeft out: {missing}")?;
        }
        if Peer::ALL.into_iter().all(|peer| !self.group.has_rival(peer)) {
            write_alone(page, &self.benchmarks)?;
        } else if !self.benchmarks.is_empty() {
            self.write_ratios(page)?;
            self.write_figures(page)?;
        }
        if !self.start_up.is_empty() {
            self.write_start_up(page)?;
        }
        Ok(())
    }

    /// One row for each figure, one column for each peer.
    fn write_ratios(&self, page: &mut String) -> std::fmt::Result {
        let takes_part = |peer: &Peer| self.contestants.iter().any(|contestant| contestant.peer == Some(*peer));
        let peers: Vec<Peer> = Peer::ALL.into_iter().filter(takes_part).collect();
        writeln!(page, "\n## Ratios\n\nttvm's figure divided by the other's: below 1, ttvm is faster or needs less.")?;
        writeln!(page, "Lua and LuaJIT count processor time, which a busy machine does not stretch.\n")?;
        writeln!(page, "| | {} |", peers.iter().map(|peer| peer.name()).collect::<Vec<_>>().join(" | "))?;
        writeln!(page, "|---|{}", "---|".repeat(peers.len()))?;
        for measured in &self.benchmarks {
            for figure in measured.figures {
                write!(page, "| {} |", row_name(measured, figure))?;
                for peer in &peers {
                    let series = measured.series.iter().find(|series| series.name == peer.name());
                    let ratio = series.and_then(|series| measured.ratio(figure, &series.name));
                    write!(page, " {} |", ratio.map_or_else(String::new, |ratio| digits(ratio.median)))?;
                }
                writeln!(page)?;
            }
        }
        Ok(())
    }

    fn write_figures(&self, page: &mut String) -> std::fmt::Result {
        writeln!(page, "\n## Figures\n")?;
        writeln!(page, "By the program's own account; CPU: milliseconds of processor time of the whole process.")?;
        for measured in &self.benchmarks {
            let Measured { about, sizes, answer, .. } = measured;
            for figure in measured.figures {
                writeln!(
                    page,
                    "\n### {}\n\n{about}; sizes {sizes}; answer {answer}; in {}\n",
                    row_name(measured, figure),
                    match figure.unit {
                        Unit::Seconds => "milliseconds",
                        Unit::Bytes => "bytes",
                    }
                )?;
                writeln!(page, "| | median | min–max | ttvm / it | min–max | CPU | ttvm / it | command |")?;
                writeln!(page, "|{}", "---|".repeat(8))?;
                for series in &measured.series {
                    write_series(page, measured, figure, series)?;
                }
            }
        }
        Ok(())
    }

    fn write_start_up(&self, page: &mut String) -> std::fmt::Result {
        let runs = self.start_up.first().map_or(0, |first| first.seconds.len());
        writeln!(page, "\n## Start-up\n")?;
        writeln!(
            page,
            "An empty program from the start of the process to its end, {runs} runs in turn, in milliseconds; memory at its peak while it waits for input.\n"
        )?;
        writeln!(page, "| | median | min–max | ttvm / it | peak MiB | command |\n|---|---|---|---|---|---|")?;
        let ours = self.start_up.first().map_or(&[][..], |first| &first.seconds);
        for StartUp { name, command, seconds, peak_bytes } in &self.start_up {
            let (Some(times), Some(ratio)) = (Summary::of(seconds), Summary::of_ratios(ours, seconds)) else {
                continue;
            };
            let (time, times) = milliseconds(times);
            // Exact below 2^53 bytes.
            let peak = *peak_bytes as f64 / f64::from(1 << 20);
            writeln!(page, "| {name} | {time} | {times} | {} | {peak:.1} | `{command}` |", digits(ratio.median))?;
        }
        Ok(())
    }
}

impl Measured {
    /// Our value divided by the other's, round by round; `None` for ours.
    fn ratio(&self, figure: &Figure, other: &str) -> Option<Summary> {
        let (ours, theirs) = self.pair(other)?;
        Summary::of_ratios(ours.figures.get(figure.name)?, theirs.figures.get(figure.name)?)
    }

    /// The same for the processor time of the whole processes.
    fn processor_ratio(&self, other: &str) -> Option<Summary> {
        let (ours, theirs) = self.pair(other)?;
        Summary::of_ratios(&ours.processor_seconds, &theirs.processor_seconds)
    }

    fn pair(&self, other: &str) -> Option<(&Series, &Series)> {
        let ours = self.series.first().filter(|ours| ours.name != other)?;
        Some((ours, self.series.iter().find(|series| series.name == other)?))
    }
}

/// Benchmarks without peers: one row for each, one column for each figure.
fn write_alone(page: &mut String, benchmarks: &[Measured]) -> std::fmt::Result {
    let figures = benchmarks.first().map_or(&[][..], |first| first.figures);
    writeln!(page, "\n## Figures\n\nIn milliseconds: the median of all rounds, and the least and most of a round.\n")?;
    writeln!(
        page,
        "| | {} | what others do |",
        figures.iter().map(|figure| figure.name).collect::<Vec<_>>().join(" | ")
    )?;
    writeln!(page, "|---|{}---|", "---|".repeat(figures.len()))?;
    for measured in benchmarks {
        write!(page, "| {} |", with_schedulers(measured.name.to_owned(), measured))?;
        for figure in figures {
            let values = measured.series.first().and_then(|ours| Summary::of(ours.figures.get(figure.name)?));
            let (median, spread) = values.map(milliseconds).unwrap_or_default();
            write!(page, " {median} ({spread}) |")?;
        }
        writeln!(page, " {} |", measured.about)?;
    }
    Ok(())
}

/// One row of a table of figures.
fn write_series(page: &mut String, measured: &Measured, figure: &Figure, series: &Series) -> std::fmt::Result {
    let values = series.figures.get(figure.name).and_then(|values| Summary::of(values));
    let (Some(values), Some(processor)) = (values, Summary::of(&series.processor_seconds)) else { return Ok(()) };
    let ratio = measured.ratio(figure, &series.name);
    let spread = ratio.map_or_else(String::new, |ratio| format!("{}–{}", digits(ratio.min), digits(ratio.max)));
    let (value, values) = match figure.unit {
        Unit::Seconds => milliseconds(values),
        Unit::Bytes => scaled(values, 1.0),
    };
    let (processor, _) = milliseconds(processor);
    let [ratio, processor_ratio] = [ratio, measured.processor_ratio(&series.name)]
        .map(|ratio| ratio.map_or_else(String::new, |ratio| digits(ratio.median)));
    let (name, command) = (&series.name, &series.command);
    writeln!(
        page,
        "| {name} | {value} | {values} | {ratio} | {spread} | {processor} | {processor_ratio} | `{command}` |"
    )
}

fn row_name(measured: &Measured, figure: &Figure) -> String {
    let mut name = measured.name.to_owned();
    if measured.figures.len() > 1 {
        name += &format!(" {}", figure.name);
    }
    with_schedulers(name, measured)
}

fn with_schedulers(name: String, measured: &Measured) -> String {
    match measured.schedulers {
        None => name,
        Some(1) => name + ", 1 scheduler",
        Some(number) => format!("{name}, {number} schedulers"),
    }
}

fn milliseconds(seconds: Summary) -> (String, String) {
    scaled(seconds, 1e3)
}

/// The median, and the spread.
fn scaled(values: Summary, factor: f64) -> (String, String) {
    let shown = |value: f64| digits(value * factor);
    (shown(values.median), format!("{}–{}", shown(values.min), shown(values.max)))
}

/// About three digits: enough for what the noise leaves.
fn digits(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        1.0.. => format!("{value:.2}"),
        0.0995.. => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn series(name: &str, seconds: &[f64], processor_seconds: &[f64]) -> Series {
        let figures = BTreeMap::from([("time".to_owned(), seconds.to_vec())]);
        let command = format!("{name} 32");
        Series { name: name.to_owned(), command, figures, processor_seconds: processor_seconds.to_vec() }
    }

    #[test]
    fn a_row_shows_the_times_and_how_many_times_longer_ours_takes() {
        let ours = series("ttvm", &[0.1, 0.2, 0.1], &[0.2, 0.2, 0.2]);
        let theirs = series("Lua", &[0.2, 0.2, 0.4], &[0.1, 0.1, 0.1]);
        const FIGURES: &[Figure] = &[Figure { name: "time", unit: Unit::Seconds }];
        let (name, about, sizes, figures, schedulers) = ("fib", "calls", "32", FIGURES, Some(2));
        let series = vec![ours, theirs];
        let measured = Measured { name, about, sizes, answer: "1".to_owned(), figures, schedulers, series };
        let mut page = String::new();
        for series in &measured.series {
            write_series(&mut page, &measured, &FIGURES[0], series).expect("writing to a string cannot fail");
        }
        let rows = "| ttvm | 100 | 100–200 |  |  | 200 |  | `ttvm 32` |\n\
                    | Lua | 200 | 200–400 | 0.500 | 0.250–1.00 | 100 | 2.00 | `Lua 32` |\n";
        assert_eq!(page, rows);
        assert_eq!(row_name(&measured, &FIGURES[0]), "fib, 2 schedulers");
    }

    #[test]
    fn benchmarks_without_peers_have_a_row_with_all_their_figures() {
        const FIGURES: &[Figure] = &[Figure { name: "time", unit: Unit::Seconds }];
        let (name, about, sizes, figures, schedulers) = ("wait", "wait", "9", FIGURES, Some(1));
        let series = vec![series("ttvm", &[0.001, 0.004, 0.002], &[0.1, 0.1, 0.1])];
        let measured = Measured { name, about, sizes, answer: "9".to_owned(), figures, schedulers, series };
        let mut page = String::new();
        write_alone(&mut page, &[measured]).expect("writing to a string cannot fail");
        assert!(
            page.ends_with(
                "| | time | what others do |\n|---|---|---|\n| wait, 1 scheduler | 2.00 (1.00–4.00) | wait |\n"
            ),
            "{page}"
        );
    }

    #[test]
    fn figures_have_about_three_digits() {
        assert_eq!(
            [1234.5, 12.345, 1.2345, 0.12345, 0.012345].map(digits),
            ["1234", "12.3", "1.23", "0.123", "0.0123"]
        );
    }
}
