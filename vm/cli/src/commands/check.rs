//! `ttvm check`: everything there is to say about programs, without running them.

use std::path::Path;

use ttvm_diagnostics::Severity;
use ttvm_machine::LoadMode;

use super::{count, plural, run};
use crate::{
    arguments::CheckArguments,
    failure::Failure,
    files, lints,
    report::{Report, of_diagnostics},
    show,
};

/// Checks the files and gives the exit code.
pub fn check(arguments: &CheckArguments) -> i32 {
    let (mut errors, mut warnings) = (0, 0);
    for path in &arguments.files {
        let mut reports = match reports(path) {
            Ok(reports) | Err(Failure::Unloadable(reports)) => reports,
            Err(other) => {
                other.show();
                errors += 1;
                continue;
            }
        };
        if arguments.quiet {
            reports.retain(|report| report.severity == Severity::Error);
        }
        show::reports(&reports);
        let (more_errors, more_warnings) = count(&reports);
        errors += more_errors;
        warnings += more_warnings;
    }
    if errors + warnings > 0 {
        let files = plural(arguments.files.len(), "file");
        show::line(&format!("{files} checked: {}, {}", plural(errors, "error"), plural(warnings, "warning")));
    }
    i32::from(errors > 0)
}

fn reports(path: &Path) -> Result<Vec<Report>, Failure> {
    let (program, _, mut sources) = run::load(path, LoadMode::Ordinary)?;
    let mut reports = of_diagnostics(&files::name_of(path), &program.text, &program.warnings);
    reports.extend(lints::check(program.module.verified(), &mut sources));
    Ok(reports)
}
