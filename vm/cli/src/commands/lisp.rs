//! `ttvm compile-lisp`: a small Lisp to a program's text.

use crate::{
    arguments::InputAndOutput,
    failure::Failure,
    files,
    report::{Place, Report, of_diagnostics},
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
    let compiled = ttvm_lisp::compile(&name, text)
        .map_err(|errors| Failure::Unloadable(of_diagnostics(&name, &bytes, &errors)))?;
    files::write(&arguments.output, compiled.as_bytes())?;
    Ok(0)
}
