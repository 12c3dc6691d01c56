//! Telemetry of supersteps as events of the `tracing` crate, for embedders whose logs are there already.

use ::tracing::debug;
use ttvm_superstep::{Telemetry, TelemetryEvent, TelemetryKind};

/// Gives every event to whoever subscribes to the target `ttvm::superstep`, at the level of debugging.
///
/// The field `event` has its name, the others what was measured and where, as far as the event has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingTelemetry;

/// What was measured, as far as an event has it.
#[derive(Default)]
struct Measurements<'a> {
    duration_ns: Option<u64>,
    inbox_size: Option<u64>,
    message_count: Option<u64>,
    superstep_count: Option<u64>,
    processors: Option<u32>,
    converged: Option<bool>,
    error: Option<&'a str>,
}

impl<'a> Measurements<'a> {
    fn of(kind: &TelemetryKind<'a>) -> Self {
        let nanoseconds = |time: std::time::Duration| Some(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        let none = Self::default();
        match *kind {
            TelemetryKind::CoordinatorInitialized { processors } => Self { processors: Some(processors), ..none },
            TelemetryKind::ComputeCompleted { duration, inbox_size, .. } => {
                Self { duration_ns: nanoseconds(duration), inbox_size: Some(inbox_size), ..none }
            }
            TelemetryKind::ComputeError { reason, .. } => Self { error: Some(reason), ..none },
            TelemetryKind::CommunicateCompleted { message_count, .. } => {
                Self { message_count: Some(message_count), ..none }
            }
            TelemetryKind::SuperstepCompleted { duration, processors, messages, converged, .. } => Self {
                duration_ns: nanoseconds(duration),
                processors: Some(processors),
                message_count: Some(messages),
                converged: Some(converged),
                ..none
            },
            TelemetryKind::ComputationCompleted { duration, superstep_count, error, .. } => {
                Self { duration_ns: nanoseconds(duration), superstep_count: Some(superstep_count), error, ..none }
            }
            _ => none,
        }
    }
}

impl Telemetry for TracingTelemetry {
    fn event(&self, event: &TelemetryEvent<'_>) {
        let measured = Measurements::of(&event.kind);
        debug!(
            target: "ttvm::superstep",
            event = event.kind.name(),
            operation = event.operation,
            computation = event.group,
            superstep = event.superstep,
            name = event.name,
            processor = event.kind.processor(),
            pid = event.process.number(),
            duration_ns = measured.duration_ns,
            inbox_size = measured.inbox_size,
            message_count = measured.message_count,
            superstep_count = measured.superstep_count,
            processors = measured.processors,
            converged = measured.converged,
            error = measured.error,
        );
    }
}

#[cfg(test)]
mod tests {
    use std::{fmt, sync::Arc};

    use ::tracing::{
        Event, Metadata, Subscriber,
        field::{Field, Visit},
        span::{Attributes, Id, Record},
        subscriber::with_default,
    };
    use ttvm_platform::sync::Mutex;

    use super::*;
    use crate::{Ending, Loader, Machine, MachineConfiguration, Output};

    /// Writes down events, a line each.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<String>>>);

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            self.0.push_str(&format!(" {}={value:?}", field.name()));
        }
    }

    impl Subscriber for Lines {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target() == "ttvm::superstep"
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            let mut line = Line(String::new());
            event.record(&mut line);
            self.0.lock().push(line.0);
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn a_subscriber_sees_what_happens_in_supersteps() {
        let text = b".computation one\n  superstep only  compute=keep  converged=always\n  processors 1\n.end\n\
            NULL\nNULL\nCOMPUTE \"one\"\nPOP\n";
        let program = Loader::default().load_bytes("one.ttvm", text).expect("the program is right");
        let telemetry: Option<Arc<dyn Telemetry>> = Some(Arc::new(TracingTelemetry));
        let output = Output::captured();
        let configuration =
            MachineConfiguration { virtual_time: true, telemetry, output, ..MachineConfiguration::default() };
        let lines = Lines::default();
        // One scheduler runs everything on this thread, whose subscriber it is.
        let run = with_default(lines.clone(), || Machine::new(program, configuration).run());
        assert!(matches!(run.ending, Ending::Normal), "{run:?}");
        let place = |superstep: u32, rest: &str| {
            format!("operation=\"COMPUTE\" computation=\"one\" superstep={superstep} name=\"only\" {rest}")
        };
        let expected = [
            ("coordinator_initialized", place(0, "pid=2 processors=1")),
            ("processor_initialized", place(0, "processor=0 pid=3")),
            ("processor_data_initialized", place(0, "processor=0 pid=3")),
            ("compute_completed", place(0, "processor=0 pid=3 duration_ns=0 inbox_size=0")),
            ("communicate_completed", place(0, "processor=0 pid=3 message_count=0")),
            ("barrier_reached", place(0, "processor=0 pid=3")),
            ("superstep_completed", place(0, "pid=2 duration_ns=0 message_count=0 processors=1 converged=true")),
            ("processor_finalized", place(1, "processor=0 pid=3")),
            ("computation_completed", place(1, "pid=2 duration_ns=0 superstep_count=1")),
        ];
        let expected: Vec<String> = expected.iter().map(|(name, rest)| format!(" event=\"{name}\" {rest}")).collect();
        assert_eq!(*lines.0.lock(), expected);
    }
}
