//! Supersteps of one computation, put together from the events of its processors.

use std::{collections::BTreeMap, time::Duration};

use ttvm_machine::{TelemetryEvent, TelemetryKind};

/// The supersteps that are not over, by number: while the last processors end one, the first are in the next.
#[derive(Default)]
pub struct Rows(BTreeMap<u64, Open>);

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
pub struct Row {
    /// Its number.
    pub superstep: u64,
    /// Its name, or empty.
    pub name: String,
    /// Of the processor that computed longest.
    pub work: Duration,
    /// Messages of the processor that sent or got most.
    pub h: u64,
    /// How long the processor that came first waited at the barrier.
    pub wait: Duration,
    /// From its beginning until all were let go on.
    pub total: Duration,
    /// All messages.
    pub messages: u64,
}

impl Rows {
    /// Notes what has happened; gives a superstep that is over with that.
    pub fn note(&mut self, event: &TelemetryEvent<'_>) -> Option<Row> {
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
                let open = self.0.remove(&event.superstep).unwrap_or_default();
                return Some(Row {
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
            TelemetryKind::ComputeError { .. } => self.0.clear(),
            _ => {}
        }
        None
    }

    fn open(&mut self, event: &TelemetryEvent<'_>) -> &mut Open {
        self.0.entry(event.superstep).or_default()
    }
}
