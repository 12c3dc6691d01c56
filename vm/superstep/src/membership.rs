//! What a process that runs a program has to do with groups: it may be a processor, have started a group, or fold.

use ttvm_engine::{Kernel, Reply, Request};
use ttvm_isa::{Fault, ProcessOperation};
use ttvm_platform::{entropy::derive, sync::Arc};
use ttvm_runtime::Context;
use ttvm_value::{Pid, SharedValue, Value};

use crate::{
    board::Board,
    coordinator::Coordinator,
    coordinator_state::CoordinatorState,
    group::{Group, GroupPlan},
    options,
    processor::Processor,
    signal::{ToCoordinator, ToProgram},
    supersteps::Common,
    tick::{self, TickCall},
};

/// The state of such a process.
#[derive(Default)]
pub(crate) struct Membership {
    pub processor: Option<Box<Processor>>,
    /// The coordinator of the group that it started and waits for.
    pub started: Option<Pid>,
    pub folder: Option<Folder>,
    /// What its `TICK_RUN` is called with when `std/tick` is there.
    pub ticks: Option<Box<TickCall>>,
    /// Groups that it has started; of a processor, in the superstep with this number.
    pub begun: (u64, u32),
    /// The barriers that it is a party of, those that it has joined last.
    pub boards: Vec<(Pid, Arc<Board>)>,
}

/// Barriers that a party knows the meeting place of; of others it asks the process each time.
const BOARDS_MAX: usize = 8;

impl Membership {
    /// Where the parties of a barrier meet, if the process is one and knows.
    pub fn board_of(&self, barrier: Pid) -> Option<&Board> {
        self.boards.iter().find(|(known, _)| *known == barrier).map(|(_, board)| &**board)
    }

    /// What the process's random generator begins with, if the group that it belongs to says so.
    pub fn seed(&self) -> Option<u64> {
        match (&self.processor, &self.folder) {
            (Some(processor), _) => Some(processor.random),
            (None, Some(folder)) => Some(folder.seed),
            (None, None) => None,
        }
    }

    fn join(&mut self, barrier: Pid, board: Arc<Board>) {
        if self.boards.len() == BOARDS_MAX {
            self.boards.remove(0);
        }
        self.boards.push((barrier, board));
    }
}

/// A process that folds with a function, for a coordinator.
pub(crate) struct Folder {
    pub coordinator: Pid,
    pub job: usize,
    /// What its random generator begins with.
    pub seed: u64,
    pub result: Option<SharedValue>,
}

/// The state of the process that has its turn.
pub(crate) fn membership<'a>(context: &'a mut Context<'_, '_>) -> Option<&'a mut Membership> {
    context.extension_state::<Membership>()
}

/// The same; made if there is none..
pub(crate) fn own_membership<'a>(context: &'a mut Context<'_, '_>) -> Option<&'a mut Membership> {
    if membership(context).is_none() {
        context.set_extension_state(Box::<Membership>::default());
    }
    membership(context)
}

/// `BSP_RUN`: starts the group and waits for its results.
pub(crate) fn run(
    common: &Arc<Common>,
    context: &mut Context<'_, '_>,
    request: &mut Request<'_>,
) -> Result<Reply, Fault> {
    // Programs know the groups of `std/tick` by the instruction that makes them.
    let is_of_ticks = *request.module.verified().module().source == *tick::PATH;
    let operation = if is_of_ticks { ProcessOperation::TickRun } else { request.operation };
    let plan = options::read(operation.mnemonic(), request.module, &request.arguments[0], &request.arguments[1])?;
    start(context, request.operation, common, plan)?;
    Ok(Reply::Wait)
}

/// What the next group of the process comes from: the same in every run with the same seed, however many schedulers there are.
fn next_seed(context: &mut Context<'_, '_>) -> u64 {
    let own = Kernel::seed(context);
    let Some(membership) = own_membership(context) else { return own };
    let (seed, superstep) = match &membership.processor {
        Some(processor) => (processor.seed_of_groups(), processor.group.superstep()),
        None => (own, 0),
    };
    if membership.begun.0 != superstep {
        membership.begun = (superstep, 0);
    }
    membership.begun.1 += 1;
    derive(seed, u64::from(membership.begun.1))
}

/// Starts a group; the instruction waits for its results.
pub(crate) fn start(
    context: &mut Context<'_, '_>,
    operation: ProcessOperation,
    common: &Arc<Common>,
    plan: GroupPlan,
) -> Result<(), Fault> {
    let caller = context.pid();
    let group = Arc::new(Group::new(Arc::clone(common), plan, next_seed(context)));
    let state = CoordinatorState::new(caller, Arc::clone(&group));
    let coordinator = Coordinator::new(Arc::clone(&group));
    let coordinator = context.spawn_coordinator(Box::new(coordinator), Box::new(state))?.pid;
    if let Some(membership) = own_membership(context) {
        membership.started = Some(coordinator);
    }
    common.enter(&group);
    context.wait_for_answer(operation);
    Ok(())
}

/// A signal has come.
pub(crate) fn arrived(context: &mut Context<'_, '_>, signal: ToProgram) {
    match signal {
        ToProgram::Answer(answer) => {
            if matches!(context.waiting_operation(), Some(ProcessOperation::BspRun | ProcessOperation::Compute))
                && let Some(membership) = membership(context)
            {
                membership.started = None;
            }
            context.answer_waiting(answer);
        }
        ToProgram::Joined(barrier, board) => {
            if let Some(membership) = own_membership(context) {
                membership.join(barrier, board);
            }
        }
        ToProgram::Failed(fault) => context.answer_waiting(Err(fault)),
        ToProgram::Ticks(loaded) => tick::loaded(context, loaded),
        ToProgram::Late => context.branch_waiting(),
        ToProgram::Begin(peers) => with_processor(context, |processor, context| processor.begin(context, peers)),
        ToProgram::Bundle(bundle) => {
            if let Some(processor) = membership(context).and_then(|membership| membership.processor.as_mut()) {
                processor.add(bundle);
            }
        }
        ToProgram::Inbox(inbox) => with_processor(context, |processor, context| processor.deliver(context, inbox)),
        ToProgram::Released(released) => {
            with_processor(context, |processor, context| processor.release(context, released));
        }
    }
}

fn with_processor(context: &mut Context<'_, '_>, act: impl FnOnce(&mut Processor, &mut Context<'_, '_>)) {
    let Some(mut processor) = membership(context).and_then(|membership| membership.processor.take()) else { return };
    act(&mut processor, context);
    if let Some(membership) = membership(context) {
        membership.processor = Some(processor);
    }
}

/// The process's code has come to its end.
pub(crate) fn done(context: &mut Context<'_, '_>, value: SharedValue) {
    let Some(membership) = membership(context) else { return };
    if let Some(processor) = &mut membership.processor {
        processor.result = Some(value);
    } else if let Some(folder) = &mut membership.folder {
        folder.result = Some(value);
    }
}

/// The process has ended.
pub(crate) fn ended(context: &mut Context<'_, '_>, membership: Membership, reason: &Value) {
    if let Some(coordinator) = membership.started {
        context.signal_extension(coordinator, Box::new(ToCoordinator::CallerEnded));
    }
    if let Some(processor) = membership.processor {
        processor.end(context, reason);
    }
    if let Some(Folder { coordinator, job, result, .. }) = membership.folder {
        let result = result.ok_or_else(|| SharedValue::new(reason.clone()).0);
        context.signal_extension(coordinator, Box::new(ToCoordinator::Folded { job, result }));
    }
}
