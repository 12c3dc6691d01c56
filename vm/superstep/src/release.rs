//! When all have come to the barrier: looking what for, and letting them go on.

use ttvm_isa::Text;
use ttvm_platform::sync::Arc;
use ttvm_runtime::Context;

use crate::{
    arrivals::Written,
    brought::Aggregates,
    coordinator::{Coordinator, SeatState, Stage},
    group::Status,
    making::Made,
    round::Failure,
    signal::{self, AllArrived, Beginning, Content, Released, ToProgram},
    telemetry::TelemetryKind,
};

/// What a meeting leaves that is freed within a run: at about 10 ns each.
const FREED_AT_ONCE_MAX: usize = 1024;

impl Coordinator {
    /// Looks what some processors have come for.
    pub(crate) fn judge_some(&mut self, next: u32, context: &mut Context<'_, '_>) -> Stage {
        let (ids, is_last) = self.some(next);
        for id in ids.clone() {
            if let Err(failure) = self.judge_one(id) {
                return self.failed(failure, context);
            }
        }
        if !is_last {
            return Stage::Judging(ids.end);
        }
        match self.judge_all() {
            Ok(()) => self.fold_or_release(context),
            Err(failure) => self.failed(failure, context),
        }
    }

    fn failed(&mut self, failure: Failure, context: &mut Context<'_, '_>) -> Stage {
        self.stage = Stage::Running;
        self.fail(failure, context);
        std::mem::replace(&mut self.stage, Stage::Over)
    }

    fn judge_one(&mut self, id: u32) -> Result<(), Failure> {
        let seat = &mut self.seats[id as usize];
        self.messages += u64::from(seat.messages);
        self.messages_max = self.messages_max.max(seat.messages);
        match seat.state {
            SeatState::Left if seat.messages > 0 => {
                let from = self.sender_to(id);
                return Err((from, format!("it sends to processor {id}, which has returned")));
            }
            SeatState::Left | SeatState::Dormant | SeatState::Working => return Ok(()),
            SeatState::Arrived => {}
        }
        match seat.arrived.take() {
            Some(arrived) => {
                self.senders.extend(arrived.destinations.iter().filter(|_| self.left > 0).map(|(to, _)| (*to, id)));
                self.round.add(*arrived)
            }
            None => {
                let sent_to = seat.sent_to.take().filter(|_| self.left > 0);
                self.senders.extend(sent_to.map(|to| (to, id)));
                let brings = std::mem::take(&mut seat.brings);
                let columns = if brings { self.round.columns() } else { &[] };
                let brought = self.group.brought.take_up(id, columns);
                self.round.add_plain(id, brought)
            }
        }
    }

    /// The first processor that has sent to one that has left (rule S7).
    fn sender_to(&self, id: u32) -> Option<u32> {
        let judged = self.senders.iter().filter(|(to, _)| *to == id).map(|(_, from)| *from);
        let others = (0_u32..).zip(&self.seats).filter_map(|(from, seat)| {
            let has_sent = match &seat.arrived {
                Some(arrived) => arrived.destinations.iter().any(|(to, _)| *to == id),
                None => seat.sent_to == Some(id),
            };
            has_sent.then_some(from)
        });
        judged.chain(others).min()
    }

    /// What follows when all were looked at.
    fn judge_all(&mut self) -> Result<(), Failure> {
        if let Some(collective) = self.round.collective()
            && self.round.arrived < self.group.count
        {
            let operation = collective.operation.mnemonic();
            let absent = (0_u32..).zip(&self.seats).find(|(_, seat)| seat.state != SeatState::Arrived);
            let (id, why) = absent.map_or((0, "not there"), |(id, seat)| {
                (id, if seat.state == SeatState::Left { "returned" } else { "voted to halt" })
            });
            return Err((None, format!("{operation} needs every processor, but processor {id} has {why}")));
        }
        // Nobody begins another superstep when all have voted.
        self.is_halting = self.round.collective().is_none() && self.messages == 0 && self.round.voters == self.arrived;
        if let (Some(max), true) = (self.group.supersteps_max, self.round.superstep().is_some() && !self.is_halting)
            && self.superstep >= max
        {
            return Err((None, format!("there are more than {max} supersteps")));
        }
        self.round.fold();
        Ok(())
    }

    pub(crate) fn fold_or_release(&mut self, context: &mut Context<'_, '_>) -> Stage {
        while let Some(making) = self.round.take_making() {
            if making.is_long() {
                self.make_later(making, context);
                return Stage::Gathering;
            }
            if let Err(failure) = self.round.made(making.make()) {
                return self.failed(failure, context);
            }
        }
        if self.round.jobs.is_empty() {
            return self.begin_release();
        }
        let folding = Stage::Folding(self.round.jobs.len());
        self.stage = self.with_library(folding, context);
        if matches!(self.stage, Stage::Folding(_)) {
            self.start_folding(context);
        }
        std::mem::replace(&mut self.stage, Stage::Over)
    }

    /// What processors gave to each other is a list, or its elements.
    pub(crate) fn gathered(&mut self, made: Made, context: &mut Context<'_, '_>) -> Stage {
        match self.round.made(made) {
            Ok(()) => self.fold_or_release(context),
            Err(failure) => self.failed(failure, context),
        }
    }

    /// All is known that those who go on are told.
    fn begin_release(&mut self) -> Stage {
        if let Some(beginning) = self.round.superstep().cloned() {
            let aggregates = self.round.take_aggregates();
            self.next_superstep(beginning, aggregates);
        } else if self.round.collective().is_none() {
            // Nobody has come, but who sits out gets messages of those who have returned, or may go.
            let aggregates = self.round.take_aggregates();
            self.next_superstep(Beginning::of(Text::from("")), aggregates);
        }
        Stage::Releasing(0)
    }

    pub(crate) fn next_superstep(&mut self, beginning: Beginning, aggregates: Arc<Aggregates>) {
        self.finished = std::mem::replace(&mut self.name, beginning.name);
        self.limit = beginning.limit;
        self.superstep += 1;
        let all_go_on = self.dormant == 0 && (self.is_halting || self.round.voters == 0);
        let is_whole = all_go_on && self.round.checkpoints == self.arrived && self.arrived > 0;
        if is_whole && !self.is_halting {
            self.checkpoints.begin(
                self.superstep,
                self.name.clone(),
                Arc::clone(&aggregates),
                self.arrived,
                self.group.count,
            );
        }
        self.group.begin_superstep(self.superstep, Written::Text(&self.name), Some(aggregates));
        if self.group.is_declared() && self.is_halting {
            self.group.set_status(Status::Converged);
        }
    }

    /// Lets some processors go on.
    pub(crate) fn release_some(&mut self, next: u32, context: &mut Context<'_, '_>) -> Stage {
        let (ids, is_last) = self.some(next);
        for id in ids.clone() {
            self.checkpoints.expect(id, self.seats[id as usize].result.as_ref());
            self.release_one(id, context);
        }
        if !is_last {
            return Stage::Releasing(ids.end);
        }
        self.met(context);
        Stage::Running
    }

    fn release_one(&mut self, id: u32, context: &mut Context<'_, '_>) {
        let is_superstep = self.round.collective().is_none();
        let seat = &mut self.seats[id as usize];
        let (state, messages) = (seat.state, seat.messages);
        if is_superstep {
            seat.messages = 0;
        }
        let sits_out = messages == 0 && !self.is_halting && is_superstep;
        match state {
            SeatState::Left | SeatState::Working => return,
            SeatState::Dormant if sits_out => return,
            SeatState::Arrived if sits_out && self.voted.contains(&id) => {
                seat.state = SeatState::Dormant;
                self.dormant += 1;
                self.arrived -= 1;
                return;
            }
            SeatState::Dormant => self.dormant -= 1,
            SeatState::Arrived => self.arrived -= 1,
        }
        seat.state = SeatState::Working;
        let pid = seat.pid;
        let content = if self.is_halting { Content::Halted } else { self.round.content(id) };
        // Who puts together what it gets does that in its own turn, beside the others.
        let has_work = messages > 0 || matches!(content, Content::Elements(_));
        let released = Released { superstep: self.superstep, saves: self.checkpoints.is_saving(), content };
        let released = ToProgram::Released(released);
        if has_work {
            context.signal_extension(pid, Box::new(released));
        } else {
            signal::tell(context, pid, released);
        }
    }

    /// All who go on do.
    pub(crate) fn met(&mut self, context: &mut Context<'_, '_>) {
        if self.round.collective().is_none() && self.group.is_watched() {
            let completed = TelemetryKind::SuperstepCompleted {
                duration: context.now().saturating_sub(self.superstep_began),
                processors: self.round.arrived,
                messages: self.messages,
                messages_max: u64::from(self.messages_max),
                // Whether the superstep that is over was the last that there is.
                converged: self.is_halting || self.group.is_converged(),
            };
            self.group.tell(context, context.pid(), (self.superstep - 1, &self.finished), completed);
        }
        let (round, voted) = (std::mem::take(&mut self.round), std::mem::take(&mut self.voted));
        if round.values().max(voted.len()) > FREED_AT_ONCE_MAX {
            // There is nothing to hear of that but that it is done.
            context.do_later(self.group.operation, move || drop((round, voted)), |_| Box::new(AllArrived));
        }
        self.senders.clear();
        (self.messages, self.messages_max, self.is_halting) = (0, 0, false);
        self.forwarded = 0;
        self.superstep_begins(context);
    }
}
