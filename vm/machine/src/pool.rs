//! Processes from Rust, under the names that users of the classic machine know: thin shims over the runtime.
//!
//! ```
//! use ttvm_isa::OpCode;
//! use ttvm_machine::pool::{Message, SchedulerPool};
//! use ttvm_value::Value;
//!
//! let mut pool = SchedulerPool::new(2);
//! // A process that sends what it receives back to us.
//! let echo = vec![OpCode::Receive {}, OpCode::Load { name: "us".into() }, OpCode::Send { pid: None }, OpCode::Halt {}];
//! let us = i64::try_from(pool.pid().number()).unwrap();
//! let mut code = vec![OpCode::PushInt { value: us.into() }, OpCode::Store { name: "us".into() }];
//! code.extend(echo);
//! let (process, sender) = pool.spawn_process(code).unwrap();
//! pool.register_name("echo", process).unwrap();
//! assert_eq!(pool.whereis("echo"), Some(process));
//! assert!(sender.send(Message::Value(Value::Int(7))));
//! assert_eq!(pool.run().exit_code, 0);
//! assert!(matches!(pool.receive_message(), Some(Message::Value(Value::Int(7)))));
//! ```
//!
//! Here: the classic names. Not here: anything they do (`ttvm-runtime`).

use std::sync::mpsc::{Receiver, Sender as ChannelSender, channel};
use std::time::Duration;

use ttvm_bytecode::Module;
use ttvm_engine::Process;
use ttvm_isa::{OpCode, Text};
use ttvm_platform::{clock::Clock, sync::Arc};
pub use ttvm_runtime::Doing as ProcState;
use ttvm_runtime::{Context, Ending, Handle, NameError, NativeProcess, NativeStep, Restarts};
use ttvm_value::{Pid, SharedValue, Value};

use crate::{
    loader::{LoadError, Loader},
    machine::{MachineConfiguration, runtime_of},
};

/// A process's identifier.
pub type ProcId = Pid;

/// What processes send each other.
#[derive(Debug)]
#[non_exhaustive]
pub enum Message {
    /// A value to be received.
    Value(Value),
    /// A system message `{signal: name}`.
    Signal(Text),
    /// An exit signal with its reason, as of `EXIT_PROCESS`.
    Exit(Value),
    /// The receiver is to be watched by this process.
    Monitor(ProcId),
    /// A system message `{signal: down, pid, reason}`.
    Down(ProcId, Value),
    /// The receiver and this process are to be linked.
    Link(ProcId),
    /// The receiver and this process are not to be linked any more.
    Unlink(ProcId),
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// How.
    pub ending: Ending,
    /// The exit code that a command would give.
    pub exit_code: i32,
}

/// Sends messages to one process, from any thread.
#[derive(Clone)]
pub struct Sender {
    handle: Handle,
    to: ProcId,
}

impl Sender {
    /// Sends a message; `false` if the process has ended.
    pub fn send(&self, message: Message) -> bool {
        deliver(&self.handle, self.to, message)
    }
}

/// Processes on several threads.
///
/// Processes may be made before the run and while it goes on; it ends when no process can run and nothing that was
/// started can wake one.
pub struct SchedulerPool {
    runtime: ttvm_runtime::Runtime,
    loader: Loader,
    handle: Handle,
    us: ProcId,
    received: Receiver<SharedValue>,
    spawned: u32,
}

impl SchedulerPool {
    /// A pool of so many threads, with the standard streams.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self::with(MachineConfiguration { schedulers: threads, ..MachineConfiguration::default() })
    }

    /// A pool in a world of one's own.
    ///
    /// # Panics
    /// If there is no memory for the first process.
    #[must_use]
    pub fn with(configuration: MachineConfiguration) -> Self {
        let virtual_time = configuration.virtual_time;
        let clock = Arc::new(if virtual_time { Clock::virtual_time() } else { Clock::real() });
        let loader = configuration.loader.clone();
        let (runtime, _) = runtime_of(configuration, clock);
        let handle = runtime.handle();
        let (sender, received) = channel();
        let us = handle.spawn_native(Box::new(Outside { sender }));
        let us = us.expect("the slab aborts without memory for a first block");
        Self { runtime, loader, handle, us, received, spawned: 0 }
    }

    /// Where processes can send to so that [`SchedulerPool::receive_message`] gets it.
    #[must_use]
    pub fn pid(&self) -> ProcId {
        self.us
    }

    /// Makes a process of instructions, which are verified like a file.
    ///
    /// # Errors
    /// [`LoadError::Verify`] names what is wrong with them.
    pub fn spawn_process(&mut self, code: Vec<OpCode>) -> Result<(ProcId, Sender), LoadError> {
        self.spawned += 1;
        let source = Text::from(format!("process {}", self.spawned));
        let lines = vec![0; code.len()];
        let program = self.loader.load_module(Module { source, code, lines, ..Module::default() })?;
        let process = Process::main(&program.module);
        let pid = self.handle.spawn(&program.module, process).ok_or(LoadError::TooManyProcesses)?;
        Ok((pid, Sender { handle: self.handle.clone(), to: pid }))
    }

    /// Runs processes until none can run any more.
    pub fn run(&mut self) -> Outcome {
        let ending = self.runtime.run();
        Outcome { exit_code: ending.exit_code(), ending }
    }

    /// Ends a run from within or from another thread (by [`SchedulerPool::handle`]).
    pub fn shutdown(&self) {
        self.handle.stop();
    }

    /// Reaches the processes from other threads.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Sends a message; `false` if the process has ended.
    pub fn send_message(&self, to: ProcId, message: Message) -> bool {
        deliver(&self.handle, to, message)
    }

    /// The next message that a process has sent to [`SchedulerPool::pid`], if one has come.
    #[must_use]
    pub fn receive_message(&self) -> Option<Message> {
        self.received.try_recv().ok().map(|value| Message::Value(value.into_value()))
    }

    /// Gives a process a name.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn register_name(&self, name: &str, process: ProcId) -> Result<(), NameError> {
        self.handle.register(&Text::from(name), process)
    }

    /// Takes a name away; says whether anybody had it.
    pub fn unregister_name(&self, name: &str) -> bool {
        self.handle.unregister(name)
    }

    /// Who has a name.
    #[must_use]
    pub fn whereis(&self, name: &str) -> Option<ProcId> {
        self.handle.whereis(name)
    }

    /// Sends a message to whoever has a name; `false` if nobody has.
    pub fn send_to_named(&self, name: &str, message: Message) -> bool {
        self.whereis(name).is_some_and(|process| self.send_message(process, message))
    }

    /// What a process does at the moment. Of one that runs, this may be over before the answer is read.
    #[must_use]
    pub fn state_of(&self, process: ProcId) -> ProcState {
        self.handle.doing(process)
    }
}

/// Processes on the thread that runs them.
pub struct SingleThreadScheduler(SchedulerPool);

impl SingleThreadScheduler {
    /// A scheduler with the standard streams.
    #[must_use]
    pub fn new() -> Self {
        Self(SchedulerPool::new(1))
    }
}

impl Default for SingleThreadScheduler {
    fn default() -> Self {
        Self::new()
    }
}

impl std::ops::Deref for SingleThreadScheduler {
    type Target = SchedulerPool;

    fn deref(&self) -> &SchedulerPool {
        &self.0
    }
}

impl std::ops::DerefMut for SingleThreadScheduler {
    fn deref_mut(&mut self) -> &mut SchedulerPool {
        &mut self.0
    }
}

/// Hands what it receives to Rust.
struct Outside {
    sender: ChannelSender<SharedValue>,
}

impl NativeProcess for Outside {
    fn name(&self) -> &str {
        "outside"
    }

    fn run(&mut self, context: &mut Context<'_, '_>) -> NativeStep {
        while let Some(message) = context.receive(|_| true) {
            // If nobody listens any more, nobody misses it.
            let _ = self.sender.send(SharedValue::new(message).0);
        }
        NativeStep::Wait
    }
}

fn deliver(handle: &Handle, to: ProcId, message: Message) -> bool {
    match message {
        Message::Value(value) => handle.send(to, value),
        Message::Signal(name) => handle.send_system(to, [("signal", text(&name))]),
        Message::Exit(reason) => handle.exit(to, reason),
        Message::Monitor(watcher) => handle.watch(to, watcher),
        Message::Down(process, reason) => {
            let fields = [("signal", text("down")), ("pid", Value::Pid(process)), ("reason", reason)];
            handle.send_system(to, fields)
        }
        Message::Link(other) => handle.tie(to, other),
        Message::Unlink(other) => handle.untie(to, other),
    }
}

fn text(text: &str) -> Value {
    Value::str(text).unwrap_or(Value::Null)
}

/// How often a supervisor may restart a child before it gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestartPolicy {
    /// Restarts within the time.
    pub max_restarts: usize,
    /// The time, a window that slides (rule P65).
    pub max_restart_time: Duration,
}

impl Default for RestartPolicy {
    /// 3 restarts in 60 seconds.
    fn default() -> Self {
        Self { max_restarts: 3, max_restart_time: Duration::from_secs(60) }
    }
}

/// The restarts of a child, for supervisors written in Rust.
#[derive(Clone, Debug, Default)]
pub struct RestartHistory {
    policy: RestartPolicy,
    /// On the clock of the caller.
    restarts: Restarts,
}

/// What a supervisor does about a child that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildExit {
    /// Start it again.
    Restart,
    /// Leave it: its end was orderly.
    Leave,
    /// Give up: it ends too often.
    GiveUp,
}

impl RestartHistory {
    /// Without restarts.
    #[must_use]
    pub fn new(policy: RestartPolicy) -> Self {
        Self { policy, restarts: Restarts::default() }
    }

    /// Whether the policy allows one more restart at this time.
    pub fn can_restart_child(&mut self, now: Duration) -> bool {
        self.restarts.within(now, self.policy.max_restart_time) < self.policy.max_restarts
    }

    /// Notes a restart.
    pub fn record_restart(&mut self, now: Duration) {
        self.restarts.note(now);
    }

    /// What to do about a transient child that has ended for a reason; a restart is noted.
    pub fn handle_child_exit(&mut self, reason: &Value, now: Duration) -> ChildExit {
        if ttvm_runtime::is_orderly(reason) {
            ChildExit::Leave
        } else if self.can_restart_child(now) {
            self.record_restart(now);
            ChildExit::Restart
        } else {
            ChildExit::GiveUp
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_restart_within_a_minute_is_one_too_many() {
        let mut history = RestartHistory::new(RestartPolicy::default());
        let boom = text("boom");
        for second in 0..3 {
            assert_eq!(history.handle_child_exit(&boom, Duration::from_secs(second)), ChildExit::Restart);
        }
        assert_eq!(history.handle_child_exit(&boom, Duration::from_secs(59)), ChildExit::GiveUp);
        assert_eq!(history.handle_child_exit(&boom, Duration::from_millis(60_500)), ChildExit::Restart);
        assert_eq!(history.handle_child_exit(&text("normal"), Duration::from_secs(61)), ChildExit::Leave);
    }

    #[test]
    fn an_exit_sent_from_rust_ends_a_process_and_a_monitor_tells_us() {
        let mut pool = SchedulerPool::new(1);
        let (process, sender) = pool.spawn_process(vec![OpCode::Receive {}, OpCode::Halt {}]).expect("it verifies");
        assert!(sender.send(Message::Monitor(pool.pid())));
        assert!(sender.send(Message::Exit(text("boom"))));
        assert_eq!(pool.run().exit_code, 0);
        assert_eq!(pool.state_of(process), ProcState::Exited);
        let Some(Message::Value(message)) = pool.receive_message() else { panic!("a message was to come") };
        assert!(message.to_string().contains("reason: boom"), "{message}");
    }

    #[test]
    fn a_second_run_has_nothing_to_do() {
        let mut pool = SchedulerPool::new(2);
        assert_eq!(pool.run().exit_code, 0);
        assert_eq!(pool.run().exit_code, 0);
    }

    #[test]
    fn a_process_is_ready_then_runs_or_waits_and_has_exited() {
        let mut pool = SchedulerPool::new(1);
        let forever = vec![OpCode::Yield {}, OpCode::Jmp { target: 0 }];
        let (runs, _) = pool.spawn_process(forever).expect("it verifies");
        let (waits, _) = pool.spawn_process(vec![OpCode::Receive {}, OpCode::Halt {}]).expect("it verifies");
        let (ends, _) = pool.spawn_process(vec![OpCode::Halt {}]).expect("it verifies");
        assert_eq!([runs, waits, ends].map(|process| pool.state_of(process)), [ProcState::Ready; 3]);
        let handle = pool.handle();
        let watcher = std::thread::spawn(move || {
            let is_true_soon = |is_true: &dyn Fn() -> bool| {
                (0..2_000).any(|_| {
                    is_true() || {
                        std::thread::sleep(Duration::from_millis(1));
                        false
                    }
                })
            };
            let found = [
                is_true_soon(&|| handle.doing(ends) == ProcState::Exited),
                is_true_soon(&|| handle.doing(waits) == ProcState::Waiting),
                is_true_soon(&|| handle.doing(runs) == ProcState::Running),
            ];
            handle.stop();
            found
        });
        assert_eq!(pool.run().exit_code, 0);
        assert_eq!(watcher.join().expect("it does not panic"), [true; 3]);
    }

    #[test]
    fn instructions_that_cannot_run_safely_are_refused() {
        let mut pool = SingleThreadScheduler::new();
        let jump = OpCode::Call { target: 7, parameters: [Text::from("x"), Text::from("x")].into() };
        assert!(matches!(pool.spawn_process(vec![jump]), Err(LoadError::Verify { .. })));
    }
}
