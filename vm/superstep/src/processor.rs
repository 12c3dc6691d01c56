//! A processor: the state of a process that runs as one, what it sends and what it is told.
//!
//! Not here: what its instructions take (`processor_operations.rs`), who decides when it goes on (`coordinator.rs`).

use std::time::Duration;

use ttvm_isa::{Fault, FoldOperation, Text};
use ttvm_platform::{entropy::derive, sync::Arc};
use ttvm_runtime::Context;
use ttvm_value::{List, Pid, SharedValue, Value};

use crate::{
    arrivals::{Came, Passing, Plain, Written},
    brought::{Aggregates, Column, Contribution},
    checkpoint::Part,
    fold::{self, Fold},
    group::{Group, Phase},
    inbox::{Inbox, push_one},
    making::{Making, only},
    signal::{
        self, AllArrived, Arrived, Beginning, Bundle, Collective, CollectiveKind, Content, Meeting, Messages, Released,
        TimeLimit, ToCoordinator, ToProgram,
    },
    telemetry::TelemetryKind,
};

/// A process that runs as a processor.
pub(crate) struct Processor {
    pub id: u32,
    pub coordinator: Pid,
    pub group: Arc<Group>,
    /// All processors, once they were made.
    peers: Option<Arc<[Pid]>>,
    /// What it came for before it knew the others.
    early: Option<Box<Meeting>>,
    pub outbox: Vec<(u32, SharedValue)>,
    inbox: Inbox,
    pub contributions: Vec<Contribution>,
    pub has_voted: bool,
    pub checkpoint: Option<SharedValue>,
    /// What it returned.
    pub result: Option<SharedValue>,
    /// When its superstep began, if anybody watches.
    began: Duration,
    inbox_size: u64,
    /// What its random generator begins with; with a checkpoint to come, what it has come to.
    pub random: u64,
}

/// To whom a processor has sent how many messages. Mostly it is one.
#[derive(Default)]
struct Destinations {
    first: Option<(u32, u32)>,
    others: Vec<(u32, u32)>,
}

impl Destinations {
    fn add(&mut self, to: u32, count: u32) {
        if self.first.is_none() {
            self.first = Some((to, count));
        } else {
            self.others.push((to, count));
        }
    }
}

/// Lets a processor go on to a superstep for which nothing was sent: at once if it waits and has heard everything else. What
/// there is to know of that superstep the group knows.
pub(crate) fn let_go(context: &mut Context<'_, '_>, group: &Group, (id, pid): (u32, Pid), nothing: &SharedValue) {
    group.set_phase(id, Phase::Ready);
    signal::let_pass(context, pid, nothing);
}

/// An inbox without messages.
pub(crate) fn no_messages() -> SharedValue {
    SharedValue::new(Value::List(List::new())).0
}

impl Processor {
    /// A processor that has not begun, in the superstep that its group is in.
    pub fn new(id: u32, coordinator: Pid, group: Arc<Group>, random: u64) -> Self {
        Self {
            id,
            coordinator,
            group,
            peers: None,
            early: None,
            outbox: Vec::new(),
            inbox: Inbox::default(),
            contributions: Vec::new(),
            has_voted: false,
            checkpoint: None,
            result: None,
            began: Duration::ZERO,
            inbox_size: 0,
            random,
        }
    }

    /// Tells whoever watches.
    pub fn tell(&self, context: &Context<'_, '_>, kind: TelemetryKind<'_>) {
        if self.group.is_watched() {
            let (group, name) = (&self.group, self.group.superstep_name());
            group.tell(context, self.coordinator, (group.superstep(), &name), kind);
        }
    }

    /// Where it is, for errors: `superstep 2 share: processor 1`, or what the group calls it.
    pub fn place(&self) -> String {
        let name = self.group.superstep_name();
        let space = if name.is_empty() { "" } else { " " };
        format!("superstep {}{space}{name}: {}", self.group.superstep(), self.group.member(self.id))
    }

    /// What the groups that it starts in this superstep come from: the same whenever it goes on from a checkpoint.
    pub fn seed_of_groups(&self) -> u64 {
        derive(self.group.seed_of(self.id), self.group.superstep())
    }

    /// Comes to the barrier for a superstep. `true` if it was the last one, and goes on at once with no messages.
    #[must_use]
    pub fn come(&mut self, context: &mut Context<'_, '_>, name: Written<'_>) -> bool {
        if self.peers.is_none() {
            self.early = Some(Box::new(Meeting::Superstep(Beginning::of(name.to_text()))));
            return false;
        }
        // Most send nothing in most supersteps.
        let destinations = if self.outbox.is_empty() && !self.group.is_watched() {
            self.group.set_phase(self.id, Phase::Barrier);
            Destinations::default()
        } else {
            self.arrive(context, true)
        };
        if !self.has_voted && self.checkpoint.is_none() && destinations.others.is_empty() {
            let is_plain = self.contributions.is_empty() || self.group.brought.lay_down(self.id, &self.contributions);
            if is_plain && let Some(passes) = self.enter(context, Plain::new(self.id, destinations.first), name) {
                return passes;
            }
        }
        self.bring(context, Meeting::Superstep(Beginning::of(name.to_text())), destinations);
        false
    }

    /// Comes to the barrier for anything.
    pub fn meet(&mut self, context: &mut Context<'_, '_>, meeting: Meeting) {
        if self.peers.is_none() {
            self.early = Some(Box::new(meeting));
            return;
        }
        // What was sent stays until the superstep ends.
        let ends_superstep = matches!(meeting, Meeting::Superstep(_));
        let destinations = self.arrive(context, ends_superstep);
        self.bring(context, meeting, destinations);
    }

    /// Hands over what it has sent, if the superstep ends, and is at the barrier from now on.
    fn arrive(&mut self, context: &mut Context<'_, '_>, ends_superstep: bool) -> Destinations {
        if self.group.is_watched() {
            let duration = context.now().saturating_sub(self.began);
            let inbox_size = self.inbox_size;
            self.tell(context, TelemetryKind::ComputeCompleted { processor: self.id, duration, inbox_size });
        }
        let destinations = if ends_superstep { self.hand_over(context) } else { Destinations::default() };
        self.group.set_phase(self.id, Phase::Barrier);
        self.tell(context, TelemetryKind::BarrierReached { processor: self.id });
        destinations
    }

    /// Enters itself with all that it brings.
    fn bring(&mut self, context: &mut Context<'_, '_>, meeting: Meeting, destinations: Destinations) {
        let destinations = destinations.first.into_iter().chain(destinations.others).collect();
        // Aggregates are those of a superstep, as messages are.
        let ends_superstep = matches!(meeting, Meeting::Superstep(_));
        let contributions = if ends_superstep { std::mem::take(&mut self.contributions) } else { Vec::new() };
        let arrived = Arrived {
            id: self.id,
            meeting,
            destinations,
            has_voted: self.has_voted,
            has_checkpoint: self.checkpoint.is_some(),
            contributions,
        };
        if self.group.arrivals.add(Box::new(arrived)) {
            context.signal_extension(self.coordinator, Box::new(AllArrived));
        }
    }

    /// Enters itself with no more than it has laid down; `None` if others have come for another superstep, or bring something
    /// else.
    fn enter(&mut self, context: &mut Context<'_, '_>, plain: Plain, name: Written<'_>) -> Option<bool> {
        let came = self.group.arrivals.add_plain(plain, name, &self.contributions, || context.now());
        let passes = match came {
            Came::Waits => false,
            Came::Completes => {
                context.signal_extension(self.coordinator, Box::new(AllArrived));
                false
            }
            Came::Last(passing) => {
                self.let_all_go(context, &passing, name);
                true
            }
            Came::Differs => return None,
        };
        if !self.contributions.is_empty() {
            self.contributions.clear();
        }
        Some(passes)
    }

    /// All go on to the next superstep, the others in the order of their numbers.
    fn let_all_go(&mut self, context: &mut Context<'_, '_>, passing: &Passing, name: Written<'_>) {
        let Some(peers) = &self.peers else { return };
        let group = &self.group;
        // Those who have returned are not there.
        let here = || (0_u32..).zip(&**peers).filter(|(id, _)| group.is_at_barrier(*id));
        let aggregates = passing.has_brought.then(|| {
            let (columns, mut folds) = (Column::all_of(&self.contributions), Aggregates::new());
            group.brought.fold(here().map(|(id, _)| id), &columns, &mut folds);
            Arc::new(folds)
        });
        group.begin_superstep(passing.superstep, name, aggregates);
        let nothing = no_messages();
        for (id, pid) in here().filter(|(id, _)| *id != self.id) {
            let_go(context, group, (id, *pid), &nothing);
        }
        group.set_phase(self.id, Phase::Ready);
    }

    /// Queues a message to a processor.
    pub fn send(&mut self, to: u32, message: SharedValue) {
        push_one(&mut self.outbox, (to, message));
    }

    /// Comes to an exchange of values; waits for what comes of it.
    pub fn exchange(&mut self, context: &mut Context<'_, '_>, kind: CollectiveKind, value: SharedValue) {
        let operation = kind.operation;
        self.meet(context, Meeting::Collective(Box::new(Collective { kind, value })));
        context.wait_for_answer(operation);
    }

    /// Sends what was queued: each receiver one bundle. Says to whom how many.
    fn hand_over(&mut self, context: &mut Context<'_, '_>) -> Destinations {
        let message_count = self.outbox.len() as u64;
        let mut destinations = Destinations::default();
        if message_count == 0 {
            self.tell(context, TelemetryKind::CommunicateCompleted { processor: self.id, message_count });
            return destinations;
        }
        let superstep = self.group.superstep();
        let mut outbox = std::mem::take(&mut self.outbox);
        // Stable: the messages to one receiver keep their order.
        outbox.sort_by_key(|(to, _)| *to);
        let mut outbox = outbox.into_iter().peekable();
        while let Some((to, message)) = outbox.next() {
            let mut messages = Messages::One(message);
            if outbox.peek().is_some_and(|(next, _)| *next == to) {
                let mut many = Vec::with_capacity(2);
                messages.add_to(&mut many);
                while let Some((_, message)) = outbox.next_if(|(next, _)| *next == to) {
                    many.push(message);
                }
                messages = Messages::Many(many);
            }
            destinations.add(to, u32::try_from(messages.len()).unwrap_or(u32::MAX));
            let bundle = Bundle { from: self.id, superstep, messages };
            if to == self.id {
                self.add(bundle);
            } else if let Some(pid) = self.peers.as_ref().and_then(|peers| peers.get(to as usize)) {
                // If it has left, the coordinator knows, and judges.
                context.signal_extension(*pid, Box::new(ToProgram::Bundle(bundle)));
            }
        }
        self.tell(context, TelemetryKind::CommunicateCompleted { processor: self.id, message_count });
        destinations
    }

    /// All processors were made.
    pub fn begin(&mut self, context: &mut Context<'_, '_>, peers: Arc<[Pid]>) {
        self.peers = Some(peers);
        self.group.set_phase(self.id, Phase::Ready);
        if self.group.is_watched() {
            self.began = context.now();
            // Those of declared computations say themselves when they have begun.
            if !self.group.is_declared() || self.group.superstep() > 0 {
                self.tell(context, TelemetryKind::ProcessorDataInitialized { processor: self.id });
            }
        }
        let Some(meeting) = self.early.take() else { return };
        let passes = match *meeting {
            Meeting::Superstep(Beginning { name, limit: TimeLimit::OfGroup }) => {
                self.come(context, Written::Text(&name))
            }
            meeting => {
                self.meet(context, meeting);
                false
            }
        };
        if passes {
            context.answer_waiting(Ok(no_messages()));
        }
    }

    /// Messages have come.
    pub fn add(&mut self, bundle: Bundle) {
        self.inbox.add(bundle);
    }

    /// Goes on behind the barrier: answers the instruction that waits.
    pub fn release(&mut self, context: &mut Context<'_, '_>, released: Released) {
        let Released { superstep, saves, content } = released;
        self.group.set_phase(self.id, Phase::Ready);
        if self.group.is_watched() {
            self.began = context.now();
        }
        match content {
            Content::Value(value) => context.answer_waiting(Ok(value)),
            Content::Elements(lists) => {
                let making = Making::Exchanged(lists, self.id);
                if !making.is_long() {
                    return context.answer_waiting(making.make().map(only));
                }
                context.do_later(
                    self.group.operation,
                    move || making.make(),
                    |made| Box::new(ToProgram::Answer(made.and_then(|made| made).map(only))),
                );
            }
            Content::Halted => {
                self.has_voted = false;
                self.checkpoint = None;
                context.answer_waiting(Ok(SharedValue::new(Value::Null).0));
            }
            Content::Messages => {
                self.has_voted = false;
                if !saves {
                    self.checkpoint = None;
                }
                let come = self.inbox.take(superstep);
                self.inbox_size = come.len() as u64;
                if come.is_long() {
                    let group = Arc::clone(&self.group);
                    let list = move || come.list(group.combine.as_ref());
                    return context.do_later(self.group.operation, list, |inbox| {
                        Box::new(ToProgram::Inbox(inbox.and_then(|inbox| inbox)))
                    });
                }
                let inbox = come.list(self.group.combine.as_ref());
                self.deliver(context, inbox);
            }
        }
    }

    /// Gives the instruction what has come, and the coordinator its part of a checkpoint.
    pub fn deliver(&mut self, context: &mut Context<'_, '_>, inbox: Result<SharedValue, Fault>) {
        let state = self.checkpoint.take();
        let inbox = match inbox {
            Ok(inbox) => inbox,
            Err(fault) => return context.answer_waiting(Err(fault)),
        };
        if let Some(state) = state {
            let part = Part { state, inbox: inbox.clone(), random: self.random };
            let saved = ToCoordinator::Saved { id: self.id, part };
            context.signal_extension(self.coordinator, Box::new(saved));
        }
        let many = matches!(inbox.value(), Value::List(list) if list.len() > 1);
        match (&self.group.combine, self.group.common.library.get()) {
            (Some(Fold::Function(function)), Some(library)) if many => {
                context.call_waiting(library.combine.clone(), vec![function.clone(), inbox]);
            }
            _ => context.answer_waiting(Ok(inbox)),
        }
    }

    /// It has ended: with its result, or for a reason.
    pub fn end(mut self, context: &mut Context<'_, '_>, reason: &Value) {
        let result = match self.result.take() {
            Some(result) => {
                self.group.set_phase(self.id, Phase::Finalized);
                self.tell(context, TelemetryKind::ProcessorFinalized { processor: self.id });
                Ok(result)
            }
            None => Err(SharedValue::new(reason.clone()).0),
        };
        let ended = ToCoordinator::Ended { id: self.id, result, outbox: self.outbox };
        context.signal_extension(self.coordinator, Box::new(ended));
    }

    /// Whether an aggregate of this name may be folded like this, as far as the processor knows.
    pub fn check(&self, operation: &'static str, name: &Text, fold: &Fold) -> Result<(), Fault> {
        let known = self.contributions.iter().find(|known| known.name == *name);
        match known.filter(|known| !known.fold.agrees_with(fold)) {
            None => Ok(()),
            Some(known) => {
                let (one, other) = (known.fold.name(), fold.name());
                let error = format!("the aggregate {name:?} is folded by {one} and by {other}");
                Err(Fault::Argument { operation, error })
            }
        }
    }

    /// Adds to an aggregate that an operation with a name folds; [`Processor::check`] was asked.
    pub fn contribute(&mut self, name: &Text, operation: FoldOperation, value: Value) -> Result<(), Fault> {
        let known = self.contributions.iter_mut().find(|known| known.name == *name);
        if let Some([so_far]) = known.map(|known| &mut known.values[..]) {
            *so_far = SharedValue::new(fold::next(operation, so_far.value(), &value)?).0;
        } else {
            let value = SharedValue::new(fold::first(operation, value)).0;
            self.add_contribution(name.clone(), Fold::Named(operation), value);
        }
        Ok(())
    }

    /// Adds a value to an aggregate as it is.
    pub fn add_contribution(&mut self, name: Text, fold: Fold, value: SharedValue) {
        match self.contributions.iter_mut().find(|known| known.name == name) {
            Some(known) => known.values.push(value),
            None => push_one(&mut self.contributions, Contribution { name, fold, values: vec![value] }),
        }
    }
}
