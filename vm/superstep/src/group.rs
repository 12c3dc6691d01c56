//! A group of processors: what all of them and their coordinator share, and what can be seen of it from outside.
//!
//! Nothing here changes but who has come to the barrier with what, and the progress, which anybody may read at any time (rule S10).

use std::{ops::Deref, sync::OnceLock, time::Duration};

use ttvm_isa::{Fault, SuperstepFault, Text};
use ttvm_platform::entropy::derive;
use ttvm_platform::sync::{
    Arc, Mutex,
    atomic::{AtomicU8, AtomicU64, Ordering},
};
use ttvm_runtime::{Context, object, text};
use ttvm_value::{List, Pid, SharedValue, Value, ops::logic};

use crate::{
    arrivals::{Arrivals, Written, is_same},
    brought::{Aggregates, Table},
    fold::Fold,
    saved::SavePlan,
    supersteps::Common,
    telemetry::{TelemetryEvent, TelemetryKind},
};

/// The aggregate by which the processors of a declared computation agree (`std/bsp`).
const CONVERGED: &str = "std/bsp converged";

/// A group. What was planned of it can be read as if it were its own.
pub(crate) struct Group {
    pub common: Arc<Common>,
    plan: GroupPlan,
    /// The input of the group that it goes on with, instead of its own.
    kept_input: OnceLock<SharedValue>,
    seed: u64,
    /// The seed of the group that it goes on with, instead of its own.
    kept_seed: OnceLock<u64>,
    /// Who has come to the barrier, and what they bring.
    pub arrivals: Arrivals,
    pub brought: Table,
    /// The number of the superstep that it is in, which changes with the progress.
    superstep: AtomicU64,
    progress: Mutex<Progress>,
    phases: Box<[AtomicU8]>,
}

struct Progress {
    status: Status,
    name: Text,
    /// What the aggregates of the superstep before came to, if there were any.
    aggregates: Option<Arc<Aggregates>>,
}

/// How far a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Initializing,
    Ready,
    Running,
    Converged,
    MaxSupersteps,
    Failed,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Initializing => "initializing",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Converged => "converged",
            Self::MaxSupersteps => "max_supersteps",
            Self::Failed => "failed",
        }
    }
}

/// How far a processor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    Idle,
    Ready,
    Computed,
    Communicated,
    Barrier,
    Finalized,
}

impl Phase {
    const ALL: [Self; 6] =
        [Self::Idle, Self::Ready, Self::Computed, Self::Communicated, Self::Barrier, Self::Finalized];

    /// The name in programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Ready => "ready",
            Self::Computed => "computed",
            Self::Communicated => "communicated",
            Self::Barrier => "barrier",
            Self::Finalized => "finalized",
        }
    }

    /// The phase with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }
}

/// A group as it was planned.
pub(crate) struct GroupPlan {
    /// The instruction that starts it.
    pub operation: &'static str,
    /// Its name, or empty.
    pub name: Text,
    /// What errors call its processors; empty if they have only numbers.
    pub labels: Box<[Text]>,
    pub count: u32,
    /// The name of its first superstep, or empty.
    pub first: Text,
    /// What every processor runs.
    pub code: Code,
    pub input: SharedValue,
    pub combine: Option<Fold>,
    pub supersteps_max: Option<u64>,
    pub barrier_timeout: Option<Duration>,
    /// How often processors that crashed are started again.
    pub restarts_max: u32,
    /// Where its checkpoints are kept, if they are.
    pub save: Option<SavePlan>,
}

impl Deref for Group {
    type Target = GroupPlan;

    fn deref(&self) -> &GroupPlan {
        &self.plan
    }
}

/// What processors run.
pub(crate) enum Code {
    /// A function, and what goes on from a checkpoint.
    Function { run: SharedValue, resume: Option<SharedValue> },
    /// Functions of `std/bsp` that do what the plan of a declared computation says.
    Computation { plan: SharedValue },
}

impl Group {
    /// A group that has not begun.
    pub fn new(common: Arc<Common>, plan: GroupPlan, seed: u64) -> Self {
        let progress = Progress { status: Status::Initializing, name: plan.first.clone(), aggregates: None };
        let brought = Table::new(plan.count);
        let phases = (0..plan.count).map(|_| AtomicU8::new(Phase::Idle as u8)).collect();
        Self {
            common,
            plan,
            kept_input: OnceLock::new(),
            seed,
            kept_seed: OnceLock::new(),
            arrivals: Arrivals::default(),
            brought,
            superstep: AtomicU64::new(0),
            progress: Mutex::new(progress),
            phases,
        }
    }

    /// What processor `id` gets of the input: of a list its part, else all of it (rule S9).
    pub fn partition(&self, id: u32) -> Result<Value, Fault> {
        let input = self.kept_input.get().unwrap_or(&self.input);
        let Value::List(list) = input.value() else { return Ok(input.to_value()) };
        let (id, count) = (id as usize, self.count as usize);
        let (size, larger) = (list.len() / count, list.len() % count);
        let start = id * size + id.min(larger);
        part(list, start, start + size + usize::from(id < larger))
    }

    /// Takes the input that was kept for it.
    pub fn keep_input(&self, input: SharedValue) {
        // Once: a group looks into its folder before it begins.
        let _ = self.kept_input.set(input);
    }

    /// Takes the seed that was kept for it.
    pub fn keep_seed(&self, seed: u64) {
        // Once, as the input.
        let _ = self.kept_seed.set(seed);
    }

    /// What all random numbers in it come from.
    pub fn seed(&self) -> u64 {
        *self.kept_seed.get().unwrap_or(&self.seed)
    }

    /// What the random generator of processor `id` begins with.
    pub fn seed_of(&self, id: u32) -> u64 {
        derive(self.seed(), u64::from(id))
    }

    /// Notes how far the group is.
    pub fn set_status(&self, status: Status) {
        self.progress.lock().status = status;
    }

    /// Notes that a declared computation has come to its end: if it has not converged, that was its last superstep.
    pub fn note_end(&self) {
        let mut progress = self.progress.lock();
        if progress.status != Status::Converged {
            progress.status = Status::MaxSupersteps;
        }
    }

    /// Whether it was noted that it has converged.
    pub fn is_converged(&self) -> bool {
        self.progress.lock().status == Status::Converged
    }

    /// Notes that a superstep begins, and what the aggregates of the one before came to. By one of them a declared computation
    /// says that it has converged.
    pub fn begin_superstep(&self, superstep: u64, name: Written<'_>, aggregates: Option<Arc<Aggregates>>) {
        let has_converged = aggregates.as_ref().is_some_and(|aggregates| self.has_converged(aggregates));
        // What they were before is freed behind the lock.
        let mut before = None;
        let mut progress = self.progress.lock();
        // Relaxed: processors learn of it by being let go on, others by the lock.
        self.superstep.store(superstep, Ordering::Relaxed);
        if !name.is(&progress.name) {
            progress.name = name.to_text();
        }
        if aggregates.is_some() || progress.aggregates.is_some() {
            before = std::mem::replace(&mut progress.aggregates, aggregates);
        }
        // One that is being stopped stays failed.
        if has_converged && progress.status == Status::Running {
            progress.status = Status::Converged;
        }
        drop(progress);
        drop(before);
    }

    /// The number of the superstep that it is in. While a processor computes, that is its own.
    pub fn superstep(&self) -> u64 {
        self.superstep.load(Ordering::Relaxed)
    }

    /// What an aggregate of the superstep before came to.
    pub fn aggregate(&self, name: &Text) -> Option<Value> {
        let progress = self.progress.lock();
        let mut aggregates = progress.aggregates.iter().flat_map(|aggregates| aggregates.iter());
        aggregates.find(|(known, _)| is_same(known, name)).map(|(_, value)| value.to_value())
    }

    /// Whether a declared computation has converged, of which these are the aggregates.
    fn has_converged(&self, aggregates: &Aggregates) -> bool {
        let converged = |(name, value): &(Text, SharedValue)| &**name == CONVERGED && logic::truth(value.value());
        self.is_declared() && aggregates.iter().any(converged)
    }

    /// The name of the superstep that it is in.
    pub fn superstep_name(&self) -> Text {
        self.progress.lock().name.clone()
    }

    /// Notes how far a processor is.
    pub fn set_phase(&self, id: u32, phase: Phase) {
        // Relaxed: whoever looks sees what was true a moment ago.
        self.phases[id as usize].store(phase as u8, Ordering::Relaxed);
    }

    /// Whether a processor waits at the barrier, for whoever has seen that all have come.
    pub fn is_at_barrier(&self, id: u32) -> bool {
        self.phases[id as usize].load(Ordering::Relaxed) == Phase::Barrier as u8
    }

    /// What `BSP_STATUS` says.
    pub fn describe(&self) -> Value {
        let (status, superstep, name) = {
            let progress = self.progress.lock();
            (progress.status, self.superstep(), progress.name.clone())
        };
        let phase = |phase: &AtomicU8| {
            let number = usize::from(phase.load(Ordering::Relaxed));
            text(Phase::ALL.get(number).map_or("", |phase| phase.name()))
        };
        let phases: Vec<Value> = self.phases.iter().map(phase).collect();
        object([
            ("status", text(status.name())),
            ("superstep", text(&name)),
            ("count", Value::Int(i64::try_from(superstep).unwrap_or(i64::MAX))),
            ("processors", Value::Int(i64::from(self.count))),
            ("phases", Value::list(phases.into_iter()).unwrap_or(Value::Null)),
        ])
    }

    /// What errors call a processor.
    pub fn member(&self, id: u32) -> String {
        self.labels.get(id as usize).map_or_else(|| format!("processor {id}"), ToString::to_string)
    }

    /// The error that the group fails with (rule S11).
    pub fn fault(&self, superstep: u64, name: &Text, processor: Option<u32>, reason: String) -> Fault {
        Fault::Superstep(Box::new(SuperstepFault {
            operation: self.operation,
            group: self.name.to_string(),
            superstep,
            name: name.to_string(),
            processor: processor.map(|id| self.member(id)),
            reason,
        }))
    }

    /// The same where the group is now, as far as others see.
    pub fn fault_now(&self, reason: String) -> Fault {
        let (superstep, name) = {
            let progress = self.progress.lock();
            (self.superstep(), progress.name.clone())
        };
        self.fault(superstep, &name, None, reason)
    }

    /// Whether a `.computation` block declares it.
    pub fn is_declared(&self) -> bool {
        matches!(self.code, Code::Computation { .. })
    }

    /// Whether anybody watches.
    pub fn is_watched(&self) -> bool {
        self.common.telemetry.is_some()
    }

    /// Tells whoever watches.
    pub fn tell(&self, context: &Context<'_, '_>, coordinator: Pid, superstep: (u64, &Text), kind: TelemetryKind<'_>) {
        if let Some(telemetry) = &self.common.telemetry {
            telemetry.event(&TelemetryEvent {
                time: context.now(),
                operation: self.operation,
                group: &self.name,
                coordinator,
                process: match kind {
                    TelemetryKind::ProcessorInitialized { pid, .. } => pid,
                    _ => context.pid(),
                },
                superstep: superstep.0,
                name: superstep.1,
                kind,
            });
        }
    }
}

fn part(list: &List, start: usize, end: usize) -> Result<Value, Fault> {
    Ok(Value::List(list.slice(start, end)?))
}
