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
    extension::Extension,
    host::Host,
    maxima::Maxima,
    names::NameError,
    native::NativeProcess,
    quiet::Stuck,
    scheduler::Scheduler,
    shared::{Settings, Shared},
    signal::{Control, ExitOrigin, Signal},
    state::{Body, Own, Priority, ProcessState, Ready},
    terms::{object, shared_text},
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
    /// What a higher floor adds to processes; without it its instructions fail.
    pub extension: Option<Arc<dyn Extension>>,
    /// What is merely suspicious is an error.
    pub is_strict: bool,
    /// What the host sees of calls and instructions.
    pub observes: Observes,
    /// Whether the host sees what happens to processes.
    pub traces: bool,
    /// How many processes, timers and names there may be.
    pub maxima: Maxima,
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
    queues: Vec<[Worker<Ready>; 4]>,
}

impl Runtime {
    /// A machine without processes.
    #[must_use]
    pub fn new(configuration: RuntimeConfiguration) -> Self {
        let RuntimeConfiguration { schedulers, seed, clock, host, extension, is_strict, observes, traces, maxima } =
            configuration;
        let schedulers = schedulers.clamp(1, SCHEDULERS_MAX);
        let queues: Vec<[Worker<Ready>; 4]> = (0..schedulers).map(|_| Default::default()).collect();
        let stealers = queues.iter().map(|queues| std::array::from_fn(|index| queues[index].stealer())).collect();
        let settings = Settings {
            seed,
            explores: schedulers == 1 && seed != 0,
            is_deterministic: schedulers == 1 && clock.is_virtual(),
            is_strict,
            observes,
            traces,
        };
        Self { shared: Shared::new(settings, maxima, clock, host, extension, stealers), queues }
    }

    /// Makes the main process, which runs a process of the engine. Call it once, before [`Runtime::run`].
    ///
    /// # Panics
    /// If there is no memory for the first process.
    pub fn start_main(&mut self, module: &Arc<LoadedModule>, mut process: Process) -> Pid {
        self.shared.keep(module);
        process.observe(self.shared.settings.observes);
        let state = ProcessState { body: Body::Code(process), own: Own::new(Priority::Normal) };
        let pid = self.shared.insert_from_outside(state);
        let pid = pid.expect("the slab aborts without memory for a first block");
        self.shared.set_main(pid);
        pid
    }

    /// Runs processes on this thread and others until the program ends. It has ended for good then: a second run has
    /// nothing to do.
    pub fn run(&mut self) -> Ending {
        let mut queues = std::mem::take(&mut self.queues).into_iter();
        let first = queues.next();
        let mut threads = Vec::new();
        for (id, queues) in queues.enumerate() {
            let shared = Arc::clone(&self.shared);
            let run = move || {
                let _guard = StopOnPanic(&shared);
                Scheduler::new(&shared, id + 1, queues).run();
            };
            match thread::spawn(format!("ttvm-scheduler-{}", id + 1), run) {
                Ok(thread) => threads.push(thread),
                Err(error) => self.shared.stop(Ending::NoThread(error.to_string())),
            }
        }
        if let Some(queues) = first {
            let _guard = StopOnPanic(&self.shared);
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

/// Stops the machine when its thread panics, so that a mistake in the machine hangs nobody.
struct StopOnPanic<'a>(&'a Shared);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if thread::is_panicking() {
            self.0.stop(Ending::Failed("a scheduler panicked".to_owned()));
        }
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
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Makes a process that runs a process of the engine. `None` if there are too many.
    #[must_use]
    pub fn spawn(&self, module: &Arc<LoadedModule>, mut process: Process) -> Option<Pid> {
        self.shared.keep(module);
        process.observe(self.shared.settings.observes);
        self.shared.insert_from_outside(ProcessState { body: Body::Code(process), own: Own::new(Priority::Normal) })
    }

    /// Makes a process whose code is Rust. `None` if there are too many.
    #[must_use]
    pub fn spawn_native(&self, native: Box<dyn NativeProcess>) -> Option<Pid> {
        self.shared.insert_from_outside(ProcessState { body: Body::Native(native), own: Own::new(Priority::Normal) })
    }

    /// Sends a message; `false` if there is no such process. However large it is, it is marked at once: the caller's thread is
    /// no scheduler, so that this delays no process.
    pub fn send(&self, to: Pid, value: Value) -> bool {
        let (message, marked) = SharedValue::new(value);
        let counters = self.shared.outside_counters();
        counters.sent.add_shared(1);
        let is_sent = self.shared.send_from_outside(to, Signal::message(message, marked.bytes));
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

    /// Gives a living process a name.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn register(&self, name: &Text, pid: Pid) -> Result<(), NameError> {
        self.shared.names.register(name, pid)?;
        // The process takes the name with it when it ends; if it has ended already, nobody will.
        if !self.shared.send_from_outside(pid, Signal::control(Control::Named(name.clone()))) {
            self.shared.names.release(name, pid);
        }
        Ok(())
    }

    /// Takes a name away from whoever has it; says whether anybody had.
    pub fn unregister(&self, name: &str) -> bool {
        let Some(pid) = self.shared.names.unregister(name) else { return false };
        self.shared.send_from_outside(pid, Signal::control(Control::Unnamed(Text::from(name))));
        true
    }

    /// Sends an exit signal, as `EXIT_PROCESS` does; `false` if there is no such process.
    pub fn exit(&self, pid: Pid, reason: Value) -> bool {
        let reason = SharedValue::new(reason).0;
        let control = Control::Exit { from: Pid::new(0, 0), reason, origin: ExitOrigin::Request };
        self.shared.send_from_outside(pid, Signal::control(control))
    }

    /// Sends a message that the machine makes itself: an object of these fields.
    pub fn send_system<const N: usize>(&self, to: Pid, fields: [(&str, Value); N]) -> bool {
        self.send(to, object(fields))
    }

    /// Lets one process watch another; `false` if there is no such process.
    pub fn watch(&self, target: Pid, watcher: Pid) -> bool {
        let reference = self.shared.new_outside_ref();
        // The watcher knows of its monitor before the other can end.
        if !self.shared.send_from_outside(watcher, Signal::control(Control::Watch { target, reference })) {
            return false;
        }
        let monitor = Control::Monitor { from: watcher, reference };
        if self.shared.send_from_outside(target, Signal::control(monitor)) {
            return true;
        }
        let down = Control::Down { reference, from: target, reason: shared_text("noproc") };
        self.shared.send_from_outside(watcher, Signal::control(down));
        false
    }

    /// Links two processes; `false` if there is no such process.
    pub fn tie(&self, one: Pid, other: Pid) -> bool {
        self.shared.send_from_outside(one, Signal::control(Control::Tie { other }))
    }

    /// Ends the link of two processes; `false` if there is no such process.
    pub fn untie(&self, one: Pid, other: Pid) -> bool {
        self.shared.send_from_outside(one, Signal::control(Control::Untie { other }))
    }

    /// Keeps the machine from ending while nothing runs, because messages may come from outside; until it is dropped.
    #[must_use]
    pub fn hold(&self) -> Hold {
        self.shared.outside.fetch_add(1, Ordering::SeqCst);
        Hold { shared: Arc::clone(&self.shared) }
    }

    /// Stops the machine.
    pub fn stop(&self) {
        self.shared.stop(Ending::Normal);
    }
}

/// See [`Handle::hold`].
pub struct Hold {
    shared: Arc<Shared>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.shared.outside.fetch_sub(1, Ordering::SeqCst);
        // Whoever sleeps may find now that all is quiet.
        self.shared.idle.notify();
    }
}
