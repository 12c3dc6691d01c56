//! Where a program's text goes: buffered, whole writes, flushed when it matters.

use std::{
    fmt,
    io::{self, IsTerminal, Write},
    sync::{Arc, Mutex},
};

use ttvm_engine::Stream;

/// Bytes of stdout kept before they are written when it is no terminal.
const BUFFER_BYTES: usize = 1 << 16;

/// A sink for stdout and stderr. Clones write to the same place.
#[derive(Clone)]
pub struct Output(Arc<Mutex<Sink>>);

enum Sink {
    Standard { buffer: Vec<u8>, is_terminal: bool, failure: Option<io::Error> },
    Captured { output: String, errors: String },
}

impl Output {
    /// The standard streams of this process.
    #[must_use]
    pub fn standard() -> Self {
        let is_terminal = io::stdout().is_terminal();
        Self(Arc::new(Mutex::new(Sink::Standard { buffer: Vec::new(), is_terminal, failure: None })))
    }

    /// Keeps all text, for tests and embedders; see [`Output::text`] and [`Output::error_text`].
    #[must_use]
    pub fn captured() -> Self {
        Self(Arc::new(Mutex::new(Sink::Captured { output: String::new(), errors: String::new() })))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Sink) -> T) -> T {
        // A panic while the lock is held leaves whole strings behind: they are still good.
        act(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Writes a piece of text.
    pub fn write(&self, stream: Stream, text: &str) {
        self.with(|sink| match (sink, stream) {
            (Sink::Captured { output, .. }, Stream::Output) => output.push_str(text),
            (Sink::Captured { errors, .. }, Stream::Error) => errors.push_str(text),
            (Sink::Standard { buffer, is_terminal, failure }, Stream::Output) => {
                buffer.extend_from_slice(text.as_bytes());
                if *is_terminal || buffer.len() >= BUFFER_BYTES {
                    flush(buffer, failure);
                }
            }
            (Sink::Standard { buffer, failure, .. }, Stream::Error) => {
                flush(buffer, failure);
                // Nobody is left to tell when stderr is closed.
                let _ = io::stderr().write_all(text.as_bytes());
            }
        });
    }

    /// Writes out what is buffered.
    pub fn flush(&self) {
        self.with(|sink| {
            if let Sink::Standard { buffer, failure, .. } = sink {
                flush(buffer, failure);
            }
        });
    }

    /// Takes the first error met in writing to the standard output, such as a full disk. Text after it was lost too.
    #[must_use]
    pub fn take_failure(&self) -> Option<io::Error> {
        self.with(|sink| if let Sink::Standard { failure, .. } = sink { failure.take() } else { None })
    }

    /// What was written to a captured stdout so far.
    #[must_use]
    pub fn text(&self) -> String {
        self.with(|sink| if let Sink::Captured { output, .. } = sink { output.clone() } else { String::new() })
    }

    /// What was written to a captured stderr so far.
    #[must_use]
    pub fn error_text(&self) -> String {
        self.with(|sink| if let Sink::Captured { errors, .. } = sink { errors.clone() } else { String::new() })
    }
}

/// A reader that has gone away (`ttvm x | head`) ends the program quietly, as it does other command-line tools.
fn flush(buffer: &mut Vec<u8>, failure: &mut Option<io::Error>) {
    if buffer.is_empty() {
        return;
    }
    let mut stdout = io::stdout().lock();
    let result = stdout.write_all(buffer).and_then(|()| stdout.flush());
    buffer.clear();
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            failure.get_or_insert(error);
        }
        Ok(()) => {}
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}
