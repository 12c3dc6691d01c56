//! Those that a process has to do with: whom it is linked with, whom it watches, who watches it.
//!
//! Most processes have few of them, and many none. Not here: what links and monitors do (`signals.rs`, `ending.rs`).

use ttvm_value::{Pid, Ref};

use crate::{
    few::Few,
    state::{Extended, Extras},
};

/// The links and monitors of a process; what the extension has to do with it, in few processes, but in all processors of a
/// group; and the rare half of its state, which fewer have.
#[derive(Default)]
pub(crate) struct Bonds {
    pub links: Few<Pid, Link>,
    /// Those it watches.
    pub monitors: Few<Ref, Pid>,
    /// Those that watch it.
    pub watchers: Few<Ref, Pid>,
    pub extended: Option<Box<Extended>>,
    pub extras: Option<Box<Extras>>,
}

/// One end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// The other end's exit counts.
    Active,
    /// Ended by this side, which ignores the other until it acknowledges the end with this number (rule P39).
    Ending(u64),
}

/// Bonds of processes that have ended, all of them cut, for new ones: a process that is linked or watched from its
/// beginning costs no allocation.
#[derive(Default)]
#[expect(clippy::vec_box, reason = "the places are handed out as boxes")]
pub(crate) struct SpareBonds(Vec<Box<Bonds>>);

impl SpareBonds {
    /// Bonds that are kept: more than processes end in a turn.
    const MAX: usize = 4096;

    /// No bonds yet.
    #[inline]
    pub fn take(&mut self) -> Box<Bonds> {
        self.0.pop().unwrap_or_default()
    }

    /// Keeps the place of bonds that were cut.
    #[inline]
    pub fn keep(&mut self, bonds: Box<Bonds>) {
        debug_assert!(bonds.links.is_empty() && bonds.monitors.is_empty() && bonds.watchers.is_empty());
        if bonds.extras.is_none() && bonds.extended.is_none() && self.0.len() < Self::MAX {
            self.0.push(bonds);
        }
    }
}
