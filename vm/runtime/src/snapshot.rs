//! What all processes do, as somebody outside sees it while they run.
//!
//! A process that waits is looked at where it is: for that moment whoever looks holds it, as a scheduler would. A process
//! that is runnable is sent a signal and answers in its next turn. No lock is held while a program's code runs, nobody is
//! woken, and what it costs is on the thread that asks: a look at each control block, and memory for the processes that
//! are shown. Messages to a process that is being looked at make it runnable a few hundred nanoseconds later than they
//! would have, through the injector.
//!
//! Not here: who asks, and how it is shown.

mod activity;
mod view;

use std::{cmp::Reverse, time::Duration};

use ttvm_platform::{
    sync::{Arc, Mutex},
    thread,
};
use ttvm_value::Pid;

pub use self::view::ProcessView;
pub(crate) use self::{
    activity::Activity,
    view::{code_bytes, state_name, unsent_bytes},
};
use crate::{
    counters::Statistics,
    runtime::Handle,
    shared::Shared,
    signal::{Control, Signal},
    state::{Body, Own, ProcessState},
};

/// Processes of which a snapshot tells at most: some 3 MB.
const SHOWN_MAX: usize = 10_000;

/// Runnable processes that are asked for one snapshot: each gets a signal.
const ASKED_MAX: usize = 4_096;

/// How long answers of runnable processes are waited for.
const PATIENCE: Duration = Duration::from_millis(100);

/// Which processes come first; the others may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The oldest.
    Age,
    /// Those that have spent the most reductions.
    Reductions,
    /// Those with the longest queues.
    Mailbox,
    /// Those that hold the most memory.
    Bytes,
    /// Supervisors, then their children, then the others, each by age.
    Supervision,
}

/// What a machine does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// Since the start, in real time.
    pub time: Duration,
    /// Processes that live.
    pub processes: u64,
    /// Processes among them that did not answer in time, or were too many to be asked.
    pub unseen: u64,
    /// The first of those that were seen, in the order that was asked for.
    pub shown: Vec<ProcessView>,
    /// What the schedulers do.
    pub schedulers: Vec<SchedulerView>,
    /// What all of it came to so far.
    pub statistics: Statistics,
    /// Bytes of all control blocks, used or not.
    pub block_bytes: u64,
}

/// What a scheduler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchedulerView {
    /// Whether it sleeps.
    pub is_asleep: bool,
    /// How long it has slept since the start.
    pub asleep: Duration,
    /// Turns it gave.
    pub turns: u64,
    /// Reductions programs spent on it.
    pub reductions: u64,
    /// Processes it took from others.
    pub stolen: u64,
}

/// A question to processes that are runnable. Each holds it until it has answered or ended.
#[derive(Debug, Default)]
pub(crate) struct Survey(Mutex<Vec<ProcessView>>);

impl Survey {
    /// A process answers in its turn.
    pub fn answer(&self, pid: Pid, body: &Body, own: &Own) {
        let view = ProcessView::from_outside(pid, body, own);
        self.0.lock().push(view);
    }
}

/// What a process does, told without waiting for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It can run, and waits for its turn.
    Ready,
    /// It has its turn.
    Running,
    /// It waits, or is paused.
    Waiting,
    /// It has ended.
    Exited,
}

impl Handle {
    /// What a process does at the moment.
    #[must_use]
    pub fn doing(&self, pid: Pid) -> Doing {
        let _hold = self.hold();
        let shared = self.shared();
        if !shared.slab.is_open(pid) {
            Doing::Exited
        } else if shared.look(pid, |_| ()).is_some() {
            Doing::Waiting
        } else if shared.activities.iter().any(|activity| activity.is_running(pid)) {
            Doing::Running
        } else {
            Doing::Ready
        }
    }

    /// What the machine does: at most `shown_max` processes (10 000 at most), chosen by `order`. Takes about 100
    /// nanoseconds for each process there is, and up to a tenth of a second more while schedulers are busy.
    #[must_use]
    pub fn snapshot(&self, order: Order, shown_max: usize) -> Snapshot {
        // A process that is held while it is looked at may have work: all is not quiet.
        let _hold = self.hold();
        let shared = self.shared();
        let mut best = Best::new(order, shown_max.clamp(1, SHOWN_MAX));
        let survey = Arc::new(Survey::default());
        let (mut processes, mut asked, mut seen) = (0, 0, 0);
        for pid in shared.slab.iter() {
            processes += 1;
            if shared.look(pid, |state| best.consider(pid, state)).is_some() {
                seen += 1;
            } else if asked < ASKED_MAX {
                asked += 1;
                shared.send_from_outside(pid, Signal::control(Control::Survey(Arc::clone(&survey))));
            }
        }
        let answers = collect(survey);
        seen += answers.len() as u64;
        answers.into_iter().for_each(|view| best.add(view));
        Snapshot {
            time: shared.wall.elapsed(),
            processes,
            unseen: processes.saturating_sub(seen),
            shown: best.finish(),
            schedulers: (0..shared.stealers.len()).map(|id| SchedulerView::new(shared, id)).collect(),
            statistics: shared.statistics(),
            block_bytes: shared.slab.blocks() * view::BLOCK_BYTES,
        }
    }
}

/// Waits for answers, until nobody is left who could give one.
fn collect(survey: Arc<Survey>) -> Vec<ProcessView> {
    const STEP: Duration = Duration::from_micros(500);
    let mut waited = Duration::ZERO;
    while Arc::strong_count(&survey) > 1 && waited < PATIENCE {
        thread::sleep(Some(STEP));
        waited += STEP;
    }
    std::mem::take(&mut *survey.0.lock())
}

impl SchedulerView {
    fn new(shared: &Shared, id: usize) -> Self {
        let counters = &shared.counters[id];
        // It may fall asleep or wake up meanwhile, and then counts for a moment twice or not at all.
        let since = shared.activities[id].asleep_since();
        let this_time = since.map_or(0, |since| shared.wall_ns().saturating_sub(since));
        Self {
            is_asleep: since.is_some(),
            asleep: Duration::from_nanos(counters.asleep_ns.get() + this_time),
            turns: counters.turns.get(),
            reductions: counters.reductions.get(),
            stolen: counters.stolen.get(),
        }
    }
}

/// What decides who comes first: the larger the earlier.
type Rank = (u64, Reverse<Pid>);

/// The first processes of those that were considered so far.
struct Best {
    order: Order,
    shown_max: usize,
    views: Vec<ProcessView>,
    /// The last that would be shown so far, once there are enough.
    last: Option<Rank>,
}

impl Best {
    fn new(order: Order, shown_max: usize) -> Self {
        Self { order, shown_max, views: Vec::new(), last: None }
    }

    /// Looks at a process, and at all of it only if it may be shown.
    fn consider(&mut self, pid: Pid, state: &ProcessState) {
        let ProcessState { body, own } = state;
        let key = match self.order {
            Order::Age => 0,
            Order::Reductions => view::reductions(body),
            Order::Mailbox => own.inbox.len() as u64,
            Order::Bytes => view::BLOCK_BYTES + view::heap_bytes(body, own),
            Order::Supervision => {
                own.rare().map_or(0, |extras| supervision_key(extras.is_supervisor, extras.supervised_by.is_some()))
            }
        };
        if self.last.is_none_or(|last| (key, Reverse(pid)) > last) {
            self.add(ProcessView::from_outside(pid, body, own));
        }
    }

    fn add(&mut self, view: ProcessView) {
        self.views.push(view);
        if self.views.len() >= 2 * self.shown_max {
            self.cut();
        }
    }

    fn rank(&self, view: &ProcessView) -> Rank {
        let key = match self.order {
            Order::Age => 0,
            Order::Reductions => view.reductions,
            Order::Mailbox => view.mailbox,
            Order::Bytes => view.bytes,
            Order::Supervision => supervision_key(view.is_supervisor, view.supervisor.is_some()),
        };
        (key, Reverse(view.pid))
    }

    fn cut(&mut self) {
        let mut views = std::mem::take(&mut self.views);
        views.sort_unstable_by_key(|view| Reverse(self.rank(view)));
        views.truncate(self.shown_max);
        self.last = views.last().filter(|_| views.len() == self.shown_max).map(|view| self.rank(view));
        self.views = views;
    }

    fn finish(mut self) -> Vec<ProcessView> {
        self.cut();
        self.views
    }
}

fn supervision_key(is_supervisor: bool, is_supervised: bool) -> u64 {
    2 * u64::from(is_supervisor) + u64::from(is_supervised)
}
