//! Reports drawn for people: miette's frames, arrows and colours.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use crate::{report::Report, source::SourceText};

/// Columns that messages are wrapped at.
const WIDTH: usize = 100;

/// Appends a report to a text.
pub fn render(report: &Report, has_colours: bool, has_unicode: bool, text: &mut String) {
    let theme = GraphicalTheme {
        characters: if has_unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if has_colours { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    let source = report.place.source.as_ref().map(|(source, _)| NamedText { name: report.place.file.clone(), source });
    let handler = GraphicalReportHandler::new_themed(theme).with_width(WIDTH).with_links(false);
    let before = text.len();
    if handler.render_report(text, &Drawn { report, source }).is_err() {
        text.truncate(before);
        super::plain::render(report, text);
        return;
    }
    for note in &report.notes {
        text.push_str(note);
        text.push('\n');
    }
    text.push('\n');
}

struct Drawn<'a> {
    report: &'a Report,
    source: Option<NamedText<'a>>,
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.report, f)
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.report.place.describe();
        // With a frame around the text, the place stands in that.
        if self.source.is_none() && !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.report.message)
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let code = self.report.code.as_ref()?;
        Some(Box::new(format!("{} {code}", self.report.severity)))
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self.report.severity {
            ttvm_diagnostics::Severity::Error => Severity::Error,
            ttvm_diagnostics::Severity::Warning => Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.report.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, spot) = self.report.place.source.as_ref()?;
        let first = LabeledSpan::new_primary_with_span(self.report.label.clone(), spot.span.clone());
        let related = self.report.related.iter();
        let others =
            related.map(|other| LabeledSpan::new_with_span(Some(other.message.clone()), other.spot.span.clone()));
        Some(Box::new(std::iter::once(first).chain(others)))
    }
}

/// A text whose lines are found by the table of line starts, so that showing many reports of a large file is quick.
#[derive(Debug)]
struct NamedText<'a> {
    name: String,
    source: &'a SourceText,
}

impl SourceCode for NamedText<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        if end > self.source.text().len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = self.source.line_of(span.offset()).saturating_sub(lines_before);
        let last = (self.source.line_of(end) + lines_after).min(self.source.line_count() - 1);
        let line_start = self.source.line_range(first).start;
        // Without lines before it, what is asked for begins at the spot, and its column is wanted.
        let start = if lines_before == 0 { span.offset() } else { line_start };
        let column = self.source.text()[line_start..start].chars().count();
        let end = self.source.line_range(last).end.max(start);
        let data = &self.source.text().as_bytes()[start..end];
        let span = SourceSpan::from(start..end);
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, span, first, column, last - first + 1)))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::report::of_diagnostics;

    #[test]
    fn an_error_is_drawn_with_its_line_and_other_places() {
        let text = b"start:\n    PUSH_INT 1\n    PRNT\nstart:\n";
        let diagnostics = ttvm_assembler::assemble("a.ttvm", text).diagnostics;
        let mut drawn = String::new();
        for report in of_diagnostics("a.ttvm", text, &diagnostics) {
            super::render(&report, false, true, &mut drawn);
        }
        expect![[r#"
            error A0101

              × unknown mnemonic `PRNT`
               ╭─[a.ttvm:3:5]
             2 │     PUSH_INT 1
             3 │     PRNT
               ·     ────
             4 │ start:
               ╰────
              help: did you mean `PRINT`?

            error A0301

              × the name `start` is taken
               ╭─[a.ttvm:4:1]
             1 │ start:
               · ──┬──
               ·   ╰── first here
             2 │     PUSH_INT 1
             3 │     PRNT
             4 │ start:
               · ──┬──
               ·   ╰── again here
               ╰────

        "#]]
        .assert_eq(&drawn);
    }
}
