//! Text to its canonical layout: what `ttvm fmt` prints.
//!
//! Labels and directives at the left margin, instructions indented by four, labels within bodies by two; one blank
//! between operands; comments and single blank lines kept. What stands in a string, and how numbers and strings are
//! written, is never touched.

mod block;

use self::block::{BlockLayout, items_text, settings_cells};
use crate::{
    assemble::{begins_block, with_proposal},
    diagnostic::{Diagnostic, Diagnostics},
    grammar::{
        BlockKind, BlockStatement, Directive, Failure, Instruction, LABEL, Line, Piece, Statement, Word,
        parse_block_line, parse_line,
    },
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
            if let Err(failure) = layout.source_line(line.text) {
                let span = line.span(failure.at);
                if let Some(problem) = failure.problem {
                    let problem = with_proposal(problem, &mut diagnostics);
                    diagnostics.report(span, &problem);
                }
            }
        }
    } else {
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        let start = Span { start: 0, end: 0, line: 1, line_start: 0 };
        diagnostics.report(start, &Problem::SourceTooLarge { bytes, bytes_max: limits.source_bytes_max });
    }
    let diagnostics = diagnostics.finish();
    let has_errors = diagnostics.iter().any(Diagnostic::is_error);
    if has_errors { Err(diagnostics) } else { Ok(layout.into_text()) }
}

#[derive(Debug, Default)]
struct Layout {
    text: String,
    /// Whether a blank line is due before the next one that is not.
    is_blank_due: bool,
    is_in_body: bool,
    block: Option<BlockLayout>,
}

impl Layout {
    /// Reads a line and adds it.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn source_line<'a>(&mut self, text: &'a str) -> Result<(), Failure<'a>> {
        if let Some(block) = &self.block {
            let parsed = parse_block_line(block.kind, text, Limits::REAL.integer_digits_max);
            match parsed.statement? {
                Some(BlockStatement::Outside) => {
                    self.end_block();
                }
                statement => {
                    self.block_line(statement.as_ref(), parsed.comment);
                    return Ok(());
                }
            }
        }
        let mut parsed = parse_line(text);
        if let Err(failure) = &mut parsed.statement {
            let failure = Failure { at: failure.at, problem: failure.problem.take() };
            // The lines of a block whose first line cannot be read are still no code.
            if let Some(kind) = begins_block(text) {
                self.begin_block(kind);
            }
            return Err(failure);
        }
        self.line(text, &parsed);
        Ok(())
    }

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
                    Directive::Receive => self.begin_block(BlockKind::Receive),
                    Directive::Supervisor(_) => self.begin_block(BlockKind::Supervisor),
                    Directive::Computation(_) => self.begin_block(BlockKind::Computation),
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

    /// Adds a line with its comment, and a blank line before it if one is due.
    fn push_line(&mut self, line: String, comment: Option<&str>) {
        if std::mem::take(&mut self.is_blank_due) {
            self.text.push('\n');
        }
        self.text.push_str(&line);
        if let Some(comment) = comment {
            self.text.push_str("  ");
            self.text.push_str(comment);
        }
        self.text.push('\n');
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
        self.end_block();
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
        Directive::Receive => text.insert_str(0, INSTRUCTION_INDENT),
        Directive::Supervisor(settings) => text = settings_cells(settings).join(" "),
        Directive::Computation(head) => {
            text.push(' ');
            text.push_str(head.name.raw);
            if !head.items.is_empty() {
                text.push_str("  ");
                text.push_str(&items_text(&head.items));
            }
        }
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
