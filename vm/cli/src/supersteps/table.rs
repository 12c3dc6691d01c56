//! The table of supersteps that `ttvm bsp run` shows in the end.
//!
//! A computation may have millions of supersteps: kept are the first, the last, and the sums.

use std::{collections::VecDeque, time::Duration};

use ttvm_machine::{TelemetryEvent, TelemetryKind};

use super::{
    costs::Costs,
    rows::{Row, Rows},
};

/// Rows that are shown from the beginning, and as many from the end.
const ROWS_SHOWN_MAX: usize = 20;

/// What the supersteps of one computation came to.
#[derive(Default)]
pub struct Table {
    /// How many threads run it, if it runs in real time: then what was measured can predict how long it takes.
    schedulers: Option<usize>,
    processors: u32,
    rows: Rows,
    first: Vec<Row>,
    last: VecDeque<Row>,
    sum: Row,
    supersteps: u64,
    messages_left: u64,
    duration: Option<Duration>,
}

impl Row {
    fn add(&mut self, row: &Self) {
        self.work += row.work;
        self.h += row.h;
        self.wait += row.wait;
        self.total += row.total;
        self.messages += row.messages;
    }

    /// What is shown of it, with what was predicted.
    fn cells(&self, superstep: String, predicted: Option<Duration>) -> Vec<String> {
        let Self { name, h, messages, .. } = self;
        let [work, wait, total] = [self.work, self.wait, self.total].map(shown);
        let mut cells = vec![superstep, name.clone(), work, h.to_string(), wait, total, messages.to_string()];
        cells.extend(predicted.map(shown));
        cells
    }
}

impl Table {
    /// Of a computation on so many schedulers in real time, or in virtual time.
    pub fn new(schedulers: Option<usize>) -> Self {
        Self { schedulers, ..Self::default() }
    }

    /// Notes what has happened.
    pub fn note(&mut self, event: &TelemetryEvent<'_>) {
        match event.kind {
            TelemetryKind::CoordinatorInitialized { processors } => self.processors = processors,
            TelemetryKind::ComputationCompleted { duration, messages_left, .. } => {
                self.duration = Some(duration);
                self.messages_left = messages_left;
            }
            _ => {}
        }
        if let Some(row) = self.rows.note(event) {
            self.push(row);
        }
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
        let costs = self.schedulers.and_then(|schedulers| Costs::find(schedulers, self.processors));
        let mut heads = ["superstep", "name", "work", "h", "wait", "total", "messages"].map(str::to_owned).to_vec();
        heads.extend(costs.as_ref().map(|_| "predicted".to_owned()));
        let mut rows = vec![heads];
        let cells = |row: &Row| {
            row.cells(row.superstep.to_string(), costs.as_ref().map(|costs| costs.predict(row.work, row.h, 1)))
        };
        rows.extend(self.first.iter().map(cells));
        let hidden = self.supersteps - (self.first.len() + self.last.len()) as u64;
        if hidden > 0 {
            rows.push(vec![String::new(), format!("({hidden} more)")]);
        }
        rows.extend(self.last.iter().map(cells));
        let sum = costs.as_ref().map(|costs| costs.predict(self.sum.work, self.sum.h, self.supersteps));
        rows.push(self.sum.cells("all".to_owned(), sum));
        let duration = self.duration.map(|duration| format!(" in {}", shown(duration))).unwrap_or_default();
        let left =
            if self.messages_left == 0 { String::new() } else { format!(", {} messages left", self.messages_left) };
        let plural = if self.supersteps == 1 { "" } else { "s" };
        let model = costs.map(|costs| format!("\npredicted with {costs}")).unwrap_or_default();
        format!("{}{} superstep{plural}{duration}{left}{model}", aligned(&rows), self.supersteps)
    }
}

/// The rows with their columns below each other: names to the left, all else to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            match column {
                1 => line.push_str(&format!("{gap}{cell:<width$}")),
                _ => line.push_str(&format!("{gap}{cell:>width$}")),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A time for people, with three digits or more.
pub fn shown(time: Duration) -> String {
    let nanoseconds = time.as_nanos();
    let scaled = |unit: f64| nanoseconds as f64 / unit;
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{:.1} µs", scaled(1e3)),
        1_000_000..1_000_000_000 => format!("{:.1} ms", scaled(1e6)),
        _ => format!("{:.2} s", scaled(1e9)),
    }
}
