//! One turn of one process: its signals, its code, and what follows from how its code stopped.
//!
//! No lock is held while the process's code runs. Not here: what its instructions do (`operations.rs`), what signals
//! do (`signals.rs`), how it ends (`ending.rs`).

use ttvm_engine::{Answer, Outcome, Process, Reply, circular};
use ttvm_isa::{Fault, HostOperation, Rights, Text};
use ttvm_platform::{jobs, sync::Arc, sync::atomic::Ordering};
use ttvm_value::{Pid, SharedValue, Value, ops::time::duration, take_balance, work::Task};

use crate::{
    account::charging,
    context::Context,
    extension,
    host::{Event, EventKind},
    native::{self, NativeStep},
    reply::Reply as OutsideReply,
    runtime::Ending,
    scheduler::Scheduler,
    shared::Shared,
    signal::{Control, Signal, share},
    snapshot::{code_bytes, unsent_bytes},
    state::{Arrival, Body, Outside, Own, ProcessState, Ready, Wait},
    terms::limit_reason,
    timers::Action,
};

/// How a turn goes on.
enum Course {
    /// The same process goes on.
    GoOn,
    /// It is runnable, at the end of its queue.
    Later,
    /// It waits.
    Park,
}

impl Scheduler<'_> {
    /// Gives a process a turn, in the present budget.
    pub fn turn(&mut self, mut runnable: Ready) {
        let shared = self.shared;
        self.counters().turns.add(1);
        let pid = shared.slab.pid(&runnable);
        self.activity().run(pid);
        self.trace(pid, &EventKind::In);
        let mut begin = self.meter(&shared.slab.state(&mut runnable).body);
        loop {
            let is_signalled = shared.slab.is_signalled(&runnable);
            let state = shared.slab.state(&mut runnable);
            if is_signalled || !state.own.is_plain() {
                self.attend(pid, &state.body, &mut state.own);
            }
            let ProcessState { body, own } = &mut *state;
            let mut course = self.accounted(own, |scheduler, own| scheduler.advance(pid, body, own));
            let spent = self.meter(&state.body).saturating_sub(begin).unsigned_abs();
            if state.own.is_ending {
                let marks = |scheduler: &mut Self, own: &mut Own| Context { scheduler, own, pid }.finish_marking();
                if state.own.rare().is_some() && !self.accounted(&mut state.own, marks) {
                    course = Course::Later;
                } else if self.has_released(pid, &mut state.own) {
                    self.trace(pid, &EventKind::Out(spent, "exit"));
                    self.finish(runnable);
                    return;
                } else {
                    course = Course::Park;
                }
            }
            if !matches!(course, Course::GoOn) && !state.own.is_plain() && state.own.reclaim_in_turn() {
                // Nobody owns a process that waits.
                course = Course::Later;
            }
            match course {
                Course::GoOn => {}
                Course::Later => {
                    let priority = state.own.priority;
                    self.trace(pid, &EventKind::Out(spent, "turn"));
                    // Behind what was woken meanwhile.
                    self.end_turn();
                    self.enqueue(runnable, priority);
                    return;
                }
                Course::Park => {
                    if !state.own.is_plain() {
                        // A receive handles signals too, questions among them.
                        Context { scheduler: self, own: &mut state.own, pid }.answer_questions(&state.body);
                    }
                    if shared.settings.traces {
                        self.trace(pid, &EventKind::Out(spent, reason_to_wait(&state.own)));
                    }
                    match shared.slab.park(runnable) {
                        Ok(()) => return,
                        Err(awake) => runnable = awake,
                    }
                    self.trace(pid, &EventKind::In);
                    begin = self.meter(&shared.slab.state(&mut runnable).body);
                }
            }
        }
    }

    /// What a process does before it goes on of which more is known than that it may: its signals, and what is asked.
    #[inline(never)]
    fn attend(&mut self, pid: Pid, body: &Body, own: &mut Own) {
        let mut context = Context { scheduler: self, own, pid };
        context.take_signals();
        context.answer_questions(body);
        own.settle();
    }

    /// A meter whose differences are the reductions that a process has spent, if anybody traces.
    fn meter(&self, body: &Body) -> i64 {
        if !self.shared.settings.traces {
            return 0;
        }
        match body {
            Body::Code(process) => i64::try_from(process.reductions_spent()).unwrap_or(i64::MAX),
            Body::Native(_) | Body::Ended => -self.budget,
        }
    }

    /// Runs the process until it stops for some reason.
    fn advance(&mut self, pid: Pid, body: &mut Body, own: &mut Own) -> Course {
        if (!own.is_plain() || own.waits_for_answer())
            && let Some(course) = self.prepare(pid, body, own)
        {
            return course;
        }
        own.wait = Wait::Nothing;
        if self.budget <= 0 {
            return Course::Later;
        }
        match body {
            Body::Code(process) => {
                let before = process.reductions_spent();
                let budget = u32::try_from(self.budget).unwrap_or(1);
                let outcome = process.run(budget, &mut Context { scheduler: self, own, pid });
                own.heap_bytes += take_balance();
                let spent = process.reductions_spent() - before;
                self.counters().reductions.add(spent);
                self.budget -= i64::try_from(spent).unwrap_or(i64::MAX);
                if matches!(outcome, Outcome::Receive) && own.is_plain() {
                    own.wait = Wait::Message;
                    return Course::Park;
                }
                // Of what most processes return nobody wants to know.
                if matches!(outcome, Outcome::Done(_)) && own.extended().is_none() {
                    own.end_normally();
                    return Course::GoOn;
                }
                self.conclude(pid, process, own, outcome)
            }
            Body::Native(native) => {
                self.budget -= native::REDUCTIONS_PER_RUN;
                own.take_news();
                match native.run(&mut Context { scheduler: self, own, pid }) {
                    NativeStep::Again => Course::GoOn,
                    NativeStep::Wait if own.take_news() => Course::GoOn,
                    NativeStep::Wait => {
                        own.wait = Wait::Message;
                        Course::Park
                    }
                    NativeStep::End(reason) => {
                        own.end(reason);
                        Course::GoOn
                    }
                }
            }
            Body::Ended => Course::GoOn,
        }
    }

    /// What a process does instead of running, if it does.
    #[inline(never)]
    fn prepare(&mut self, pid: Pid, body: &mut Body, own: &mut Own) -> Option<Course> {
        if own.is_ending {
            return Some(Course::GoOn);
        }
        if own.is_paused {
            return Some(Course::Park);
        }
        if own.is_flushing() {
            if self.budget > 0 {
                Context { scheduler: self, own, pid }.continue_flush();
            }
            return Some(Course::Later);
        }
        if own.waits_for_answer() {
            if !own.has_arrival() {
                return Some(Course::Park);
            }
            own.wait = Wait::Nothing;
            // What is Rust takes it by itself.
            if let Body::Code(process) = body
                && let Some(arrival) = own.take_arrival()
                && let Some(outcome) = self.arrive(pid, process, own, arrival)
            {
                return Some(self.conclude(pid, process, own, outcome));
            }
            return Some(Course::GoOn);
        }
        if own.is_sending() && self.budget > 0 {
            own.wait = Wait::Nothing;
            // It goes on when it has the answer to its instruction, if it waits for one.
            Context { scheduler: self, own, pid }.continue_sending();
            return Some(Course::Later);
        }
        None
    }

    /// What follows from how a run ended.
    fn conclude(&mut self, pid: Pid, process: &mut Process, own: &mut Own, outcome: Outcome) -> Course {
        if !own.is_plain() && !outcome.is_end() {
            self.check_limits(process, own);
            if own.is_ending {
                return Course::GoOn;
            }
        }
        match outcome {
            Outcome::OutOfReductions | Outcome::Yield => return Course::Later,
            Outcome::Receive => {
                own.wait = Wait::Message;
                return Course::Park;
            }
            Outcome::Answer => return course_of_waiting(own),
            Outcome::Done(value) => {
                Context { scheduler: self, own, pid }.done(value);
                own.end_normally();
            }
            Outcome::Ended(reason) => own.end(reason),
            Outcome::Exit(code) => {
                self.shared.stop(Ending::Exit(code));
                own.end_normally();
            }
            Outcome::Crashed(crash) => self.crash(pid, own, crash),
            Outcome::Host { operation, arguments } => return self.host(pid, process, own, operation, arguments),
            Outcome::Elsewhere { operation, task } => return self.elsewhere(pid, process, own, operation, task),
            Outcome::Import { path, importer } => return self.import(pid, process, own, path, importer),
        }
        Course::GoOn
    }

    /// Gives the process what it waited for.
    fn arrive(&mut self, pid: Pid, process: &mut Process, own: &mut Own, arrival: Arrival) -> Option<Outcome> {
        match arrival {
            Arrival::Answer(answer) => process.answer(answer.map(SharedValue::into_value)),
            Arrival::Imported(path, module) => self.imported(process, &path, module),
            Arrival::Branch => {
                process.answer_branch();
                None
            }
            Arrival::Call { function, arguments } => extension::call(process, &function, arguments),
            Arrival::Found(found) => {
                let mut context = Context { scheduler: self, own, pid };
                match context.found(found) {
                    Ok(Reply::Wait) => Some(Outcome::Answer),
                    Ok(Reply::Two(one, two)) => {
                        process.answer_two(one, two);
                        None
                    }
                    Ok(Reply::Value(value)) => process.answer(Ok(value)),
                    // Instructions that look for programs reply with nothing else.
                    Ok(
                        Reply::Nothing | Reply::Branch | Reply::Fault(_) | Reply::Yield | Reply::Again | Reply::Exit(_),
                    ) => process.answer(Ok(Value::Null)),
                    Err(fault) => process.answer(Err(fault)),
                }
            }
        }
    }

    fn crash(&mut self, pid: Pid, own: &mut Own, crash: ttvm_engine::Crash) {
        let exception = crash.exception.clone();
        if self.shared.is_main(pid) {
            // Marks the exception whole, so that this is not under way below.
            self.shared.stop(Ending::Crashed(crash));
        } else {
            self.shared.host.crashed(pid, own.name().map(|name| &**name), &crash);
        }
        own.end(Value::Exception(exception));
    }

    /// A host operation: at once if it is quick, else where blocking disturbs nobody.
    fn host(
        &mut self,
        pid: Pid,
        process: &mut Process,
        own: &mut Own,
        operation: HostOperation,
        arguments: Vec<Value>,
    ) -> Course {
        let shared = self.shared;
        if operation == HostOperation::Sleep {
            return self.sleep(pid, process, own, &arguments);
        }
        if operation.is_started() {
            own.outside = Outside::Holds;
            let number = own.begin_wait(Wait::Host(operation));
            shared.host.start(
                &own.rights(),
                operation,
                arguments,
                OutsideReply::to_instruction(shared, pid, number, self.part.clone()),
            );
            return Course::Park;
        }
        if shared.settings.is_deterministic || shared.host.is_quick(operation, &arguments) {
            let answer = shared.host.perform(&own.rights(), operation, arguments);
            return self.answered(pid, process, own, answer);
        }
        match (Context { scheduler: self, own, pid }).mark_and_perform(operation, arguments) {
            Ok(()) => course_of_waiting(own),
            Err(fault) => self.answered(pid, process, own, Err(fault)),
        }
    }

    /// Work of an instruction that cannot stop on the way: where it disturbs nobody.
    fn elsewhere(
        &mut self,
        pid: Pid,
        process: &mut Process,
        own: &mut Own,
        operation: &'static str,
        task: Task,
    ) -> Course {
        if self.shared.settings.is_deterministic {
            return self.answered(pid, process, own, task.perform());
        }
        let number = own.begin_wait(Wait::Computation);
        let answer = move |answer| Control::Answer { number, answer: share(answer) };
        self.start_job(pid, operation, move |_| task.perform(), answer);
        Course::Park
    }

    fn answered(&mut self, pid: Pid, process: &mut Process, own: &mut Own, answer: Answer) -> Course {
        match process.answer(answer) {
            Some(outcome) => self.conclude(pid, process, own, outcome),
            None => Course::GoOn,
        }
    }

    /// `SLEEP` is a wait for a timer (rule P49).
    fn sleep(&mut self, pid: Pid, process: &mut Process, own: &mut Own, arguments: &[Value]) -> Course {
        let duration = match duration(HostOperation::Sleep.mnemonic(), arguments.first().unwrap_or(&Value::Null)) {
            Ok(duration) => duration,
            Err(fault) => return self.answered(pid, process, own, Err(fault)),
        };
        let number = own.begin_wait(Wait::Host(HostOperation::Sleep));
        let due = self.shared.clock.elapsed().saturating_add(duration);
        match self.timers().set(due, Action::Timeout { pid, number }) {
            Some(timer) => {
                own.extras().timer = Some(timer);
                Course::Park
            }
            None => {
                own.wait = Wait::Nothing;
                self.answered(pid, process, own, Err(self.shared.timer_count.fault()))
            }
        }
    }

    /// `IMPORT`: found and loaded where blocking disturbs nobody.
    fn import(&mut self, pid: Pid, process: &mut Process, own: &mut Own, path: Text, importer: Text) -> Course {
        let shared = self.shared;
        let rights = own.rights();
        if shared.settings.is_deterministic {
            let module = shared.host.import(&rights, &importer, &path);
            return match self.imported(process, &path, module) {
                Some(outcome) => self.conclude(pid, process, own, outcome),
                None => Course::GoOn,
            };
        }
        let number = own.begin_wait(Wait::Import);
        let wanted = path.clone();
        let work = move |shared: &Shared| shared.host.import(&rights, &importer, &wanted);
        self.start_job(pid, "IMPORT", work, move |module| Control::Imported { number, path, module });
        Course::Park
    }

    fn imported(
        &mut self,
        process: &mut Process,
        path: &Text,
        module: Result<(Text, Arc<ttvm_engine::LoadedModule>), Fault>,
    ) -> Option<Outcome> {
        match module {
            Ok((key, _)) if process.is_importing(&key) => process.fail(circular(path)),
            Ok((key, _)) if process.has_imported(&key) => {
                process.bind_import(&key);
                None
            }
            Ok((key, module)) => {
                self.shared.keep(&module);
                process.import(&key, module)
            }
            Err(fault) => process.fail(fault),
        }
    }

    /// Performs a host operation where blocking disturbs nobody, for a process that waits for the answer with this number.
    pub fn start_operation(
        &mut self,
        pid: Pid,
        number: u64,
        rights: Rights,
        operation: HostOperation,
        arguments: Vec<SharedValue>,
    ) {
        let work = move |shared: &Shared| {
            let arguments = arguments.into_iter().map(SharedValue::into_value).collect();
            shared.host.perform(&rights, operation, arguments)
        };
        let answer = move |answer| Control::Answer { number, answer: share(answer) };
        self.start_job(pid, operation.mnemonic(), work, answer);
    }

    /// Does something on a thread where blocking disturbs nobody, and sends a process the signal of what came of it, for
    /// the instruction `operation`. A panic is a fault of that: whoever waits learns of it, and the job counts as over.
    pub fn start_job<T, S: Into<Signal>>(
        &mut self,
        pid: Pid,
        operation: &'static str,
        work: impl FnOnce(&Shared) -> Result<T, Fault> + Send + 'static,
        signal: impl FnOnce(Result<T, Fault>) -> S + Send + 'static,
    ) {
        let (shared, part) = (self.shared.handle(), self.part.clone());
        shared.outside.fetch_add(1, Ordering::SeqCst);
        jobs::run(move || {
            let failed = |panicked: jobs::Panicked| Err(Fault::Host { operation, error: panicked.to_string() });
            let done = jobs::caught(|| work(&shared)).unwrap_or_else(failed);
            shared.answer_from_outside(pid, charging(part.as_deref(), || signal(done).into()));
        });
    }

    /// Rule P80: the reductions of a whole life, and what the process holds.
    fn check_limits(&mut self, process: &Process, own: &mut Own) {
        let Some(limits) = own.rare().map(|extras| extras.limits) else { return };
        if limits.reductions_max.is_some_and(|max| process.reductions_spent() > max) {
            own.end(limit_reason("reductions"));
        }
        let holds_too_much = |own: &Own| limits.heap_bytes_max.is_some_and(|max| code_bytes(process, own) > max);
        if holds_too_much(own) {
            self.reclaim_all_of(own);
            if holds_too_much(own) {
                own.end(limit_reason("heap"));
            }
        }
        if own.charged().is_some() {
            own.charge(unsent_bytes(process, own) + own.inbox.uncharged_bytes());
            self.end_if_at_fault(own);
        }
    }

    /// Tells whoever traces.
    #[inline(always)]
    pub fn trace(&self, pid: Pid, kind: &EventKind<'_>) {
        if self.shared.settings.traces {
            self.tell(pid, kind);
        }
    }

    #[cold]
    #[inline(never)]
    fn tell(&self, pid: Pid, kind: &EventKind<'_>) {
        let time = self.shared.clock.elapsed();
        self.shared.host.event(&Event { time, scheduler: self.id, pid, kind });
    }
}

/// How a process goes on that waits for the answer to an instruction.
fn course_of_waiting(own: &Own) -> Course {
    // What it hands over is marked first, and the rest of its queue is searched.
    if own.is_sending() || own.is_flushing() {
        return Course::Later;
    }
    // The extension may have answered at once.
    if own.has_arrival() { Course::GoOn } else { Course::Park }
}

/// What traces say of a process that stops to run without an end of its turn.
fn reason_to_wait(own: &Own) -> &'static str {
    if own.is_paused {
        return "paused";
    }
    match own.wait {
        Wait::Message => "message",
        Wait::Nothing | Wait::Host(_) | Wait::Operation(_) | Wait::Import | Wait::Computation => "host",
    }
}
