//! `ttvm fmt`: texts in canonical layout.

use std::path::Path;

use ttvm_bytecode::is_bytecode;

use super::plural;
use crate::{
    arguments::FmtArguments,
    failure::Failure,
    files,
    report::{Place, Report, of_diagnostics},
    show,
};

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Canonical,
    Changed,
}

/// Formats the files, all of them even if one fails.
///
/// # Errors
/// [`Failure::Unloadable`], [`Failure::Write`].
pub fn format(arguments: &FmtArguments) -> Result<i32, Failure> {
    let mut changed = 0;
    let mut failure = None;
    for path in &arguments.files {
        match format_file(path, arguments) {
            Ok(Layout::Changed) => changed += 1,
            Ok(Layout::Canonical) => {}
            Err(next) => {
                // The last one is shown by whoever gets it.
                if let Some(previous) = failure.replace(next) {
                    Failure::show(&previous);
                }
            }
        }
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    if arguments.check && changed > 0 {
        show::line(&format!("{} not in canonical layout; `ttvm fmt --write` rewrites them", plural(changed, "file")));
        return Ok(1);
    }
    Ok(0)
}

fn format_file(path: &Path, arguments: &FmtArguments) -> Result<Layout, Failure> {
    let bytes = files::read(path)?;
    let name = files::name_of(path);
    if is_bytecode(&bytes) {
        let report = Report::error(Place::file(&name), "the file is bytecode, which has no layout".to_owned());
        return Err(Failure::Unloadable(vec![report.with_help("`ttvm disasm` shows it as text")]));
    }
    let formatted = ttvm_assembler::format(&bytes)
        .map_err(|diagnostics| Failure::Unloadable(of_diagnostics(&name, &bytes, &diagnostics)))?;
    let layout = if formatted.as_bytes() == bytes { Layout::Canonical } else { Layout::Changed };
    if arguments.check {
        if layout == Layout::Changed {
            show::print(format!("{name}\n").as_bytes())?;
        }
    } else if !arguments.write || files::is_standard(path) {
        show::print(formatted.as_bytes())?;
    } else if layout == Layout::Changed {
        files::write(path, formatted.as_bytes())?;
    }
    Ok(layout)
}
