//! Where the processors of a group come to the barrier: a list that each enters itself, so that the coordinator has one turn
//! when all are there and not one for each.
//!
//! The lock is held for a few instructions. What a processor has sent is in the mailboxes before it enters itself, so it is
//! there at the release. Not here: what they have come for (`round.rs`).

use ttvm_platform::sync::Mutex;

use crate::signal::Arrived;

/// Who has come and was not looked at.
#[derive(Default)]
pub(crate) struct Arrivals(Mutex<List>);

#[derive(Default)]
#[expect(clippy::vec_box, reason = "seats keep the boxes: a place there is small until somebody comes")]
struct List {
    arrived: Vec<Box<Arrived>>,
    /// Whoever makes them that many tells the coordinator.
    wanted: usize,
}

impl Arrivals {
    /// A processor has come. `true` if the coordinator waits for just that.
    #[must_use]
    pub fn add(&self, arrived: Box<Arrived>) -> bool {
        let mut list = self.0.lock();
        list.arrived.push(arrived);
        list.arrived.len() == list.wanted
    }

    /// Takes all if they are as many as this; else whoever makes them that many will say so. `taken` is empty, and its memory
    /// is used again.
    #[expect(clippy::vec_box, reason = "as above")]
    pub fn take(&self, wanted: usize, taken: &mut Vec<Box<Arrived>>) {
        let mut list = self.0.lock();
        list.wanted = wanted;
        if list.arrived.len() >= wanted {
            std::mem::swap(&mut list.arrived, taken);
            // Those who come before the next look are no reason for one.
            list.wanted = usize::MAX;
        }
    }
}
