//! What a supervisor is to start, and how: blocks with their names looked up.
//!
//! Values within are marked as shared, so that specifications may move between threads.

use std::time::Duration;

use ttvm_bytecode::supervisor::{AutoShutdown, Backoff, Restart, Shutdown, Strategy};
use ttvm_isa::{Rights, Text};
use ttvm_platform::sync::Arc;
use ttvm_value::SharedValue;

use crate::starts::Startable;

/// A supervisor with what it starts.
pub(crate) struct Tree {
    pub name: Text,
    pub strategy: Strategy,
    /// How many restarts there may be within the period.
    pub intensity: u32,
    pub period: Duration,
    pub auto_shutdown: AutoShutdown,
    /// The children, in the order they are started; for `simple_one_for_one` the pattern of all.
    pub children: Vec<Arc<ChildSpec>>,
}

impl Tree {
    /// The supervisor of the bare `START_SUPERVISOR`.
    pub fn bare() -> Self {
        Self {
            name: Text::from("supervisor"),
            strategy: Strategy::OneForOne,
            intensity: 3,
            period: Duration::from_secs(60),
            auto_shutdown: AutoShutdown::Never,
            children: Vec::new(),
        }
    }
}

/// A child as it is to be.
pub(crate) struct ChildSpec {
    pub id: Text,
    pub start: Start,
    pub restart: Restart,
    pub shutdown: Shutdown,
    pub is_significant: bool,
    pub backoff: Option<Backoff>,
    /// What whoever wished for it is permitted: a supervisor that is permitted more gives it no more (rule P86).
    pub rights: Rights,
}

impl ChildSpec {
    /// `supervisor` or `worker`.
    pub fn kind(&self) -> &'static str {
        if self.is_supervisor() { "supervisor" } else { "worker" }
    }

    /// Whether it has children itself.
    pub fn is_supervisor(&self) -> bool {
        matches!(self.start, Start::Tree(_))
    }
}

/// What a child runs.
pub(crate) enum Start {
    /// A function or program with its arguments.
    Code { code: Startable, arguments: Vec<SharedValue> },
    /// A supervisor.
    Tree(Arc<Tree>),
}
