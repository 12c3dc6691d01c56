//! What others have sent a processor, until its `SUPERSTEP` pushes it: in order, and combined if an operation with a name does
//! that (rules S5, S6). Not here: when it is there (`meeting.rs`).

use ttvm_isa::Fault;
use ttvm_value::{SharedValue, Value};

use crate::{
    fold::{self, Fold},
    signal::Bundle,
};

/// Messages that a processor puts in order within its turn; more than these where that disturbs nobody (rule P53).
const ORDERED_AT_ONCE_MAX: usize = 4096;

/// Messages that have come.
#[derive(Default)]
pub(crate) struct Inbox(Vec<Bundle>);

/// Those of the supersteps that are over.
pub(crate) struct Come(Vec<Bundle>);

impl Inbox {
    /// Messages have come.
    pub fn add(&mut self, bundle: Bundle) {
        push_one(&mut self.0, bundle);
    }

    /// Takes the messages that were sent before this superstep.
    pub fn take(&mut self, superstep: u64) -> Come {
        if self.0.is_empty() {
            return Come(Vec::new());
        }
        let (come, early) = std::mem::take(&mut self.0).into_iter().partition(|bundle| bundle.superstep < superstep);
        self.0 = early;
        Come(come)
    }
}

impl Come {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|bundle| bundle.messages.len()).sum()
    }

    /// Whether there are too many for one turn.
    pub fn is_long(&self) -> bool {
        self.0.len() > ORDERED_AT_ONCE_MAX || self.len() > ORDERED_AT_ONCE_MAX
    }

    /// The list of them, by sender, and from each in the order of sending.
    pub fn list(mut self, combine: Option<&Fold>) -> Result<SharedValue, Fault> {
        self.0.sort_by_key(|bundle| bundle.from);
        let mut messages = Vec::with_capacity(self.len());
        self.0.into_iter().for_each(|bundle| bundle.messages.add_to(&mut messages));
        let combined = match combine {
            Some(Fold::Named(operation)) if !messages.is_empty() => {
                let mut values = messages.iter().map(SharedValue::value);
                let start = values.next().cloned().map_or(Value::Null, |value| fold::first(*operation, value));
                let folded = values.try_fold(start, |so_far, value| fold::next(*operation, &so_far, value));
                folded.and_then(|folded| Value::list([folded].into_iter()))
            }
            Some(_) | None => Value::list(messages.into_iter().map(SharedValue::into_value)),
        };
        combined.map(|inbox| SharedValue::new(inbox).0)
    }
}

/// Adds to a list that mostly gets one element.
pub(crate) fn push_one<T>(list: &mut Vec<T>, element: T) {
    if list.capacity() == 0 {
        list.reserve_exact(1);
    }
    list.push(element);
}
