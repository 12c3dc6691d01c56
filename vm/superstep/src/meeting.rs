//! Who has come to the barrier, as the coordinator sees it: looking at arrivals, and meetings where nobody brings anything,
//! which need no look at each.
//!
//! When it leaves a meeting open is in `docs/internals/supersteps.md`. Not here: the list of those who have come
//! (`arrivals.rs`), what else they bring (`round.rs`).

use ttvm_isa::Text;
use ttvm_platform::sync::Arc;
use ttvm_runtime::Context;

use crate::{
    arrivals::{Arrival, Open, Plain},
    brought::{Aggregates, Columns},
    coordinator::{Coordinator, PROCESSORS_PER_RUN, SeatState, Stage},
    coordinator_state::CoordinatorState,
    processor::{let_go, no_messages},
    round::Coming,
    signal::{Arrived, Beginning, Meeting, TimeLimit},
};

/// Processors that the last one who comes lets go on itself: at about 50 ns each, a few microseconds.
const OPEN_PROCESSORS_MAX: u32 = 128;

/// Processors that one run lets go on for whom nothing was sent: at about 50 ns each.
const PASSED_PER_RUN: u32 = 64;

/// Processors of which one run folds what they have brought: at about 10 ns each.
const FOLDED_PER_RUN: u32 = 512;

impl Coordinator {
    /// Looks at some of those who have come. `false` if fewer have than are waited for.
    pub(crate) fn meet_some(&mut self, context: &mut Context<'_, '_>) -> bool {
        if self.arriving.is_empty() {
            // What else has come may have come behind any of them, and a group that fails tells each by itself.
            let counts_all = matches!(self.stage, Stage::Running) && !has_signals(context) && self.letter.is_none();
            let live = self.group.count - self.left;
            let wanted = if counts_all { live.saturating_sub(self.arrived + self.dormant).max(1) as usize } else { 1 };
            let open = (counts_all && self.may_open()).then(|| self.to_open());
            self.is_open = open.is_some();
            if let Some(taken) = self.group.arrivals.take(wanted, open, &mut self.arriving) {
                self.is_open = false;
                let name = taken.name.unwrap_or_else(|| Text::from(""));
                if counts_all && taken.are_silent && self.may_pass() {
                    self.coming = Some(Coming { name, columns: Columns::default() });
                    self.stage = if taken.have_brought {
                        Stage::Combining(0, taken.columns, Aggregates::new())
                    } else {
                        self.pass_all(Aggregates::new())
                    };
                    return true;
                }
                self.coming = Some(Coming { name, columns: taken.columns });
                self.arriving.reverse();
            }
        }
        let is_any = !self.arriving.is_empty();
        for _ in 0..PROCESSORS_PER_RUN {
            let Some(arrival) = self.arriving.pop() else { break };
            if self.fails_gently() {
                self.fail_one(arrival.id(), context);
                continue;
            }
            match arrival {
                Arrival::Plain(plain) => self.plain_arrived(plain),
                Arrival::Other(arrived) => self.processor_arrived(arrived),
            }
        }
        is_any
    }

    /// Whether, when all have come for nothing but the next superstep, nothing else is to be looked at.
    fn may_pass(&self) -> bool {
        let nobody_else = self.arrived == 0 && self.dormant == 0 && self.forwarded == 0;
        let may_go_on = self.group.supersteps_max.is_none_or(|max| self.superstep < max);
        nobody_else && may_go_on && !self.group.is_watched()
    }

    /// Whether the last one who comes may let the others go on: a few, within the time that the group has for each.
    fn may_open(&self) -> bool {
        let are_few = self.group.count <= OPEN_PROCESSORS_MAX;
        are_few && self.may_pass() && self.limit == TimeLimit::OfGroup
    }

    fn to_open(&self) -> Open {
        Open {
            superstep: self.superstep,
            name: self.name.clone(),
            supersteps_max: self.group.supersteps_max,
            began: self.group.barrier_timeout.map(|_| self.superstep_began),
        }
    }

    /// Nobody else lets processors go on any more; it takes over where the group is.
    pub(crate) fn close(&mut self) {
        self.is_open = false;
        if let Some(open) = self.group.arrivals.close() {
            (self.superstep, self.name) = (open.superstep, open.name);
            self.superstep_began = open.began.unwrap_or(self.superstep_began);
        }
    }

    /// Folds what some processors have brought, all for the same aggregates, who came for the next superstep and sent nothing.
    pub(crate) fn combine_some(&mut self, next: u32, columns: Columns, mut folds: Aggregates) -> Stage {
        let end = next.saturating_add(FOLDED_PER_RUN).min(self.group.count);
        let here = (next..end).filter(|id| self.seats[*id as usize].state == SeatState::Working);
        self.group.brought.fold(here, &columns, &mut folds);
        if end < self.group.count {
            return Stage::Combining(end, columns, folds);
        }
        self.pass_all(folds)
    }

    /// All have come for nothing but the next superstep, and nothing was sent: there is nothing to be judged.
    fn pass_all(&mut self, aggregates: Aggregates) -> Stage {
        let name = self.coming.take().map_or_else(|| Text::from(""), |coming| coming.name);
        self.next_superstep(Beginning::of(name), Arc::new(aggregates));
        Stage::Passing(0)
    }

    /// Lets some processors go on for whom nothing was sent.
    pub(crate) fn pass_some(&mut self, next: u32, context: &mut Context<'_, '_>) -> Stage {
        let end = next.saturating_add(PASSED_PER_RUN).min(self.group.count);
        // Their entries are freed a few at a time, too.
        self.arriving.truncate(self.arriving.len().saturating_sub(PASSED_PER_RUN as usize));
        let nothing = no_messages();
        for (id, pid) in (next..end).zip(&self.peers[next as usize..end as usize]) {
            // Those who have returned are not there.
            if self.group.is_at_barrier(id) {
                let_go(context, &self.group, (id, *pid), &nothing);
            }
        }
        if end < self.group.count {
            return Stage::Passing(end);
        }
        self.met(context);
        Stage::Running
    }

    fn plain_arrived(&mut self, plain: Plain) {
        let Some(coming) = &self.coming else { return };
        let (id, sent) = (plain.id, plain.sent());
        if self.round.takes_plain(coming) {
            let seat = &mut self.seats[id as usize];
            (seat.sent_to, seat.brings) = (sent.map(|(to, _)| to), plain.brings());
            return self.counts_as_arrived(id, sent.as_slice(), false);
        }
        let meeting = Meeting::Superstep(Beginning::of(coming.name.clone()));
        let destinations = sent.into_iter().collect();
        let (has_voted, has_checkpoint) = (false, false);
        let columns: &[_] = if plain.brings() { &coming.columns } else { &[] };
        let contributions = self.group.brought.take_up(id, columns);
        self.processor_arrived(Box::new(Arrived {
            id,
            meeting,
            destinations,
            has_voted,
            has_checkpoint,
            contributions,
        }));
    }

    fn processor_arrived(&mut self, arrived: Box<Arrived>) {
        self.counts_as_arrived(arrived.id, &arrived.destinations, arrived.has_voted);
        let id = arrived.id as usize;
        self.seats[id].arrived = Some(arrived);
    }

    fn counts_as_arrived(&mut self, id: u32, destinations: &[(u32, u32)], has_voted: bool) {
        for (to, count) in destinations {
            self.seats[*to as usize].messages += count;
        }
        self.settled(id);
        self.seats[id as usize].state = SeatState::Arrived;
        if has_voted {
            self.voted.insert(id);
        }
        self.arrived += 1;
    }
}

/// Whether anything has come to the coordinator that it did not look at.
pub(crate) fn has_signals(context: &mut Context<'_, '_>) -> bool {
    context.extension_state::<CoordinatorState>().is_some_and(|state| !state.queue.is_empty())
}
