//! A barrier: the process that knows its parties, counts who has come, and lets all of them go on at once.
//!
//! A party that waits is a process that waits for an answer, so waiting costs no thread (rule S4). Only this process
//! decides who passes: whatever happens at the same time, a death, a timeout, the last arrival, it sees one after the
//! other (rules S1 to S3). Work for many parties is done a few at a time.

use std::{collections::BTreeMap, time::Duration};

use ttvm_isa::{Fault, ProcessOperation};
use ttvm_runtime::{Context, NativeProcess, NativeStep, field, object, text};
use ttvm_value::{Barrier, Pid, Ref, SharedValue, Value};

use crate::signal::{self, Queue, ToProgram};

/// Parties that one run looks after: at about 100 ns each, a few microseconds.
const PARTIES_PER_RUN: usize = 16;

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
    waiting: Option<Waiting>,
}

/// A party that has come.
#[derive(Clone, Copy)]
enum Waiting {
    ForEver,
    /// Until the message with this token comes.
    Until {
        token: Ref,
        timer: Ref,
    },
}

/// A party that goes on, and how.
struct Leaving {
    pid: Pid,
    waiting: Waiting,
    how: Leave,
}

/// How parties go on.
enum Leave {
    Generation(i64),
    Broken(String),
    Late,
}

/// The process that keeps a barrier.
pub(crate) struct BarrierProcess {
    creator: Pid,
    /// The instruction that makes the barrier waits until its parties are watched.
    is_new: bool,
    is_listed: bool,
    /// How many there are to be.
    count: usize,
    parties: BTreeMap<Pid, Party>,
    waiting_count: usize,
    tokens: BTreeMap<Ref, Pid>,
    generation: i64,
    broken: Option<String>,
    creator_monitor: Option<Ref>,
    to_watch: Vec<Pid>,
    leaving: Vec<Leaving>,
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
            count,
            parties,
            waiting_count: 0,
            tokens: BTreeMap::new(),
            generation: 0,
            broken: None,
            creator_monitor: None,
            to_watch,
            leaving: Vec::new(),
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
        if self.leaving.is_empty() {
            return false;
        }
        for _ in 0..PARTIES_PER_RUN {
            let Some(Leaving { pid, waiting, how }) = self.leaving.pop() else { break };
            let operation = match waiting {
                Waiting::ForEver => ProcessOperation::Barrier,
                Waiting::Until { .. } => ProcessOperation::BarrierTimeout,
            };
            self.forget_timer(waiting, context);
            let signal = match how {
                Leave::Generation(generation) => ToProgram::Answer(Ok(SharedValue::new(Value::Int(generation)).0)),
                Leave::Broken(reason) => ToProgram::Answer(Err(broken(operation, reason))),
                Leave::Late => ToProgram::Late,
            };
            context.signal_extension(pid, Box::new(signal));
        }
        true
    }

    fn forget_timer(&mut self, waiting: Waiting, context: &mut Context<'_, '_>) {
        if let Waiting::Until { token, timer } = waiting {
            self.tokens.remove(&token);
            context.cancel_timer(timer);
        }
    }

    /// Everybody who waits goes on, those who came first with the lowest number first.
    fn release_all(&mut self, how: impl Fn(Waiting) -> Leave) {
        if self.waiting_count == 0 {
            // Parties that end one after the other must not each look at all others.
            return;
        }
        let waiting = self.parties.iter_mut().rev();
        self.leaving.extend(waiting.filter_map(|(pid, party)| {
            let waiting = party.waiting.take()?;
            Some(Leaving { pid: *pid, waiting, how: how(waiting) })
        }));
        self.waiting_count = 0;
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
        if let Some(reason) = &self.broken {
            return Err(broken(operation, reason.clone()));
        }
        self.join(operation, from, context)?;
        let waiting = match time {
            None => Waiting::ForEver,
            Some(time) => {
                let token = context.make_ref();
                let timer = context.send_after(context.pid(), Value::Ref(token), time)?;
                self.tokens.insert(token, from);
                Waiting::Until { token, timer }
            }
        };
        if let Some(party) = self.parties.get_mut(&from) {
            party.waiting = Some(waiting);
        }
        self.waiting_count += 1;
        if self.waiting_count == self.count {
            self.generation += 1;
            let generation = self.generation;
            self.release_all(|_| Leave::Generation(generation));
        }
        Ok(())
    }

    /// Makes a process a party, unless it is one.
    fn join(&mut self, operation: ProcessOperation, from: Pid, context: &mut Context<'_, '_>) -> Result<(), Fault> {
        if self.parties.contains_key(&from) {
            return Ok(());
        }
        let refused = |error: String| Err(Fault::Argument { operation: operation.mnemonic(), error });
        if self.is_listed {
            return refused(format!("process {from} is no party of the barrier"));
        }
        if self.parties.len() == self.count {
            return refused(format!("all {} parties of the barrier have joined before process {from}", self.count));
        }
        let party = Party { monitor: Some(context.monitor(from)), waiting: None };
        self.parties.insert(from, party);
        Ok(())
    }

    /// Makes the barrier as new for those who live.
    fn reset(&mut self, from: Pid) {
        self.broken = None;
        let reason = format!("process {from} has reset it");
        self.release_all(|_| Leave::Broken(reason.clone()));
    }

    /// A party has died (rule S2), or the creator, or somebody wants the barrier to end: `true` if it has to.
    fn has_to_end(&mut self, message: &Value, context: &mut Context<'_, '_>) -> bool {
        if field(message, "signal").and_then(Value::as_str) == Some("exit") {
            self.release_all(|_| Leave::Broken("it was told to end".to_owned()));
            return true;
        }
        let (Some(Value::Ref(reference)), Some(Value::Pid(pid)), Some(reason)) =
            (field(message, "ref"), field(message, "pid"), field(message, "reason"))
        else {
            return false;
        };
        if self.creator_monitor == Some(*reference) {
            let ended = format!("its creator, process {pid}, has ended: {reason}");
            self.release_all(|_| Leave::Broken(ended.clone()));
            return true;
        }
        let Some(party) = self.parties.remove(pid).filter(|party| party.monitor == Some(*reference)) else {
            return false;
        };
        if let Some(waiting) = party.waiting {
            self.waiting_count -= 1;
            self.forget_timer(waiting, context);
        }
        if self.is_listed {
            self.count -= 1;
        }
        let ended = format!("process {pid} has ended: {reason}");
        self.release_all(|_| Leave::Broken(ended.clone()));
        self.broken.get_or_insert(ended);
        false
    }

    /// The time of a party is over (rule S3): those who gave a time go where they said, the others have an error.
    fn time_is_over(&mut self, token: Ref) {
        if self.tokens.remove(&token).is_none() {
            return;
        }
        let reason = format!("time is over; {}", self.missing_text());
        self.release_all(|waiting| match waiting {
            Waiting::ForEver => Leave::Broken(reason.clone()),
            Waiting::Until { .. } => Leave::Late,
        });
        self.broken = Some(reason);
    }

    fn missing(&self) -> impl Iterator<Item = Pid> {
        self.parties.iter().filter(|(_, party)| party.waiting.is_none()).map(|(pid, _)| *pid)
    }

    fn never_joined(&self) -> usize {
        self.count - self.parties.len()
    }

    fn missing_text(&self) -> String {
        let known: Vec<String> = self.missing().take(MISSING_NAMED_MAX).map(|pid| pid.to_string()).collect();
        let more = self.missing().count() - known.len();
        let known = match (known.is_empty(), more) {
            (true, _) => "nobody".to_owned(),
            (false, 0) => known.join(", "),
            (false, more) => format!("{} and {more} more", known.join(", ")),
        };
        format!("missing: {known}; never joined: {}", self.never_joined())
    }

    fn status(&self) -> Value {
        let missing: Vec<Value> = self.missing().map(Value::Pid).collect();
        object([
            ("parties", count(self.count)),
            ("waiting", count(self.waiting_count)),
            ("missing", Value::list(missing.into_iter()).unwrap_or(Value::Null)),
            ("never_joined", count(self.never_joined())),
            ("generation", Value::Int(self.generation)),
            ("broken", self.broken.as_deref().map_or(Value::Null, text)),
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
