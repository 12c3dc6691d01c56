//! `ttvm bsp`: runs computations by themselves, and shows how their supersteps went.

use std::{ffi::OsString, path::Path, sync::Arc};

use serde::de::IgnoredAny;
use ttvm_isa::limits::TEXT_BYTES_MAX;
use ttvm_machine::{
    CheckpointError, CheckpointFolder, CheckpointRecord, CheckpointStart, ComputationInput, ComputationStart, Telemetry,
};

use super::run;
use crate::{
    arguments::{
        BspCommand, BspResumeArguments, BspRunArguments, CalibrateArguments, ComputationArguments, RunArguments,
    },
    failure::Failure,
    files,
    report::{Place, Report},
    show,
    supersteps::{self, Watchers},
};

/// Does what the command line asks for and gives the exit code.
///
/// # Errors
/// [`Failure`], when that cannot be done.
pub fn perform(command: BspCommand) -> Result<i32, Failure> {
    match command {
        BspCommand::Run(arguments) => run(&arguments),
        BspCommand::Resume(arguments) => resume(&arguments),
        BspCommand::Calibrate(arguments) => calibrate(&arguments),
    }
}

fn run(arguments: &BspRunArguments) -> Result<i32, Failure> {
    let input = arguments.input.as_deref();
    if input.is_some_and(files::is_standard) && arguments.file == "-" {
        return Err(Failure::usage("the program and its input cannot both come from standard input"));
    }
    let folder = arguments.checkpoint_dir.as_deref().map(folder_name).transpose()?;
    let start = ComputationStart {
        name: arguments.name.clone(),
        input: input.map_or(Ok(ComputationInput::Nothing), read_input)?,
        processors: arguments.processors,
        max_supersteps: arguments.max_supersteps,
        checkpoint_every: arguments.checkpoint_every,
        checkpoints: folder.map(|path| CheckpointFolder { path, start: CheckpointStart::New }),
        prints_json: arguments.how.json,
        ..ComputationStart::default()
    };
    let plain = arguments.how.run(&arguments.file, arguments.arguments.iter().cloned());
    run_watched(start, &arguments.how, &plain, arguments.checkpoint_dir.as_deref())
}

fn resume(arguments: &BspResumeArguments) -> Result<i32, Failure> {
    let path = folder_name(&arguments.folder)?;
    let record = CheckpointRecord::read(&arguments.folder).map_err(unreadable)?;
    let file = program_of(&record, arguments)?;
    let plain = arguments.how.run(&file, record.arguments.iter().map(OsString::from));
    let start = ComputationStart { prints_json: arguments.how.json, ..ComputationStart::resume(path, &record) };
    run_watched(start, &arguments.how, &plain, Some(&arguments.folder))
}

/// The program whose computation goes on.
fn program_of(record: &CheckpointRecord, arguments: &BspResumeArguments) -> Result<OsString, Failure> {
    let (folder, source) = (arguments.folder.display(), &record.source);
    if record.operation != "COMPUTE" {
        return Err(Failure::Usage {
            message: format!("{folder} holds checkpoints of a group that {source} began with {}", record.operation),
            help: Some(format!("run {source} again: it goes on from them")),
        });
    }
    match &arguments.file {
        Some(file) => Ok(file.clone()),
        None if record.source == files::STDIN => Err(Failure::Usage {
            message: format!("the program of {folder} came from standard input"),
            help: Some(format!("name it: ttvm bsp resume {folder} FILE")),
        }),
        None => Ok(record.working_folder.join(source).into_os_string()),
    }
}

fn folder_name(path: &Path) -> Result<String, Failure> {
    let name = path.to_str().map(str::to_owned);
    name.ok_or_else(|| Failure::usage(format!("the name of the folder is not UTF-8: {}", path.display())))
}

/// Runs a computation. Its checkpoints in `folder` are removed when its results were printed.
fn run_watched(
    start: ComputationStart,
    how: &ComputationArguments,
    plain: &RunArguments,
    folder: Option<&Path>,
) -> Result<i32, Failure> {
    let watchers = Watchers::new(&start.name, how, run::schedulers(plain)?)?.map(Arc::new);
    let telemetry = watchers.clone().map(|watchers| watchers as Arc<dyn Telemetry>);
    let result = run::run_computation(plain, run::Computation { start, telemetry });
    if let Some(watchers) = watchers {
        watchers.conclude()?;
    }
    if let (Ok(0), Some(folder)) = (&result, folder) {
        CheckpointRecord::remove(folder).map_err(unreadable)?;
    }
    result
}

fn unreadable(error: CheckpointError) -> Failure {
    Failure::Unloadable(vec![Report::error(Place::default(), error.to_string())])
}

fn calibrate(arguments: &CalibrateArguments) -> Result<i32, Failure> {
    let CalibrateArguments { processors, schedulers } = *arguments;
    let schedulers = run::schedulers(&RunArguments { schedulers, ..RunArguments::default() })?;
    let processors = processors.unwrap_or_else(|| u32::try_from(schedulers).unwrap_or(u32::MAX));
    let costs = match supersteps::measure(schedulers, processors) {
        Ok(costs) => costs,
        Err(reason) => {
            show::line(&format!("error: nothing could be measured: {reason}"));
            return Ok(1);
        }
    };
    show::print(format!("{costs}\n").as_bytes())?;
    let path = costs.save()?;
    show::line(&format!("kept in {}", path.display()));
    Ok(0)
}

/// Reads the input. What is no JSON though it should be is found here, where its place can be shown.
fn read_input(path: &Path) -> Result<ComputationInput, Failure> {
    let name = files::name_of(path);
    let refused = |place: &str, message: String| {
        Err(Failure::Unloadable(vec![Report::error(Place::file(&format!("{name}{place}")), message)]))
    };
    let bytes = files::read(path)?;
    if bytes.len() > TEXT_BYTES_MAX as usize {
        return refused("", format!("the input has more than {TEXT_BYTES_MAX} bytes"));
    }
    let Ok(text) = String::from_utf8(bytes) else { return refused("", "the input is not UTF-8".to_owned()) };
    if !is_json(path) {
        return Ok(ComputationInput::Text(text));
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(&text) {
        let mut message = error.to_string();
        let place = format!(":{}:{}", error.line(), error.column().max(1));
        // The place is shown once.
        if let Some(end) = message.find(" at line ") {
            message.truncate(end);
        }
        return refused(&place, format!("the input is not JSON: {message}"));
    }
    Ok(ComputationInput::Json(text))
}

/// Whether a file is read as JSON: by its name, so that no content is taken for something else.
fn is_json(path: &Path) -> bool {
    files::is_standard(path) || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}
