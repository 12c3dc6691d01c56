//! Who watches a computation, chosen by the options of `ttvm bsp run`, and what is shown of it.
//!
//! Events as JSON are written by `supersteps/events.rs`; the line on the terminal is `supersteps/progress.rs`, the table
//! in the end `supersteps/table.rs`, the picture `supersteps/plot.rs`. What supersteps cost on this machine is measured by
//! `supersteps/calibration.rs` and kept by `supersteps/costs.rs`.

mod calibration;
mod costs;
mod events;
mod plot;
mod progress;
mod rows;
mod table;

use std::{sync::Mutex, time::Duration};

use ttvm_machine::{Pid, Telemetry, TelemetryEvent};

use crate::{arguments::ComputationArguments, failure::Failure, observe::lock, show};
use events::EventFile;
use plot::Plot;
use progress::Progress;
use table::Table;

pub use calibration::measure;

/// All who watch.
pub struct Watchers {
    /// Sees everything.
    events: Option<Mutex<EventFile>>,
    /// See only the computation that was asked for.
    views: Option<Mutex<Views>>,
}

/// What is shown of one computation.
struct Views {
    computation: String,
    /// Its coordinator, once it has begun. Others may run beside it, even of the same name.
    coordinator: Option<Pid>,
    table: Option<Table>,
    progress: Option<Progress>,
    plot: Option<Plot>,
}

impl Watchers {
    /// Those the options ask for, if there are any; so many schedulers run the computation of that name.
    ///
    /// # Errors
    /// [`Failure::Write`].
    pub fn new(
        computation: &str,
        arguments: &ComputationArguments,
        schedulers: usize,
    ) -> Result<Option<Self>, Failure> {
        let events = arguments.telemetry.as_deref().map(EventFile::create).transpose()?.map(Mutex::new);
        let is_shown = !arguments.quiet;
        let plot = arguments.plot.as_ref().map(|path| Plot::new(path.clone(), computation));
        let views = (is_shown || plot.is_some()).then(|| {
            Mutex::new(Views {
                computation: computation.to_owned(),
                coordinator: None,
                table: is_shown.then(|| Table::new((!arguments.virtual_time).then_some(schedulers))),
                progress: is_shown.then(Progress::new),
                plot,
            })
        });
        let is_watched = events.is_some() || views.is_some();
        Ok(is_watched.then_some(Self { events, views }))
    }

    /// Writes and shows what is left to be.
    ///
    /// # Errors
    /// [`Failure::Write`].
    pub fn conclude(&self) -> Result<(), Failure> {
        if let Some(views) = &self.views {
            lock(views).conclude()?;
        }
        self.events.as_ref().map_or(Ok(()), |events| lock(events).conclude())
    }
}

impl Telemetry for Watchers {
    fn event(&self, event: &TelemetryEvent<'_>) {
        if let Some(events) = &self.events {
            lock(events).write(event);
        }
        if let Some(views) = &self.views {
            lock(views).note(event);
        }
    }
}

impl Views {
    fn note(&mut self, event: &TelemetryEvent<'_>) {
        if self.coordinator.is_none() && event.operation == "COMPUTE" && event.group == self.computation {
            self.coordinator = Some(event.coordinator);
        }
        if self.coordinator != Some(event.coordinator) {
            return;
        }
        if let Some(table) = &mut self.table {
            table.note(event);
        }
        if let Some(progress) = &mut self.progress {
            progress.note(event);
        }
        if let Some(plot) = &mut self.plot {
            plot.note(event);
        }
    }

    fn conclude(&self) -> Result<(), Failure> {
        if let Some(progress) = &self.progress {
            progress.finish();
        }
        if self.coordinator.is_none() {
            return Ok(());
        }
        if let Some(table) = &self.table {
            show::line(&table.render());
        }
        self.plot.as_ref().map_or(Ok(()), Plot::write)
    }
}

/// Nanoseconds, as many as a number of 64 bits holds.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
