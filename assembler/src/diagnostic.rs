//! [`Diagnostic`]: what the assembler says about a text, ready to be shown; and their collection.
//!
//! What can be said is in `problem.rs`; here are the order and the number of messages.

use ttvm_diagnostics::{Code as _, Proposer, Related, Severity};

use crate::{
    problem::Problem,
    source::{Span, end_span},
};

pub use crate::problem::DiagnosticCode;

/// One message about a text.
pub type Diagnostic = ttvm_diagnostics::Diagnostic<DiagnosticCode>;

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
        let related =
            related.iter().map(|(span, message)| Related { spot: span.spot(text), message: (*message).to_owned() });
        list.push(Diagnostic {
            code,
            spot: span.spot(text),
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
        all.sort_by_key(|diagnostic| (diagnostic.spot.span.start, diagnostic.code.severity()));
        if hidden > 0 {
            let mut last = Diagnostics::new(self.text, 1);
            last.report(end_span(self.text), &Problem::TooManyDiagnostics { hidden });
            all.append(&mut last.warnings);
        }
        all
    }
}
