//! `ttvm disasm`: bytecode to text.

use super::read_module;
use crate::{arguments::DisasmArguments, failure::Failure, files};

/// Shows a program as text. It need not be safe to run: whoever doubts a file wants to read it.
///
/// # Errors
/// [`Failure::Unloadable`], [`Failure::Write`].
pub fn disassemble(arguments: &DisasmArguments) -> Result<i32, Failure> {
    let module = read_module(&arguments.file, true)?;
    files::write(&arguments.output, ttvm_assembler::disassemble(&module).as_bytes())?;
    Ok(0)
}
