//! The end of a group that has failed: processors are told or stopped, and when all have ended they begin again or whoever
//! waits has the error (rules S8, S11, S12).

use ttvm_runtime::{Context, text};

use crate::{
    coordinator::{Coordinator, PATIENCE, PROCESSORS_PER_RUN, SeatState, Stage},
    coordinator_state::CoordinatorState,
    group::Status,
    round::{Failure, Round},
    signal::ToProgram,
    telemetry::TelemetryKind,
};

impl Coordinator {
    /// Ends the group with an error; the first one counts.
    pub(crate) fn fail(&mut self, (processor, reason): Failure, context: &mut Context<'_, '_>) {
        if self.failure.is_some() || matches!(self.stage, Stage::Answering(..) | Stage::Clearing(_) | Stage::Over) {
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

    /// Whether processors come to an end of their own after a failure, as declared computations do (rule S8).
    pub(crate) fn fails_gently(&self) -> bool {
        self.failure.is_some() && self.group.is_declared() && !self.restarts
    }

    /// Ends the group because somebody wants it to end.
    pub(crate) fn abandon(&mut self, reason: String, context: &mut Context<'_, '_>) {
        self.restarts = false;
        self.fail((None, reason), context);
        if matches!(self.stage, Stage::Failing(_)) {
            self.stage = Stage::Stopping(0, "shutdown");
        }
    }

    /// Tells some processors that the group has failed. Those who still compute hear it at the barrier.
    pub(crate) fn fail_some(&mut self, next: u32, context: &mut Context<'_, '_>) -> Stage {
        let (ids, is_last) = self.some(next);
        for id in ids.filter(|id| (*id as usize) < self.seats.len()) {
            if matches!(self.seats[id as usize].state, SeatState::Arrived | SeatState::Dormant) {
                self.fail_one(id, context);
            }
        }
        if is_last { Stage::Draining } else { Stage::Failing(next + PROCESSORS_PER_RUN) }
    }

    pub(crate) fn fail_one(&self, id: u32, context: &mut Context<'_, '_>) {
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
        (self.superstep, self.name, self.aggregates) = self.checkpoints.place(&self.group);
        self.group.begin_superstep(self.superstep, &self.name);
    }

    /// All have ended after a failure: they begin again, or that is the end.
    pub(crate) fn drained(&mut self, context: &mut Context<'_, '_>) -> Stage {
        self.cancel_timer(context);
        if let Some(state) = context.extension_state::<CoordinatorState>() {
            state.started.clear();
        }
        if self.restarts && self.checkpoints.restart() {
            self.restarts = false;
            self.failure = None;
            self.seats.clear();
            (self.arrived, self.dormant, self.left) = (0, 0, 0);
            self.round = Round::default();
            self.voted.clear();
            self.senders.clear();
            (self.messages, self.messages_max, self.is_halting) = (0, 0, false);
            self.group.set_status(Status::Initializing);
            self.go_to_checkpoint();
            return Stage::Starting(0);
        }
        let fault = self.failure.take();
        let fault = fault.unwrap_or_else(|| self.group.fault(self.superstep, &self.name, None, String::new()));
        self.finish(Err(fault), context)
    }
}
