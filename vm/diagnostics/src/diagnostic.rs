//! [`Diagnostic`]: one message about a text, ready to be shown.

use std::{fmt, ops::Range};

use crate::{Code, Severity};

/// One message about a text, with its place and all that a renderer shows around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic<C> {
    /// The stable code, which says whether this is an error or a warning.
    pub code: C,
    /// The part of the text that is to blame.
    pub spot: Spot,
    /// What is wrong: lower case, no full stop, names the thing, says what was expected and found.
    pub message: String,
    /// A few words for the place itself.
    pub label: Option<String>,
    /// Other places that belong to the matter, such as an earlier definition.
    pub related: Vec<Related>,
    /// A way out.
    pub help: Option<String>,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Its bytes.
    pub span: Range<usize>,
    /// The 1-based line of the first of them.
    pub line: u32,
    /// The 1-based column of the first of them, in characters.
    pub column: u32,
}

/// Another place that a diagnostic speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The part of the text.
    pub spot: Spot,
    /// What is there.
    pub message: String,
}

impl<C: Code> Diagnostic<C> {
    /// Whether this prevents the program from being run.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.code.severity() == Severity::Error
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl<C: Code> fmt::Display for Diagnostic<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}: {}", self.spot, self.code.severity(), self.code, self.message)?;
        for related in &self.related {
            write!(f, "; {} at {}", related.message, related.spot)?;
        }
        match &self.help {
            Some(help) => write!(f, " (help: {help})"),
            None => Ok(()),
        }
    }
}

impl<C: Code + fmt::Debug> std::error::Error for Diagnostic<C> {}
