//! [`LispError`]: what is wrong with a program, ready to be shown; and their collection.
//!
//! What can be said is in `problem.rs`; here are the order and the number of messages.

use ttvm_diagnostics::{Diagnostic, Proposer, Related, Spot};

use crate::{problem::Problem, source::Span};

pub use crate::problem::LispErrorCode;

/// One message about a program.
pub type LispError = Diagnostic<LispErrorCode>;

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
        let related =
            related.iter().map(|(span, message)| Related { spot: span.spot(), message: (*message).to_owned() });
        self.list.push(error(span.spot(), &problem, related.collect()));
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
        self.list.sort_by_key(|error| error.spot.span.start);
        if self.hidden > 0 {
            let spot = self.list.last().map_or(Span::START.spot(), |last| last.spot.clone());
            self.list.push(error(spot, &Problem::TooManyErrors { hidden: self.hidden }, Vec::new()));
        }
        self.list
    }
}

fn error(spot: Spot, problem: &Problem, related: Vec<Related>) -> LispError {
    let (code, message, help) = (problem.code(), problem.to_string(), problem.help());
    LispError { code, spot, message, label: None, related, help }
}
