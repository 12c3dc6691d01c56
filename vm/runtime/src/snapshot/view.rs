//! What can be said of one process: by itself, when it is asked in its turn, or by whoever holds it while it waits.

use ttvm_engine::Process;
use ttvm_isa::Text;
use ttvm_value::{Pid, Value};

use crate::{
    slab::Slab,
    state::{Body, Own, ProcessState, Wait},
};

/// Bytes of a control block.
pub(super) const BLOCK_BYTES: u64 = Slab::<ProcessState>::block_bytes() as u64;

/// What a process does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessView {
    /// Which.
    pub pid: Pid,
    /// Its name, if it has one.
    pub name: Option<Text>,
    /// `ready`, `running`, `waiting`, `paused` or `stopping`.
    pub state: &'static str,
    /// Reductions it has spent; 0 for processes in Rust.
    pub reductions: u64,
    /// Messages in its queue.
    pub mailbox: u64,
    /// Bytes it holds, its control block among them.
    pub bytes: u64,
    /// Processes it is linked with.
    pub links: Vec<Pid>,
    /// Processes it watches.
    pub monitors: Vec<Pid>,
    /// Processes that watch it.
    pub monitored_by: Vec<Pid>,
    /// Whether exit signals become messages.
    pub traps_exits: bool,
    /// `max`, `high`, `normal` or `low`.
    pub priority: &'static str,
    /// The function it is in.
    pub function: String,
    /// `file:line` of the instruction it is at; empty for processes in Rust.
    pub place: String,
    /// The supervisor that has it as a child.
    pub supervisor: Option<Pid>,
    /// Whether it has children.
    pub is_supervisor: bool,
}

impl ProcessView {
    /// What there is to say of a process in this state.
    pub(crate) fn new(pid: Pid, body: &Body, own: &Own, state: &'static str) -> Self {
        let (function, place) = body.place();
        let (rare, bonds) = (own.rare(), own.bonds());
        Self {
            pid,
            name: own.name().cloned(),
            state,
            reductions: reductions(body),
            mailbox: own.inbox.len() as u64,
            bytes: BLOCK_BYTES + heap_bytes(body, own),
            links: bonds.map(|bonds| bonds.links.iter().map(|(pid, _)| *pid).collect()).unwrap_or_default(),
            monitors: bonds.map(|bonds| bonds.monitors.iter().map(|(_, pid)| *pid).collect()).unwrap_or_default(),
            monitored_by: bonds.map(|bonds| bonds.watchers.iter().map(|(_, pid)| *pid).collect()).unwrap_or_default(),
            traps_exits: own.traps_exits,
            priority: own.priority.name(),
            function,
            place,
            supervisor: rare.and_then(|extras| extras.supervised_by),
            is_supervisor: rare.is_some_and(|extras| extras.is_supervisor),
        }
    }

    /// What somebody outside is told.
    pub(crate) fn from_outside(pid: Pid, body: &Body, own: &Own) -> Self {
        Self::new(pid, body, own, state_name(own))
    }
}

/// The word for what a process does that has no turn at the moment.
pub(crate) fn state_name(own: &Own) -> &'static str {
    match own.wait {
        _ if own.is_ending => "stopping",
        _ if own.is_paused => "paused",
        Wait::Nothing => "ready",
        Wait::Message | Wait::Host(_) | Wait::Operation(_) | Wait::Import | Wait::Computation => "waiting",
    }
}

pub(super) fn reductions(body: &Body) -> u64 {
    match body {
        Body::Code(process) => process.reductions_spent(),
        Body::Native(_) | Body::Ended => 0,
    }
}

/// Bytes of a process's call stack, of the objects it made and never sent, and of the messages in its queue.
pub(crate) fn heap_bytes(body: &Body, own: &Own) -> u64 {
    match body {
        Body::Code(process) => code_bytes(process, own),
        Body::Native(_) | Body::Ended => 0,
    }
}

/// [`heap_bytes`] of a program.
pub(crate) fn code_bytes(process: &Process, own: &Own) -> u64 {
    unsent_bytes(process, own) + own.inbox.bytes()
}

/// Bytes of a program's call stack and of the objects it made and never sent.
pub(crate) fn unsent_bytes(process: &Process, own: &Own) -> u64 {
    let objects = u64::try_from(own.heap_bytes).unwrap_or(0);
    process.heap_cells() as u64 * size_of::<Value>() as u64 + objects
}
