//! `ttvm trace`: a run as a picture in Chrome's trace-event format, which Perfetto and `chrome://tracing` show.
//!
//! Two groups of tracks: a track for each scheduler, which shows whose turn it was, and one for each process, with its
//! turns, what happened to it, and arrows for messages. Trace events know no receiver's message by name: an arrow ends
//! at the oldest message of the same content.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value as Json, json};
use ttvm_machine::{Event, EventKind, Observer, Pid};
use ttvm_value::{Value, ops::text::debug_text};

use super::{brief, lock};

/// The group of the tracks of schedulers: what the format calls a process.
const SCHEDULERS: u64 = 1;

/// The group of the tracks of processes.
const PROCESSES: u64 = 2;

/// The picture.
#[derive(Debug, Default)]
pub struct Timeline {
    /// Events as JSON, one a line.
    events: String,
    schedulers: BTreeSet<usize>,
    /// The names of processes by their numbers, if they have some.
    names: BTreeMap<u64, Option<String>>,
}

/// Draws the picture.
pub struct Draughtsman {
    timeline: Arc<Mutex<Timeline>>,
    /// The turns that are not over, by scheduler.
    turns: HashMap<usize, (Pid, Duration)>,
    /// The messages that were sent to each process and not received: what they are like, and the numbers of their arrows.
    sent: HashMap<Pid, VecDeque<(u64, u64)>>,
    arrows: u64,
    end: Duration,
}

impl Draughtsman {
    /// One who draws into `timeline`.
    pub fn new(timeline: Arc<Mutex<Timeline>>) -> Self {
        Self { timeline, turns: HashMap::new(), sent: HashMap::new(), arrows: 0, end: Duration::ZERO }
    }

    fn end_turn(&mut self, scheduler: usize, time: Duration, reductions: Option<u64>, reason: &str) {
        let Some((pid, start)) = self.turns.remove(&scheduler) else { return };
        let (ts, dur) = (microseconds(start), microseconds(time.saturating_sub(start)));
        let mut timeline = lock(&self.timeline);
        let name = timeline.name_of(pid);
        let arguments = json!({ "reductions": reductions, "reason": reason });
        timeline.add(&json!({
            "ph": "X", "name": name, "cat": "turn", "pid": SCHEDULERS, "tid": scheduler, "ts": ts, "dur": dur,
            "args": arguments,
        }));
        timeline.add(&json!({
            "ph": "X", "name": format!("turn ({reason})"), "cat": "turn", "pid": PROCESSES, "tid": pid.number(),
            "ts": ts, "dur": dur, "args": { "reductions": reductions, "reason": reason, "scheduler": scheduler },
        }));
    }

    /// Something that happened at one moment.
    fn instant(&self, event: &Event<'_>, name: &str, arguments: &Json) {
        lock(&self.timeline).add(&json!({
            "ph": "i", "s": "t", "name": name, "cat": "process", "pid": PROCESSES, "tid": event.pid.number(),
            "ts": microseconds(event.time), "args": arguments,
        }));
    }

    /// One end of an arrow: `s` where it starts, `f` where it finishes.
    fn arrow(&self, event: &Event<'_>, end: &str, number: u64) {
        lock(&self.timeline).add(&json!({
            "ph": end, "bp": "e", "name": "message", "cat": "message", "id": number, "pid": PROCESSES,
            "tid": event.pid.number(), "ts": microseconds(event.time),
        }));
    }

    fn sends(&mut self, event: &Event<'_>, to: Pid, message: &Value) {
        self.instant(event, "send", &json!({ "to": to.number(), "message": brief(message) }));
        self.arrows += 1;
        self.sent.entry(to).or_default().push_back((likeness(message), self.arrows));
        self.arrow(event, "s", self.arrows);
    }

    fn receives(&mut self, event: &Event<'_>, message: &Value) {
        self.instant(event, "receive", &json!({ "message": brief(message) }));
        let Some(sent) = self.sent.get_mut(&event.pid) else { return };
        let wanted = likeness(message);
        let found = sent.iter().position(|(likeness, _)| *likeness == wanted);
        if let Some((_, number)) = found.and_then(|index| sent.remove(index)) {
            self.arrow(event, "f", number);
        }
    }
}

impl Observer for Draughtsman {
    fn event(&mut self, event: &Event<'_>) {
        self.end = self.end.max(event.time);
        lock(&self.timeline).schedulers.insert(event.scheduler);
        lock(&self.timeline).names.entry(event.pid.number()).or_default();
        match event.kind {
            EventKind::Spawn(parent) => {
                self.instant(event, "spawn", &json!({ "by": parent.map(Pid::number) }));
            }
            EventKind::In => {
                self.turns.insert(event.scheduler, (event.pid, event.time));
            }
            EventKind::Out(reductions, reason) => {
                self.end_turn(event.scheduler, event.time, Some(*reductions), reason);
            }
            EventKind::Send(to, message) => self.sends(event, *to, message),
            EventKind::Receive(message) => self.receives(event, message),
            EventKind::Link(other) => self.instant(event, "link", &json!({ "with": other.number() })),
            EventKind::Register(name) => {
                lock(&self.timeline).names.insert(event.pid.number(), Some((*name).to_owned()));
                self.instant(event, "register", &json!({ "name": name }));
            }
            EventKind::Exit(reason) => {
                self.sent.remove(&event.pid);
                self.instant(event, "exit", &json!({ "reason": brief(reason) }));
            }
            other => self.instant(event, &format!("{other:?}"), &Json::Null),
        }
    }

    fn finish(&mut self, _reductions: u64) {
        let schedulers: Vec<usize> = self.turns.keys().copied().collect();
        for scheduler in schedulers {
            self.end_turn(scheduler, self.end, None, "end");
        }
    }
}

impl Timeline {
    fn add(&mut self, event: &Json) {
        if !self.events.is_empty() {
            self.events.push_str(",\n");
        }
        self.events.push_str(&event.to_string());
    }

    fn name_of(&self, pid: Pid) -> String {
        label(pid.number(), self.names.get(&pid.number()).and_then(Option::as_deref))
    }

    /// The whole file.
    pub fn render(&mut self) -> String {
        let mut tracks = vec![
            name_track("process_name", SCHEDULERS, 0, "schedulers"),
            name_track("process_name", PROCESSES, 0, "processes"),
        ];
        let schedulers = self.schedulers.iter();
        tracks
            .extend(schedulers.map(|id| name_track("thread_name", SCHEDULERS, *id as u64, &format!("scheduler {id}"))));
        let processes = self.names.iter();
        tracks.extend(
            processes
                .map(|(number, name)| name_track("thread_name", PROCESSES, *number, &label(*number, name.as_deref()))),
        );
        for track in &tracks {
            self.add(track);
        }
        format!("{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n{}\n]}}\n", self.events)
    }
}

/// What a process is called.
fn label(number: u64, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("process {number} ({name})"),
        None => format!("process {number}"),
    }
}

/// Gives a track or a group of tracks its name.
fn name_track(what: &str, group: u64, track: u64, name: &str) -> Json {
    json!({ "ph": "M", "name": what, "pid": group, "tid": track, "args": { "name": name } })
}

/// The format's unit of time.
fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The same number for messages of the same content.
fn likeness(message: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    debug_text(message).hash(&mut hasher);
    hasher.finish()
}
