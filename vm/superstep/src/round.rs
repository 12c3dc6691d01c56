//! One meeting at the barrier: what all came for, and what it comes to.
//!
//! Processors are looked at in the order of their numbers, so that every fold and every error is the same in every run
//! (rules S5, S6). Not here: when to look and whom to release (`coordinator.rs`).

use ttvm_isa::{ProcessOperation, Text};
use ttvm_platform::sync::Arc;
use ttvm_value::{SharedValue, Value};

use crate::{
    arrivals::is_same,
    brought::{Aggregates, Column, Columns, Contribution},
    fold::{self, Fold},
    making::{Made, Making},
    signal::{Arrived, Beginning, Collective, CollectiveKind, Content, Meeting, TimeLimit},
};

/// Why a processor cannot go on: its number, if it is one's fault, and the reason.
pub(crate) type Failure = (Option<u32>, String);

/// What was found so far.
#[derive(Default)]
pub(crate) struct Round {
    /// The first processor, and what it came for.
    first: Option<(u32, Purpose)>,
    /// The superstep that those have come for who come as plain ones, and the aggregates for which they bring something.
    plain: Option<Coming>,
    pub arrived: u32,
    pub voters: u32,
    pub checkpoints: u32,
    aggregates: Vec<Contribution>,
    values: Vec<SharedValue>,
    /// What is to be made of values that were given, and what for; the last is made first.
    makings: Vec<(Making, MadeFor)>,
    /// What the one is for that is being made.
    being_made: Option<MadeFor>,
    /// What functions fold, until processes have done it.
    pub jobs: Vec<Job>,
    /// The result of a collective for each processor, or one for all.
    results: Vec<SharedValue>,
    /// The lists of which each processor gets an element of each.
    exchanged: Arc<Vec<SharedValue>>,
}

/// What something is made for.
#[derive(Clone, Copy)]
enum MadeFor {
    /// The results of a collective.
    Results,
    /// A job: the list that it folds.
    Job(usize),
}

/// What plain ones have come for.
#[derive(Clone)]
pub(crate) struct Coming {
    pub name: Text,
    pub columns: Columns,
}

/// What processors came for.
#[derive(Clone)]
enum Purpose {
    Superstep(Beginning),
    Collective(CollectiveKind),
}

/// A list that a function folds.
pub(crate) struct Job {
    pub function: SharedValue,
    /// The list, once it was made.
    pub list: Option<SharedValue>,
    /// All folds of beginnings are wanted.
    pub scans: bool,
    target: Target,
}

/// What a job is for.
#[derive(Clone)]
enum Target {
    Aggregate(usize),
    Collective,
}

impl Purpose {
    fn describe(&self) -> String {
        match self {
            Self::Superstep(Beginning { name, limit }) => match limit {
                TimeLimit::OfGroup => format!("SUPERSTEP {name}"),
                TimeLimit::Own(None) => format!("SUPERSTEP {name} without a time limit"),
                TimeLimit::Own(Some(time)) => format!("SUPERSTEP {name} within {} ms", time.as_millis()),
            },
            Self::Collective(CollectiveKind { operation, root, fold }) => {
                let fold = fold.as_ref().map(|fold| format!(" by {}", fold.name())).unwrap_or_default();
                let root = root.map(|root| format!(" at {root}")).unwrap_or_default();
                format!("{}{fold}{root}", operation.mnemonic())
            }
        }
    }

    fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Superstep(one), Self::Superstep(other)) => one == other,
            (Self::Collective(one), Self::Collective(other)) => {
                let folds = match (&one.fold, &other.fold) {
                    (Some(one), Some(other)) => one.agrees_with(other),
                    (None, None) => true,
                    _ => false,
                };
                folds && one.operation == other.operation && one.root == other.root
            }
            _ => false,
        }
    }
}

impl Round {
    /// Looks at the next processor that has come.
    pub fn add(&mut self, arrived: Arrived) -> Result<(), Failure> {
        let id = arrived.id;
        let (purpose, value) = match arrived.meeting {
            Meeting::Superstep(beginning) => (Purpose::Superstep(beginning), None),
            Meeting::Collective(collective) => {
                let Collective { kind, value } = *collective;
                (Purpose::Collective(kind), Some(value))
            }
        };
        self.agree(id, purpose)?;
        self.voters += u32::from(arrived.has_voted);
        self.checkpoints += u32::from(arrived.has_checkpoint);
        if let Some(value) = value {
            self.give(id, value)?;
        }
        self.contribute_all(id, arrived.contributions)
    }

    /// All must come for the same.
    fn agree(&mut self, id: u32, purpose: Purpose) -> Result<(), Failure> {
        self.arrived += 1;
        match &self.first {
            None => self.first = Some((id, purpose)),
            Some((_, first)) if first.agrees_with(&purpose) => {}
            Some((other, first)) => {
                let (first, second) = (first.describe(), purpose.describe());
                return Err((None, format!("processor {other} comes to {first}, processor {id} to {second}")));
            }
        }
        Ok(())
    }

    /// Whether processors who come for nothing but this need no more than to be counted; as the first of them did.
    pub fn takes_plain(&mut self, coming: &Coming) -> bool {
        let known = self.plain.get_or_insert_with(|| coming.clone());
        is_same(&known.name, &coming.name)
            && (Arc::ptr_eq(&known.columns, &coming.columns) || known.columns == coming.columns)
    }

    /// The aggregates for which those bring something that [`Round::takes_plain`] was told of.
    pub fn columns(&self) -> &[Column] {
        self.plain.as_ref().map_or(&[], |plain| &plain.columns)
    }

    /// Looks at the next processor that has come, for nothing but what [`Round::takes_plain`] was told of.
    pub fn add_plain(&mut self, id: u32, brought: Vec<Contribution>) -> Result<(), Failure> {
        match (&self.first, &self.plain) {
            (Some((_, Purpose::Superstep(Beginning { name, limit: TimeLimit::OfGroup }))), Some(plain))
                if is_same(name, &plain.name) =>
            {
                self.arrived += 1;
            }
            (_, plain) => {
                let name = plain.as_ref().map_or_else(|| Text::from(""), |plain| plain.name.clone());
                self.agree(id, Purpose::Superstep(Beginning::of(name)))?;
            }
        }
        self.contribute_all(id, brought)
    }

    fn contribute_all(&mut self, id: u32, contributions: Vec<Contribution>) -> Result<(), Failure> {
        let mut contributions = contributions.into_iter();
        contributions.try_for_each(|contribution| self.contribute(contribution)).map_err(|reason| (Some(id), reason))
    }

    /// A value of a collective: operations with names fold it at once.
    fn give(&mut self, id: u32, value: SharedValue) -> Result<(), Failure> {
        let Some(&CollectiveKind { operation, fold: Some(Fold::Named(named)), .. }) = self.collective() else {
            self.values.push(value);
            return Ok(());
        };
        let folded = match self.results.last() {
            None => Ok(fold::first(named, value.into_value())),
            Some(so_far) => fold::next(named, so_far.value(), value.value()),
        };
        let folded = folded.map_err(|fault| (Some(id), format!("{}: {fault}", operation.mnemonic())))?;
        if operation != ProcessOperation::Scan {
            self.results.clear();
        }
        self.results.push(SharedValue::new(folded).0);
        Ok(())
    }

    fn contribute(&mut self, contribution: Contribution) -> Result<(), String> {
        let Some(known) = self.aggregates.iter_mut().find(|known| known.name == contribution.name) else {
            self.aggregates.push(contribution);
            return Ok(());
        };
        if !known.fold.agrees_with(&contribution.fold) {
            let (one, other) = (known.fold.name(), contribution.fold.name());
            return Err(format!("AGGREGATE {}: it is folded by {one} and by {other}", contribution.name));
        }
        match (&known.fold, &mut known.values[..], &contribution.values[..]) {
            (Fold::Named(operation), [so_far], [value]) => {
                let joined = fold::join(*operation, so_far.value(), value.value());
                let joined = joined.map_err(|fault| format!("AGGREGATE {}: {fault}", contribution.name))?;
                *so_far = SharedValue::new(joined).0;
            }
            _ => known.values.extend(contribution.values),
        }
        Ok(())
    }

    /// The superstep that begins, if one does.
    pub fn superstep(&self) -> Option<&Beginning> {
        match &self.first {
            Some((_, Purpose::Superstep(beginning))) => Some(beginning),
            _ => None,
        }
    }

    /// The collective that was met, if one was.
    pub fn collective(&self) -> Option<&CollectiveKind> {
        match &self.first {
            Some((_, Purpose::Collective(kind))) => Some(kind),
            _ => None,
        }
    }

    /// Begins to fold: what operations with names come to is there at once, what functions come to are jobs.
    pub fn fold(&mut self) {
        for (place, aggregate) in self.aggregates.iter_mut().enumerate() {
            if let Fold::Function(function) = &aggregate.fold
                && aggregate.values.len() > 1
            {
                let values = std::mem::take(&mut aggregate.values);
                self.makings.push((Making::List(values), MadeFor::Job(self.jobs.len())));
                let (function, target) = (function.clone(), Target::Aggregate(place));
                self.jobs.push(Job { function, list: None, scans: false, target });
            }
        }
        let Some(CollectiveKind { operation, root, fold }) = self.collective().cloned() else { return };
        let values = std::mem::take(&mut self.values);
        match (operation, fold) {
            (_, Some(Fold::Function(function))) => {
                self.makings.push((Making::List(values), MadeFor::Job(self.jobs.len())));
                let scans = operation == ProcessOperation::Scan;
                self.jobs.push(Job { function, list: None, scans, target: Target::Collective });
            }
            // Folded as they came.
            (_, Some(Fold::Named(_))) => {}
            (ProcessOperation::Broadcast, None) => {
                self.results = root.and_then(|root| values.into_iter().nth(root as usize)).into_iter().collect();
            }
            (ProcessOperation::Scatter, None) => {
                let given = root.and_then(|root| values.into_iter().nth(root as usize));
                self.makings.extend(given.map(|list| (Making::Elements(list), MadeFor::Results)));
            }
            (ProcessOperation::AllToAll, None) => self.exchanged = Arc::new(values),
            (_, None) => self.makings.push((Making::List(values), MadeFor::Results)),
        }
    }

    /// What is to be made before anything else.
    pub fn take_making(&mut self) -> Option<Making> {
        let (making, target) = self.makings.pop()?;
        self.being_made = Some(target);
        Some(making)
    }

    /// It was made.
    pub fn made(&mut self, made: Made) -> Result<(), Failure> {
        let operation = self.collective().map_or(ProcessOperation::Aggregate, |kind| kind.operation).mnemonic();
        let made = made.map_err(|fault| (None, format!("{operation}: {fault}")))?;
        match self.being_made.take() {
            Some(MadeFor::Job(job)) => self.jobs[job].list = made.into_iter().next(),
            Some(MadeFor::Results) | None => self.results = made,
        }
        Ok(())
    }

    /// A function has folded.
    pub fn folded(&mut self, job: usize, result: SharedValue) {
        let Some(Job { target, scans, .. }) = self.jobs.get(job) else { return };
        match target {
            Target::Aggregate(place) => self.aggregates[*place].values = vec![result],
            Target::Collective if *scans => self.makings.push((Making::Elements(result), MadeFor::Results)),
            Target::Collective => self.results = vec![result],
        }
    }

    /// What the aggregates came to.
    pub fn take_aggregates(&mut self) -> Arc<Aggregates> {
        let aggregates = std::mem::take(&mut self.aggregates).into_iter();
        let last = |mut aggregate: Contribution| Some((aggregate.name, aggregate.values.pop()?));
        Arc::new(aggregates.filter_map(last).collect())
    }

    /// What a collective pushes on processor `id`.
    pub fn content(&self, id: u32) -> Content {
        let null = || SharedValue::new(Value::Null).0;
        let Some(CollectiveKind { operation, root, .. }) = self.collective() else { return Content::Messages };
        let value = match operation {
            ProcessOperation::AllToAll => return Content::Elements(Arc::clone(&self.exchanged)),
            ProcessOperation::Scatter | ProcessOperation::Scan => self.results.get(id as usize).cloned(),
            ProcessOperation::Gather | ProcessOperation::Reduce if *root != Some(id) => None,
            _ => self.results.first().cloned(),
        };
        Content::Value(value.unwrap_or_else(null))
    }

    /// About how many values are left of it to be freed.
    pub fn values(&self) -> usize {
        self.results.len().max(self.exchanged.len())
    }
}
