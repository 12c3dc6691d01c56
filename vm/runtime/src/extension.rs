//! What a higher floor adds to processes: instructions, signals and state of its own.
//!
//! The runtime knows nothing of them: it hands over what it does not know, keeps what it is given, and says when a
//! process that has such state comes to its end. A process without pays nothing for it.

use std::{any::Any, path::PathBuf};

use ttvm_engine::{LoadedModule, Outcome, Process, Reply, Request};
use ttvm_isa::{Fault, ProcessOperation};
use ttvm_platform::sync::Arc;
use ttvm_value::{Pid, SharedValue, Value};

use crate::{
    context::Context,
    native::NativeProcess,
    shared::Shared,
    signal::Signal,
    spawn::{Role, Spawned, Ties},
    state::{Arrival, Body, Extended, ProcessState, Wait},
};

/// A signal or a state that only the extension understands.
pub type Payload = Box<dyn Any + Send>;

/// What a higher floor adds to processes. Everything is called in the turn of the process that it concerns.
pub trait Extension: Send + Sync + 'static {
    /// Performs an instruction that the runtime does not know: one of [`ProcessOperation::is_superstep`].
    ///
    /// # Errors
    /// The fault to be raised in the process.
    fn perform(&self, context: &mut Context<'_, '_>, request: &mut Request<'_>) -> Result<Reply, Fault>;

    /// What the random generator of a process with this state begins with, if that is not for the runtime to say.
    fn seed(&self, state: &(dyn Any + Send)) -> Option<u64>;

    /// A signal has come, in its place among the others (rule P1). A process in Rust runs again afterwards, even if it
    /// waited for a message.
    fn arrived(&self, context: &mut Context<'_, '_>, signal: Payload);

    /// A signal has come to a process that has ended.
    fn refused(&self, context: &mut Context<'_, '_>, signal: Payload);

    /// The code of a process with state has come to its end and gave this value.
    fn done(&self, context: &mut Context<'_, '_>, value: SharedValue);

    /// A process with this state has ended, for whatever reason; [`Extension::done`] was called before if it came to
    /// the end of its code.
    fn ended(&self, context: &mut Context<'_, '_>, state: Payload, reason: &Value);
}

/// Calls the function that answers what a process waits for.
pub(crate) fn call(process: &mut Process, function: &SharedValue, arguments: Vec<SharedValue>) -> Option<Outcome> {
    let arguments = arguments.into_iter().map(SharedValue::into_value);
    // SAFETY: as in `Context::spawn`: the machine keeps the modules of all values within it.
    #[expect(unsafe_code, reason = "the machine outlives its processes and keeps their modules")]
    unsafe {
        process.call_waiting(function.value(), arguments)
    }
}

impl Context<'_, '_> {
    /// An instruction that belongs to the extension.
    pub(crate) fn extended(&mut self, request: &mut Request<'_>) -> Result<Reply, Fault> {
        match &self.scheduler.shared.extension {
            Some(extension) => extension.perform(self, request),
            None => {
                let error = "this machine has no supersteps".to_owned();
                Err(Fault::Host { operation: request.operation.mnemonic(), error })
            }
        }
    }

    /// A signal that belongs to the extension.
    pub(crate) fn extension_signal(&mut self, signal: Payload) {
        if let Some(extension) = &self.scheduler.shared.extension {
            if self.own.is_ending {
                return extension.refused(self, signal);
            }
            extension.arrived(self, signal);
            // What comes during a run, while it looks for messages, must not be slept over.
            if let Some(extended) = self.own.extended_mut() {
                extended.has_news = true;
            }
        }
    }

    /// The process's code has come to its end.
    pub(crate) fn done(&mut self, value: Value) {
        if self.own.extended().is_some() {
            self.mark_result(value);
        }
    }

    /// What it gave is marked.
    pub(crate) fn extension_done(&mut self, value: SharedValue) {
        if let Some(extension) = &self.scheduler.shared.extension {
            extension.done(self, value);
        }
    }

    /// The process has ended.
    pub(crate) fn leave_extension(&mut self, reason: &Value) {
        if let Some(extended) = self.own.bonds_mut().and_then(|bonds| bonds.extended.take())
            && let Some(extension) = &self.scheduler.shared.extension
        {
            extension.ended(self, extended.state, reason);
        }
    }

    /// What the process's random generator begins with, if the extension says it.
    pub(crate) fn extension_seed(&self) -> Option<u64> {
        let extended = self.own.extended()?;
        self.scheduler.shared.extension.as_ref()?.seed(&*extended.state)
    }

    /// The state that the process was given, if it is one of this type.
    #[must_use]
    pub fn extension_state<T: Any>(&mut self) -> Option<&mut T> {
        self.own.extended_mut()?.state.downcast_mut()
    }

    /// Gives the process a state.
    pub fn set_extension_state(&mut self, state: Payload) {
        self.own.bind().extended = Some(Extended::new(state));
    }

    /// Sends a signal to [`Extension::arrived`] of another process; `false` if there is no such process.
    pub fn signal_extension(&mut self, to: Pid, signal: Payload) -> bool {
        self.scheduler.send(to, Signal::Extension(signal)).is_ok()
    }

    /// Does something as another process that waits and to which nothing is under way; that one goes on then. `None` if it is
    /// none of this: a signal must tell it. As with a message to a process that waits, whoever does it owns that process for
    /// the moment, so it has to be short: what takes longer, the other should do itself.
    pub fn as_waiting<T>(&mut self, other: Pid, act: impl FnOnce(&mut Context<'_, '_>) -> T) -> Option<T> {
        let runnable = self.scheduler.shared.slab.claim(other)?;
        let mut acted = None;
        self.scheduler.hand_over(other, runnable, |context| {
            // One that has ended waits only for what it had outside.
            acted = (!context.is_ending()).then(|| act(context));
        });
        acted
    }

    /// Answers the instruction of the extension that another process waits in, if that one has come to rest and nothing is under
    /// way to it; it goes on then. The instruction leaves one result. `false` if it is none of this: a signal must tell it.
    pub fn answer_resting(&mut self, other: Pid, answer: &SharedValue) -> bool {
        let shared = self.scheduler.shared;
        let Some(mut runnable) = shared.slab.claim(other) else { return false };
        let ProcessState { body, own } = shared.slab.state(&mut runnable);
        let mut is_answered = false;
        if let Body::Code(process) = body
            && !own.is_ending
            && own.waits_for_extension().is_some()
        {
            own.wait = Wait::Nothing;
            process.answer_one(answer.to_value());
            is_answered = true;
        }
        let priority = own.priority;
        self.scheduler.wake(runnable, priority);
        is_answered
    }

    /// The instruction being performed will be answered later: it must reply [`Reply::Wait`].
    pub fn wait_for_answer(&mut self, operation: ProcessOperation) {
        let _ = self.own.begin_wait(Wait::Operation(operation));
    }

    /// The instruction of the extension that the process waits in, if any.
    #[must_use]
    pub fn waiting_operation(&self) -> Option<ProcessOperation> {
        self.own.waits_for_extension()
    }

    /// Answers the instruction of the extension that the process waits in. Without one nothing happens.
    pub fn answer_waiting(&mut self, answer: Result<SharedValue, Fault>) {
        self.arrival(Arrival::Answer(answer));
    }

    /// The time of the instruction that the process waits in is over: it goes to its target.
    pub fn branch_waiting(&mut self) {
        self.arrival(Arrival::Branch);
    }

    /// The instruction that the process waits in is answered by what a function returns, which must be a `.fn`.
    pub fn call_waiting(&mut self, function: SharedValue, arguments: Vec<SharedValue>) {
        self.arrival(Arrival::Call { function, arguments });
    }

    fn arrival(&mut self, arrival: Arrival) {
        if self.waiting_operation().is_some() {
            self.own.set_arrival(arrival);
        }
    }

    /// Makes a process that runs a function, with a state from its beginning.
    ///
    /// # Errors
    /// As [`Context::spawn`].
    pub fn spawn_with_state(
        &mut self,
        operation: &'static str,
        function: &Value,
        arguments: Vec<Value>,
        state: Payload,
    ) -> Result<Spawned, Fault> {
        self.spawn_as(operation, function, arguments, Ties::default(), Some(state))
    }

    /// Makes a process whose code is Rust, with a state from its beginning.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many processes.
    pub fn spawn_native_with_state(
        &mut self,
        native: Box<dyn NativeProcess>,
        state: Payload,
    ) -> Result<Spawned, Fault> {
        self.insert(Body::Native(native), Ties::default(), Role::Ordinary, Some(state))
    }

    /// Makes a process whose code is Rust, with a state from its beginning, which stops others before it ends when the
    /// program does (rule P35).
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many processes.
    pub fn spawn_coordinator(&mut self, native: Box<dyn NativeProcess>, state: Payload) -> Result<Spawned, Fault> {
        self.insert(Body::Native(native), Ties::default(), Role::Coordinator, Some(state))
    }

    /// Takes reductions from the present turn, for work that a process in Rust has done.
    pub fn spend(&mut self, reductions: i64) {
        self.scheduler.budget -= reductions;
    }

    /// Loads a module where blocking disturbs nobody; what came of it arrives as the signal that `made` makes of it.
    pub fn import_later(&mut self, path: &'static str, made: fn(Result<Arc<LoadedModule>, Fault>) -> Payload) {
        let rights = self.own.rights();
        let import = move |shared: &Shared| {
            let (_, module) = shared.host.import(&rights, "", path)?;
            shared.keep(&module);
            Ok(module)
        };
        self.later("IMPORT", import, made);
    }

    /// Does something for an instruction where blocking disturbs nobody; what came of it arrives as the signal that `made`
    /// makes of it.
    pub fn do_later<T: 'static>(
        &mut self,
        operation: &'static str,
        job: impl FnOnce() -> T + Send + 'static,
        made: fn(Result<T, Fault>) -> Payload,
    ) {
        self.later(operation, |_| Ok(job()), made);
    }

    /// Asks, where blocking disturbs nobody, whether the process may read and write files in a folder.
    pub fn folder_question(
        &self,
        operation: &'static str,
        folder: PathBuf,
    ) -> impl FnOnce() -> Result<(), Fault> + Send + use<> {
        let (shared, rights) = (self.scheduler.shared.handle(), self.own.rights());
        move || shared.host.check_folder(&rights, operation, &folder)
    }

    fn later<T: 'static>(
        &mut self,
        operation: &'static str,
        job: impl FnOnce(&Shared) -> Result<T, Fault> + Send + 'static,
        made: fn(Result<T, Fault>) -> Payload,
    ) {
        if self.scheduler.shared.settings.is_deterministic {
            let signal = Signal::Extension(made(job(self.scheduler.shared)));
            drop(self.scheduler.send(self.pid, signal));
        } else {
            self.scheduler.start_job(self.pid, operation, job, move |done| Signal::Extension(made(done)));
        }
    }
}
