//! Reads the lines that every benchmark prints: `R <figure> <value> <unit>`, and `R check <answer> n`.

use std::collections::BTreeMap;

use crate::suite::{Figure, Unit};

/// Numbers that are no ints agree if they are this close: contestants add floats in different orders.
const ANSWER_DISTANCE_MAX: f64 = 1e-8;

/// What a program reported.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    /// The value of each figure, and what it counts.
    figures: BTreeMap<String, (f64, Unit)>,
    /// The answer as printed; where there are several, the last one.
    pub(crate) answer: String,
}

/// Why a program's output is no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// A line begins with `R` but goes on otherwise.
    #[error("line `{line}` is not `R <figure> <value> <unit>`")]
    BadLine {
        /// The line.
        line: String,
    },
    /// There is no answer.
    #[error("no line `R check <answer> n`")]
    NoAnswer,
}

impl Report {
    /// Reads a program's output; other lines are remarks.
    pub(crate) fn read(output: &str) -> Result<Self, ReportError> {
        let mut figures = BTreeMap::new();
        let mut answer = None;
        for line in output.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let bad = || ReportError::BadLine { line: line.to_owned() };
            match words.as_slice() {
                ["R", "check", value, "n"] => answer = Some((*value).to_owned()),
                ["R", figure, value, unit @ ("s" | "b")] => {
                    let unit = if *unit == "s" { Unit::Seconds } else { Unit::Bytes };
                    figures.insert((*figure).to_owned(), (value.parse().map_err(|_| bad())?, unit));
                }
                ["R", _, _, _] => {}
                ["R", ..] => return Err(bad()),
                _ => {}
            }
        }
        Ok(Self { figures, answer: answer.ok_or(ReportError::NoAnswer)? })
    }

    /// The value of a figure; `None` also if it is reported in another unit.
    pub(crate) fn value(&self, figure: &Figure) -> Option<f64> {
        self.figures.get(figure.name).filter(|(_, unit)| *unit == figure.unit).map(|(value, _)| *value)
    }
}

/// Whether two contestants found the same.
pub(crate) fn answers_agree(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let is_float = |text: &str| text.contains('.');
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(a), Ok(b)) if is_float(one) && is_float(other) => (a - b).abs() <= ANSWER_DISTANCE_MAX,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_with_their_units_and_the_last_answer_are_read() {
        let report = Report::read("# remark\nR check 0 n\nR time 0.5 s\nR rss 12 b\nR check 42 n\n")
            .expect("all lines are well formed");
        assert_eq!(report.value(&Figure { name: "time", unit: Unit::Seconds }), Some(0.5));
        assert_eq!(report.value(&Figure { name: "rss", unit: Unit::Bytes }), Some(12.0));
        assert_eq!(report.value(&Figure { name: "rss", unit: Unit::Seconds }), None);
        assert_eq!(report.answer, "42");
    }

    #[test]
    fn output_without_an_answer_is_no_report() {
        assert_eq!(Report::read("R time 0.5 s\n"), Err(ReportError::NoAnswer));
    }

    #[test]
    fn a_figure_that_is_no_number_is_refused_with_its_line() {
        let line = "R time fast s".to_owned();
        assert_eq!(Report::read("R time fast s\nR check 1 n\n"), Err(ReportError::BadLine { line }));
    }

    #[test]
    fn ints_must_be_equal_and_floats_close() {
        assert!(answers_agree("610", "610"));
        assert!(!answers_agree("610", "611"));
        assert!(answers_agree("-0.16908760523462463", "-0.169087605"));
        assert!(!answers_agree("-0.169087605", "-0.169086605"));
    }
}
