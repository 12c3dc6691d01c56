//! The progress of a computation, a line on the terminal while it runs.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ttvm_machine::{TelemetryEvent, TelemetryKind};

/// How often the line changes at most, each second.
const DRAWN_HERTZ: u8 = 10;

/// How often it turns while nothing happens.
const TURN: Duration = Duration::from_millis(200);

/// The line.
pub struct Progress {
    bar: ProgressBar,
    processors: u32,
    messages: u64,
}

impl Progress {
    /// A line on the standard error. If that is no terminal, it is never seen.
    pub fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(DRAWN_HERTZ));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed}") {
            bar.set_style(style);
        }
        Self { bar, processors: 0, messages: 0 }
    }

    /// Notes what has happened.
    pub fn note(&mut self, event: &TelemetryEvent<'_>) {
        match event.kind {
            TelemetryKind::CoordinatorInitialized { processors } => {
                self.processors = processors;
                self.bar.enable_steady_tick(TURN);
            }
            TelemetryKind::SuperstepCompleted { processors, messages, .. } => {
                self.messages += messages;
                let superstep = event.superstep + 1;
                let Self { messages, processors: all, .. } = self;
                // Most changes are never drawn.
                self.bar.set_message(format!(
                    "superstep {superstep} {}: {messages} messages, {processors} of {all} processors active",
                    event.name
                ));
            }
            // What the program prints behind it begins on an empty line.
            TelemetryKind::ComputationCompleted { .. } => self.finish(),
            _ => {}
        }
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
