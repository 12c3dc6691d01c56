//! The state of a coordinator's process: what has come to it, and what is done when it ends: before its time or not, whoever
//! waits has the answer only when nothing of the group is left.

use ttvm_isa::Fault;
use ttvm_platform::sync::Arc;
use ttvm_runtime::{Context, text};
use ttvm_value::{Pid, Ref, SharedValue, Value};

use crate::{
    group::Group,
    signal::{self, Queue, ToCoordinator},
};

/// What others see of the coordinator's process, and what must be done when it ends.
pub(crate) struct CoordinatorState {
    pub queue: Queue<Box<ToCoordinator>>,
    group: Arc<Group>,
    /// Who waits for the results, until they are there.
    pub caller: Option<Pid>,
    /// The results or the error, once everything has ended.
    pub answer: Option<Result<SharedValue, Fault>>,
    /// Its timer, which must not keep the machine waiting when it is gone.
    pub timer: Option<Ref>,
    /// Everything it has started.
    pub started: Vec<Pid>,
}

impl CoordinatorState {
    /// Of a coordinator that has started nothing.
    pub fn new(caller: Pid, group: Arc<Group>) -> Self {
        Self { queue: Queue::new(), group, caller: Some(caller), answer: None, timer: None, started: Vec::new() }
    }

    /// The coordinator has ended: what it left running is killed, and whoever waits has an error.
    pub fn end(self, context: &mut Context<'_, '_>, reason: &Value) {
        if let Some(timer) = self.timer {
            context.cancel_timer(timer);
        }
        for pid in self.started {
            context.exit(pid, text("kill"));
        }
        self.group.common.leave(&self.group);
        if let Some(caller) = self.caller {
            let abandoned = || Err(self.group.fault_now(format!("the coordinator has ended: {reason}")));
            signal::answer(context, caller, self.answer.unwrap_or_else(abandoned));
        }
    }
}
