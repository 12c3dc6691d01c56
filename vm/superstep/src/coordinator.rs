//! The coordinator of a group: it makes the processors, sees who has come to the barrier, lets all go on, and ends the
//! group when all have returned or one has failed.
//!
//! It is a process in Rust. Everything it hears are signals, seen one after the other. Work for all processors is done a
//! few at a time, so that a million of them hold no scheduler (rule P53). It holds no program's values but those on their
//! way, and runs no program's code. Nothing it started outlives it: when it ends, whatever the reason, what still runs
//! is killed (`coordinator_state.rs`). Not here: what a meeting comes to (`release.rs`, `round.rs`).

use std::{collections::BTreeSet, time::Duration};

use ttvm_isa::{Fault, Text};
use ttvm_platform::{entropy::derive, sync::Arc};
use ttvm_runtime::{Context, NativeProcess, NativeStep, field, text};
use ttvm_value::{Pid, Ref, SharedValue, Value};

use crate::{
    arrivals::Arrival,
    brought::{Aggregates, Columns},
    checkpoint::Checkpoints,
    coordinator_state::CoordinatorState,
    fold::Fold,
    group::{Group, Status},
    keeping::Keeping,
    library::{self, Library},
    meeting::has_signals,
    membership::{Folder, Membership},
    processor::Processor,
    round::{Coming, Job, Round},
    signal::{self, Arrived, Messages, TimeLimit, ToCoordinator, ToProgram},
    telemetry::TelemetryKind,
};

/// Processors that one run looks after: at about 200 ns each, a few microseconds.
pub(crate) const PROCESSORS_PER_RUN: u32 = 16;

/// How long processors may take to stop before they are killed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// A processor as the coordinator sees it.
pub(crate) struct Seat {
    pub pid: Pid,
    pub state: SeatState,
    /// What it has come for.
    pub arrived: Option<Box<Arrived>>,
    /// The one that it has sent to, if it has come as a plain one.
    pub sent_to: Option<u32>,
    /// It came as a plain one, and brings something.
    pub brings: bool,
    /// Messages that it gets at the next release.
    pub messages: u32,
    pub result: Option<SharedValue>,
    /// It was told that the group has failed: what it does then is no failure of its own.
    pub is_told: bool,
}

/// How far a processor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeatState {
    /// It computes.
    Working,
    /// It waits at the barrier.
    Arrived,
    /// It has voted to halt and waits for messages.
    Dormant,
    /// It has returned its result.
    Left,
}

/// What the coordinator is doing.
pub(crate) enum Stage {
    /// Nothing yet.
    New,
    /// It waits for `std/bsp`, to go on as said here.
    Loading(Box<Stage>),
    /// It looks for a checkpoint to begin with.
    Looking,
    /// It waits for what was found.
    Opening,
    /// It makes processors, this one next.
    Starting(u32),
    /// It tells processors that all are there, this one next.
    Beginning(u32),
    /// Processors compute, and come to the barrier.
    Running,
    /// All have come: it looks what for, at this one next.
    Judging(u32),
    /// A long list is made of what they gave to each other.
    Gathering,
    /// Functions fold what they came for; so many have not ended.
    Folding(usize),
    /// It lets processors go on, this one next.
    Releasing(u32),
    /// It folds what all have brought for these aggregates, that of this one next.
    Combining(u32, Columns, Aggregates),
    /// It lets all go on for whom nothing was sent, this one next.
    Passing(u32),
    /// A processor of a group that is to be stopped has failed; those with lower numbers may still fail in the same
    /// superstep.
    Settling,
    /// It tells those who wait that the group has failed, this one next, so that they can come to an end.
    Failing(u32),
    /// It stops all, this one next, with this reason.
    Stopping(u32, &'static str),
    /// It waits until all have ended.
    Draining,
    /// It collects the results, this one next.
    Answering(u32, Vec<SharedValue>),
    /// The list of them is made.
    Listing,
    /// It has these results, and removes what it kept for the case that it would not have them.
    Clearing(Result<SharedValue, Fault>),
    /// There is nothing left to do.
    Over,
}

/// The process that coordinates a group.
pub(crate) struct Coordinator {
    pub group: Arc<Group>,
    pub stage: Stage,
    pub seats: Vec<Seat>,
    /// The processes of all processors, as each of them knows them.
    pub peers: Arc<[Pid]>,
    /// Processes that have not ended, those that fold among them.
    pub running: usize,
    pub arrived: u32,
    pub dormant: u32,
    pub left: u32,
    pub superstep: u64,
    pub name: Text,
    pub round: Round,
    pub is_halting: bool,
    pub checkpoints: Checkpoints,
    pub keeping: Keeping,
    /// Messages handed over in this superstep, and those that nobody was left to get.
    pub messages: u64,
    pub messages_max: u32,
    /// Who has voted in this meeting, and who has sent to whom while some have left.
    pub voted: BTreeSet<u32>,
    pub senders: Vec<(u32, u32)>,
    /// The name of the superstep that is over.
    pub finished: Text,
    messages_left: u64,
    began: Duration,
    pub superstep_began: Duration,
    /// How long the superstep may last.
    pub limit: TimeLimit,
    /// What the timer's message is, and when it comes.
    pub timer: Option<(Ref, Duration)>,
    /// Why the group has failed.
    pub failure: Option<Fault>,
    /// The failure is a crash that may be repaired.
    pub restarts: bool,
    /// The processor whose failure it is, as long as one with a lower number may take its place, and how many of those
    /// compute.
    pub failed: Option<u32>,
    pub unsettled: u32,
    /// Processors that have come, the next one to look at last.
    pub arriving: Vec<Arrival>,
    /// What plain ones among them came for.
    pub coming: Option<Coming>,
    /// The meeting is open: where the group is, others know.
    pub is_open: bool,
    /// Messages that it has forwarded since the last release.
    pub forwarded: u64,
    /// A message that is looked at when they were.
    pub letter: Option<SharedValue>,
}

impl Coordinator {
    /// Of a group that has not begun.
    pub fn new(group: Arc<Group>) -> Self {
        let (checkpoints, name) = (Checkpoints::new(&group), group.first.clone());
        Self {
            group,
            stage: Stage::New,
            seats: Vec::new(),
            peers: Arc::default(),
            running: 0,
            arrived: 0,
            dormant: 0,
            left: 0,
            superstep: 0,
            name,
            round: Round::default(),
            is_halting: false,
            checkpoints,
            keeping: Keeping::default(),
            messages: 0,
            messages_max: 0,
            voted: BTreeSet::new(),
            senders: Vec::new(),
            finished: Text::from(""),
            messages_left: 0,
            began: Duration::ZERO,
            superstep_began: Duration::ZERO,
            limit: TimeLimit::OfGroup,
            timer: None,
            failure: None,
            restarts: false,
            failed: None,
            unsettled: 0,
            arriving: Vec::new(),
            coming: None,
            is_open: false,
            forwarded: 0,
            letter: None,
        }
    }

    /// Tells whoever watches.
    pub fn tell(&self, context: &Context<'_, '_>, kind: TelemetryKind<'_>) {
        self.group.tell(context, context.pid(), (self.superstep, &self.name), kind);
    }

    /// The next numbers to look after, and whether they are the last.
    pub(crate) fn some(&self, next: u32) -> (std::ops::Range<u32>, bool) {
        let end = next.saturating_add(PROCESSORS_PER_RUN).min(self.group.count);
        (next..end, end == self.group.count)
    }

    /// Does a piece of what is to be done for all. `false` if there is nothing but to wait.
    fn advance(&mut self, context: &mut Context<'_, '_>) -> bool {
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        let (next, goes_on) = match stage {
            Stage::New => (self.begin(context), true),
            Stage::Looking => (self.open(context), true),
            Stage::Starting(next) => (self.start_some(next, context), true),
            Stage::Beginning(next) => (self.begin_some(next, context), true),
            Stage::Judging(next) => (self.judge_some(next, context), true),
            Stage::Releasing(next) => (self.release_some(next, context), true),
            Stage::Combining(next, columns, folds) => (self.combine_some(next, columns, folds), true),
            Stage::Passing(next) => (self.pass_some(next, context), true),
            Stage::Settling if self.unsettled == 0 => (self.stop_all(), true),
            Stage::Failing(next) => (self.fail_some(next, context), true),
            Stage::Stopping(next, reason) => (self.stop_some(next, reason, context), true),
            Stage::Answering(next, results) => (self.answer_some(next, results, context), true),
            Stage::Running if self.is_complete() => (Stage::Judging(0), true),
            Stage::Running if self.left == self.group.count && self.running == 0 => {
                (Stage::Answering(0, Vec::new()), true)
            }
            Stage::Folding(0) => {
                self.round.jobs.clear();
                (self.fold_or_release(context), true)
            }
            Stage::Draining if self.running == 0 && !self.keeping.is_busy() => (self.drained(context), true),
            Stage::Clearing(answer) if !self.keeping.is_busy() => (self.clear(answer, context), true),
            waiting @ (Stage::Loading(_)
            | Stage::Opening
            | Stage::Running
            | Stage::Gathering
            | Stage::Folding(_)
            | Stage::Settling
            | Stage::Draining
            | Stage::Listing
            | Stage::Clearing(_)
            | Stage::Over) => (waiting, false),
        };
        self.stage = next;
        goes_on
    }

    fn begin(&mut self, context: &mut Context<'_, '_>) -> Stage {
        self.began = context.now();
        self.tell(context, TelemetryKind::CoordinatorInitialized { processors: self.group.count });
        if self.group.is_declared() || matches!(self.group.combine, Some(Fold::Function(_))) {
            return self.with_library(Stage::Looking, context);
        }
        Stage::Looking
    }

    /// Goes on when `std/bsp` is there.
    pub fn with_library(&self, next: Stage, context: &mut Context<'_, '_>) -> Stage {
        if self.group.common.library.get().is_some() {
            return next;
        }
        context.import_later(library::PATH, |loaded| Box::new(ToCoordinator::Loaded(loaded)));
        Stage::Loading(Box::new(next))
    }

    fn loaded(&mut self, loaded: library::Loaded, context: &mut Context<'_, '_>) {
        let found = loaded.and_then(|module| Library::new(&module));
        match (found, std::mem::replace(&mut self.stage, Stage::Over)) {
            (Ok(library), Stage::Loading(next)) => {
                // Another group may have been faster; both are the same.
                let _ = self.group.common.library.set(library);
                self.stage = *next;
                if let Stage::Folding(_) = self.stage {
                    self.start_folding(context);
                }
            }
            (Err(fault), stage @ Stage::Loading(_)) => {
                self.stage = stage;
                self.fail((None, fault.to_string()), context);
            }
            (_, stage) => self.stage = stage,
        }
    }

    /// Makes some processors: from the beginning, or as the last checkpoint says.
    fn start_some(&mut self, next: u32, context: &mut Context<'_, '_>) -> Stage {
        let (ids, is_last) = self.some(next);
        for id in ids {
            if let Err(fault) = self.start_one(id, context) {
                self.stage = Stage::Running;
                self.fail((Some(id), format!("did not start: {fault}")), context);
                return std::mem::replace(&mut self.stage, Stage::Over);
            }
        }
        if !is_last {
            return Stage::Starting(next + PROCESSORS_PER_RUN);
        }
        self.group.set_status(Status::Ready);
        self.peers = self.seats.iter().map(|seat| seat.pid).collect();
        Stage::Beginning(0)
    }

    fn start_one(&mut self, id: u32, context: &mut Context<'_, '_>) -> Result<(), Fault> {
        let mut seat = Seat {
            pid: Pid::new(0, 0),
            state: SeatState::Left,
            arrived: None,
            sent_to: None,
            brings: false,
            messages: 0,
            result: None,
            is_told: false,
        };
        if id == 0 {
            self.seats.reserve_exact(self.group.count as usize);
        }
        if let Some(result) = self.checkpoints.result_of(id) {
            seat.result = Some(result);
            self.left += 1;
            self.seats.push(seat);
            return Ok(());
        }
        let (function, arguments) = self.checkpoints.code_of(id, &self.group)?;
        let group = Arc::clone(&self.group);
        let random = self.checkpoints.random_of(id, &self.group);
        let processor = Processor::new(id, context.pid(), group, random);
        let state = Membership { processor: Some(Box::new(processor)), ..Membership::default() };
        seat.pid = self.spawn(&function, arguments, state, context)?;
        seat.state = SeatState::Working;
        self.tell(context, TelemetryKind::ProcessorInitialized { processor: id, pid: seat.pid });
        self.seats.push(seat);
        Ok(())
    }

    /// Starts a process, which will say when it ends.
    fn spawn(
        &mut self,
        function: &SharedValue,
        arguments: Vec<Value>,
        state: Membership,
        context: &mut Context<'_, '_>,
    ) -> Result<Pid, Fault> {
        let spawned = context.spawn_with_state(self.group.operation, function.value(), arguments, Box::new(state))?;
        self.running += 1;
        if let Some(state) = context.extension_state::<CoordinatorState>() {
            state.started.push(spawned.pid);
        }
        Ok(spawned.pid)
    }

    fn begin_some(&mut self, next: u32, context: &mut Context<'_, '_>) -> Stage {
        let (ids, is_last) = self.some(next);
        for id in ids {
            let begin = ToProgram::Begin(Arc::clone(&self.peers));
            context.signal_extension(self.peers[id as usize], Box::new(begin));
        }
        if !is_last {
            return Stage::Beginning(next + PROCESSORS_PER_RUN);
        }
        self.group.set_status(Status::Running);
        self.superstep_begins(context);
        Stage::Running
    }

    /// Starts the processes that fold.
    pub fn start_folding(&mut self, context: &mut Context<'_, '_>) {
        let jobs = std::mem::take(&mut self.round.jobs);
        for (number, job) in jobs.iter().enumerate() {
            if let Err(fault) = self.start_job(number, job, context) {
                return self.fail((None, fault.to_string()), context);
            }
        }
        self.round.jobs = jobs;
    }

    fn start_job(&mut self, number: usize, job: &Job, context: &mut Context<'_, '_>) -> Result<(), Fault> {
        let common = Arc::clone(&self.group.common);
        let library = common.library.get().expect("a stage that folds begins with the library");
        let code = if job.scans { &library.scan } else { &library.fold };
        let list = job.list.as_ref().map_or(Value::Null, SharedValue::to_value);
        let seed = derive(derive(self.group.seed(), self.superstep), number as u64);
        let folder = Folder { coordinator: context.pid(), job: number, seed, result: None };
        let state = Membership { folder: Some(folder), ..Membership::default() };
        self.spawn(code, vec![job.function.to_value(), list], state, context).map(drop)
    }

    fn take(&mut self, signal: ToCoordinator, context: &mut Context<'_, '_>) {
        match signal {
            ToCoordinator::Ended { id, result, outbox } => self.processor_ended(id, result, outbox, context),
            ToCoordinator::Saved { id, part } => {
                if let Some(whole) = self.checkpoints.save(id, part) {
                    self.keep(whole, context);
                }
            }
            ToCoordinator::Kept(kept) => self.kept(kept, context),
            ToCoordinator::Made(made) => self.made(made, context),
            ToCoordinator::Folded { job, result } => self.folded(job, result, context),
            ToCoordinator::Loaded(loaded) => self.loaded(loaded, context),
            ToCoordinator::CallerEnded => {
                if let Some(state) = context.extension_state::<CoordinatorState>() {
                    state.caller = None;
                }
                self.abandon("whoever started it has ended".to_owned(), context);
            }
        }
    }

    fn folded(&mut self, job: usize, result: Result<SharedValue, SharedValue>, context: &mut Context<'_, '_>) {
        self.running -= 1;
        let Stage::Folding(left) = &mut self.stage else { return };
        match result {
            Ok(result) => {
                *left -= 1;
                self.round.folded(job, result);
            }
            Err(reason) => self.fail((None, describe(reason.value())), context),
        }
    }

    fn processor_ended(
        &mut self,
        id: u32,
        result: Result<SharedValue, SharedValue>,
        outbox: Vec<(u32, SharedValue)>,
        context: &mut Context<'_, '_>,
    ) {
        self.running -= 1;
        self.settled(id);
        let seat = &mut self.seats[id as usize];
        let was = seat.state;
        if self.failure.is_some() || matches!(self.stage, Stage::Over) {
            seat.state = SeatState::Left;
            if let Err(reason) = result {
                self.fails_too(id, reason.value(), context);
            }
            return;
        }
        match result {
            Ok(result) => {
                seat.state = SeatState::Left;
                seat.result = Some(result);
                self.left += 1;
                if self.group.is_declared() {
                    self.group.note_end();
                }
                self.forward(id, outbox, context);
            }
            Err(reason) => {
                seat.state = SeatState::Left;
                self.arrived -= u32::from(was == SeatState::Arrived);
                self.dormant -= u32::from(was == SeatState::Dormant);
                self.processor_fails(id, reason.value(), context);
            }
        }
    }

    /// Sends what a processor had queued when it returned: it is there at the next barrier.
    fn forward(&mut self, from: u32, outbox: Vec<(u32, SharedValue)>, context: &mut Context<'_, '_>) {
        for (to, message) in outbox {
            let seat = &mut self.seats[to as usize];
            seat.messages += 1;
            self.forwarded += 1;
            let bundle = signal::Bundle { from, superstep: self.superstep, messages: Messages::One(message) };
            context.signal_extension(seat.pid, Box::new(ToProgram::Bundle(bundle)));
        }
    }

    /// Whether all who have not returned have come, or sit out, and somebody is to be told something.
    fn is_complete(&self) -> bool {
        let live = self.group.count - self.left;
        live > 0 && self.arrived + self.dormant == live
    }

    fn answer_some(&mut self, next: u32, mut results: Vec<SharedValue>, context: &mut Context<'_, '_>) -> Stage {
        let (ids, is_last) = self.some(next);
        for id in ids {
            let seat = &mut self.seats[id as usize];
            self.messages_left += u64::from(seat.messages);
            results.extend(seat.result.take());
        }
        if is_last {
            return self.list_results(results, context);
        }
        Stage::Answering(next + PROCESSORS_PER_RUN, results)
    }

    /// Gives the caller what came of the group. Nothing of it runs any more.
    pub(crate) fn finish(&mut self, answer: Result<SharedValue, Fault>, context: &mut Context<'_, '_>) -> Stage {
        self.cancel_timer(context);
        // Whoever has the answer may use the folder.
        self.keeping = Keeping::default();
        if self.group.is_watched() {
            let error = answer.as_ref().err().map(Fault::to_string);
            let completed = TelemetryKind::ComputationCompleted {
                duration: context.now().saturating_sub(self.began),
                superstep_count: self.superstep,
                messages_left: self.messages_left,
                error: error.as_deref(),
            };
            self.tell(context, completed);
        }
        if let Some(state) = context.extension_state::<CoordinatorState>() {
            state.started.clear();
            state.answer = Some(answer);
        }
        Stage::Over
    }

    fn message(&mut self, message: &Value, context: &mut Context<'_, '_>) {
        if let Value::Ref(token) = message {
            if self.timer.is_some_and(|(known, _)| known == *token) {
                self.timer = None;
                self.time_is_over(context);
            }
        } else if field(message, "signal").and_then(Value::as_str) == Some("exit") {
            let reason = field(message, "reason").map(Value::to_string).unwrap_or_default();
            self.abandon(format!("it was told to end: {reason}"), context);
        }
    }
}

/// A reason in words: of an exception its message.
pub(crate) fn describe(reason: &Value) -> String {
    match reason {
        Value::Exception(exception) => exception.message().as_str().to_owned(),
        other => other.to_string(),
    }
}

impl NativeProcess for Coordinator {
    fn name(&self) -> &str {
        "coordinator"
    }

    fn run(&mut self, context: &mut Context<'_, '_>) -> NativeStep {
        if self.is_open {
            self.close();
        }
        // What processors have said before they came counts before the next superstep begins.
        let waits = matches!(self.stage, Stage::Running) && has_signals(context);
        if !waits && self.advance(context) {
            return NativeStep::Again;
        }
        if matches!(self.stage, Stage::Over) {
            return NativeStep::End(text("normal"));
        }
        if self.meet_some(context) {
            return NativeStep::Again;
        }
        let signal = context.extension_state::<CoordinatorState>().and_then(|state| state.queue.pop_front());
        if let Some(signal) = signal {
            self.take(*signal, context);
            return NativeStep::Again;
        }
        if let Some(message) = self.letter.take() {
            self.message(message.value(), context);
            return NativeStep::Again;
        }
        self.letter = context.receive(|_| true).map(|message| SharedValue::new(message).0);
        if self.letter.is_some() { NativeStep::Again } else { NativeStep::Wait }
    }
}
