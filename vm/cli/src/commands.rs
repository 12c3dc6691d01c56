//! What each command does: a file for each, and the choice among them.

mod bsp;
mod builtin;
mod check;
mod compile;
mod disassemble;
mod explain;
mod format;
mod lisp;
mod manual;
mod optimize;
mod run;
mod test;

use std::path::Path;

use ttvm_assembler::assemble;
use ttvm_bytecode::{Module, is_bytecode};
use ttvm_diagnostics::Severity;

use crate::{
    arguments::{Command, CommandLine},
    failure::Failure,
    files,
    report::{Place, Report, of_diagnostics},
    show, top,
};

/// Does what the command line asks for and gives the exit code.
///
/// # Errors
/// [`Failure`], when that cannot be done.
pub fn perform(line: CommandLine) -> Result<i32, Failure> {
    let Some(command) = line.command else { return run::run(line.run, run::Word::CommandOrFile) };
    match command {
        Command::Run(arguments) => run::run(arguments, run::Word::File),
        Command::Trace(arguments) => run::trace(arguments),
        Command::Profile(arguments) => run::profile(arguments),
        Command::Top(arguments) => top::top(&arguments),
        Command::Bsp(command) => bsp::perform(command),
        Command::Compile(arguments) => compile::compile(&arguments),
        Command::Disasm(arguments) => disassemble::disassemble(&arguments),
        Command::Check(arguments) => Ok(check::check(&arguments)),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Fmt(arguments) => format::format(&arguments),
        Command::Test(arguments) => test::test(&arguments),
        Command::Optimize(arguments) => optimize::optimize(&arguments),
        Command::CompileLisp(arguments) => lisp::compile(&arguments),
        Command::Completions { shell } => manual::completions(shell),
        Command::Builtin(test) => builtin::run(test),
        Command::Man { output } => manual::manual(output.as_deref()),
    }
}

/// Reads a module, text or bytecode, without asking whether it is safe to run. Shows the warnings of texts.
fn read_module(path: &Path, is_quiet: bool) -> Result<Module, Failure> {
    let bytes = files::read(path)?;
    let name = files::name_of(path);
    if is_bytecode(&bytes) {
        return ttvm_bytecode::read(&bytes)
            .map_err(|error| Failure::Unloadable(vec![Report::error(Place::file(&name), error.to_string())]));
    }
    assemble_text(&name, &bytes, is_quiet)
}

/// Assembles a text and shows its warnings.
fn assemble_text(name: &str, text: &[u8], is_quiet: bool) -> Result<Module, Failure> {
    let assembly = assemble(name, text);
    let reports = of_diagnostics(name, text, &assembly.diagnostics);
    if assembly.has_errors() {
        return Err(Failure::Unloadable(reports));
    }
    if !is_quiet {
        show::reports(&reports);
    }
    Ok(assembly.module)
}

/// How many errors and warnings there are among reports.
fn count(reports: &[Report]) -> (usize, usize) {
    let errors = reports.iter().filter(|report| report.severity == Severity::Error).count();
    (errors, reports.len() - errors)
}

/// `1 error`, `2 errors`.
fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
