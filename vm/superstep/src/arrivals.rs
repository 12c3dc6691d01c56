//! Where the processors of a group come to the barrier: a list that each enters itself, so that the coordinator has one turn
//! when all are there and not one for each. While the coordinator leaves the meeting *open*, not even that: whoever comes last
//! lets the others go on (`docs/internals/supersteps.md` says why that is right).
//!
//! The lock is held for a few instructions. What a processor has sent is in the mailboxes before it enters itself, so it is
//! there at the release. Not here: what they have come for (`round.rs`).

use std::time::Duration;

use ttvm_isa::Text;
use ttvm_platform::sync::{Arc, Mutex};

#[cfg(all(test, ttvm_model))]
use crate::model::Arrived;
#[cfg(not(ttvm_model))]
use crate::signal::Arrived;

/// Who has come and was not looked at.
#[derive(Default)]
pub(crate) struct Arrivals(Mutex<List>);

/// A processor that has come.
pub(crate) enum Arrival {
    /// For nothing but the next superstep, by the name that the list says.
    Plain(Plain),
    /// With anything else.
    Other(Box<Arrived>),
}

/// A processor that has come for nothing but the next superstep.
#[derive(Clone, Copy)]
pub(crate) struct Plain {
    pub id: u32,
    /// To whom it sent how many messages: one processor at most.
    pub sent: Option<(u32, u32)>,
}

impl Arrival {
    /// The number of the processor.
    pub fn id(&self) -> u32 {
        match self {
            Self::Plain(plain) => plain.id,
            Self::Other(arrived) => arrived.id,
        }
    }
}

#[derive(Default)]
struct List {
    arrived: Vec<Arrival>,
    /// What plain ones in it have come for.
    name: Option<Text>,
    /// How many have sent something, or are not plain.
    others: usize,
    /// Whoever makes them that many tells the coordinator, or lets them go on.
    wanted: usize,
    open: Option<Open>,
}

/// Where a group is while its meeting is open.
pub(crate) struct Open {
    pub superstep: u64,
    pub name: Text,
    /// How far it may go.
    pub supersteps_max: Option<u64>,
    /// When the superstep began, if somebody wants to know.
    pub began: Option<Duration>,
}

/// What came of an arrival.
pub(crate) enum Came {
    /// It waits.
    Waits,
    /// It waits, and the coordinator waits for just that.
    Completes,
    /// It was the last one of a meeting that is open: all go on to this superstep.
    Last(u64),
    /// Others have come for another superstep: it is not plain.
    Differs,
}

/// What was taken.
pub(crate) struct Taken {
    /// What plain ones have come for.
    pub name: Option<Text>,
    /// All are plain and have sent nothing.
    pub are_silent: bool,
}

impl Arrivals {
    /// A processor has come. `true` if the coordinator waits for just that.
    #[must_use]
    pub fn add(&self, arrived: Box<Arrived>) -> bool {
        let mut list = self.0.lock();
        list.others += 1;
        list.arrived.push(Arrival::Other(arrived));
        list.arrived.len() == list.wanted
    }

    /// A processor has come for nothing but the superstep of this name.
    pub fn add_plain(&self, plain: Plain, name: &Text, now: impl FnOnce() -> Duration) -> Came {
        let mut list = self.0.lock();
        if !list.name.as_ref().is_some_and(|known| is_same(known, name)) {
            if list.name.is_some() && !list.arrived.is_empty() {
                return Came::Differs;
            }
            list.name = Some(name.clone());
        }
        list.others += usize::from(plain.sent.is_some());
        list.arrived.push(Arrival::Plain(plain));
        if list.arrived.len() != list.wanted {
            return Came::Waits;
        }
        let List { arrived, others: 0, open: Some(open), .. } = &mut *list else { return Came::Completes };
        if open.supersteps_max.is_some_and(|max| open.superstep >= max) {
            return Came::Completes;
        }
        arrived.clear();
        open.superstep += 1;
        if !is_same(&open.name, name) {
            open.name = name.clone();
        }
        if let Some(began) = &mut open.began {
            *began = now();
        }
        Came::Last(open.superstep)
    }

    /// Takes all if they are as many as this; else whoever makes them that many will say so, or let them go on if the meeting
    /// is to be open. `taken` is empty, and its memory is used again.
    pub fn take(&self, wanted: usize, open: Option<Open>, taken: &mut Vec<Arrival>) -> Option<Taken> {
        let mut list = self.0.lock();
        list.wanted = wanted;
        if list.arrived.len() < wanted {
            list.open = open;
            return None;
        }
        std::mem::swap(&mut list.arrived, taken);
        // Those who come before the next look are no reason for one.
        list.wanted = usize::MAX;
        let others = std::mem::take(&mut list.others);
        Some(Taken { name: list.name.clone(), are_silent: others == 0 })
    }

    /// Nobody lets others go on any more. Says where the group is, if somebody could.
    pub fn close(&self) -> Option<Open> {
        self.0.lock().open.take()
    }
}

/// Whether two names are the same: mostly they are the same text in the program.
pub(crate) fn is_same(one: &Text, other: &Text) -> bool {
    Arc::ptr_eq(one, other) || one == other
}
