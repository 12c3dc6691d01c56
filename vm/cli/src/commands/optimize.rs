//! `ttvm optimize`: the same program, smaller and faster.

use ttvm_bytecode::{verify, write};

use super::read_module;
use crate::{
    arguments::OptimizeArguments,
    failure::Failure,
    files,
    report::{Place, Report, of_verify_errors},
    show,
    source::Sources,
};

/// Optimizes a program.
///
/// # Errors
/// [`Failure::Unloadable`], [`Failure::Write`].
pub fn optimize(arguments: &OptimizeArguments) -> Result<i32, Failure> {
    let files = &arguments.files;
    let module = read_module(&files.input, files.quiet)?;
    let verified =
        verify(module).map_err(|errors| Failure::Unloadable(of_verify_errors(&errors, &mut Sources::default())))?;
    let (optimized, report) = ttvm_optimizer::optimize(verified.module());
    let is_text = files.output.extension().is_some_and(|extension| extension == "ttvm");
    let bytes = if is_text {
        ttvm_assembler::disassemble(&optimized).into_bytes()
    } else {
        let name = files::name_of(&files.input);
        write(&optimized)
            .map_err(|error| Failure::Unloadable(vec![Report::error(Place::file(&name), error.to_string())]))?
    };
    files::write(&files.output, &bytes)?;
    if arguments.report {
        show::line(report.to_string().trim_end());
    }
    Ok(0)
}
