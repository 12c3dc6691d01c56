//! A model of open meetings, explored by Shuttle (`docs/internals/supersteps.md`).
//!
//! It has planted faults that the exploration must find: a model that cannot fail shows nothing.

use std::{panic, time::Duration};

use shuttle::thread;
use ttvm_isa::{FoldOperation, Text};
use ttvm_platform::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
};
use ttvm_value::{SharedValue, Value};

use crate::{
    arrivals::{Arrival, Arrivals, Came, Open, Plain, Written},
    brought::{Aggregates, Column, Columns, Contribution, Table},
    fold::Fold,
};

/// What a processor comes with that is not plain: none does here.
pub(crate) struct Arrived {
    pub id: u32,
}

/// Interleavings explored.
const ITERATIONS: usize = 3_000;

const PROCESSORS: usize = 3;

/// Supersteps that the group does. The last processor returns before the last of them.
const SUPERSTEPS: usize = 3;

/// In the supersteps before this one all bring something for an aggregate, then nobody does.
const BRINGING: usize = 2;

/// No aggregate.
const NOTHING: i64 = -1;

/// Times that the coordinator runs for no reason that matters to the meeting.
const OTHER_RUNS: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The coordinator goes on from where it was when it left the meeting open.
    IsBehind,
    /// The coordinator leaves the meeting open without being told how many are left.
    ForgetsWhoReturned,
    /// Processors say that they are at the barrier only after they have entered themselves.
    EntersTooEarly,
    /// Processors lay down what they bring only after they have entered themselves.
    BringsTooLate,
    /// Whoever comes last lets the others go on before it has folded what was brought.
    FoldsTooLate,
}

struct Group {
    arrivals: Arrivals,
    brought: Table,
    processors: [Processor; PROCESSORS],
    /// What was folded at the end of the superstep before.
    sum: AtomicI64,
    /// Something has come for the coordinator.
    is_told: AtomicBool,
    left: AtomicUsize,
}

#[derive(Default)]
struct Processor {
    is_at_barrier: AtomicBool,
    has_returned: AtomicBool,
    /// Meetings that it has come to.
    entered: AtomicUsize,
    /// The superstep that it was let go on to.
    superstep: AtomicUsize,
}

/// What a processor brings.
fn contribution(id: usize, superstep: usize) -> Contribution {
    let value = Value::Int((10 * superstep + id + 1) as i64);
    let (name, fold) = (Text::from("sum"), Fold::Named(FoldOperation::Sum));
    Contribution { name, fold, values: vec![SharedValue::new(value).0] }
}

impl Group {
    fn new() -> Self {
        Self {
            arrivals: Arrivals::default(),
            brought: Table::new(PROCESSORS as u32),
            processors: Default::default(),
            sum: AtomicI64::new(NOTHING),
            is_told: AtomicBool::new(false),
            left: AtomicUsize::new(0),
        }
    }

    fn fold(&self, ids: impl Iterator<Item = usize>, columns: &[Column]) {
        let mut folds = Aggregates::new();
        self.brought.fold(ids.map(|id| id as u32), columns, &mut folds);
        let sum = match folds.first().map(|(_, value)| value.value()) {
            Some(Value::Int(sum)) => *sum,
            _ => NOTHING,
        };
        self.sum.store(sum, Ordering::SeqCst);
    }

    fn let_go(&self, id: usize, superstep: usize) {
        let processor = &self.processors[id];
        processor.is_at_barrier.store(false, Ordering::SeqCst);
        processor.superstep.store(superstep, Ordering::SeqCst);
    }

    fn tell(&self) {
        self.is_told.store(true, Ordering::SeqCst);
    }
}

fn compute(group: &Group, id: usize, fault: Fault) {
    let own = &group.processors[id];
    for superstep in 0..SUPERSTEPS {
        if id == PROCESSORS - 1 && superstep == SUPERSTEPS - 1 {
            own.has_returned.store(true, Ordering::SeqCst);
            group.left.fetch_add(1, Ordering::SeqCst);
            group.tell();
            return;
        }
        own.entered.store(superstep + 1, Ordering::SeqCst);
        if fault != Fault::EntersTooEarly {
            own.is_at_barrier.store(true, Ordering::SeqCst);
        }
        let brings: Vec<_> = (superstep < BRINGING).then(|| contribution(id, superstep)).into_iter().collect();
        if fault != Fault::BringsTooLate {
            assert!(group.brought.lay_down(id as u32, &brings));
        }
        let (plain, name) = (Plain::new(id as u32, None), Text::from("next"));
        let came = group.arrivals.add_plain(plain, Written::Text(&name), &brings, || Duration::ZERO);
        if fault == Fault::BringsTooLate {
            assert!(group.brought.lay_down(id as u32, &brings));
        }
        if fault == Fault::EntersTooEarly {
            own.is_at_barrier.store(true, Ordering::SeqCst);
        }
        match came {
            Came::Waits => {}
            Came::Completes => group.tell(),
            Came::Last(passing) => {
                let next = passing.superstep as usize;
                let is_here = |id: &usize| group.processors[*id].is_at_barrier.load(Ordering::SeqCst);
                let here: Vec<usize> = (0..PROCESSORS).filter(is_here).collect();
                let columns = if passing.has_brought { Column::all_of(&brings) } else { Columns::default() };
                if fault != Fault::FoldsTooLate {
                    group.fold(here.iter().copied(), &columns);
                }
                here.iter().filter(|other| **other != id).for_each(|other| group.let_go(*other, next));
                if fault == Fault::FoldsTooLate {
                    group.fold(here.iter().copied(), &columns);
                }
                group.let_go(id, next);
            }
            Came::Differs => panic!("all come for superstep `next`"),
        }
        let mut waited = 0;
        while own.superstep.load(Ordering::SeqCst) == superstep {
            waited += 1;
            assert!(waited < 1_000, "processor {id} waits for ever behind superstep {superstep}");
            thread::yield_now();
        }
        assert_eq!(own.superstep.load(Ordering::SeqCst), superstep + 1, "processor {id}");
        let sum: usize = (1..=PROCESSORS).map(|number| 10 * superstep + number).sum();
        let sum = if superstep < BRINGING { sum as i64 } else { NOTHING };
        assert_eq!(group.sum.load(Ordering::SeqCst), sum, "S6: processor {id} behind superstep {superstep}");
        for (other, processor) in group.processors.iter().enumerate() {
            let is_there = processor.entered.load(Ordering::SeqCst) > superstep;
            assert!(is_there || processor.has_returned.load(Ordering::SeqCst), "S1: {other} is not there");
        }
    }
    own.has_returned.store(true, Ordering::SeqCst);
    group.left.fetch_add(1, Ordering::SeqCst);
    group.tell();
}

/// The coordinator: it runs when it is told something, and a few times besides.
fn coordinate(group: &Group, fault: Fault) {
    let (mut superstep, mut left, mut other_runs, mut waited) = (0, 0, 0, 0);
    let mut taken = Vec::new();
    loop {
        if !group.is_told.swap(false, Ordering::SeqCst) {
            if other_runs == OTHER_RUNS {
                waited += 1;
                assert!(waited < 10_000, "the coordinator waits for ever in superstep {superstep}");
                thread::yield_now();
                continue;
            }
            other_runs += 1;
        }
        let open = group.arrivals.close();
        if let Some(open) = open.filter(|_| fault != Fault::IsBehind) {
            superstep = open.superstep as usize;
        }
        if left == 0 || fault != Fault::ForgetsWhoReturned {
            left = group.left.load(Ordering::SeqCst);
        }
        if left == PROCESSORS {
            assert_eq!(superstep, SUPERSTEPS);
            return;
        }
        let name = Text::from("next");
        let open = Open { superstep: superstep as u64, name, supersteps_max: None, began: None };
        if let Some(all) = group.arrivals.take(PROCESSORS - left, Some(open), &mut taken) {
            superstep += 1;
            assert!(all.are_silent);
            let ids: Vec<usize> = taken.drain(..).map(|arrival: Arrival| arrival.id() as usize).collect();
            let columns: &[_] = if all.have_brought { &all.columns } else { &[] };
            group.fold(ids.iter().copied(), columns);
            ids.into_iter().for_each(|id| group.let_go(id, superstep));
            // It looks for what has come meanwhile.
            group.tell();
        }
    }
}

fn meetings(fault: Fault) {
    let group = Arc::new(Group::new());
    let processors: Vec<_> = (0..PROCESSORS)
        .map(|id| {
            let group = Arc::clone(&group);
            thread::spawn(move || compute(&group, id, fault))
        })
        .collect();
    coordinate(&group, fault);
    processors.into_iter().for_each(|processor| processor.join().expect("processors do not panic"));
}

/// Whether an exploration of the model fails.
fn finds(fault: Fault) -> bool {
    panic::catch_unwind(move || shuttle::check_random(move || meetings(fault), ITERATIONS)).is_err()
        || panic::catch_unwind(move || shuttle::check_pct(move || meetings(fault), ITERATIONS, 3)).is_err()
}

// Rules: S1 S6
#[test]
fn nobody_passes_an_open_meeting_early_and_nobody_is_left_behind() {
    shuttle::check_random(|| meetings(Fault::None), ITERATIONS);
    shuttle::check_pct(|| meetings(Fault::None), ITERATIONS, 3);
}

#[test]
fn the_model_finds_a_coordinator_that_is_behind() {
    assert!(finds(Fault::IsBehind));
}

#[test]
fn the_model_finds_a_coordinator_that_waits_for_one_who_has_returned() {
    assert!(finds(Fault::ForgetsWhoReturned));
}

#[test]
fn the_model_finds_processors_that_are_not_seen_at_the_barrier() {
    assert!(finds(Fault::EntersTooEarly));
}

#[test]
fn the_model_finds_what_is_brought_too_late() {
    assert!(finds(Fault::BringsTooLate));
}

#[test]
fn the_model_finds_folds_that_come_too_late() {
    assert!(finds(Fault::FoldsTooLate));
}
