//! [`Diagnostic`]: what the assembler says about a text, ready to be shown; and their collection.
//!
//! What can be said is in `problem.rs`; here are the places, the order and the number of messages.

use std::{fmt, ops::Range};

use crate::{
    nearest::Proposer,
    problem::Problem,
    source::{Span, end_span},
};

pub use crate::problem::DiagnosticCode;

/// Whether a diagnostic prevents the program from being run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The text cannot be run.
    Error,
    /// The text can be run, but hardly means what it says.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One message about a text, with its place and all that a renderer shows around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning; the same for all diagnostics of one code.
    pub severity: Severity,
    /// The stable code, described in `docs/reference/diagnostics.md`.
    pub code: DiagnosticCode,
    /// The bytes of the text that are to blame.
    pub span: Range<usize>,
    /// The 1-based line of the first of them.
    pub line: u32,
    /// The 1-based column of the first of them, in characters.
    pub column: u32,
    /// What is wrong: lower case, no full stop, names the thing, says what was expected and found.
    pub message: String,
    /// A few words for the place itself.
    pub label: Option<String>,
    /// Other places that belong to the matter, such as an earlier definition.
    pub related: Vec<Related>,
    /// A way out.
    pub help: Option<String>,
}

/// Another place that a diagnostic speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The bytes of the text.
    pub span: Range<usize>,
    /// The 1-based line of the first of them.
    pub line: u32,
    /// The 1-based column of the first of them, in characters.
    pub column: u32,
    /// What is there.
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} {}: {}", self.line, self.column, self.severity, self.code, self.message)?;
        for related in &self.related {
            write!(f, "; {} at {}:{}", related.message, related.line, related.column)?;
        }
        match &self.help {
            Some(help) => write!(f, " (help: {help})"),
            None => Ok(()),
        }
    }
}

/// Collects the diagnostics of one text.
#[derive(Debug)]
pub(crate) struct Diagnostics<'a> {
    text: &'a [u8],
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    hidden: usize,
    each_max: usize,
    proposer: Proposer,
}

impl<'a> Diagnostics<'a> {
    pub(crate) const fn new(text: &'a [u8], each_max: usize) -> Self {
        let proposer = Proposer::new();
        Self { text, errors: Vec::new(), warnings: Vec::new(), hidden: 0, each_max, proposer }
    }

    /// Adds a diagnostic.
    pub(crate) fn report(&mut self, span: Span, problem: &Problem) {
        self.report_related(span, problem, &[]);
    }

    /// Adds a diagnostic that speaks of other places too.
    pub(crate) fn report_related(&mut self, span: Span, problem: &Problem, related: &[(Span, &str)]) {
        let code = problem.code();
        let list = match code.severity() {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        if list.len() >= self.each_max {
            self.hidden += 1;
            return;
        }
        let text = self.text;
        let related = related.iter().map(|(span, message)| Related {
            span: span.range(),
            line: span.line,
            column: span.column(text),
            message: (*message).to_owned(),
        });
        list.push(Diagnostic {
            severity: code.severity(),
            code,
            span: span.range(),
            line: span.line,
            column: span.column(text),
            message: problem.to_string(),
            label: problem.label(),
            related: related.collect(),
            help: problem.help(),
        });
    }

    /// The known word nearest to a misspelt one; nothing once nobody would read it.
    pub(crate) fn nearest<'c>(&mut self, word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
        if self.errors.len() >= self.each_max {
            return None;
        }
        self.proposer.nearest(word, candidates).map(str::to_owned)
    }

    /// All diagnostics by place; those of one place as they were found.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        let hidden = self.hidden;
        let mut all = self.errors;
        all.append(&mut self.warnings);
        all.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
        if hidden > 0 {
            let mut last = Diagnostics::new(self.text, 1);
            last.report(end_span(self.text), &Problem::TooManyDiagnostics { hidden });
            all.append(&mut last.warnings);
        }
        all
    }
}
