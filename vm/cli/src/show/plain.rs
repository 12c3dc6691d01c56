//! Reports as plain lines: `file:line:column: error CODE: message`, the line itself, and carets below the spot.

use std::fmt::Write as _;

use ttvm_diagnostics::{Related, Spot};
use unicode_width::UnicodeWidthChar;

use crate::{report::Report, source::SourceText};

/// Columns of a source line that are shown at most.
const LINE_COLUMNS_MAX: usize = 160;

/// Columns shown before a spot in a line that is too long.
const COLUMNS_BEFORE: usize = 40;

/// Columns that a tab is shown as.
const TAB: &str = "    ";

/// Appends a report to a text. Writing to a string cannot fail, so results are dropped.
pub fn render(report: &Report, text: &mut String) {
    let place = report.place.describe();
    if !place.is_empty() {
        let _ = write!(text, "{place}: ");
    }
    let _ = write!(text, "{}", report.severity);
    if let Some(code) = &report.code {
        let _ = write!(text, " {code}");
    }
    let _ = writeln!(text, ": {}", report.message);
    if let Some((source, spot)) = &report.place.source {
        let last = report.related.iter().map(|other| other.spot.line).chain([spot.line]).max().unwrap_or(spot.line);
        let digits = last.to_string().len().max(4);
        snippet(source, spot, '^', report.label.as_deref(), digits, text);
        for Related { spot, message } in &report.related {
            snippet(source, spot, '-', Some(message), digits, text);
        }
    }
    for note in &report.notes {
        let _ = writeln!(text, "{note}");
    }
    if let Some(help) = &report.help {
        let _ = writeln!(text, "  help: {help}");
    }
}

fn snippet(source: &SourceText, spot: &Spot, mark: char, label: Option<&str>, digits: usize, text: &mut String) {
    let line = source.line_range(source.line_of(spot.span.start));
    let (shown, column, width) = window(&source.text()[line.clone()], spot, line.start);
    let _ = writeln!(text, "{:>digits$} | {shown}", spot.line);
    let marks: String = std::iter::repeat_n(mark, width.max(1)).collect();
    let label = label.map_or_else(String::new, |label| format!(" {label}"));
    let _ = writeln!(text, "{:>digits$} | {:column$}{marks}{label}", "", "");
}

/// The part of a line to show, the column of the spot in it, and how wide the spot is there.
fn window(line: &str, spot: &Spot, line_start: usize) -> (String, usize, usize) {
    let start = (spot.span.start - line_start).min(line.len());
    let end = (spot.span.end - line_start).clamp(start, line.len());
    let columns_before: usize = line[..start.min(line.len())].chars().map(width).sum();
    let is_long = line.chars().map(width).sum::<usize>() > LINE_COLUMNS_MAX;
    let skip = if is_long { columns_before.saturating_sub(COLUMNS_BEFORE) } else { 0 };
    let mut shown = String::new();
    let (mut at_column, mut column, mut marked, mut used) = (0, 0, 0, 0);
    if skip > 0 {
        shown.push_str("...");
        used = 3;
    }
    for (at, character) in line.char_indices() {
        let columns = width(character);
        at_column += columns;
        if at_column <= skip {
            continue;
        }
        if at == start {
            column = used;
        }
        if used + columns > LINE_COLUMNS_MAX {
            shown.push_str("...");
            break;
        }
        if (start..end).contains(&at) {
            marked += columns;
        }
        used += columns;
        if character == '\t' { shown.push_str(TAB) } else { shown.push(character) }
    }
    if start >= line.len() {
        column = used;
    }
    (shown, column, marked)
}

fn width(character: char) -> usize {
    if character == '\t' { TAB.len() } else { character.width().unwrap_or(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(span: std::ops::Range<usize>) -> Spot {
        Spot { span, line: 1, column: 1 }
    }

    #[test]
    fn carets_stand_below_wide_characters_and_tabs() {
        assert_eq!(window("\tab", &spot(1..2), 0), ("    ab".to_owned(), 4, 1));
        assert_eq!(window("日本x", &spot(3..6), 0), ("日本x".to_owned(), 2, 2));
        assert_eq!(window("ab", &spot(2..2), 0), ("ab".to_owned(), 2, 0));
    }

    #[test]
    fn a_long_line_is_shown_around_the_spot() {
        let line = format!("{}HERE{}", "a".repeat(10_000), "b".repeat(10_000));
        let (shown, column, width) = window(&line, &spot(10_000..10_004), 0);
        assert!(shown.len() < 180, "{shown}");
        assert_eq!(&shown[column..column + width], "HERE");
    }
}
