//! [`LispError`]: what is wrong with a program, ready to be shown; and their collection.
//!
//! What can be said is in `problem.rs`; here are the places, the order and the number of messages.

use std::{fmt, ops::Range};

use crate::{nearest::Proposer, problem::Problem, source::Span};

pub use crate::problem::LispErrorCode;

/// One message about a program, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LispError {
    /// The stable code, described in `docs/reference/lisp.md`.
    pub code: LispErrorCode,
    /// The bytes of the text that are to blame.
    pub span: Range<usize>,
    /// The 1-based line of the first of them.
    pub line: u32,
    /// The 1-based column of the first of them, in characters.
    pub column: u32,
    /// What is wrong: lower case, no full stop, names the thing, says what was expected and found.
    pub message: String,
    /// Other places that belong to the matter, such as an earlier definition.
    pub related: Vec<Related>,
    /// A way out.
    pub help: Option<String>,
}

/// Another place that an error speaks of.
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

impl fmt::Display for LispError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: error {}: {}", self.line, self.column, self.code, self.message)?;
        for related in &self.related {
            write!(f, "; {} at {}:{}", related.message, related.line, related.column)?;
        }
        match &self.help {
            Some(help) => write!(f, " (help: {help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for LispError {}

/// Errors reported for one program; more help nobody.
const ERRORS_MAX: usize = 100;

/// Collects the errors of one program.
#[derive(Debug)]
pub(crate) struct Errors {
    list: Vec<LispError>,
    hidden: usize,
    proposer: Proposer,
}

impl Errors {
    pub(crate) const fn new() -> Self {
        Self { list: Vec::new(), hidden: 0, proposer: Proposer::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn report(&mut self, span: Span, problem: Problem) {
        self.report_related(span, problem, &[]);
    }

    /// Adds an error that speaks of other places too.
    #[expect(clippy::needless_pass_by_value, reason = "a problem is made to be reported and of no use afterwards")]
    pub(crate) fn report_related(&mut self, span: Span, problem: Problem, related: &[(Span, &str)]) {
        if self.list.len() >= ERRORS_MAX {
            self.hidden += 1;
            return;
        }
        let related = related.iter().map(|(span, message)| Related {
            span: span.range(),
            line: span.line,
            column: span.column,
            message: (*message).to_owned(),
        });
        self.list.push(LispError {
            code: problem.code(),
            span: span.range(),
            line: span.line,
            column: span.column,
            message: problem.to_string(),
            related: related.collect(),
            help: problem.help(),
        });
    }

    /// The known name nearest to a misspelt one; nothing once nobody would read it.
    pub(crate) fn nearest<'c>(&mut self, word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
        if self.list.len() >= ERRORS_MAX {
            return None;
        }
        self.proposer.nearest(word, candidates).map(str::to_owned)
    }

    /// All errors by place; those of one place as they were found.
    pub(crate) fn finish(mut self) -> Vec<LispError> {
        self.list.sort_by_key(|error| error.span.start);
        if self.hidden > 0 {
            let place = self.list.last().map(|last| (last.span.clone(), last.line, last.column));
            let (span, line, column) = place.unwrap_or((0..0, 1, 1));
            let problem = Problem::TooManyErrors { hidden: self.hidden };
            let (code, message) = (problem.code(), problem.to_string());
            self.list.push(LispError { code, span, line, column, message, related: Vec::new(), help: None });
        }
        self.list
    }
}
