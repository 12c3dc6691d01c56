//! The end of a group that has failed: processors are told or stopped, and when all have ended they begin again or whoever
//! waits has the error (rules S8, S11, S12).

use ttvm_runtime::{Context, text};
use ttvm_value::Value;

use crate::{
    arrivals::Written,
    coordinator::{Coordinator, PATIENCE, PROCESSORS_PER_RUN, SeatState, Stage, describe},
    coordinator_state::CoordinatorState,
    group::Status,
    round::{Failure, Round},
    signal::{TimeLimit, ToProgram},
    telemetry::TelemetryKind,
};

impl Coordinator {
    /// Ends the group with an error; the first one counts.
    pub(crate) fn fail(&mut self, (processor, reason): Failure, context: &mut Context<'_, '_>) {
        if self.failure.is_some()
            || matches!(self.stage, Stage::Answering(..) | Stage::Listing | Stage::Clearing(_) | Stage::Over)
        {
            return;
        }
        self.group.set_status(Status::Failed);
        if let Some(processor) = processor {
            self.tell(context, TelemetryKind::ComputeError { processor, reason: &reason });
        }
        self.failure = Some(self.group.fault(self.superstep, &self.name, processor, reason));
        self.stage = if self.fails_gently() { Stage::Failing(0) } else { Stage::Stopping(0, "shutdown") };
        self.set_timer(PATIENCE, context);
    }

    /// A processor has ended with an error, the first of its group.
    pub(crate) fn processor_fails(&mut self, id: u32, reason: &Value, context: &mut Context<'_, '_>) {
        self.restarts = self.checkpoints.may_restart();
        self.fail((Some(id), describe(reason)), context);
        if self.failure.is_none() || self.restarts {
            return;
        }
        self.failed = Some(id);
        if !self.fails_gently() {
            self.unsettled = self.working_below(id);
            self.stage = Stage::Settling;
        }
    }

    /// Another one has: of those that fail in one superstep, whoever was faster, the lowest counts.
    pub(crate) fn fails_too(&mut self, id: u32, reason: &Value, context: &mut Context<'_, '_>) {
        let is_own = !self.seats[id as usize].is_told && self.failed.is_some_and(|failed| id < failed);
        if is_own {
            let reason = describe(reason);
            self.tell(context, TelemetryKind::ComputeError { processor: id, reason: &reason });
            self.failure = Some(self.group.fault(self.superstep, &self.name, Some(id), reason));
            self.failed = Some(id);
            self.unsettled = self.working_below(id);
        }
    }

    /// Processors that may still take the place of this one: those with higher numbers were not let go on before it.
    fn working_below(&self, id: u32) -> u32 {
        let below = self.seats.iter().take(id as usize);
        let working = below.filter(|seat| seat.state == SeatState::Working).count();
        u32::try_from(working).unwrap_or(u32::MAX)
    }

    /// A processor has come to the end of the superstep, one way or another.
    pub(crate) fn settled(&mut self, id: u32) {
        let is_awaited = self.failed.is_some_and(|failed| id < failed);
        if matches!(self.stage, Stage::Settling) && is_awaited && self.seats[id as usize].state == SeatState::Working {
            self.unsettled = self.unsettled.saturating_sub(1);
        }
    }

    /// What processors do from now on is not their own.
    pub(crate) fn stop_all(&mut self) -> Stage {
        self.failed = None;
        Stage::Stopping(0, "shutdown")
    }

    /// Whether processors come to an end of their own after a failure, as declared computations do (rule S8).
    pub(crate) fn fails_gently(&self) -> bool {
        self.failure.is_some() && self.group.is_declared() && !self.restarts
    }

    /// Ends the group because somebody wants it to end.
    pub(crate) fn abandon(&mut self, reason: String, context: &mut Context<'_, '_>) {
        self.restarts = false;
        self.fail((None, reason), context);
        if matches!(self.stage, Stage::Failing(_) | Stage::Settling) {
            self.stage = self.stop_all();
        }
    }

    /// Tells some processors that the group has failed. Those who still compute hear it at the barrier.
    pub(crate) fn fail_some(&mut self, next: u32, context: &mut Context<'_, '_>) -> Stage {
        let (ids, is_last) = self.some(next);
        for id in ids {
            let state = self.seats.get(id as usize).map(|seat| seat.state);
            if matches!(state, Some(SeatState::Arrived | SeatState::Dormant)) {
                self.fail_one(id, context);
            }
        }
        if is_last { Stage::Draining } else { Stage::Failing(next + PROCESSORS_PER_RUN) }
    }

    pub(crate) fn fail_one(&mut self, id: u32, context: &mut Context<'_, '_>) {
        self.seats[id as usize].is_told = true;
        if let Some(fault) = self.failure.clone() {
            context.signal_extension(self.seats[id as usize].pid, Box::new(ToProgram::Failed(fault)));
        }
    }

    pub(crate) fn stop_some(&mut self, next: u32, reason: &'static str, context: &mut Context<'_, '_>) -> Stage {
        // Those that fold are among them.
        let started = context.extension_state::<CoordinatorState>().map_or_else(Vec::new, |state| {
            state.started.iter().skip(next as usize).take(PROCESSORS_PER_RUN as usize).copied().collect()
        });
        if started.is_empty() {
            return Stage::Draining;
        }
        for pid in started {
            context.exit(pid, text(reason));
        }
        Stage::Stopping(next + PROCESSORS_PER_RUN, reason)
    }

    /// All will begin where the last checkpoint is, or at the beginning if there is none.
    pub(crate) fn go_to_checkpoint(&mut self) {
        let aggregates;
        (self.superstep, self.name, aggregates) = self.checkpoints.place(&self.group);
        // A time limit of its own is not part of a checkpoint.
        self.limit = TimeLimit::OfGroup;
        self.group.begin_superstep(self.superstep, Written::Text(&self.name), Some(aggregates));
    }

    /// All have ended after a failure: they begin again, or that is the end.
    pub(crate) fn drained(&mut self, context: &mut Context<'_, '_>) -> Stage {
        self.cancel_timer(context);
        if let Some(state) = context.extension_state::<CoordinatorState>() {
            state.started.clear();
        }
        if self.restarts && self.checkpoints.restart() {
            self.restarts = false;
            (self.failure, self.failed) = (None, None);
            self.seats.clear();
            self.arriving.clear();
            self.group.arrivals.take(0, None, &mut self.arriving);
            self.arriving.clear();
            (self.arrived, self.dormant, self.left) = (0, 0, 0);
            self.round = Round::default();
            self.voted.clear();
            self.senders.clear();
            (self.messages, self.messages_max, self.is_halting, self.forwarded) = (0, 0, false, 0);
            self.group.set_status(Status::Initializing);
            self.go_to_checkpoint();
            return Stage::Starting(0);
        }
        let fault = self.failure.take();
        let fault = fault.unwrap_or_else(|| self.group.fault(self.superstep, &self.name, None, String::new()));
        self.finish(Err(fault), context)
    }
}
