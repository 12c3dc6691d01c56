//! Writing to standard output and standard error, and choosing how reports look.
//!
//! On a terminal reports are drawn (`graphic.rs`), in colour unless `NO_COLOR` is set; elsewhere they are plain lines
//! that programs can read (`plain.rs`). A closed pipe never makes a command fail.

mod graphic;
mod plain;

use std::{
    env,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process,
};

use crate::{failure::Failure, report::Report};

/// Writes to standard output.
///
/// # Errors
/// [`Failure::Write`]. When nobody reads any more, the command ends quietly, as others do.
pub fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => Err(Failure::Write { path: PathBuf::from("standard output"), error }),
    }
}

/// Writes a line to standard error. If that is closed, nobody is left to tell.
pub fn line(text: &str) {
    let _ = io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// Shows reports on standard error.
pub fn reports(reports: &[Report]) {
    let style = Style::of_stderr();
    let mut text = String::new();
    for report in reports {
        style.render(report, &mut text);
    }
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// How reports look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Plain,
    Drawn { has_colours: bool, has_unicode: bool },
}

impl Style {
    fn of_stderr() -> Self {
        if !io::stderr().is_terminal() || env::var_os("TERM").is_some_and(|terminal| terminal == "dumb") {
            return Self::Plain;
        }
        let has_colours = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(env::var_os).find(|value| !value.is_empty());
        let has_unicode = locale.is_some_and(|locale| {
            let locale = locale.to_string_lossy().to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        Self::Drawn { has_colours, has_unicode }
    }

    fn render(self, report: &Report, text: &mut String) {
        match self {
            Self::Drawn { has_colours, has_unicode } if !has_long_line(report) => {
                graphic::render(report, has_colours, has_unicode, text);
            }
            Self::Drawn { .. } | Self::Plain => plain::render(report, text),
        }
    }
}

/// Lines longer than this many bytes are not drawn whole.
const DRAWN_LINE_BYTES_MAX: usize = 500;

/// Whether a line to show is too long to be drawn: the plain form shows a part of it.
fn has_long_line(report: &Report) -> bool {
    let Some((source, spot)) = &report.place.source else { return false };
    let spots = std::iter::once(spot).chain(report.related.iter().map(|other| &other.spot));
    spots.into_iter().any(|spot| {
        let line = source.line_of(spot.span.start);
        let around = line.saturating_sub(1)..(line + 2).min(source.line_count());
        around.into_iter().any(|line| source.line_range(line).len() > DRAWN_LINE_BYTES_MAX)
    })
}
