//! What signals do: rules P8 to P18, P31 to P44.

use super::{
    MAIN,
    mailbox::Message,
    table::{Process, Processes, Target, object},
};
use crate::{machine::Ending, text::Printed, value::Value};

/// The sender of exit signals that no process sends.
pub(super) const NOBODY: u64 = 0;

impl Processes {
    /// Ends a process, and whoever ends because of that.
    pub(crate) fn end(&mut self, number: u64, reason: Value) {
        let mut ends = vec![(number, reason)];
        while !ends.is_empty() {
            let (number, reason) = ends.remove(0);
            // The first reason counts (rule P7).
            let Some(process) = self.table.remove(&number) else { continue };
            self.release(number, &process);
            for peer in process.links {
                let Some(other) = self.table.get_mut(&peer) else { continue };
                other.links.retain(|link| *link != number);
                if other.traps_exits {
                    self.deliver_system(peer, exit_message(number, reason.clone()));
                } else if !is_str(&reason, "normal") {
                    ends.push((peer, reason.clone()));
                }
            }
            for (reference, watcher) in process.watchers {
                self.down(watcher, reference, number, reason.clone());
            }
            if number == MAIN {
                self.end_of_main(&reason);
            }
        }
    }

    /// What others could want to have is free before anybody hears of the end (rule P44).
    fn release(&mut self, number: u64, process: &Process) {
        self.names.retain(|_, holder| *holder != number);
        self.timers.retain(|timer| !matches!(timer.target, Target::Process(target) if target == number));
        for (reference, target) in &process.monitors {
            if let Some(target) = self.table.get_mut(target) {
                target.watchers.retain(|(known, _)| known != reference);
            }
        }
    }

    /// Rule P35.
    fn end_of_main(&mut self, reason: &Value) {
        if !is_orderly(reason) && self.ending.is_none() {
            self.ending = Some(Ending::Failed(Printed(reason).to_string()));
        }
    }

    /// One message for each monitor, unless it was ended (rule P41).
    pub(super) fn down(&mut self, watcher: u64, reference: u64, from: u64, reason: Value) {
        let Some(process) = self.table.get_mut(&watcher) else { return };
        let before = process.monitors.len();
        process.monitors.retain(|(known, _)| *known != reference);
        if process.monitors.len() < before {
            self.deliver_system(watcher, down_message(reference, from, reason));
        }
    }

    /// Rules P11 to P16: a process wishes that another, or itself, ends.
    pub(super) fn request_exit(&mut self, from: u64, to: u64, reason: Value) {
        let Some(process) = self.table.get_mut(&to) else { return };
        if is_str(&reason, "kill") {
            self.end(to, Value::str("killed"));
        } else if process.traps_exits {
            self.deliver_system(to, exit_message(from, reason));
        } else if !is_str(&reason, "normal") || from == to {
            self.end(to, reason);
        }
    }
}

/// The reasons with which a main process ends well (rule P63 calls them orderly).
fn is_orderly(reason: &Value) -> bool {
    match reason {
        Value::List(items) => items.len() == 2 && is_str(&items[0], "shutdown"),
        other => is_str(other, "normal") || is_str(other, "shutdown"),
    }
}

fn is_str(value: &Value, text: &str) -> bool {
    matches!(value, Value::Str(found) if found.as_str() == text)
}

pub(super) fn exit_message(from: u64, reason: Value) -> Value {
    object([("signal", Value::str("exit")), ("from", Value::Pid(from)), ("reason", reason)])
}

fn down_message(reference: u64, pid: u64, reason: Value) -> Value {
    let (signal, reference) = (Value::str("down"), Value::Reference(reference));
    object([("signal", signal), ("ref", reference), ("pid", Value::Pid(pid)), ("reason", reason)])
}

/// Whether a message is the machine's that the process of a monitor has ended.
pub(super) fn is_down_of(message: &Message, reference: u64) -> bool {
    let (Value::Object(object), true) = (&message.value, message.is_system) else { return false };
    let is_signal = object.get("signal").is_some_and(|signal| is_str(signal, "down"));
    is_signal && matches!(object.get("ref"), Some(Value::Reference(found)) if *found == reference)
}
