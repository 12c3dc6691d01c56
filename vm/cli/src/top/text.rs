//! One look as text, for pipes and for people in a hurry.

use std::fmt::Write;

use super::{figures, tree::tree};
use crate::live::{Frame, ProcessLine, SchedulerLine};

/// The look as text.
pub fn of_frame(frame: &Frame) -> String {
    let mut text = String::new();
    head(frame, &mut text);
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "\n{:>8} {:<20} {:<8} {:>10} {:>8} {:>8}  where",
        "process", "name", "state", "reductions", "mailbox", "bytes"
    );
    for process in &frame.processes {
        let _ = writeln!(
            text,
            "{:>8} {:<20} {:<8} {:>10} {:>8} {:>8}  {}",
            process.pid,
            name(process),
            plain(&process.state),
            process.reductions,
            process.mailbox,
            figures::bytes(process.bytes),
            place(process),
        );
    }
    let branches = tree(&frame.processes, false);
    if !branches.is_empty() {
        text.push_str("\nsupervision\n");
        for branch in branches {
            let _ = writeln!(text, "{}{}", "  ".repeat(branch.depth + 1), title(branch.process));
        }
    }
    text
}

fn head(frame: &Frame, text: &mut String) {
    let counters = &frame.counters;
    let _ = writeln!(
        text,
        "{} (pid {}), up {}: {} processes{}",
        plain(&frame.program),
        frame.os_pid,
        figures::duration(frame.time_ns),
        frame.alive,
        if frame.unseen == 0 { String::new() } else { format!(", {} of them unseen", frame.unseen) },
    );
    let _ = writeln!(
        text,
        "{} spawned, {} ended; messages: {} sent, {} received, {} undelivered",
        counters.spawned, counters.ended, counters.sent, counters.received, counters.undelivered
    );
    let resident = frame.resident_bytes.map_or("unknown".to_owned(), figures::bytes);
    let _ = writeln!(text, "memory: {resident}, control blocks {}", figures::bytes(frame.block_bytes));
    for (id, scheduler) in frame.schedulers.iter().enumerate() {
        let _ = writeln!(
            text,
            "scheduler {id}: {:.0} % busy, {} turns, {} reductions, {} stolen",
            100.0 * busy(scheduler, frame.time_ns),
            scheduler.turns,
            scheduler.reductions,
            scheduler.stolen
        );
    }
}

/// The part of the time since the start for which a scheduler was awake.
fn busy(scheduler: &SchedulerLine, time_ns: u64) -> f64 {
    if time_ns == 0 { 0.0 } else { (1.0 - scheduler.asleep_ns as f64 / time_ns as f64).clamp(0.0, 1.0) }
}

/// The name for people: the registered one, or a dash.
pub fn name(process: &ProcessLine) -> String {
    process.name.as_deref().map_or_else(|| "-".to_owned(), plain)
}

/// Where a process is: the function, and the place if it has one.
pub fn place(process: &ProcessLine) -> String {
    let function = plain(&process.function);
    if process.place.is_empty() { function } else { format!("{function} ({})", plain(&process.place)) }
}

/// A process in a tree: what it is, its number, its name.
pub fn title(process: &ProcessLine) -> String {
    let kind = if process.is_supervisor { "supervisor" } else { "worker" };
    let name = process.name.as_deref().map(|name| format!(" {}", plain(name))).unwrap_or_default();
    format!("{} {kind}{name}: {}", process.pid, place(process))
}

/// Text of a program without what would move a terminal's cursor.
pub fn plain(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '?' } else { character }).collect()
}
