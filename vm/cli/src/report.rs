//! [`Report`]: one message for the user, whatever it came from, with all that can be shown around it.
//!
//! Here: making reports of diagnostics, verifier errors and load errors. Not here: how they look (`show/`), and
//! where source texts come from (`source.rs`).

use std::sync::Arc;

use ttvm_bytecode::VerifyError;
use ttvm_diagnostics::{Code, Diagnostic, Related, Severity, Spot};
use ttvm_machine::LoadError;

use crate::source::{SourceText, Sources};

/// A message for the user.
#[derive(Clone, Debug)]
pub struct Report {
    /// Error or warning.
    pub severity: Severity,
    /// The stable code, if it has one.
    pub code: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
    /// A few words for the place itself.
    pub label: Option<String>,
    /// Other places of the same text that belong to the matter.
    pub related: Vec<Related>,
    /// A way out.
    pub help: Option<String>,
    /// Lines to follow as they are, such as a call chain.
    pub notes: Vec<String>,
}

/// Where something is, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The file, as the user knows it; empty if there is none.
    pub file: String,
    /// Its text and the spot there.
    pub source: Option<(Arc<SourceText>, Spot)>,
    /// The 1-based line, if the text is not at hand.
    pub line: Option<u32>,
}

impl Place {
    /// A file as a whole.
    pub fn file(file: &str) -> Self {
        Self { file: file.to_owned(), source: None, line: None }
    }

    /// A line of a file, written `file:line`, with its text if that can be found.
    pub fn parse(place: &str, sources: &mut Sources) -> Self {
        let (file, line) = match place.rsplit_once(':').map(|(file, line)| (file, line.parse::<u32>())) {
            Some((file, Ok(line))) => (file, line),
            _ => return Self::file(place),
        };
        let source = sources.find(file).and_then(|text| {
            let spot = text.line_spot(line)?;
            Some((text, spot))
        });
        Self { file: file.to_owned(), source, line: Some(line) }
    }

    /// `file`, `file:line` or `file:line:column`.
    pub fn describe(&self) -> String {
        match (&self.source, self.line) {
            (Some((_, spot)), _) => format!("{}:{}:{}", self.file, spot.line, spot.column),
            (None, Some(line)) => format!("{}:{line}", self.file),
            (None, None) => self.file.clone(),
        }
    }
}

impl Report {
    /// An error.
    pub fn error(place: Place, message: String) -> Self {
        let (label, help) = (None, None);
        Self { severity: Severity::Error, code: None, message, place, label, related: Vec::new(), help, notes: vec![] }
    }

    /// A warning.
    pub fn warning(place: Place, message: String) -> Self {
        Self { severity: Severity::Warning, ..Self::error(place, message) }
    }

    /// The same with a code.
    pub fn with_code(self, code: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ..self }
    }

    /// The same with a way out.
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    fn of_diagnostic<C: Code>(file: &str, source: &Arc<SourceText>, diagnostic: &Diagnostic<C>) -> Self {
        let Diagnostic { code, spot, message, label, related, help } = diagnostic.clone();
        let (source, line) = (Some((Arc::clone(source), spot.clone())), Some(spot.line));
        Self {
            severity: code.severity(),
            code: Some(code.to_string()),
            message,
            place: Place { file: file.to_owned(), source, line },
            label,
            related,
            help,
            notes: Vec::new(),
        }
    }
}

/// Reports of what a translator says about a text.
pub fn of_diagnostics<C: Code>(file: &str, text: &[u8], diagnostics: &[Diagnostic<C>]) -> Vec<Report> {
    if diagnostics.is_empty() {
        return Vec::new();
    }
    let source = Arc::new(SourceText::new(text));
    diagnostics.iter().map(|diagnostic| Report::of_diagnostic(file, &source, diagnostic)).collect()
}

/// Reports of what the verifier refuses.
pub fn of_verify_errors(errors: &[VerifyError], sources: &mut Sources) -> Vec<Report> {
    let report = |error: &VerifyError| {
        Report::error(Place::parse(&error.place, sources), error.problem.clone()).with_code(error.rule.to_string())
    };
    errors.iter().map(report).collect()
}

/// Reports of why a program cannot be loaded.
pub fn of_load_error(error: &LoadError, sources: &mut Sources) -> Vec<Report> {
    let whole_file = |name: &str, message: String| vec![Report::error(Place::file(name), message)];
    match error {
        LoadError::Assembly { name, text, diagnostics } => of_diagnostics(name, text, diagnostics),
        LoadError::Verify { errors, .. } => of_verify_errors(errors, sources),
        LoadError::Io { path, error } => whole_file(path, format!("the file cannot be read: {error}")),
        LoadError::Read { name, error } => whole_file(name, error.to_string()),
        LoadError::Link { place, error } => vec![Report::error(Place::parse(place, sources), error.to_string())],
        LoadError::NotFound { importer, .. }
        | LoadError::Circular { importer, .. }
        | LoadError::TooDeep { importer } => whole_file(importer, error.to_string()),
        other => vec![Report::error(Place::default(), other.to_string())],
    }
}
