//! Making processes.
//!
//! A process is made, linked, watched and named before it is visible and before its first instruction (rule P74);
//! its code begins in its own turn, never within its maker's call.

use ttvm_engine::{LoadedModule, Made, Observes, Process, Reply};
use ttvm_isa::{Fault, ProcessOperation, Rights, Text};
use ttvm_platform::sync::Arc;
use ttvm_value::{Pid, Ref, SharedValue, Value};

use crate::{
    bonds::Link,
    context::Context,
    extension::Payload,
    group::Group,
    host::EventKind,
    native::NativeProcess,
    shared::Shared,
    signal::Control,
    starts::Candidate,
    state::{Body, Extended, Extras, Own, Priority, ProcessState, Ready, Wait},
    supervisor::Supervisor,
};

/// How a new process is tied to its maker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    /// They are linked from the beginning.
    pub link: bool,
    /// The maker watches it from the beginning.
    pub monitor: bool,
    /// It is a child of its maker, a supervisor.
    pub is_child: bool,
}

impl Ties {
    /// Those of `SPAWN` and its kin.
    pub(crate) fn of(operation: ProcessOperation) -> Self {
        Self {
            link: operation == ProcessOperation::SpawnLink,
            monitor: operation == ProcessOperation::SpawnMonitor,
            is_child: false,
        }
    }
}

/// A new process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spawned {
    /// Its pid.
    pub pid: Pid,
    /// The ref of its monitor, if it has one.
    pub monitor: Option<Ref>,
}

/// What a new process is to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Ordinary,
    Supervisor,
    /// It starts a group.
    Group,
    /// It stops others before it ends, and takes no requests.
    Coordinator,
}

/// An instruction that waits for programs to be looked for, and what it does then.
pub(crate) enum Pending {
    /// A `SPAWN`.
    Spawn { operation: &'static str, candidate: Candidate, arguments: Vec<SharedValue>, ties: Ties },
    /// An instruction about a supervisor.
    Supervision(Box<crate::operations::Prepared>),
}

impl Context<'_, '_> {
    /// Makes a process that runs a function with arguments.
    ///
    /// # Errors
    /// As [`Process::spawn`], and [`Fault::Limit`] when there are too many processes.
    pub fn spawn(
        &mut self,
        operation: &'static str,
        function: &Value,
        arguments: Vec<Value>,
        ties: Ties,
    ) -> Result<Spawned, Fault> {
        self.spawn_as(operation, function, arguments, ties, None)
    }

    /// The same, with a state for the extension.
    pub(crate) fn spawn_as(
        &mut self,
        operation: &'static str,
        function: &Value,
        arguments: Vec<Value>,
        ties: Ties,
        state: Option<Payload>,
    ) -> Result<Spawned, Fault> {
        // What a program hands over is marked already (`marking.rs`).
        function.mark_shared();
        for argument in &arguments {
            argument.mark_shared();
        }
        // SAFETY: the machine keeps every module that entered it until all its processes and their values are gone,
        // and function values within it only come from such modules.
        #[expect(unsafe_code, reason = "the machine outlives its processes and keeps their modules")]
        let process = unsafe { Process::spawn(operation, function, arguments.into_iter()) }?;
        self.insert_code(process, ties, state)
    }

    /// Makes a process that runs a function, which comes last, with arguments, in the place of one that has ended if there
    /// is one, and takes these values. `None`, with nothing taken: the instruction has more to do, or fails.
    #[inline(always)]
    pub(crate) fn spawn_again(&mut self, values: &mut [Value], ties: Ties) -> Option<Made> {
        let shared = self.scheduler.shared;
        let must_take_signals = ties.monitor && shared.slab.has_signals(self.pid);
        if must_take_signals || shared.settings.observes != Observes::default() {
            return None;
        }
        let Some(Value::Function(_) | Value::Closure(_)) = values.last() else { return None };
        let spent = self.mark_in_place(values)?;
        let (function, arguments) = values.split_last_mut()?;
        let mut runnable = shared.slab.reuse(&mut self.scheduler.cache, ProcessState::blank, |state| {
            let Body::Code(process) = &mut state.body else { return None };
            shared.process_count.take().ok()?;
            // SAFETY: as in `spawn_as`.
            #[expect(unsafe_code, reason = "the machine outlives its processes and keeps their modules")]
            if !unsafe { process.spawn_again(function, arguments) } {
                shared.process_count.give_back();
                return None;
            }
            state.own.renew();
            Some(shared.new_number())
        })?;
        self.endow(&mut shared.slab.state(&mut runnable).own, ties, Role::Ordinary, None);
        let Spawned { pid, monitor } = self.introduce(runnable, ties);
        Some(Made { pid, monitor, spent })
    }

    /// Makes a process that runs the main code of a module.
    pub(crate) fn spawn_main(&mut self, module: &Arc<LoadedModule>, ties: Ties) -> Result<Spawned, Fault> {
        self.scheduler.shared.keep(module);
        self.insert_code(Process::main(module), ties, None)
    }

    /// Makes a process whose code is Rust.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many processes.
    pub fn spawn_native(&mut self, native: Box<dyn NativeProcess>, ties: Ties) -> Result<Spawned, Fault> {
        self.insert(Body::Native(native), ties, Role::Ordinary, None)
    }

    /// Makes a supervisor.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many processes.
    pub(crate) fn spawn_supervisor(&mut self, supervisor: Supervisor, ties: Ties) -> Result<Spawned, Fault> {
        self.insert(Body::Native(Box::new(supervisor)), ties, Role::Supervisor, None)
    }

    /// Makes the process that starts a group.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many processes.
    pub(crate) fn spawn_group_process(&mut self, group: Group, ties: Ties) -> Result<Spawned, Fault> {
        self.insert(Body::Native(Box::new(group)), ties, Role::Group, None)
    }

    #[inline(always)]
    fn insert_code(&mut self, mut process: Process, ties: Ties, state: Option<Payload>) -> Result<Spawned, Fault> {
        process.observe(self.scheduler.shared.settings.observes);
        let shared = self.scheduler.shared;
        shared.process_count.take()?;
        let number = shared.new_number();
        let mut own = Own::new(Priority::Normal);
        self.endow(&mut own, ties, Role::Ordinary, state);
        self.enter(number, ProcessState { body: Body::Code(process), own }, ties)
    }

    pub(crate) fn insert(
        &mut self,
        body: Body,
        ties: Ties,
        role: Role,
        state: Option<Payload>,
    ) -> Result<Spawned, Fault> {
        let shared = self.scheduler.shared;
        shared.process_count.take()?;
        let mut own = Own::new(Priority::Normal);
        self.endow(&mut own, ties, role, state);
        self.enter(shared.new_number(), ProcessState { body, own }, ties)
    }

    /// Gives a new process what it has besides its code, but for a monitor.
    #[inline(always)]
    fn endow(&mut self, own: &mut Own, ties: Ties, role: Role, state: Option<Payload>) {
        if role != Role::Ordinary {
            own.traps_exits = true;
            own.extras().takes_requests = role != Role::Coordinator;
            own.extras().is_supervisor = matches!(role, Role::Supervisor | Role::Coordinator);
            own.extras().starts_group = role == Role::Group;
        }
        if let Some(state) = state {
            own.bind().extended = Some(Extended::new(state));
        }
        if let Some(extras) = self.own.rare() {
            self.hand_down(extras, own);
        }
        if ties.is_child {
            own.extras().supervised_by = Some(self.pid);
        }
        if ties.link {
            own.bind_from(&mut self.scheduler.spare_bonds).links.insert(self.pid, Link::Active);
        }
    }

    /// Gives a new process what all have that this one makes.
    fn hand_down(&self, extras: &Extras, own: &mut Own) {
        if extras.starts_group {
            own.extras().group = Some(self.pid);
        }
        if extras.rights != Rights::default() {
            own.extras().rights = extras.rights.clone();
        }
        if let Some(charged) = &extras.account {
            own.extras().account = Some(charged.inherit());
        }
    }

    /// Makes a process visible that is counted already.
    #[inline(always)]
    fn enter(&mut self, number: u64, state: ProcessState, ties: Ties) -> Result<Spawned, Fault> {
        let shared = self.scheduler.shared;
        let Some(runnable) = shared.slab.insert(&mut self.scheduler.cache, number, state) else {
            shared.process_count.give_back();
            return Err(shared.process_count.fault());
        };
        if ties.monitor {
            // What has come before cannot hold the ref.
            self.take_signals();
        }
        Ok(self.introduce(runnable, ties))
    }

    /// Makes a visible process known to those it is tied to, and runnable.
    #[inline(always)]
    fn introduce(&mut self, mut runnable: Ready, ties: Ties) -> Spawned {
        let shared = self.scheduler.shared;
        let pid = shared.slab.pid(&runnable);
        shared.enter_number(pid);
        if ties.link {
            self.own.bind().links.insert(pid, Link::Active);
        }
        let monitor = if ties.monitor {
            let reference = self.scheduler.new_ref();
            let own = &mut shared.slab.state(&mut runnable).own;
            own.bind_from(&mut self.scheduler.spare_bonds).watchers.insert(reference, self.pid);
            self.own.inbox.mark(reference);
            self.own.bind().monitors.insert(reference, pid);
            Some(reference)
        } else {
            None
        };
        self.scheduler.counters().spawned.add(1);
        self.scheduler.trace(pid, &EventKind::Spawn(Some(self.pid)));
        if ties.link {
            self.scheduler.trace(self.pid, &EventKind::Link(pid));
        }
        self.scheduler.enqueue(runnable, Priority::Normal);
        Spawned { pid, monitor }
    }

    /// `SPAWN` of a str: a function of the module, else a program in a file, else what is built in, else a label.
    /// `None`: the file is being looked for, and the process waits.
    pub(crate) fn spawn_named(
        &mut self,
        operation: ttvm_isa::ProcessOperation,
        module: &LoadedModule,
        name: &str,
        arguments: Vec<Value>,
        ties: Ties,
    ) -> Result<Option<Spawned>, Fault> {
        let candidate = Candidate::new(module, name);
        let programs: Vec<Text> = candidate.program().cloned().into_iter().collect();
        if self.are_found(&programs)? {
            let startable = self.settle(operation.mnemonic(), candidate)?;
            return self.spawn_startable(operation.mnemonic(), &startable, arguments, ties).map(Some);
        }
        let arguments = arguments.into_iter().map(|argument| SharedValue::new(argument).0).collect();
        let pending = Pending::Spawn { operation: operation.mnemonic(), candidate, arguments, ties };
        self.find(operation, programs, pending);
        Ok(None)
    }

    /// Whether these programs have been looked for. Where nothing may depend on time, they are looked for at once.
    ///
    /// # Errors
    /// The fault of a program that cannot be loaded.
    pub(crate) fn are_found(&self, programs: &[Text]) -> Result<bool, Fault> {
        let (shared, rights) = (self.scheduler.shared, self.own.rights());
        for name in programs {
            if shared.known_program(&rights, name).is_none() {
                if !shared.settings.is_deterministic {
                    return Ok(false);
                }
                shared.find_program(&rights, name)?;
            }
        }
        Ok(true)
    }

    /// Looks for programs where blocking disturbs nobody; the process waits.
    pub(crate) fn find(&mut self, operation: ttvm_isa::ProcessOperation, programs: Vec<Text>, pending: Pending) {
        self.own.extras().pending = Some(Box::new(pending));
        let number = self.own.begin_wait(Wait::Operation(operation));
        let rights = self.own.rights();
        let work = move |shared: &Shared| {
            let mut found = Ok(());
            for name in &programs {
                if shared.known_program(&rights, name).is_none() {
                    found = found.and(shared.find_program(&rights, name).map(drop));
                }
            }
            found
        };
        self.scheduler.start_job(self.pid, operation.mnemonic(), work, move |found| Control::Found { number, found });
    }

    /// The programs were looked for. [`Reply::Wait`]: the instruction waits for something else now.
    pub(crate) fn found(&mut self, found: Result<(), Fault>) -> Result<Reply, Fault> {
        let pending = self.own.extras().pending.take().expect("a process that waits for programs wants to use them");
        found?;
        match *pending {
            Pending::Spawn { operation, candidate, arguments, ties } => {
                let arguments = arguments.into_iter().map(SharedValue::into_value).collect();
                let startable = self.settle(operation, candidate)?;
                let Spawned { pid, monitor } = self.spawn_startable(operation, &startable, arguments, ties)?;
                Ok(match monitor {
                    None => Reply::Value(Value::Pid(pid)),
                    Some(reference) => Reply::Two(Value::Pid(pid), Value::Ref(reference)),
                })
            }
            Pending::Supervision(prepared) => self.supervise(*prepared),
        }
    }
}
