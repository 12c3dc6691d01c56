//! What a supervisor asks of the machine, so that its decisions can be tested without one.

use std::time::Duration;

use ttvm_engine::Answer;
use ttvm_platform::sync::Arc;
use ttvm_value::{Pid, Ref, SharedValue, Value};

use super::{
    Supervisor,
    specification::{ChildSpec, Start},
};
use crate::{
    context::Context,
    signal::Caller,
    spawn::{Spawned, Ties},
    terms::text,
};

/// A child is linked with its supervisor (rule P71) and watched by it, so that one that ends its link is seen to end
/// all the same (rule P67).
const TIES: Ties = Ties { link: true, monitor: true, is_child: true };

/// A process that was started.
pub(super) struct Started {
    pub pid: Pid,
    pub monitor: Ref,
    /// What its message that it runs will hold, if it is a supervisor.
    pub token: Option<Ref>,
}

/// The machine.
pub(super) trait World {
    /// Time since the machine's start.
    fn now(&self) -> Duration;
    /// The supervisor itself.
    fn pid(&self) -> Pid;
    /// Starts a process, or says why that cannot be.
    fn start(&mut self, spec: &ChildSpec, arguments: &[SharedValue]) -> Result<Started, String>;
    /// Sends an exit signal.
    fn exit(&mut self, pid: Pid, reason: &str);
    /// A ref that no other is like.
    fn token(&mut self) -> Ref;
    /// Sends the supervisor a message after a time; the ref cancels it.
    fn remind(&mut self, message: Value, delay: Duration) -> Option<Ref>;
    /// Cancels such a message.
    fn cancel(&mut self, timer: Ref);
    /// Sends a message.
    fn tell(&mut self, pid: Pid, message: Value);
    /// Answers an instruction.
    fn answer(&mut self, caller: Caller, answer: Answer);
    /// Ends the link with a process.
    fn unlink(&mut self, pid: Pid);
    /// The oldest request that has not been looked at.
    fn request(&mut self) -> Option<(Caller, super::Request)>;
    /// A random number below a bound, which is not 0.
    fn random_below(&mut self, bound: u64) -> u64;
}

impl World for Context<'_, '_> {
    fn now(&self) -> Duration {
        Context::now(self)
    }

    fn pid(&self) -> Pid {
        self.pid
    }

    fn start(&mut self, spec: &ChildSpec, arguments: &[SharedValue]) -> Result<Started, String> {
        // A process inherits what its maker is permitted, which is less for a moment.
        let own = self.own.rights();
        let both = own.and(&spec.rights);
        let is_less = both != own;
        if is_less {
            self.own.extras().rights = both;
        }
        let started = self.start_child_process(spec, arguments);
        if is_less {
            self.own.extras().rights = own;
        }
        started
    }

    fn exit(&mut self, pid: Pid, reason: &str) {
        Context::exit(self, pid, text(reason));
    }

    fn token(&mut self) -> Ref {
        self.scheduler.new_ref()
    }

    fn remind(&mut self, message: Value, delay: Duration) -> Option<Ref> {
        let pid = self.pid;
        if delay.is_zero() {
            self.send(pid, message);
            return None;
        }
        self.send_after(pid, message, delay).ok()
    }

    fn cancel(&mut self, timer: Ref) {
        self.cancel_timer(timer);
    }

    fn tell(&mut self, pid: Pid, message: Value) {
        self.send(pid, message);
    }

    fn answer(&mut self, caller: Caller, answer: Answer) {
        Context::answer(self, caller, answer);
    }

    fn unlink(&mut self, pid: Pid) {
        Context::unlink(self, pid);
    }

    fn request(&mut self) -> Option<(Caller, super::Request)> {
        self.next_request()
    }

    fn random_below(&mut self, bound: u64) -> u64 {
        self.scheduler.random.below(bound)
    }
}

impl Context<'_, '_> {
    /// Starts the process of a child with what this one is permitted.
    fn start_child_process(&mut self, spec: &ChildSpec, arguments: &[SharedValue]) -> Result<Started, String> {
        let mut token = None;
        let spawned = match &spec.start {
            Start::Code { code, arguments: first } => {
                let arguments = first.iter().chain(arguments).map(SharedValue::to_value).collect();
                self.spawn_startable("START_CHILD", code, arguments, TIES)
            }
            Start::Tree(tree) => {
                let reference = self.make_ref();
                token = Some(reference);
                let parent = self.pid;
                self.spawn_supervisor(Supervisor::nested(Arc::clone(tree), parent, reference), TIES)
            }
        };
        let Spawned { pid, monitor } = spawned.map_err(|fault| fault.to_string())?;
        let monitor = monitor.expect("a process that is watched from the beginning has a ref for it");
        Ok(Started { pid, monitor, token })
    }
}
