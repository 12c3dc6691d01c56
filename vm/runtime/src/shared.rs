//! What all schedulers of a machine share.
//!
//! Locks, none of which is held while a program's code runs: `Slab::free`, `Shared::outside_cache`, `Names`, `Timers`,
//! `Idle::sleepers`, `Shared::looking`, `Shared::modules`, `Shared::programs`, `Shared::numbers`, `Shared::ending`. None is held while
//! another is taken, but for `Slab::free` within `Shared::outside_cache` and `Shared::numbers`, and any within
//! `Timers::firing`.

use std::{collections::HashMap, sync::Weak, time::Duration};

use ttvm_engine::{Crash, LoadedModule, Observes};
use ttvm_isa::{Fault, Rights, Text, limits};
use ttvm_platform::{
    clock::Clock,
    run_queue::{Injector, Stealer},
    sync::{
        Arc, CachePadded, Mutex,
        atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering, fence},
    },
};
use ttvm_value::{Pid, Ref, SharedValue, Value};

use crate::{
    counters::{Counters, Statistics},
    extension::Extension,
    host::{Event, EventKind, Host},
    idle::Idle,
    mailbox::Node,
    maxima::{Bounded, Maxima},
    names::Names,
    quiet::Stuck,
    runtime::Ending,
    signal::Signal,
    slab::{Cache, Sent, Slab},
    snapshot::Activity,
    state::{Priority, ProcessState, Ready},
    timers::Timers,
};

/// Different rights for which programs are remembered: for more it is looked for them again.
const RIGHTS_REMEMBERED_MAX: usize = 256;

/// What was found under each name.
type Programs = HashMap<Text, Option<Arc<LoadedModule>>>;

/// A machine.
pub(crate) struct Shared {
    pub slab: Slab<ProcessState>,
    pub names: Names,
    pub idle: Idle,
    /// Work from outside the schedulers.
    pub injector: Injector<Ready>,
    /// The queues of each scheduler, by priority.
    pub stealers: Box<[[Stealer<Ready>; 4]]>,
    pub timers: Box<[Timers]>,
    /// How many processes and timers there are (rule P81).
    pub process_count: Bounded,
    pub timer_count: Arc<Bounded>,
    /// The counters of each scheduler, and one more set for everybody else.
    pub counters: Box<[CachePadded<Counters>]>,
    pub clock: Arc<Clock>,
    pub host: Arc<dyn Host>,
    pub settings: Settings,
    /// What a higher floor adds to processes.
    pub extension: Option<Arc<dyn Extension>>,
    next_number: AtomicU64,
    /// Free blocks for processes that are made from outside.
    outside_cache: Mutex<Cache>,
    outside_refs: AtomicU64,
    /// Host calls that have not come back, and handles that may send from outside.
    pub outside: AtomicUsize,
    /// The pid of the main process; 0 when it has ended or there is none.
    main: AtomicU64,
    /// Reductions that the main process spent, once it has ended.
    pub main_reductions: AtomicU64,
    pub phase: AtomicU8,
    /// Milliseconds since the start at which a shutdown loses its patience.
    pub patience: AtomicU64,
    /// Turns after which it does so under virtual time, which stands still while anything runs.
    pub patience_turns: AtomicU64,
    is_stopping: AtomicBool,
    ending: Mutex<Option<SharedEnding>>,
    /// Indexes of processes by number, once a program has used an int as a pid.
    numbers: Mutex<HashMap<u64, u32>>,
    uses_numbers: AtomicBool,
    /// Held while a waiting process is looked at, so that two looks never miss each other's process.
    looking: Mutex<()>,
    /// What each scheduler does at the moment.
    pub activities: Box<[CachePadded<Activity>]>,
    /// Real time, for those who watch the machine.
    pub wall: Clock,
    /// Programs that were looked for by name, by those who may read the same files; `None` where there is none.
    programs: Mutex<HashMap<Rights, Programs>>,
    this: Weak<Self>,
    // After the processes, whose values may point into them.
    modules: Mutex<Vec<Arc<LoadedModule>>>,
}

/// An ending that may move between threads.
enum SharedEnding {
    Crashed { exception: SharedValue, place: String },
    Normal,
    Exit(i32),
    Failed(String),
    Deadlock(Vec<Stuck>),
    NoThread(String),
}

impl SharedEnding {
    fn new(ending: Ending) -> Self {
        match ending {
            Ending::Crashed(Crash { exception, place }) => {
                Self::Crashed { exception: SharedValue::new(Value::Exception(exception)).0, place }
            }
            Ending::Normal => Self::Normal,
            Ending::Exit(code) => Self::Exit(code),
            Ending::Failed(reason) => Self::Failed(reason),
            Ending::Deadlock(stuck) => Self::Deadlock(stuck),
            Ending::NoThread(error) => Self::NoThread(error),
        }
    }

    fn into_ending(self) -> Ending {
        match self {
            Self::Crashed { exception, place } => match exception.into_value() {
                Value::Exception(exception) => Ending::Crashed(Crash { exception, place }),
                other => Ending::Failed(other.to_string()),
            },
            Self::Normal => Ending::Normal,
            Self::Exit(code) => Ending::Exit(code),
            Self::Failed(reason) => Ending::Failed(reason),
            Self::Deadlock(stuck) => Ending::Deadlock(stuck),
            Self::NoThread(error) => Ending::NoThread(error),
        }
    }
}

/// What does not change.
pub(crate) struct Settings {
    pub seed: u64,
    /// One scheduler explores orders of execution that the seed decides.
    pub explores: bool,
    /// Host calls are performed at once, so that nothing depends on their time.
    pub is_deterministic: bool,
    pub is_strict: bool,
    pub observes: Observes,
    /// [`Host::event`] is called.
    pub traces: bool,
}

/// The phases of a machine's end (rules P35, P77).
pub(crate) mod phase {
    /// Nothing is stopped.
    pub const RUNNING: u8 = 0;
    /// Supervisors were asked to stop their children.
    pub const SUPERVISORS: u8 = 1;
    /// Everybody was asked to stop.
    pub const EVERYBODY: u8 = 2;
    /// Everybody was killed.
    pub const KILL: u8 = 3;
}

impl Shared {
    /// A machine without processes, with the queues of its schedulers.
    pub fn new(
        settings: Settings,
        maxima: Maxima,
        clock: Arc<Clock>,
        host: Arc<dyn Host>,
        extension: Option<Arc<dyn Extension>>,
        stealers: Box<[[Stealer<Ready>; 4]]>,
    ) -> Arc<Self> {
        let schedulers = stealers.len();
        let timer_count = Arc::new(Bounded::new("timers", maxima.timers, u64::from(u32::MAX)));
        let timers = |number| Timers::new(u16::try_from(number).unwrap_or(u16::MAX), Arc::clone(&timer_count));
        Arc::new_cyclic(|this| Self {
            this: this.clone(),
            programs: Mutex::new(HashMap::new()),
            slab: Slab::new(),
            names: Names::new(maxima.names),
            idle: Idle::new(schedulers),
            injector: Injector::default(),
            stealers,
            timers: (0..schedulers).map(timers).collect(),
            timer_count: Arc::clone(&timer_count),
            process_count: Bounded::new("processes", maxima.processes.max(1), u64::from(limits::PROCESSES_MAX)),
            counters: (0..=schedulers).map(|_| CachePadded::default()).collect(),
            clock,
            host,
            settings,
            extension,
            next_number: AtomicU64::new(1),
            outside_refs: AtomicU64::new(0),
            outside_cache: Mutex::new(Cache::default()),
            outside: AtomicUsize::new(0),
            main: AtomicU64::new(0),
            main_reductions: AtomicU64::new(0),
            phase: AtomicU8::new(phase::RUNNING),
            patience: AtomicU64::new(u64::MAX),
            patience_turns: AtomicU64::new(u64::MAX),
            is_stopping: AtomicBool::new(false),
            ending: Mutex::new(None),
            numbers: Mutex::new(HashMap::new()),
            uses_numbers: AtomicBool::new(false),
            looking: Mutex::new(()),
            activities: (0..schedulers).map(|_| CachePadded::default()).collect(),
            wall: Clock::real(),
            modules: Mutex::new(Vec::new()),
        })
    }

    /// One more reference to the machine, for a thread of its own.
    pub fn handle(&self) -> Arc<Self> {
        self.this.upgrade().expect("a machine that is used exists")
    }

    /// The program with this name, if somebody with these rights has looked for it before.
    pub fn known_program(&self, rights: &Rights, name: &str) -> Option<Option<Arc<LoadedModule>>> {
        self.programs.lock().get(rights)?.get(name).cloned()
    }

    /// Looks for the program with this name, for a process with these rights. May block.
    pub fn find_program(&self, rights: &Rights, name: &Text) -> Result<Option<Arc<LoadedModule>>, Fault> {
        let found = self.host.program(rights, name)?;
        let mut programs = self.programs.lock();
        if programs.len() >= RIGHTS_REMEMBERED_MAX {
            // Processes may have any number of different rights; most have all.
            programs.retain(|known, _| known == rights || *known == Rights::default());
        }
        programs.entry(rights.clone()).or_default().insert(name.clone(), found.clone());
        Ok(found)
    }

    /// The counters for whoever is no scheduler.
    pub fn outside_counters(&self) -> &Counters {
        &self.counters[self.counters.len() - 1]
    }

    /// Sums up the counters.
    pub fn statistics(&self) -> Statistics {
        let mut sum = Statistics::default();
        self.counters.iter().for_each(|counters| sum.add(counters));
        sum
    }

    /// The next creation number: the first process is 1.
    pub fn new_number(&self) -> u64 {
        // 40 bits; 0 is nobody.
        loop {
            let number = self.next_number.fetch_add(1, Ordering::Relaxed) & ((1 << 40) - 1);
            if number != 0 {
                return number;
            }
        }
    }

    /// Keeps a module alive as long as the machine.
    pub fn keep(&self, module: &Arc<LoadedModule>) {
        let mut modules = self.modules.lock();
        if !modules.iter().any(|known| Arc::ptr_eq(known, module)) {
            modules.push(Arc::clone(module));
        }
    }

    /// Makes a process the main one.
    pub fn set_main(&self, pid: Pid) {
        self.main.store(pid.bits(), Ordering::Relaxed);
    }

    /// Whether a process is the main one.
    pub fn is_main(&self, pid: Pid) -> bool {
        self.main.load(Ordering::Relaxed) == pid.bits()
    }

    /// Whether the main process has not ended.
    pub fn has_main(&self) -> bool {
        self.main.load(Ordering::Relaxed) != 0
    }

    /// The main process has ended normally.
    pub fn forget_main(&self) {
        self.main.store(0, Ordering::Relaxed);
    }

    /// Ends the machine; the first reason counts.
    pub fn stop(&self, ending: Ending) {
        self.ending.lock().get_or_insert(SharedEnding::new(ending));
        self.is_stopping.store(true, Ordering::SeqCst);
        self.idle.notify_all();
    }

    /// Whether the schedulers are to stop.
    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// How the machine ended.
    pub fn take_ending(&self) -> Option<Ending> {
        self.ending.lock().take().map(SharedEnding::into_ending)
    }

    /// Whether any queue has a process to run.
    pub fn has_work(&self) -> bool {
        self.is_stopping()
            || !self.injector.is_empty()
            || self.stealers.iter().flatten().any(|stealer| !stealer.is_empty())
    }

    /// Nanoseconds of real time since the start, at least 1.
    pub fn wall_ns(&self) -> u64 {
        u64::try_from(self.wall.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1)
    }

    /// When the first timer of the machine may be due.
    pub fn next_timer(&self) -> Option<Duration> {
        self.timers.iter().filter_map(Timers::next).min()
    }

    /// A ref for somebody outside the schedulers.
    pub fn new_outside_ref(&self) -> Ref {
        let count = self.outside_refs.fetch_add(1, Ordering::Relaxed) + 1;
        Ref((self.stealers.len() as u64) << 48 | count)
    }

    /// Makes a process from outside the schedulers. `None` if there are too many.
    pub fn insert_from_outside(&self, state: ProcessState) -> Option<Pid> {
        self.process_count.take().ok()?;
        let number = self.new_number();
        let inserted = self.slab.insert(&mut self.outside_cache.lock(), number, state);
        let Some(runnable) = inserted else {
            self.process_count.give_back();
            return None;
        };
        let pid = self.slab.pid(&runnable);
        self.enter_number(pid);
        self.outside_counters().spawned.add_shared(1);
        if self.settings.traces {
            self.host.event(&Event { time: self.clock.elapsed(), scheduler: 0, pid, kind: &EventKind::Spawn(None) });
        }
        self.injector.push(runnable);
        self.idle.notify();
        Some(pid)
    }

    /// Sends a signal from outside the schedulers. `false` if there is no such process.
    pub fn send_from_outside(&self, to: Pid, signal: Signal) -> bool {
        match self.slab.send(to, Node::new(signal)) {
            Sent::Queued => true,
            Sent::Woke(runnable) => {
                self.injector.push(runnable);
                self.idle.notify();
                true
            }
            Sent::Dead(_) => false,
        }
    }

    /// Sends the answer of a host call that was counted in `outside`.
    pub fn answer_from_outside(&self, to: Pid, signal: Signal) {
        let sent = self.slab.send(to, Node::new(signal));
        if let Sent::Woke(runnable) = sent {
            self.injector.push(runnable);
        }
        // After the push and before the notification: see `Idle::sleep`.
        self.outside.fetch_sub(1, Ordering::SeqCst);
        self.idle.notify();
    }

    /// The process with a number, if it lives.
    pub fn with_number(&self, number: u64) -> Option<Pid> {
        let mut numbers = self.numbers.lock();
        // With the lock: whoever finds the table in use finds it filled.
        if !self.uses_numbers.swap(true, Ordering::SeqCst) {
            fence(Ordering::SeqCst);
            // Processes made from now on enter themselves.
            numbers.extend(self.slab.pids().into_iter().map(|pid| (pid.number(), pid.index())));
        }
        let index = *numbers.get(&number)?;
        drop(numbers);
        let pid = Pid::new(number, index);
        self.slab.is_open(pid).then_some(pid)
    }

    /// Enters a new process in the table of numbers, if there is one.
    pub fn enter_number(&self, pid: Pid) {
        // SeqCst: comes after the pid's swap into its block, as in `with_number` the look at all blocks comes after the
        // table is in use: one of both sees the other.
        if self.uses_numbers.load(Ordering::SeqCst) {
            self.numbers.lock().insert(pid.number(), pid.index());
        }
    }

    /// Takes an ended process out of the table of numbers.
    pub fn forget_number(&self, pid: Pid) {
        if self.uses_numbers.load(Ordering::SeqCst) {
            self.numbers.lock().remove(&pid.number());
        }
    }

    /// Looks at a process that waits. `None` if it does not.
    pub fn look<T>(&self, pid: Pid, see: impl FnOnce(&ProcessState) -> T) -> Option<T> {
        let _guard = self.looking.lock();
        let mut runnable = self.slab.claim(pid)?;
        let seen = see(self.slab.state(&mut runnable));
        if let Err(awake) = self.slab.park(runnable) {
            // A signal came while it was looked at.
            self.injector.push(awake);
            self.idle.notify();
        }
        Some(seen)
    }

    /// Messages in the queues of processes that wait.
    pub fn queued(&self) -> u64 {
        let pids = self.slab.pids().into_iter();
        pids.filter_map(|pid| self.look(pid, |state| state.own.inbox.len() as u64)).sum()
    }

    /// The queue for a priority.
    pub fn queue_of(priority: Priority) -> usize {
        priority as usize
    }
}
