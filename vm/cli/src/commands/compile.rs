//! `ttvm compile`: text to bytecode.

use ttvm_bytecode::{is_bytecode, verify, write};

use super::assemble_text;
use crate::{
    arguments::InputAndOutput,
    failure::Failure,
    files,
    report::{Place, Report, of_verify_errors},
    source::Sources,
};

/// Translates a text to bytecode that is sure to load.
///
/// # Errors
/// [`Failure::Unloadable`], [`Failure::Write`].
pub fn compile(arguments: &InputAndOutput) -> Result<i32, Failure> {
    let bytes = files::read(&arguments.input)?;
    let name = files::name_of(&arguments.input);
    if is_bytecode(&bytes) {
        let report = Report::error(Place::file(&name), "the file is bytecode already".to_owned());
        return Err(Failure::Unloadable(vec![report.with_help("`ttvm disasm` shows it as text")]));
    }
    let module = assemble_text(&name, &bytes, arguments.quiet)?;
    let verified = verify(module).map_err(|errors| {
        let mut sources = Sources::default();
        sources.add(&name, &bytes);
        Failure::Unloadable(of_verify_errors(&errors, &mut sources))
    })?;
    let written = write(verified.module())
        .map_err(|error| Failure::Unloadable(vec![Report::error(Place::file(&name), error.to_string())]))?;
    files::write(&arguments.output, &written)?;
    Ok(0)
}
