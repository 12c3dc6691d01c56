//! `--telemetry`: an event a line, as JSON.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};
use ttvm_machine::{TelemetryEvent, TelemetryKind};

use super::nanoseconds;
use crate::{failure::Failure, files};

/// The file that events are written to.
pub struct EventFile {
    path: PathBuf,
    sink: BufWriter<Box<dyn Write + Send>>,
    /// The first error in writing. What comes behind it is lost.
    failure: Option<io::Error>,
}

impl EventFile {
    /// An empty file.
    ///
    /// # Errors
    /// [`Failure::Write`].
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let failed = |error| Failure::Write { path: path.to_path_buf(), error };
        let sink: Box<dyn Write + Send> = if files::is_standard(path) {
            Box::new(io::stderr())
        } else {
            Box::new(File::create(path).map_err(failed)?)
        };
        Ok(Self { path: path.to_path_buf(), sink: BufWriter::new(sink), failure: None })
    }

    /// Writes an event.
    pub fn write(&mut self, event: &TelemetryEvent<'_>) {
        if self.failure.is_some() {
            return;
        }
        let is_last = matches!(event.kind, TelemetryKind::ComputationCompleted { .. });
        let written = writeln!(self.sink, "{}", line_of(event));
        let written = if is_last { written.and_then(|()| self.sink.flush()) } else { written };
        self.failure = written.err();
    }

    /// All is written, or it is said why not.
    ///
    /// # Errors
    /// [`Failure::Write`].
    pub fn conclude(&mut self) -> Result<(), Failure> {
        let result = self.failure.take().map_or_else(|| self.sink.flush(), Err);
        result.map_err(|error| Failure::Write { path: self.path.clone(), error })
    }
}

fn line_of(event: &TelemetryEvent<'_>) -> Value {
    let mut metadata = Map::new();
    metadata.insert("operation".to_owned(), json!(event.operation));
    metadata.insert("computation".to_owned(), json!(event.group));
    metadata.insert("coordinator".to_owned(), json!(event.coordinator.number()));
    metadata.insert("superstep".to_owned(), json!(event.superstep));
    metadata.insert("name".to_owned(), json!(event.name));
    metadata.insert("pid".to_owned(), json!(event.process.number()));
    if let Some(processor) = event.kind.processor() {
        metadata.insert("processor".to_owned(), json!(processor));
    }
    match event.kind {
        TelemetryKind::ComputeError { reason, .. } => {
            metadata.insert("reason".to_owned(), json!(reason));
        }
        TelemetryKind::SuperstepCompleted { converged, .. } => {
            metadata.insert("converged".to_owned(), json!(converged));
        }
        TelemetryKind::ComputationCompleted { error: Some(error), .. } => {
            metadata.insert("error".to_owned(), json!(error));
        }
        _ => {}
    }
    json!({
        "event": event.kind.name(),
        "time_ns": nanoseconds(event.time),
        "measurements": measurements(&event.kind),
        "metadata": metadata,
    })
}

fn measurements(kind: &TelemetryKind<'_>) -> Value {
    match *kind {
        TelemetryKind::CoordinatorInitialized { processors } => json!({ "processors": processors }),
        TelemetryKind::ComputeCompleted { duration, inbox_size, .. } => {
            json!({ "duration_ns": nanoseconds(duration), "inbox_size": inbox_size })
        }
        TelemetryKind::CommunicateCompleted { message_count, .. } => json!({ "message_count": message_count }),
        TelemetryKind::SuperstepCompleted { duration, processors, messages, messages_max, .. } => json!({
            "duration_ns": nanoseconds(duration),
            "processors": processors,
            "message_count": messages,
            "message_count_max": messages_max,
        }),
        TelemetryKind::ComputationCompleted { duration, superstep_count, messages_left, .. } => json!({
            "duration_ns": nanoseconds(duration),
            "superstep_count": superstep_count,
            "messages_left": messages_left,
        }),
        _ => json!({}),
    }
}
