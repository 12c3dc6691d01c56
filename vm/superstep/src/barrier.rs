//! A barrier: the process that knows its parties, and sees to everything but the arrival of those who have joined
//! (`board.rs`): it watches them, keeps their time limits, and lets many go on at once.
//!
//! A party that waits is a process that waits for an answer, so waiting costs no thread (rule S4). Work for many parties is
//! done a few at a time.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ttvm_isa::{Fault, ProcessOperation};
use ttvm_platform::sync::Arc;
use ttvm_runtime::{Context, NativeProcess, NativeStep, field, object, text};
use ttvm_value::{Barrier, Pid, Ref, SharedValue, Value};

use crate::{
    board::{Board, State},
    signal::{self, Queue, ToProgram},
};

/// Parties that one run begins to watch: at about 100 ns each, a few microseconds.
const PARTIES_PER_RUN: usize = 16;

/// Parties that one run lets go on: at about 50 ns each, mostly.
const RELEASED_PER_RUN: usize = 64;

/// What a process asks of a barrier.
pub(crate) enum ToBarrier {
    /// It has come, and waits for at most this long.
    Arrive { from: Pid, time: Option<Duration> },
    /// It will come.
    Join { from: Pid },
    /// The barrier is to be as new.
    Reset { from: Pid },
    /// What is known of the barrier?
    Status { from: Pid },
}

impl ToBarrier {
    fn asker(&self) -> (Pid, ProcessOperation) {
        match self {
            Self::Arrive { from, time: None } => (*from, ProcessOperation::Barrier),
            Self::Arrive { from, time: Some(_) } => (*from, ProcessOperation::BarrierTimeout),
            Self::Join { from } => (*from, ProcessOperation::BarrierJoin),
            Self::Reset { from } => (*from, ProcessOperation::BarrierReset),
            Self::Status { from } => (*from, ProcessOperation::BarrierStatus),
        }
    }
}

/// Who may come.
pub(crate) enum Parties {
    /// These.
    Listed(Vec<Pid>),
    /// As many as this, whoever comes first.
    Counted(u32),
}

/// A party.
#[derive(Default)]
struct Party {
    monitor: Option<Ref>,
    /// It was told where the parties meet.
    is_told: bool,
}

/// The time limit of a party that waits: when the message with this token comes.
#[derive(Clone, Copy)]
struct Limit {
    token: Ref,
    timer: Ref,
}

/// Parties that go on, those before the next one have.
struct Leaving {
    parties: Vec<Pid>,
    next: usize,
    how: Leave,
}

/// How parties go on.
enum Leave {
    /// With the number of the generation.
    Generation(SharedValue),
    /// With an error.
    Broken(String),
    /// With the same, but who gave a time goes where it said.
    Late(String),
}

/// The process that keeps a barrier.
pub(crate) struct BarrierProcess {
    creator: Pid,
    /// The instruction that makes the barrier waits until its parties are watched.
    is_new: bool,
    is_listed: bool,
    board: Arc<Board>,
    parties: BTreeMap<Pid, Party>,
    /// Those who wait with a time limit.
    limits: BTreeMap<Pid, Limit>,
    tokens: BTreeMap<Ref, Pid>,
    creator_monitor: Option<Ref>,
    to_watch: Vec<Pid>,
    leaving: Option<Leaving>,
}

impl BarrierProcess {
    /// A barrier that will answer its creator when it is ready.
    pub fn new(creator: Pid, parties: Parties) -> Self {
        let (is_listed, count, mut to_watch) = match parties {
            Parties::Listed(pids) => (true, pids.len(), pids),
            Parties::Counted(count) => (false, count as usize, Vec::new()),
        };
        let parties = to_watch.iter().map(|pid| (*pid, Party::default())).collect();
        to_watch.reverse();
        Self {
            creator,
            is_new: true,
            is_listed,
            board: Arc::new(Board::new(count)),
            parties,
            limits: BTreeMap::new(),
            tokens: BTreeMap::new(),
            creator_monitor: None,
            to_watch,
            leaving: None,
        }
    }

    /// Watches some of those who were listed. `false` if there are none left.
    fn watch_some(&mut self, context: &mut Context<'_, '_>) -> bool {
        if !self.is_new {
            return false;
        }
        if self.creator_monitor.is_none() {
            context.trap_exits(true);
            self.creator_monitor = Some(context.monitor(self.creator));
        }
        for _ in 0..PARTIES_PER_RUN {
            let Some(pid) = self.to_watch.pop() else { break };
            let monitor = context.monitor(pid);
            if let Some(party) = self.parties.get_mut(&pid) {
                party.monitor = Some(monitor);
            }
        }
        if self.to_watch.is_empty() {
            self.is_new = false;
            let barrier = SharedValue::new(Value::Barrier(Barrier(context.pid()))).0;
            signal::answer(context, self.creator, Ok(barrier));
        }
        true
    }

    /// Lets some of those go on who may. `false` if there are none left.
    fn release_some(&mut self, context: &mut Context<'_, '_>) -> bool {
        let Some(mut leaving) = self.leaving.take() else { return false };
        let end = (leaving.next + RELEASED_PER_RUN).min(leaving.parties.len());
        for pid in &leaving.parties[leaving.next..end] {
            let had_limit = self.forget_limit(*pid, context);
            let operation = if had_limit { ProcessOperation::BarrierTimeout } else { ProcessOperation::Barrier };
            let signal = match &leaving.how {
                Leave::Generation(generation) => {
                    signal::let_pass(context, *pid, generation);
                    continue;
                }
                Leave::Late(_) if had_limit => ToProgram::Late,
                Leave::Broken(reason) | Leave::Late(reason) => {
                    ToProgram::Answer(Err(broken(operation, reason.clone())))
                }
            };
            signal::tell(context, *pid, signal);
        }
        if end < leaving.parties.len() {
            leaving.next = end;
            self.leaving = Some(leaving);
        }
        true
    }

    /// A party waits no more, or is none any more. Whether it had a time limit.
    fn forget_limit(&mut self, pid: Pid, context: &mut Context<'_, '_>) -> bool {
        let Some(Limit { token, timer }) = self.limits.remove(&pid) else { return false };
        self.tokens.remove(&token);
        context.cancel_timer(timer);
        true
    }

    /// Everybody who waits goes on, in the order in which they came.
    fn release_all(&mut self, parties: Vec<Pid>, how: Leave) {
        // Nobody is left from before: that is done first.
        self.leaving = Some(Leaving { parties, next: 0, how });
    }

    /// Nobody waits any more: all who do have an error.
    fn break_all(&mut self, reason: &str) {
        let waiting = self.board.with(State::dismiss);
        self.release_all(waiting, Leave::Broken(reason.to_owned()));
    }

    fn perform(&mut self, request: ToBarrier, context: &mut Context<'_, '_>) {
        let (from, operation) = request.asker();
        let answer = match request {
            ToBarrier::Arrive { from, time } => match self.arrive(operation, from, time, context) {
                Ok(()) => return,
                Err(fault) => Err(fault),
            },
            ToBarrier::Join { from } => self.join(operation, from, context).map(|()| Value::Null),
            ToBarrier::Reset { from } => {
                self.reset(from);
                Ok(Value::Null)
            }
            ToBarrier::Status { .. } => Ok(self.status()),
        };
        signal::answer(context, from, answer.map(|value| SharedValue::new(value).0));
    }

    /// A process has come.
    fn arrive(
        &mut self,
        operation: ProcessOperation,
        from: Pid,
        time: Option<Duration>,
        context: &mut Context<'_, '_>,
    ) -> Result<(), Fault> {
        if let Some(reason) = self.board.with(|state| state.broken.clone()) {
            return Err(broken(operation, reason));
        }
        self.join(operation, from, context)?;
        if let Some(time) = time {
            let token = context.make_ref();
            let timer = context.send_after(context.pid(), Value::Ref(token), time)?;
            self.tokens.insert(token, from);
            self.limits.insert(from, Limit { token, timer });
        }
        let all = self.board.with(|state| {
            state.waiting.push(from);
            state.limited += usize::from(time.is_some());
            if state.waiting.len() < state.count {
                return None;
            }
            Some(state.complete())
        });
        if let Some((generation, waiting)) = all {
            self.release_all(waiting, Leave::Generation(SharedValue::new(Value::Int(generation)).0));
        }
        Ok(())
    }

    /// Makes a process a party, unless it is one.
    fn join(&mut self, operation: ProcessOperation, from: Pid, context: &mut Context<'_, '_>) -> Result<(), Fault> {
        if !self.parties.contains_key(&from) {
            let refused = |error: String| Err(Fault::Argument { operation: operation.mnemonic(), error });
            if self.is_listed {
                return refused(format!("process {from} is no party of the barrier"));
            }
            let count = self.board.with(|state| state.count);
            if self.parties.len() == count {
                return refused(format!("all {count} parties of the barrier have joined before process {from}"));
            }
            let party = Party { monitor: Some(context.monitor(from)), is_told: false };
            self.parties.insert(from, party);
        }
        if let Some(party) = self.parties.get_mut(&from).filter(|party| !party.is_told) {
            party.is_told = true;
            let joined = ToProgram::Joined(context.pid(), Arc::clone(&self.board));
            context.signal_extension(from, Box::new(joined));
        }
        Ok(())
    }

    /// Makes the barrier as new for those who live.
    fn reset(&mut self, from: Pid) {
        self.board.with(|state| state.broken = None);
        self.break_all(&format!("process {from} has reset it"));
    }

    /// A party has died (rule S2), or the creator, or somebody wants the barrier to end: `true` if it has to.
    fn has_to_end(&mut self, message: &Value, context: &mut Context<'_, '_>) -> bool {
        if field(message, "signal").and_then(Value::as_str) == Some("exit") {
            self.end("it was told to end");
            return true;
        }
        let (Some(Value::Ref(reference)), Some(Value::Pid(pid)), Some(reason)) =
            (field(message, "ref"), field(message, "pid"), field(message, "reason"))
        else {
            return false;
        };
        if self.creator_monitor == Some(*reference) {
            self.end(&format!("its creator, process {pid}, has ended: {reason}"));
            return true;
        }
        if self.parties.get(pid).is_none_or(|party| party.monitor != Some(*reference)) {
            return false;
        }
        self.parties.remove(pid);
        self.forget_limit(*pid, context);
        let ended = format!("process {pid} has ended: {reason}");
        self.board.with(|state| {
            state.count -= usize::from(self.is_listed);
            // Parties that end one after the other do not each look at all others: nobody waits at a broken barrier.
            state.waiting.retain(|waiting| waiting != pid);
            state.broken.get_or_insert_with(|| ended.clone());
        });
        self.break_all(&ended);
        false
    }

    /// The barrier ends: who waits has an error, and who comes.
    fn end(&mut self, reason: &str) {
        self.board.with(|state| state.is_over = true);
        self.break_all(reason);
    }

    /// The time of a party is over (rule S3): those who gave a time go where they said, the others have an error.
    fn time_is_over(&mut self, token: Ref) {
        if self.tokens.remove(&token).is_none() {
            return;
        }
        let reason = format!("time is over; {}", self.missing_text());
        let waiting = self.board.with(|state| {
            state.broken = Some(reason.clone());
            state.dismiss()
        });
        self.release_all(waiting, Leave::Late(reason));
    }

    /// Who has not come, and how many parties there are to be.
    fn missing(&self) -> (Vec<Pid>, usize) {
        let (waiting, count) = self.board.with(|state| (state.waiting.clone(), state.count));
        let waiting: BTreeSet<Pid> = waiting.into_iter().collect();
        (self.parties.keys().filter(|pid| !waiting.contains(pid)).copied().collect(), count)
    }

    fn missing_text(&self) -> String {
        let (missing, count) = self.missing();
        let known: Vec<String> = missing.iter().take(MISSING_NAMED_MAX).map(ToString::to_string).collect();
        let known = match (known.is_empty(), missing.len() - known.len()) {
            (true, _) => "nobody".to_owned(),
            (false, 0) => known.join(", "),
            (false, more) => format!("{} and {more} more", known.join(", ")),
        };
        format!("missing: {known}; never joined: {}", count - self.parties.len())
    }

    fn status(&self) -> Value {
        let (missing, parties) = self.missing();
        let (generation, broken) = self.board.with(|state| (state.generation, state.broken.clone()));
        object([
            ("parties", count(parties)),
            ("waiting", count(self.parties.len() - missing.len())),
            (
                "missing",
                Value::list(missing.into_iter().map(Value::Pid).collect::<Vec<_>>().into_iter()).unwrap_or(Value::Null),
            ),
            ("never_joined", count(parties - self.parties.len())),
            ("generation", Value::Int(generation)),
            ("broken", broken.as_deref().map_or(Value::Null, text)),
        ])
    }
}

/// Parties that an error names one by one.
const MISSING_NAMED_MAX: usize = 10;

fn count(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The error of whoever waits at a broken barrier.
fn broken(operation: ProcessOperation, reason: String) -> Fault {
    Fault::BrokenBarrier { operation: operation.mnemonic(), reason }
}

/// The error of whoever comes to a barrier that is no more.
pub(crate) fn gone(operation: ProcessOperation) -> Fault {
    broken(operation, "its creator has ended".to_owned())
}

/// Answers for a barrier that has ended.
pub(crate) fn refuse(context: &mut Context<'_, '_>, request: &ToBarrier) {
    let (from, operation) = request.asker();
    signal::answer(context, from, Err(gone(operation)));
}

impl NativeProcess for BarrierProcess {
    fn name(&self) -> &str {
        "barrier"
    }

    fn run(&mut self, context: &mut Context<'_, '_>) -> NativeStep {
        if self.watch_some(context) || self.release_some(context) {
            return NativeStep::Again;
        }
        let request = context.extension_state::<Queue<ToBarrier>>().and_then(Queue::pop_front);
        if let Some(request) = request {
            self.perform(request, context);
            return NativeStep::Again;
        }
        match context.receive(|_| true) {
            None => NativeStep::Wait,
            Some(Value::Ref(token)) => {
                self.time_is_over(token);
                NativeStep::Again
            }
            Some(message) if self.has_to_end(&message, context) => {
                while self.release_some(context) {}
                NativeStep::End(text("normal"))
            }
            Some(_) => NativeStep::Again,
        }
    }
}
