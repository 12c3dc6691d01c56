//! The extension that a machine gives to its runtime: what is whose, and what all groups of a machine share.

use std::{any::Any, collections::HashMap, sync::OnceLock};

use ttvm_engine::{Reply, Request};
use ttvm_isa::{Fault, OpCode, ProcessOperation, Text};
use ttvm_platform::sync::{Arc, Mutex};
use ttvm_runtime::{Context, Extension, Payload};
use ttvm_value::{SharedValue, Value};

use crate::{
    barrier::{self, ToBarrier},
    barrier_operations, compute,
    coordinator_state::CoordinatorState,
    group::Group,
    library::Library,
    membership::{self, Membership},
    processor_operations,
    signal::{Queue, ToCoordinator, ToProgram},
    telemetry::Telemetry,
    tick,
};

/// Barriers and groups of processors, for one machine.
pub struct Supersteps {
    common: Arc<Common>,
}

/// What all groups of a machine share. The lock is held for one look at the table.
pub(crate) struct Common {
    pub library: OnceLock<Library>,
    /// `run` of `std/tick`, once a `TICK_RUN` needed it.
    pub tick_run: OnceLock<SharedValue>,
    pub telemetry: Option<Arc<dyn Telemetry>>,
    /// The program's, for whoever goes on with a group of it.
    pub arguments: Vec<String>,
    /// Groups with a name that have not ended.
    groups: Mutex<HashMap<Text, Arc<Group>>>,
}

impl Common {
    /// Notes that a group has begun; of two with one name the younger is seen.
    pub fn enter(&self, group: &Arc<Group>) {
        if !group.name.is_empty() {
            self.groups.lock().insert(group.name.clone(), Arc::clone(group));
        }
    }

    /// Notes that a group has ended.
    pub fn leave(&self, group: &Arc<Group>) {
        let mut groups = self.groups.lock();
        if groups.get(&group.name).is_some_and(|known| Arc::ptr_eq(known, group)) {
            groups.remove(&group.name);
        }
    }

    fn group(&self, name: &Text) -> Option<Arc<Group>> {
        self.groups.lock().get(name).cloned()
    }
}

impl Supersteps {
    /// For a new machine, watched by somebody or nobody, whose program has these arguments.
    #[must_use]
    pub fn new(telemetry: Option<Arc<dyn Telemetry>>, arguments: Vec<String>) -> Self {
        let (library, tick_run, groups) = (OnceLock::new(), OnceLock::new(), Mutex::new(HashMap::new()));
        let common = Common { library, tick_run, telemetry, arguments, groups };
        Self { common: Arc::new(common) }
    }

    fn status(&self, request: &Request<'_>) -> Reply {
        let OpCode::BspStatus { name } = request.instruction else {
            unreachable!("the operation is the instruction's")
        };
        Reply::Value(self.common.group(name).map_or(Value::Null, |group| group.describe()))
    }
}

impl Extension for Supersteps {
    fn perform(&self, context: &mut Context<'_, '_>, request: &mut Request<'_>) -> Result<Reply, Fault> {
        // What most of these take goes to other processes.
        if !context.mark_arguments(request) {
            return Ok(Reply::Again);
        }
        match request.operation {
            ProcessOperation::BarrierNew => barrier_operations::new(context, request),
            ProcessOperation::Barrier => barrier_operations::wait(context, request),
            ProcessOperation::BarrierTimeout => barrier_operations::wait_until(context, request),
            ProcessOperation::BarrierJoin => barrier_operations::join(context, request),
            ProcessOperation::BarrierReset => barrier_operations::reset(context, request),
            ProcessOperation::BarrierStatus => barrier_operations::status(context, request),
            ProcessOperation::BspRun => membership::run(&self.common, context, request),
            ProcessOperation::BspStatus => Ok(self.status(request)),
            ProcessOperation::Compute => compute::run(&self.common, context, request),
            ProcessOperation::TickRun => tick::run(&self.common, context, request),
            _ => processor_operations::perform(context, request),
        }
    }

    fn seed(&self, state: &(dyn Any + Send)) -> Option<u64> {
        state.downcast_ref::<Membership>().and_then(Membership::seed)
    }

    fn arrived(&self, context: &mut Context<'_, '_>, signal: Payload) {
        let signal = match signal.downcast::<ToProgram>() {
            Ok(signal) => return membership::arrived(context, *signal),
            Err(other) => other,
        };
        match signal.downcast::<ToCoordinator>() {
            Ok(signal) => {
                if let Some(state) = context.extension_state::<CoordinatorState>() {
                    state.queue.push_back(signal);
                }
            }
            Err(other) => {
                // What [`AllArrived`] says was said when it came.
                if let Ok(request) = other.downcast::<ToBarrier>()
                    && let Some(queue) = context.extension_state::<Queue<ToBarrier>>()
                {
                    queue.push_back(*request);
                }
            }
        }
    }

    fn refused(&self, context: &mut Context<'_, '_>, signal: Payload) {
        // Coordinators outlive whoever tells them something, or end what it could wait for.
        if let Ok(request) = signal.downcast::<ToBarrier>() {
            barrier::refuse(context, &request);
        }
    }

    fn done(&self, context: &mut Context<'_, '_>, value: SharedValue) {
        membership::done(context, value);
    }

    fn ended(&self, context: &mut Context<'_, '_>, state: Payload, reason: &Value) {
        match state.downcast::<Membership>() {
            Ok(membership) => membership::ended(context, *membership, reason),
            Err(state) => {
                if let Ok(state) = state.downcast::<CoordinatorState>() {
                    state.end(context, reason);
                }
            }
        }
    }
}
