//! How long a group's supersteps may last, and what happens when one lasts longer (rules S11, S15).
//!
//! The coordinator has one timer. It may be older than the superstep, and is set anew when it comes too early.

use std::time::Duration;

use ttvm_runtime::Context;
use ttvm_value::Value;

use crate::{
    coordinator::{Coordinator, PATIENCE, SeatState, Stage},
    coordinator_state::CoordinatorState,
    signal::TimeLimit,
};

/// Processors that a timeout names.
const NAMED_MAX: usize = 16;

impl Coordinator {
    /// Starts the clocks of a superstep.
    pub fn superstep_begins(&mut self, context: &mut Context<'_, '_>) {
        let timeout = self.timeout();
        if timeout.is_none() && !self.group.is_watched() {
            return;
        }
        self.superstep_began = context.now();
        if let Some(timeout) = timeout
            && self.timer.is_none_or(|(_, due)| due > self.superstep_began.saturating_add(timeout))
        {
            self.set_timer(timeout, context);
        }
    }

    /// How long the superstep may last.
    fn timeout(&self) -> Option<Duration> {
        match self.limit {
            TimeLimit::OfGroup => self.group.barrier_timeout,
            TimeLimit::Own(timeout) => timeout,
        }
    }

    pub(crate) fn set_timer(&mut self, delay: Duration, context: &mut Context<'_, '_>) {
        self.cancel_timer(context);
        let token = context.make_ref();
        let timer = context.send_after(context.pid(), Value::Ref(token), delay).ok();
        self.timer = timer.map(|_| (token, context.now().saturating_add(delay)));
        if let Some(state) = context.extension_state::<CoordinatorState>() {
            state.timer = timer;
        }
    }

    pub(crate) fn cancel_timer(&mut self, context: &mut Context<'_, '_>) {
        self.timer = None;
        let state = context.extension_state::<CoordinatorState>();
        if let Some(timer) = state.and_then(|state| state.timer.take()) {
            context.cancel_timer(timer);
        }
    }

    pub(crate) fn time_is_over(&mut self, context: &mut Context<'_, '_>) {
        if matches!(self.stage, Stage::Settling) {
            self.stage = self.stop_all();
            return self.set_timer(PATIENCE, context);
        }
        if matches!(self.stage, Stage::Failing(_) | Stage::Stopping(..) | Stage::Draining) {
            self.failed = None;
            self.stage = Stage::Stopping(0, "kill");
            return;
        }
        let Some(timeout) = self.timeout() else { return };
        let spent = context.now().saturating_sub(self.superstep_began);
        if spent < timeout {
            // The timer is older than the superstep.
            return self.set_timer(timeout.saturating_sub(spent), context);
        }
        let failure = match self.missing() {
            None => (None, format!("what was met is not folded within {} ms", timeout.as_millis())),
            Some((first, others)) => {
                (Some(first), format!("not at the barrier within {} ms{others}", timeout.as_millis()))
            }
        };
        self.fail(failure, context);
    }

    /// The first processor that has not come, and the others in words.
    fn missing(&self) -> Option<(u32, String)> {
        let missing = (0_u32..).zip(&self.seats).filter(|(_, seat)| seat.state == SeatState::Working);
        let missing: Vec<u32> = missing.map(|(id, _)| id).collect();
        let (first, others) = missing.split_first()?;
        if others.is_empty() {
            return Some((*first, String::new()));
        }
        let names: Vec<String> = others.iter().take(NAMED_MAX).map(|id| self.group.member(*id)).collect();
        let rest = match others.len() - names.len() {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        Some((*first, format!(", like {}{rest}", names.join(", "))))
    }
}
