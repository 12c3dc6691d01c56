//! Who watches a computation, chosen by the options of `ttvm bsp run`, and what is shown of it.
//!
//! Events as JSON are written by `supersteps/events.rs`, supersteps are counted and shown by `supersteps/table.rs`.

mod events;
mod table;

use std::{sync::Mutex, time::Duration};

use ttvm_machine::{Telemetry, TelemetryEvent};

use crate::{arguments::BspRunArguments, failure::Failure, observe::lock, show};
use events::EventFile;
use table::Table;

/// All who watch.
pub struct Watchers {
    events: Option<Mutex<EventFile>>,
    table: Option<Mutex<Table>>,
}

impl Watchers {
    /// Those the options ask for, if there are any.
    ///
    /// # Errors
    /// [`Failure::Write`].
    pub fn new(arguments: &BspRunArguments) -> Result<Option<Self>, Failure> {
        let events = arguments.telemetry.as_deref().map(EventFile::create).transpose()?.map(Mutex::new);
        let table = (!arguments.quiet).then(|| Mutex::new(Table::new(&arguments.name)));
        let is_watched = events.is_some() || table.is_some();
        Ok(is_watched.then_some(Self { events, table }))
    }

    /// Writes and shows what is left to be.
    ///
    /// # Errors
    /// [`Failure::Write`].
    pub fn conclude(&self) -> Result<(), Failure> {
        if let Some(table) = &self.table
            && let Some(text) = lock(table).render()
        {
            show::line(&text);
        }
        self.events.as_ref().map_or(Ok(()), |events| lock(events).conclude())
    }
}

impl Telemetry for Watchers {
    fn event(&self, event: &TelemetryEvent<'_>) {
        if let Some(events) = &self.events {
            lock(events).write(event);
        }
        if let Some(table) = &self.table {
            lock(table).note(event);
        }
    }
}

/// Nanoseconds, as many as a number of 64 bits holds.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
