//! `ttvm compile-lisp`: a small Lisp to a program's text.

use std::sync::Arc;

use ttvm_lisp::LispError;

use crate::{
    arguments::InputAndOutput,
    failure::Failure,
    files,
    report::{Place, Report, Spot},
    source::SourceText,
};

/// Translates Lisp to the text of a program.
///
/// # Errors
/// [`Failure::Unloadable`], [`Failure::Write`].
pub fn compile(arguments: &InputAndOutput) -> Result<i32, Failure> {
    let bytes = files::read(&arguments.input)?;
    let name = files::name_of(&arguments.input);
    let text = str::from_utf8(&bytes).map_err(|error| {
        let message = format!("the file is not UTF-8 text (after {} bytes)", error.valid_up_to());
        Failure::Unloadable(vec![Report::error(Place::file(&name), message)])
    })?;
    let compiled = ttvm_lisp::compile(&name, text).map_err(|errors| {
        let source = Arc::new(SourceText::new(&bytes));
        Failure::Unloadable(errors.iter().map(|error| report(&name, &source, error)).collect())
    })?;
    files::write(&arguments.output, compiled.as_bytes())?;
    Ok(0)
}

fn report(file: &str, source: &Arc<SourceText>, error: &LispError) -> Report {
    let LispError { code, span, line, column, message, related, help } = error;
    let spot = Spot { span: span.clone(), line: *line, column: *column };
    let place = Place { file: file.to_owned(), source: Some((Arc::clone(source), spot)), line: Some(*line) };
    let related = related.iter().map(|other| {
        (Spot { span: other.span.clone(), line: other.line, column: other.column }, other.message.clone())
    });
    Report {
        related: related.collect(),
        help: help.clone(),
        ..Report::error(place, message.clone()).with_code(code.to_string())
    }
}
