//! What is asked and answered: a line of JSON each, at most so long.

use std::fs;

use serde::{Deserialize, Serialize};
use ttvm_machine::{Order, ProcessView, SchedulerView, Snapshot};

/// Bytes of a request.
pub(super) const REQUEST_BYTES_MAX: u64 = 4_096;

/// Bytes of an answer: ten thousand processes with long names and many links.
pub(super) const ANSWER_BYTES_MAX: u64 = 1 << 28;

/// Processes told of unless a request says how many.
const SHOWN: usize = 100;

/// Links told of for each process; the number of all is told besides.
const LINKS_MAX: usize = 16;

/// A request: what the machine does now.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Request {
    request: Wish,
    /// Which processes come first.
    #[serde(default)]
    pub sort: Sort,
    /// How many of them, at most 10 000.
    #[serde(default = "shown")]
    pub limit: usize,
}

/// What can be asked.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Wish {
    Snapshot,
}

impl Request {
    /// What so many processes do, which come first in this order.
    pub fn snapshot(sort: Sort, limit: usize) -> Self {
        Self { request: Wish::Snapshot, sort, limit }
    }
}

fn shown() -> usize {
    SHOWN
}

/// Which processes come first.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Those that have spent the most reductions.
    #[default]
    Reductions,
    /// Those with the longest queues.
    Mailbox,
    /// Those that hold the most memory.
    Bytes,
    /// The oldest.
    Pid,
    /// Supervisors, then their children, then the others.
    Supervision,
}

impl Sort {
    /// The same for the machine.
    pub fn order(self) -> Order {
        match self {
            Self::Reductions => Order::Reductions,
            Self::Mailbox => Order::Mailbox,
            Self::Bytes => Order::Bytes,
            Self::Pid => Order::Age,
            Self::Supervision => Order::Supervision,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reductions => "reductions",
            Self::Mailbox => "mailbox",
            Self::Bytes => "bytes",
            Self::Pid => "pid",
            Self::Supervision => "supervision",
        }
    }
}

/// The answer to what was not understood, or cannot be served.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Refusal {
    /// Why.
    pub error: String,
}

/// What the machine does at one moment.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct Frame {
    /// The version of the protocol.
    pub version: u32,
    /// The program.
    pub program: String,
    /// The operating system's number of the program.
    pub os_pid: u32,
    /// Nanoseconds since the machine's start.
    pub time_ns: u64,
    /// Nanoseconds it took to look.
    pub cost_ns: u64,
    /// Processes that live.
    pub alive: u64,
    /// Those that did not answer in time.
    pub unseen: u64,
    /// The first of those that were seen.
    pub processes: Vec<ProcessLine>,
    /// The schedulers.
    pub schedulers: Vec<SchedulerLine>,
    /// What all came to.
    pub counters: Counters,
    /// Bytes of the program's memory that are resident, where the system says so.
    pub resident_bytes: Option<u64>,
    /// Bytes of control blocks.
    pub block_bytes: u64,
}

/// A process.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct ProcessLine {
    /// Which.
    pub pid: u64,
    /// Its registered name.
    pub name: Option<String>,
    /// `ready`, `running`, `waiting`, `paused` or `stopping`.
    pub state: String,
    /// Reductions it has spent.
    pub reductions: u64,
    /// Messages in its queue.
    pub mailbox: u64,
    /// Bytes it holds.
    pub bytes: u64,
    /// The function it is in.
    pub function: String,
    /// Where in the text.
    pub place: String,
    /// Its priority.
    pub priority: String,
    /// How many processes it is linked with.
    pub link_count: u64,
    /// The first of them.
    pub links: Vec<u64>,
    /// The supervisor that has it as a child.
    pub supervisor: Option<u64>,
    /// Whether it has children itself.
    pub is_supervisor: bool,
}

/// A scheduler.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct SchedulerLine {
    /// Whether it sleeps.
    pub is_asleep: bool,
    /// Nanoseconds it has slept since the start.
    pub asleep_ns: u64,
    /// Turns it gave.
    pub turns: u64,
    /// Reductions spent on it.
    pub reductions: u64,
    /// Processes it took from others.
    pub stolen: u64,
}

/// What all processes did since the start.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct Counters {
    /// Processes made.
    pub spawned: u64,
    /// Processes that have ended.
    pub ended: u64,
    /// Messages sent.
    pub sent: u64,
    /// Messages received.
    pub received: u64,
    /// Messages that never will be.
    pub undelivered: u64,
    /// Reductions spent in turns that are over.
    pub reductions: u64,
}

/// The version of the protocol.
const VERSION: u32 = 1;

impl Frame {
    /// A machine's snapshot, which took so many nanoseconds, of the program.
    pub(super) fn new(snapshot: Snapshot, cost_ns: u64, program: &str) -> Self {
        let statistics = &snapshot.statistics;
        Self {
            version: VERSION,
            program: program.to_owned(),
            os_pid: std::process::id(),
            time_ns: u64::try_from(snapshot.time.as_nanos()).unwrap_or(u64::MAX),
            cost_ns,
            alive: snapshot.processes,
            unseen: snapshot.unseen,
            counters: Counters {
                spawned: statistics.spawned,
                ended: statistics.ended,
                sent: statistics.sent,
                received: statistics.received,
                undelivered: statistics.undelivered(),
                reductions: statistics.reductions,
            },
            resident_bytes: resident_bytes(),
            block_bytes: snapshot.block_bytes,
            schedulers: snapshot.schedulers.iter().map(SchedulerLine::new).collect(),
            processes: snapshot.shown.into_iter().map(ProcessLine::new).collect(),
        }
    }
}

impl ProcessLine {
    fn new(view: ProcessView) -> Self {
        Self {
            pid: view.pid.number(),
            name: view.name.map(|name| name.to_string()),
            state: view.state.to_owned(),
            reductions: view.reductions,
            mailbox: view.mailbox,
            bytes: view.bytes,
            function: view.function,
            place: view.place,
            priority: view.priority.to_owned(),
            link_count: view.links.len() as u64,
            links: view.links.iter().take(LINKS_MAX).map(|pid| pid.number()).collect(),
            supervisor: view.supervisor.map(|pid| pid.number()),
            is_supervisor: view.is_supervisor,
        }
    }
}

impl SchedulerLine {
    fn new(view: &SchedulerView) -> Self {
        Self {
            is_asleep: view.is_asleep,
            asleep_ns: u64::try_from(view.asleep.as_nanos()).unwrap_or(u64::MAX),
            turns: view.turns,
            reductions: view.reductions,
            stolen: view.stolen,
        }
    }
}

/// What Linux says of this program's memory, in pages of 4096 bytes.
fn resident_bytes() -> Option<u64> {
    const PAGE_BYTES: u64 = 4_096;
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    Some(text.split(' ').nth(1)?.parse::<u64>().ok()? * PAGE_BYTES)
}
