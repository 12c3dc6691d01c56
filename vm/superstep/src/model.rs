//! A model of open meetings, explored by Shuttle (`docs/internals/supersteps.md`).
//!
//! It has planted faults that the exploration must find: a model that cannot fail shows nothing.

use std::{panic, time::Duration};

use shuttle::thread;
use ttvm_isa::Text;
use ttvm_platform::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use crate::arrivals::{Arrival, Arrivals, Came, Open, Plain};

/// What a processor comes with that is not plain: none does here.
pub(crate) struct Arrived {
    pub id: u32,
}

/// Interleavings explored.
const ITERATIONS: usize = 3_000;

const PROCESSORS: usize = 3;

/// Supersteps that the group does. The last processor returns before the last of them.
const SUPERSTEPS: usize = 3;

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
}

#[derive(Default)]
struct Group {
    arrivals: Arrivals,
    processors: [Processor; PROCESSORS],
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

impl Group {
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
        let plain = Plain { id: id as u32, sent: None };
        let came = group.arrivals.add_plain(plain, &Text::from("next"), || Duration::ZERO);
        if fault == Fault::EntersTooEarly {
            own.is_at_barrier.store(true, Ordering::SeqCst);
        }
        match came {
            Came::Waits => {}
            Came::Completes => group.tell(),
            Came::Last(next) => {
                for other in (0..PROCESSORS).filter(|other| *other != id) {
                    if group.processors[other].is_at_barrier.load(Ordering::SeqCst) {
                        group.let_go(other, next as usize);
                    }
                }
                group.let_go(id, next as usize);
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
        if group.arrivals.take(PROCESSORS - left, Some(open), &mut taken).is_some() {
            superstep += 1;
            let ids: Vec<usize> = taken.drain(..).map(|arrival: Arrival| arrival.id() as usize).collect();
            ids.into_iter().for_each(|id| group.let_go(id, superstep));
            // It looks for what has come meanwhile.
            group.tell();
        }
    }
}

fn meetings(fault: Fault) {
    let group = Arc::new(Group::default());
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

// Rules: S1
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
