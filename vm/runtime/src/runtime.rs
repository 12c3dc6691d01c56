//! A machine that runs many processes: its configuration, its beginning and its end.

use ttvm_engine::{Crash, LoadedModule, Observes, Process};
use ttvm_isa::Text;
use ttvm_platform::{
    clock::Clock,
    run_queue::Worker,
    sync::{Arc, atomic::Ordering},
    thread,
};
use ttvm_value::{Pid, SharedValue, Value};

use crate::{
    counters::Statistics,
    host::Host,
    quiet::Stuck,
    scheduler::Scheduler,
    shared::{Settings, Shared},
    signal::Signal,
    slab::{Cache, Runnable},
    state::{Body, Own, Priority, ProcessState},
};

/// How a machine is set up.
pub struct RuntimeConfiguration {
    /// Threads that run processes, at least 1.
    pub schedulers: usize,
    /// Seed of the random numbers of programs and, with one scheduler, of the order of execution: 0 is first in
    /// first out, any other seed explores an order of its own.
    pub seed: u64,
    /// What time it is.
    pub clock: Arc<Clock>,
    /// The world outside.
    pub host: Arc<dyn Host>,
    /// What is merely suspicious is an error.
    pub is_strict: bool,
    /// What the host sees of calls and instructions.
    pub observes: Observes,
    /// Whether the host sees what happens to processes.
    pub traces: bool,
}

/// How a program ended.
#[derive(Debug)]
pub enum Ending {
    /// All is well.
    Normal,
    /// It asked for this exit code.
    Exit(i32),
    /// The main process had an error that nobody caught.
    Crashed(Crash),
    /// The main process ended for this reason.
    Failed(String),
    /// Every process waits, the main one among them, and nothing can wake any.
    Deadlock(Vec<Stuck>),
    /// No thread could be started: what the operating system says.
    NoThread(String),
}

impl Ending {
    /// The exit code of the command line.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Normal => 0,
            Self::Exit(code) => *code,
            Self::Crashed(_) | Self::Failed(_) | Self::NoThread(_) => 1,
            Self::Deadlock(_) => 4,
        }
    }
}

/// A machine.
pub struct Runtime {
    shared: Arc<Shared>,
    queues: Vec<[Worker<Runnable>; 4]>,
}

impl Runtime {
    /// A machine without processes.
    #[must_use]
    pub fn new(configuration: RuntimeConfiguration) -> Self {
        let RuntimeConfiguration { schedulers, seed, clock, host, is_strict, observes, traces } = configuration;
        let schedulers = schedulers.clamp(1, SCHEDULERS_MAX);
        let queues: Vec<[Worker<Runnable>; 4]> = (0..schedulers).map(|_| Default::default()).collect();
        let stealers = queues.iter().map(|queues| std::array::from_fn(|index| queues[index].stealer())).collect();
        let settings = Settings {
            seed,
            explores: schedulers == 1 && seed != 0,
            is_deterministic: schedulers == 1 && clock.is_virtual(),
            is_strict,
            observes,
            traces,
        };
        Self { shared: Shared::new(settings, clock, host, stealers), queues }
    }

    /// Makes the main process, which runs a process of the engine. Call it once, before [`Runtime::run`].
    ///
    /// # Panics
    /// If there is no memory for the first process.
    pub fn start_main(&mut self, module: &Arc<LoadedModule>, mut process: Process) -> Pid {
        self.shared.keep(module);
        process.seed(self.shared.settings.seed);
        process.observe(self.shared.settings.observes);
        let state = ProcessState { body: Body::Code(process), own: Own::new(Priority::Normal) };
        let runnable = self.shared.slab.insert(&mut Cache::default(), self.shared.new_number(), state);
        let runnable = runnable.unwrap_or_else(|_| unreachable!("the slab aborts without memory for a first block"));
        let pid = self.shared.slab.pid(&runnable);
        self.shared.set_main(pid);
        self.shared.outside_counters().spawned.add_shared(1);
        self.shared.injector.push(runnable);
        pid
    }

    /// Runs processes on this thread and others until the program ends.
    pub fn run(&mut self) -> Ending {
        let mut queues = std::mem::take(&mut self.queues);
        let mut threads = Vec::new();
        for (id, queues) in queues.drain(1..).enumerate() {
            let shared = Arc::clone(&self.shared);
            let run = move || Scheduler::new(&shared, id + 1, queues).run();
            match thread::spawn(format!("ttvm-scheduler-{}", id + 1), run) {
                Ok(thread) => threads.push(thread),
                Err(error) => self.shared.stop(Ending::NoThread(error.to_string())),
            }
        }
        if let Some(queues) = queues.pop() {
            Scheduler::new(&self.shared, 0, queues).run();
        }
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
        self.shared.take_ending().unwrap_or(Ending::Normal)
    }

    /// What the machine has done so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.shared.statistics()
    }

    /// Reductions that the main process has spent, once it has ended.
    #[must_use]
    pub fn main_reductions(&self) -> u64 {
        self.shared.main_reductions.load(Ordering::Relaxed)
    }

    /// How many processes there are.
    #[must_use]
    pub fn processes(&self) -> usize {
        self.shared.slab.pids().len()
    }

    /// Messages in the queues of all processes, once nothing runs.
    #[must_use]
    pub fn queued(&self) -> u64 {
        self.shared.queued()
    }

    /// A handle to send messages from any thread.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle { shared: Arc::clone(&self.shared) }
    }
}

/// Threads one machine may have.
const SCHEDULERS_MAX: usize = 1024;

/// Reaches the processes of a machine from outside.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

impl Handle {
    /// Sends a message; `false` if there is no such process.
    pub fn send(&self, to: Pid, value: Value) -> bool {
        let (message, marked) = SharedValue::new(value);
        let counters = self.shared.outside_counters();
        counters.sent.add_shared(1);
        let is_sent = self.shared.send_from_outside(to, Signal::message(message, 64 * marked));
        if !is_sent {
            counters.undelivered_dead.add_shared(1);
        }
        is_sent
    }

    /// Who has a name.
    #[must_use]
    pub fn whereis(&self, name: &str) -> Option<Pid> {
        self.shared.names.find(name)
    }

    /// All names, sorted.
    #[must_use]
    pub fn registered(&self) -> Vec<Text> {
        self.shared.names.all()
    }

    /// Whether a process lives.
    #[must_use]
    pub fn is_alive(&self, pid: Pid) -> bool {
        self.shared.slab.is_open(pid)
    }

    /// Stops the machine.
    pub fn stop(&self) {
        self.shared.stop(Ending::Normal);
    }
}
