//! The children of a supervisor: which there are, in which order, and what state each is in.

use std::collections::{BTreeMap, HashMap};

use ttvm_isa::Text;
use ttvm_platform::sync::Arc;
use ttvm_value::{Pid, Ref, SharedValue};

use super::specification::ChildSpec;

/// A child's place in the order in which children are started. It is never given again.
pub(super) type Key = u64;

/// A child.
pub(super) struct Child {
    pub spec: Arc<ChildSpec>,
    /// Arguments of its own, behind those of its pattern (rule P68).
    pub arguments: Vec<SharedValue>,
    pub state: ChildState,
    /// Restarts that followed each other closely.
    pub attempts: u32,
    /// When it was started last.
    pub started: std::time::Duration,
}

/// What a child does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChildState {
    /// It runs, and is watched with this ref.
    Running { pid: Pid, monitor: Ref },
    /// It will be started when the message with this ref comes. `counts`: that is one more restart (rule P65).
    Restarting { token: Ref, counts: bool },
    /// It has ended or was never started.
    Stopped,
}

/// All children.
#[derive(Default)]
pub(super) struct Children {
    by_key: BTreeMap<Key, Child>,
    by_id: HashMap<Text, Key>,
    by_pid: HashMap<Pid, Key>,
    last: Key,
}

impl Children {
    /// Adds a child behind the others. `has_id`: it is known by its id.
    pub fn add(&mut self, spec: Arc<ChildSpec>, arguments: Vec<SharedValue>, has_id: bool) -> Key {
        self.last += 1;
        if has_id {
            self.by_id.insert(spec.id.clone(), self.last);
        }
        let started = std::time::Duration::ZERO;
        self.by_key.insert(self.last, Child { spec, arguments, state: ChildState::Stopped, attempts: 0, started });
        self.last
    }

    /// Forgets a child.
    pub fn remove(&mut self, key: Key) {
        let Some(child) = self.by_key.remove(&key) else { return };
        if let ChildState::Running { pid, .. } = child.state {
            self.by_pid.remove(&pid);
        }
        if self.by_id.get(&child.spec.id) == Some(&key) {
            self.by_id.remove(&child.spec.id);
        }
    }

    /// A child.
    pub fn get(&self, key: Key) -> Option<&Child> {
        self.by_key.get(&key)
    }

    /// A child, to be changed; its state only by [`Children::set_state`].
    pub fn get_mut(&mut self, key: Key) -> Option<&mut Child> {
        self.by_key.get_mut(&key)
    }

    /// Notes what a child does now.
    pub fn set_state(&mut self, key: Key, state: ChildState) {
        let Some(child) = self.by_key.get_mut(&key) else { return };
        if let ChildState::Running { pid, .. } = child.state {
            self.by_pid.remove(&pid);
        }
        if let ChildState::Running { pid, .. } = state {
            self.by_pid.insert(pid, key);
        }
        child.state = state;
    }

    /// The child with an id.
    pub fn with_id(&self, id: &str) -> Option<Key> {
        self.by_id.get(id).copied()
    }

    /// The child that is a process.
    pub fn with_pid(&self, pid: Pid) -> Option<Key> {
        self.by_pid.get(&pid).copied()
    }

    /// The child that waits for a message with this ref to be started.
    pub fn awaiting(&self, wanted: Ref) -> Option<Key> {
        let is_awaiting =
            |child: &Child| matches!(child.state, ChildState::Restarting { token, .. } if token == wanted);
        self.by_key.iter().find(|(_, child)| is_awaiting(child)).map(|(key, _)| *key)
    }

    /// The pid of a child that runs.
    pub fn pid(&self, key: Key) -> Option<Pid> {
        match self.get(key)?.state {
            ChildState::Running { pid, .. } => Some(pid),
            ChildState::Restarting { .. } | ChildState::Stopped => None,
        }
    }

    /// All, in the order in which they are started.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Key, &Child)> {
        self.by_key.iter().map(|(key, child)| (*key, child))
    }
}
