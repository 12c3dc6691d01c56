//! Who watches a program as it runs, chosen by the options, and what is shown of that in the end.
//!
//! Instructions are watched by `trace.rs`, calls by `profile.rs`, processes by what is in this folder.

mod accounts;
mod events;
mod timeline;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ttvm_machine::{Entry, Event, Observer, Observes, Output, Pid, Step};
use ttvm_value::{Value, ops::text::debug_text};

use crate::{
    arguments::{ProfileFormat, RunArguments},
    failure::Failure,
    files,
    profile::{Profile, Profiler},
    show,
    trace::Tracer,
};
use accounts::{Accountant, Accounts};
use events::EventWriter;
use timeline::{Draughtsman, Timeline};

/// Characters shown of one value.
const VALUE_CHARACTERS_MAX: usize = 60;

/// What is known of a program in the end.
pub struct Observation {
    profile: Option<(ProfileFormat, Arc<Mutex<Profile>>)>,
    accounts: Option<(ProfileFormat, Arc<Mutex<Accounts>>)>,
    timeline: Option<(PathBuf, Arc<Mutex<Timeline>>)>,
    /// What the machine has to tell.
    pub observes: Observes,
    /// Whether it has to tell what happens to processes.
    pub traces: bool,
}

impl Observation {
    /// What the options ask for, and who watches for it; `timeline` is where the picture of a run goes.
    pub fn new(
        arguments: &RunArguments,
        timeline: Option<PathBuf>,
        output: &Output,
    ) -> (Self, Option<Box<dyn Observer>>) {
        let mut observers: Vec<Box<dyn Observer>> = Vec::new();
        if arguments.trace {
            observers.push(Box::new(Tracer::new(output.clone())));
        }
        let profile = profile_format(arguments).map(|format| (format, Arc::default()));
        if let Some((_, profile)) = &profile {
            observers.push(Box::new(Profiler::new(Arc::clone(profile))));
        }
        if arguments.trace_procs {
            observers.push(Box::new(EventWriter::new(output.clone())));
        }
        let format = if arguments.json { ProfileFormat::Json } else { ProfileFormat::Table };
        let accounts = arguments.profile_procs.then(|| (format, Arc::default()));
        if let Some((_, accounts)) = &accounts {
            observers.push(Box::new(Accountant::new(Arc::clone(accounts))));
        }
        let timeline = timeline.map(|path| (path, Arc::default()));
        if let Some((_, timeline)) = &timeline {
            observers.push(Box::new(Draughtsman::new(Arc::clone(timeline))));
        }
        let observes = Observes { calls: profile.is_some(), steps: arguments.trace };
        let traces = arguments.trace_procs || accounts.is_some() || timeline.is_some();
        let observer: Option<Box<dyn Observer>> =
            if observers.len() > 1 { Some(Box::new(Observers(observers))) } else { observers.pop() };
        (Self { profile, accounts, timeline, observes, traces }, observer)
    }

    /// Shows and writes what is known.
    ///
    /// # Errors
    /// [`Failure::Write`].
    pub fn conclude(&self) -> Result<(), Failure> {
        if let Some((format, profile)) = &self.profile {
            show::line(&lock(profile).render(*format));
        }
        if let Some((format, accounts)) = &self.accounts {
            show::line(&lock(accounts).render(*format));
        }
        if let Some((path, timeline)) = &self.timeline {
            files::write(path, lock(timeline).render().as_bytes())?;
        }
        Ok(())
    }
}

/// How the profile of functions is shown, if it is wanted.
pub fn profile_format(arguments: &RunArguments) -> Option<ProfileFormat> {
    if arguments.json && !arguments.profile_procs { Some(ProfileFormat::Json) } else { arguments.profile }
}

/// What is shared with an observer. Whoever panicked with it left whole numbers behind.
pub fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value for people, cut where it is long.
fn brief(value: &Value) -> String {
    shorten(&debug_text(value), VALUE_CHARACTERS_MAX)
}

/// The first characters of a text, and dots for the others.
pub fn shorten(text: &str, characters_max: usize) -> String {
    match text.char_indices().nth(characters_max) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Several observers, who see the same.
struct Observers(Vec<Box<dyn Observer>>);

impl Observer for Observers {
    fn enter(&mut self, pid: Pid, entry: &Entry<'_>) {
        self.0.iter_mut().for_each(|observer| observer.enter(pid, entry));
    }

    fn leave(&mut self, pid: Pid, frame: usize, reductions: u64) {
        self.0.iter_mut().for_each(|observer| observer.leave(pid, frame, reductions));
    }

    fn step(&mut self, pid: Pid, step: &Step<'_>) {
        self.0.iter_mut().for_each(|observer| observer.step(pid, step));
    }

    fn event(&mut self, event: &Event<'_>) {
        self.0.iter_mut().for_each(|observer| observer.event(event));
    }

    fn finish(&mut self, reductions: u64) {
        self.0.iter_mut().for_each(|observer| observer.finish(reductions));
    }
}
