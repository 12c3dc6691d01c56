//! Where the processors of a group come to the barrier: a list that each enters itself, so that the coordinator has one turn
//! when all are there and not one for each. While the coordinator leaves the meeting *open*, not even that: whoever comes last
//! lets the others go on (`docs/internals/supersteps.md` says why that is right).
//!
//! The lock is held for a few instructions. What a processor has sent is in the mailboxes before it enters itself, so it is
//! there at the release. Not here: what they have come for (`round.rs`), what they bring (`brought.rs`).

use std::time::Duration;

use ttvm_isa::Text;
use ttvm_platform::sync::{Arc, Mutex};

use crate::brought::{Column, Columns, Contribution};
#[cfg(all(test, ttvm_model))]
use crate::model::Arrived;
#[cfg(not(ttvm_model))]
use crate::signal::Arrived;

/// Who has come and was not looked at.
#[derive(Default)]
pub(crate) struct Arrivals(Mutex<List>);

/// A processor that has come.
pub(crate) enum Arrival {
    /// For the next superstep, by the name that the list says, with no more than it laid down in the table of what is brought.
    Plain(Plain),
    /// With anything else.
    Other(Box<Arrived>),
}

const _: () = assert!(size_of::<Arrival>() == 16, "a million entries are no more than they were");

/// A processor that has come for the next superstep alone.
#[derive(Clone, Copy)]
pub(crate) struct Plain {
    pub id: u32,
    /// To whom it sent how many messages, if any: one processor at most.
    to: u32,
    messages: u32,
    /// It has laid down a cell for each of the aggregates that the list says.
    brings: bool,
}

/// A name as a program writes it: in the instruction or as a value.
#[derive(Clone, Copy)]
pub(crate) enum Written<'a> {
    Text(&'a Text),
    Str(&'a str),
}

impl Written<'_> {
    /// Whether it is this name: mostly they are the same text in the program.
    pub fn is(self, known: &Text) -> bool {
        match self {
            Self::Text(name) => is_same(name, known),
            Self::Str(name) => name == &**known,
        }
    }

    /// The name.
    pub fn to_text(self) -> Text {
        match self {
            Self::Text(name) => name.clone(),
            Self::Str(name) => Text::from(name),
        }
    }
}

impl Plain {
    /// Processor `id`, which has sent so many messages to one other.
    pub fn new(id: u32, sent: Option<(u32, u32)>) -> Self {
        let (to, messages) = sent.unwrap_or_default();
        Self { id, to, messages, brings: false }
    }

    /// Whether it has laid down a cell for each of the aggregates that the list says.
    pub fn brings(self) -> bool {
        self.brings
    }

    /// To whom it has sent how many messages.
    pub fn sent(self) -> Option<(u32, u32)> {
        (self.messages > 0).then_some((self.to, self.messages))
    }
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
    /// What those of them bring who bring something, and how many do.
    columns: Columns,
    bringing: usize,
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
    /// It was the last one of a meeting that is open: all go on.
    Last(Passing),
    /// Others have come for another superstep, or bring something else: it is not plain.
    Differs,
}

/// How all go on from an open meeting.
pub(crate) struct Passing {
    /// The number of the superstep that begins.
    pub superstep: u64,
    /// All have brought something.
    pub has_brought: bool,
}

/// What was taken.
pub(crate) struct Taken {
    /// What plain ones have come for, and what they bring.
    pub name: Option<Text>,
    pub columns: Columns,
    /// All are plain, have sent nothing, and bring the same.
    pub are_silent: bool,
    /// They bring something.
    pub have_brought: bool,
}

impl List {
    /// Whether there is nothing to look at of each: what they bring, if they do, is all of one kind.
    fn is_silent(&self) -> bool {
        self.others == 0 && (self.bringing == 0 || self.bringing == self.arrived.len())
    }

    /// Whether whoever comes for this superstep, and brings this, comes for the same as the plain ones in the list. The first
    /// ones say what that is.
    fn agrees(&mut self, name: Written<'_>, brings: &[Contribution]) -> bool {
        let is_named = self.name.as_ref().is_some_and(|known| name.is(known));
        if !is_named && self.name.is_some() && !self.arrived.is_empty() {
            return false;
        }
        if !brings.is_empty() && !Column::are_of(&self.columns, brings) {
            if self.bringing > 0 {
                return false;
            }
            self.columns = Column::all_of(brings);
        }
        if !is_named {
            self.name = Some(name.to_text());
        }
        true
    }
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

    /// A processor has come for nothing but the superstep of this name, and has laid down what it brings.
    pub fn add_plain(
        &self,
        plain: Plain,
        name: Written<'_>,
        brings: &[Contribution],
        now: impl FnOnce() -> Duration,
    ) -> Came {
        let list = &mut *self.0.lock();
        if !list.agrees(name, brings) {
            return Came::Differs;
        }
        list.others += usize::from(plain.messages > 0);
        list.bringing += usize::from(!brings.is_empty());
        list.arrived.push(Arrival::Plain(Plain { brings: !brings.is_empty(), ..plain }));
        if list.arrived.len() != list.wanted {
            return Came::Waits;
        }
        let is_silent = list.is_silent();
        let Some(open) = list.open.as_mut().filter(|_| is_silent) else { return Came::Completes };
        if open.supersteps_max.is_some_and(|max| open.superstep >= max) {
            return Came::Completes;
        }
        list.arrived.clear();
        open.superstep += 1;
        if let Some(name) = list.name.as_ref().filter(|name| !is_same(&open.name, name)) {
            open.name = name.clone();
        }
        if let Some(began) = &mut open.began {
            *began = now();
        }
        let has_brought = std::mem::take(&mut list.bringing) > 0;
        Came::Last(Passing { superstep: open.superstep, has_brought })
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
        let are_silent = list.is_silent();
        std::mem::swap(&mut list.arrived, taken);
        // Those who come before the next look are no reason for one.
        list.wanted = usize::MAX;
        list.others = 0;
        let have_brought = std::mem::take(&mut list.bringing) > 0;
        Some(Taken { name: list.name.clone(), columns: Arc::clone(&list.columns), are_silent, have_brought })
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
