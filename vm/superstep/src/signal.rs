//! What travels between the processes of supersteps: one type for each kind of receiver.
//!
//! All kinds keep the order of signals (rule P1). What a processor sends to others is pushed into their mailboxes before
//! it tells the coordinator that it has come, and the coordinator's release comes behind that: so at the release every
//! message is there. Not here: what receivers do.

use std::{collections::VecDeque, time::Duration};

use ttvm_isa::{Fault, ProcessOperation, Text};
use ttvm_platform::sync::Arc;
use ttvm_runtime::Context;
use ttvm_value::{Pid, SharedValue};

use crate::{
    barrier::ToBarrier, board::Board, brought::Contribution, checkpoint::Part, fold::Fold, keeping::Kept,
    library::Loaded, making::Made, membership,
};

/// To a process that runs a program.
pub(crate) enum ToProgram {
    /// The answer to what it waits for.
    Answer(Result<SharedValue, Fault>),
    /// The time for which it waits is over.
    Late,
    /// All processors of its group were made: these.
    Begin(Arc<[Pid]>),
    /// Messages of a processor.
    Bundle(Bundle),
    /// All have come to the barrier.
    Released(Released),
    /// What others have sent is in order, and combined.
    Inbox(Result<SharedValue, Fault>),
    /// The group has failed: the instruction that waits at the barrier fails with this.
    Failed(Fault),
    /// It is a party of this barrier from now on.
    Joined(Pid, Arc<Board>),
    /// `std/tick` was loaded for the `TICK_RUN` that waits for it, now or before.
    Ticks(Option<Loaded>),
}

/// What one processor sends another in one superstep.
pub(crate) struct Bundle {
    pub from: u32,
    /// The number of that superstep: a processor that was released early may be in the next one already.
    pub superstep: u64,
    pub messages: Messages,
}

/// The messages of a bundle, in the order of sending. Mostly there is one.
pub(crate) enum Messages {
    /// One.
    One(SharedValue),
    /// Several.
    Many(Vec<SharedValue>),
}

impl Messages {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(messages) => messages.len(),
        }
    }

    /// Adds all of them to a list.
    pub fn add_to(self, all: &mut Vec<SharedValue>) {
        match self {
            Self::One(message) => all.push(message),
            Self::Many(messages) => all.extend(messages),
        }
    }
}

/// A processor goes on.
pub(crate) struct Released {
    pub superstep: u64,
    /// The coordinator wants the processor's state and inbox for a checkpoint.
    pub saves: bool,
    pub content: Content,
}

/// What the processor's instruction pushes.
pub(crate) enum Content {
    /// The messages that have come.
    Messages,
    /// All have voted to halt.
    Halted,
    /// Its result of a collective.
    Value(SharedValue),
    /// Its element of each of these lists.
    Elements(Arc<Vec<SharedValue>>),
}

/// A processor has come to the barrier. It says so in [`Arrivals`](crate::arrivals::Arrivals).
pub(crate) struct Arrived {
    pub id: u32,
    pub meeting: Meeting,
    /// To whom it sent how many messages.
    pub destinations: Vec<(u32, u32)>,
    pub has_voted: bool,
    pub has_checkpoint: bool,
    pub contributions: Vec<Contribution>,
}

/// What a processor has come for.
pub(crate) enum Meeting {
    /// A superstep is to begin.
    Superstep(Beginning),
    /// Values are exchanged.
    Collective(Box<Collective>),
}

/// The superstep that is to begin, as all processors must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beginning {
    pub name: Text,
    pub limit: TimeLimit,
}

impl Beginning {
    /// Of a superstep that may last as long as the group says.
    pub fn of(name: Text) -> Self {
        Self { name, limit: TimeLimit::OfGroup }
    }
}

/// How long a superstep may last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeLimit {
    /// As long as the group says for all.
    OfGroup,
    /// This long; without a time for ever.
    Own(Option<Duration>),
}

/// An exchange of values.
pub(crate) struct Collective {
    pub kind: CollectiveKind,
    pub value: SharedValue,
}

/// What all processors must agree about.
#[derive(Clone)]
pub(crate) struct CollectiveKind {
    pub operation: ProcessOperation,
    pub root: Option<u32>,
    pub fold: Option<Fold>,
}

/// To a coordinator: as many processors have come to the barrier as it waits for. There is nothing to this but that it looks.
pub(crate) struct AllArrived;

/// To a coordinator.
pub(crate) enum ToCoordinator {
    /// A processor has ended: with its result, or for this reason. What it still wanted to send is here.
    Ended { id: u32, result: Result<SharedValue, SharedValue>, outbox: Vec<(u32, SharedValue)> },
    /// A processor's part of a checkpoint.
    Saved { id: u32, part: Part },
    /// A long list was made.
    Made(Made),
    /// A process that folds has ended.
    Folded { job: usize, result: Result<SharedValue, SharedValue> },
    /// `std/bsp` was loaded.
    Loaded(Loaded),
    /// Something was done with the folder of the checkpoints.
    Kept(Kept),
    /// Whoever started the group has ended.
    CallerEnded,
}

/// What has come to a process in Rust and was not looked at.
pub(crate) type Queue<T> = VecDeque<T>;

/// Answers an instruction that a process waits in.
pub(crate) fn answer(context: &mut Context<'_, '_>, to: Pid, answer: Result<SharedValue, Fault>) {
    tell(context, to, ToProgram::Answer(answer));
}

/// Tells a process that runs a program: at once if it waits and has heard everything else, which is several times quicker.
pub(crate) fn tell(context: &mut Context<'_, '_>, to: Pid, signal: ToProgram) {
    let mut signal = Some(signal);
    let act = |other: &mut Context<'_, '_>| {
        if let Some(signal) = signal.take() {
            membership::arrived(other, signal);
        }
    };
    context.as_waiting(to, act);
    if let Some(signal) = signal {
        context.signal_extension(to, Box::new(signal));
    }
}

/// Answers an instruction that a process waits in with a value: at once if it waits and has heard everything else.
pub(crate) fn let_pass(context: &mut Context<'_, '_>, to: Pid, value: &SharedValue) {
    if !context.answer_resting(to, value) {
        context.signal_extension(to, Box::new(ToProgram::Answer(Ok(value.clone()))));
    }
}

/// Asks a barrier; `false` if it has ended.
pub(crate) fn ask_barrier(context: &mut Context<'_, '_>, barrier: Pid, request: ToBarrier) -> bool {
    context.signal_extension(barrier, Box::new(request))
}
