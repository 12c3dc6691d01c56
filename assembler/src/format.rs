//! Text to its canonical layout: what `ttvm fmt` prints.
//!
//! Labels and directives at the left margin, instructions indented by four, labels within bodies by two; one blank
//! between operands; comments and single blank lines kept. What stands in a string, and how numbers and strings are
//! written, is never touched.

use crate::{
    assemble::with_proposal,
    diagnostic::{Diagnostic, Diagnostics, Severity},
    grammar::{Directive, Instruction, LABEL, Line, Piece, Statement, Word, parse_line},
    limits::Limits,
    problem::Problem,
    source::{BYTE_ORDER_MARK, Span, is_blank, lines},
};

/// Brings the text of a `.ttvm` file into canonical form. Formatting twice changes nothing, and the text assembles
/// to the same module but for line numbers.
///
/// # Errors
/// The errors of all lines that cannot be read. Names are not resolved: a call of an unknown function is no
/// hindrance.
pub fn format(text: &[u8]) -> Result<String, Vec<Diagnostic>> {
    let limits = Limits::REAL;
    let mut diagnostics = Diagnostics::new(text, limits.diagnostics_max);
    let mut layout = Layout::default();
    if u64::try_from(text.len()).is_ok_and(|bytes| bytes <= limits.source_bytes_max) {
        for line in lines(text) {
            if line.is_broken {
                diagnostics.report(line.broken_span(), &Problem::InvalidUtf8);
                continue;
            }
            let parsed = parse_line(line.text);
            if let Err(failure) = parsed.statement {
                let span = line.span(failure.at);
                if let Some(problem) = failure.problem {
                    let problem = with_proposal(problem, &mut diagnostics);
                    diagnostics.report(span, &problem);
                }
                continue;
            }
            layout.line(line.text, &parsed);
        }
    } else {
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        let start = Span { start: 0, end: 0, line: 1, line_start: 0 };
        diagnostics.report(start, &Problem::SourceTooLarge { bytes, bytes_max: limits.source_bytes_max });
    }
    let diagnostics = diagnostics.finish();
    let has_errors = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if has_errors { Err(diagnostics) } else { Ok(layout.into_text()) }
}

#[derive(Debug, Default)]
struct Layout {
    text: String,
    /// Whether a blank line is due before the next one that is not.
    is_blank_due: bool,
    is_in_body: bool,
}

impl Layout {
    fn line(&mut self, source: &str, line: &Line<'_>) {
        let comment = line.comment.map(|comment| comment.trim_end_matches(is_blank));
        let mut pieces = Vec::new();
        if let Some(label) = &line.label {
            let colon =
                if label.is_quoted { self.label(label) } else { format!("{}{}:", self.label_indent(), label.raw) };
            pieces.push(colon);
        }
        match &line.statement {
            Ok(Some(Statement::Label(name))) => pieces.push(self.label(name)),
            Ok(Some(Statement::Instruction(instruction))) => pieces.push(instruction_text(instruction)),
            Ok(Some(Statement::Directive(word, directive))) => {
                match directive {
                    Directive::Function { .. } | Directive::Test { .. } => self.is_in_body = true,
                    Directive::End => self.is_in_body = false,
                    _ => {}
                }
                pieces.push(directive_text(word, directive));
            }
            Ok(None) | Err(_) => {}
        }
        match (pieces.last_mut(), comment) {
            (Some(last), Some(comment)) => {
                last.push_str("  ");
                last.push_str(comment);
            }
            // A comment of its own keeps to the margin if it stands there, else goes with the instructions.
            (None, Some(comment)) => {
                let indent = if source.starts_with(';') { "" } else { INSTRUCTION_INDENT };
                pieces.push(format!("{indent}{comment}"));
            }
            (_, None) => {}
        }
        if pieces.is_empty() {
            self.is_blank_due = !self.text.is_empty();
            return;
        }
        if self.is_blank_due {
            self.text.push('\n');
            self.is_blank_due = false;
        }
        for piece in pieces {
            self.text.push_str(&piece);
            self.text.push('\n');
        }
    }

    /// `name:`, or `LABEL` and the name as written where only that can hold it.
    fn label(&self, name: &Word<'_>) -> String {
        let indent = self.label_indent();
        let is_one_word = !name.raw.contains(|character| is_blank(character) || matches!(character, ';' | '"'));
        if is_one_word && !name.raw.starts_with('.') {
            format!("{indent}{}:", name.raw)
        } else {
            format!("{indent}{LABEL} {}", name.raw)
        }
    }

    fn into_text(mut self) -> String {
        // A label may begin with the character that is a byte order mark in front of a file; another one keeps it.
        if self.text.starts_with(BYTE_ORDER_MARK) {
            self.text.insert(0, BYTE_ORDER_MARK);
        }
        self.text
    }

    fn label_indent(&self) -> &'static str {
        if self.is_in_body { "  " } else { "" }
    }
}

const INSTRUCTION_INDENT: &str = "    ";

fn instruction_text(instruction: &Instruction<'_>) -> String {
    let mut text = format!("{INSTRUCTION_INDENT}{}", instruction.info.mnemonic);
    for word in instruction.words() {
        push_word(&mut text, word);
    }
    if let Some(ignored) = instruction.ignored {
        text.push(' ');
        text.push_str(ignored);
    }
    debug_assert!(
        instruction.ignored.is_none() || instruction.pieces.iter().all(|piece| matches!(piece, Piece::Absent)),
        "words are only ignored where no operands are"
    );
    text
}

fn directive_text(word: &str, directive: &Directive<'_>) -> String {
    let mut text = word.to_owned();
    match directive {
        Directive::Function { name, parameters } => {
            push_word(&mut text, name);
            for parameter in parameters {
                push_word(&mut text, parameter);
            }
        }
        Directive::Test { title: name }
        | Directive::Export { name }
        | Directive::Source { name }
        | Directive::Line { number: name } => push_word(&mut text, name),
        Directive::End => {}
        Directive::Constant { name, value } => {
            push_word(&mut text, name);
            push_word(&mut text, value);
        }
        Directive::Import { path, prefix } => {
            push_word(&mut text, path);
            text.push_str(" as");
            push_word(&mut text, prefix);
        }
    }
    text
}

fn push_word(text: &mut String, word: &Word<'_>) {
    text.push(' ');
    text.push_str(word.raw);
}
