//! The table of supersteps that `ttvm bsp run` shows in the end.
//!
//! A computation may have millions of supersteps: kept are the first, the last, and the sums.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use ttvm_machine::{TelemetryEvent, TelemetryKind};

/// Rows that are shown from the beginning, and as many from the end.
const ROWS_SHOWN_MAX: usize = 20;

/// What the supersteps of one computation came to.
#[derive(Default)]
pub struct Table {
    /// Supersteps that are not over, by number: while the last processors end one, the first are in the next.
    open: BTreeMap<u64, Open>,
    first: Vec<Row>,
    last: VecDeque<Row>,
    sum: Row,
    supersteps: u64,
    messages_left: u64,
    duration: Option<Duration>,
}

/// A superstep that is not over.
#[derive(Default)]
struct Open {
    /// How long each processor has computed.
    work: BTreeMap<u32, Duration>,
    /// When the first came to the barrier.
    first_arrival: Option<Duration>,
    /// Messages of the processor that sent most.
    sent_max: u64,
}

/// A superstep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    superstep: u64,
    name: String,
    /// Of the processor that computed longest.
    work: Duration,
    /// Messages of the processor that sent or got most.
    h: u64,
    /// How long the processor that came first waited at the barrier.
    wait: Duration,
    total: Duration,
    messages: u64,
}

impl Row {
    fn add(&mut self, row: &Self) {
        self.work += row.work;
        self.h += row.h;
        self.wait += row.wait;
        self.total += row.total;
        self.messages += row.messages;
    }

    fn cells(&self, superstep: String) -> [String; 7] {
        let Self { name, h, messages, .. } = self;
        let times = [self.work, self.wait, self.total].map(shown);
        let [work, wait, total] = times;
        [superstep, name.clone(), work, h.to_string(), wait, total, messages.to_string()]
    }
}

impl Table {
    /// Notes what has happened.
    pub fn note(&mut self, event: &TelemetryEvent<'_>) {
        match event.kind {
            TelemetryKind::ComputeCompleted { processor, duration, .. } => {
                *self.open(event).work.entry(processor).or_default() += duration;
            }
            TelemetryKind::CommunicateCompleted { message_count, .. } => {
                let open = self.open(event);
                open.sent_max = open.sent_max.max(message_count);
            }
            TelemetryKind::BarrierReached { .. } => {
                self.open(event).first_arrival.get_or_insert(event.time);
            }
            TelemetryKind::SuperstepCompleted { duration, messages, messages_max, .. } => {
                let open = self.open.remove(&event.superstep).unwrap_or_default();
                self.push(Row {
                    superstep: event.superstep,
                    name: event.name.to_owned(),
                    work: open.work.into_values().max().unwrap_or_default(),
                    h: open.sent_max.max(messages_max),
                    wait: open.first_arrival.map_or(Duration::ZERO, |arrival| event.time.saturating_sub(arrival)),
                    total: duration,
                    messages,
                });
            }
            // What was computed is computed again, or nobody goes on.
            TelemetryKind::ComputeError { .. } => self.open.clear(),
            TelemetryKind::ComputationCompleted { duration, messages_left, .. } => {
                self.duration = Some(duration);
                self.messages_left = messages_left;
            }
            _ => {}
        }
    }

    fn open(&mut self, event: &TelemetryEvent<'_>) -> &mut Open {
        self.open.entry(event.superstep).or_default()
    }

    fn push(&mut self, row: Row) {
        self.sum.add(&row);
        self.supersteps += 1;
        if self.first.len() < ROWS_SHOWN_MAX {
            return self.first.push(row);
        }
        if self.last.len() == ROWS_SHOWN_MAX {
            self.last.pop_front();
        }
        self.last.push_back(row);
    }

    /// The table and the sums.
    pub fn render(&self) -> String {
        let heads = ["superstep", "name", "work", "h", "wait", "total", "messages"].map(str::to_owned);
        let mut rows = vec![heads];
        let row = |row: &Row| row.cells(row.superstep.to_string());
        rows.extend(self.first.iter().map(row));
        let hidden = self.supersteps - (self.first.len() + self.last.len()) as u64;
        if hidden > 0 {
            let mut note: [String; 7] = Default::default();
            note[1] = format!("({hidden} more)");
            rows.push(note);
        }
        rows.extend(self.last.iter().map(row));
        rows.push(self.sum.cells("all".to_owned()));
        let duration = self.duration.map(|duration| format!(" in {}", shown(duration))).unwrap_or_default();
        let left =
            if self.messages_left == 0 { String::new() } else { format!(", {} messages left", self.messages_left) };
        let plural = if self.supersteps == 1 { "" } else { "s" };
        format!("{}{} superstep{plural}{duration}{left}", aligned(&rows), self.supersteps)
    }
}

/// The rows with their columns below each other: names to the left, all else to the right.
fn aligned(rows: &[[String; 7]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            match column {
                1 => text.push_str(&format!("{gap}{cell:<width$}")),
                _ => text.push_str(&format!("{gap}{cell:>width$}")),
            }
        }
        text.push('\n');
    }
    text
}

/// A time for people, with three digits or more.
fn shown(time: Duration) -> String {
    let nanoseconds = time.as_nanos();
    let scaled = |unit: f64| nanoseconds as f64 / unit;
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{:.1} µs", scaled(1e3)),
        1_000_000..1_000_000_000 => format!("{:.1} ms", scaled(1e6)),
        _ => format!("{:.2} s", scaled(1e9)),
    }
}
