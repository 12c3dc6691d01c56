//! `--trace-procs`: a line for each thing that happens to a process.

use ttvm_machine::{Event, EventKind, Observer, Output, Stream};

use super::brief;

/// Writes the lines.
pub struct EventWriter {
    output: Output,
}

impl EventWriter {
    /// A writer to the standard error of `output`.
    pub fn new(output: Output) -> Self {
        Self { output }
    }
}

impl Observer for EventWriter {
    fn event(&mut self, event: &Event<'_>) {
        let what = match event.kind {
            EventKind::Spawn(None) => "spawn".to_owned(),
            EventKind::Spawn(Some(parent)) => format!("spawn by <{parent}>"),
            EventKind::In => "in".to_owned(),
            EventKind::Out(reductions, reason) => format!("out ({reason}) after {reductions} reductions"),
            EventKind::Send(to, message) => format!("send to <{to}> {}", brief(message)),
            EventKind::Receive(message) => format!("receive {}", brief(message)),
            EventKind::Link(other) => format!("link with <{other}>"),
            EventKind::Register(name) => format!("register {name:?}"),
            EventKind::Exit(reason) => format!("exit {}", brief(reason)),
            other => format!("{other:?}"),
        };
        let milliseconds = event.time.as_secs_f64() * 1e3;
        let line = format!("{milliseconds:>10.3} ms  scheduler {}  <{}> {what}\n", event.scheduler, event.pid);
        self.output.write(Stream::Error, &line);
    }
}
