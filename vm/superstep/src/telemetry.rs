//! What groups of processors tell whoever watches them. Without anybody nothing is measured.

use std::time::Duration;

use ttvm_value::Pid;

/// Watches groups of processors. Called from any thread, while no program code runs; it must not block.
pub trait Telemetry: Send + Sync + 'static {
    /// Something happened.
    fn event(&self, event: &TelemetryEvent<'_>);
}

/// Something that happened in a group.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TelemetryEvent<'a> {
    /// When, since the machine's start.
    pub time: Duration,
    /// `BSP_RUN`, `COMPUTE` or `TICK_RUN`.
    pub operation: &'static str,
    /// The group's name, or empty.
    pub group: &'a str,
    /// The process that coordinates the group.
    pub coordinator: Pid,
    /// The process that it happened to: a processor's or the coordinator's.
    pub process: Pid,
    /// The number of the superstep.
    pub superstep: u64,
    /// Its name, or empty.
    pub name: &'a str,
    /// What.
    pub kind: TelemetryKind<'a>,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum TelemetryKind<'a> {
    /// The coordinator has begun; how many processors there will be.
    CoordinatorInitialized {
        /// How many.
        processors: u32,
    },
    /// A processor's process was made.
    ProcessorInitialized {
        /// Its number.
        processor: u32,
        /// Its process.
        pid: Pid,
    },
    /// A processor has its data: it said that it is `ready`, or all processors have begun.
    ProcessorDataInitialized {
        /// Its number.
        processor: u32,
    },
    /// A processor has computed.
    ComputeCompleted {
        /// Its number.
        processor: u32,
        /// Since the superstep began for it.
        duration: Duration,
        /// Messages that it began with.
        inbox_size: u64,
    },
    /// A processor has failed.
    ComputeError {
        /// Its number.
        processor: u32,
        /// Why.
        reason: &'a str,
    },
    /// A processor has handed over what it sent.
    CommunicateCompleted {
        /// Its number.
        processor: u32,
        /// Messages that it sent.
        message_count: u64,
    },
    /// A processor has come to the barrier.
    BarrierReached {
        /// Its number.
        processor: u32,
    },
    /// A processor has returned its result.
    ProcessorFinalized {
        /// Its number.
        processor: u32,
    },
    /// All have met at the barrier and go on.
    SuperstepCompleted {
        /// From the beginning of the superstep to the release of the last processor.
        duration: Duration,
        /// Processors that took part.
        processors: u32,
        /// Messages that were handed over.
        messages: u64,
        /// Messages that the processor got that got most.
        messages_max: u64,
        /// All have voted to halt.
        converged: bool,
    },
    /// The group has ended and all its processes with it.
    ComputationCompleted {
        /// From its beginning.
        duration: Duration,
        /// Supersteps.
        superstep_count: u64,
        /// Messages that nobody was left to receive.
        messages_left: u64,
        /// Why it failed, if it did.
        error: Option<&'a str>,
    },
}

impl TelemetryKind<'_> {
    /// The event's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CoordinatorInitialized { .. } => "coordinator_initialized",
            Self::ProcessorInitialized { .. } => "processor_initialized",
            Self::ProcessorDataInitialized { .. } => "processor_data_initialized",
            Self::ComputeCompleted { .. } => "compute_completed",
            Self::ComputeError { .. } => "compute_error",
            Self::CommunicateCompleted { .. } => "communicate_completed",
            Self::BarrierReached { .. } => "barrier_reached",
            Self::ProcessorFinalized { .. } => "processor_finalized",
            Self::SuperstepCompleted { .. } => "superstep_completed",
            Self::ComputationCompleted { .. } => "computation_completed",
        }
    }

    /// The number of the processor that it happened to.
    #[must_use]
    pub const fn processor(&self) -> Option<u32> {
        match self {
            Self::ProcessorInitialized { processor, .. }
            | Self::ProcessorDataInitialized { processor }
            | Self::ComputeCompleted { processor, .. }
            | Self::ComputeError { processor, .. }
            | Self::CommunicateCompleted { processor, .. }
            | Self::BarrierReached { processor }
            | Self::ProcessorFinalized { processor } => Some(*processor),
            Self::CoordinatorInitialized { .. }
            | Self::SuperstepCompleted { .. }
            | Self::ComputationCompleted { .. } => None,
        }
    }
}
