//! `ttvm test`: runs the `.test` blocks of programs, each in a machine of its own.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use ttvm_machine::{Ending, Input, LoadMode, Loader, Machine, MachineConfiguration, Output, Program};

use super::run;
use crate::{
    arguments::TestArguments,
    failure::Failure,
    files,
    report::{Place, Report, of_diagnostics},
    show,
    source::Sources,
};

/// What came of tests.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    filtered: usize,
}

/// Runs the tests of the files, all of them even if one cannot be loaded.
///
/// # Errors
/// [`Failure::Unloadable`], [`Failure::Write`].
pub fn test(arguments: &TestArguments) -> Result<i32, Failure> {
    let mut tally = Tally::default();
    let mut failure = None;
    for path in &arguments.files {
        if let Err(next) = test_file(path, arguments, &mut tally) {
            next.show();
            failure = Some(next);
        }
    }
    let mut summary = format!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.filtered > 0 {
        summary.push_str(&format!(", {} filtered out", tally.filtered));
    }
    show::print(format!("{summary}\n").as_bytes())?;
    match failure {
        Some(failure) => Ok(failure.exit_code()),
        None => Ok(i32::from(tally.failed > 0)),
    }
}

fn test_file(path: &Path, arguments: &TestArguments, tally: &mut Tally) -> Result<(), Failure> {
    let (program, loader, mut sources) = run::load(path, LoadMode::Ordinary)?;
    let name = files::name_of(path);
    if !arguments.quiet {
        show::reports(&of_diagnostics(&name, &program.text, &program.warnings));
    }
    let tests = program.tests();
    if !tests.is_empty() {
        show::print(format!("{name}\n").as_bytes())?;
    }
    for (index, title) in tests {
        if arguments.filter.as_ref().is_some_and(|wanted| !title.contains(wanted)) {
            tally.filtered += 1;
            continue;
        }
        let outcome = run_test(&program, (index, &title), &loader, arguments, &mut sources);
        let word = if outcome.report.is_none() { "ok  " } else { "FAIL" };
        show::print(format!("  {word}  {title}  ({})\n", shown(outcome.time)).as_bytes())?;
        match outcome.report {
            None => tally.passed += 1,
            Some(report) => {
                tally.failed += 1;
                show_failure(&report, &outcome.output)?;
            }
        }
    }
    Ok(())
}

/// What came of one test.
struct Outcome {
    /// Why it failed, if it did.
    report: Option<Report>,
    output: Output,
    time: Duration,
}

fn run_test(
    program: &Program,
    (index, title): (usize, &str),
    loader: &Loader,
    arguments: &TestArguments,
    sources: &mut Sources,
) -> Outcome {
    let output = Output::captured();
    let configuration = MachineConfiguration {
        arguments: Vec::new(),
        input: Input::Bytes(Vec::new()),
        output: output.clone(),
        is_quiet: false,
        seed: arguments.seed,
        permissions: arguments.permissions.permissions(),
        loader: loader.clone(),
        ..MachineConfiguration::default()
    };
    let start = Instant::now();
    let ending = Machine::for_test(program.clone(), index, configuration).run().ending;
    let time = start.elapsed();
    let report = match &ending {
        Ending::Normal => None,
        Ending::Crashed(crash) => Some(run::crash_report(crash, sources)),
        // What would have come behind it was not tested.
        Ending::Exit(code) => {
            Some(Report::error(Place::default(), format!("the test `{title}` ended early, with EXIT {code}")))
        }
        other => run::ending_report(other),
    };
    Outcome { report, output, time }
}

fn show_failure(report: &Report, output: &Output) -> Result<(), Failure> {
    let printed = [("standard output", output.text()), ("standard error", output.error_text())];
    for (stream, text) in printed {
        if !text.is_empty() {
            let end = if text.ends_with('\n') { "" } else { "\n" };
            show::print(format!("--- {stream} ---\n{text}{end}---\n").as_bytes())?;
        }
    }
    show::reports(std::slice::from_ref(report));
    Ok(())
}

fn shown(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    if milliseconds < 1_000.0 { format!("{milliseconds:.1} ms") } else { format!("{:.2} s", milliseconds / 1e3) }
}
