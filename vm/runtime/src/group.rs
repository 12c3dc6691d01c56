//! Groups: processes that are made together, get ready each for itself, are wired to each other, and then go on
//! together (rule P75).
//!
//! A process in Rust coordinates that: it makes the members, hears from each `GROUP_READY`, does the wiring when all
//! wait, and releases them. If one ends or is late, it stops all. Everything is signals, so nobody holds a lock.

use std::time::Duration;

use ttvm_engine::Answer;
use ttvm_isa::{Fault, Text};
use ttvm_value::{Object, Pid, Ref, SharedValue, Str, Value};

use crate::{
    context::Context,
    names::NameError,
    native::{NativeProcess, NativeStep},
    signal::{Caller, Control},
    spawn::Ties,
    starts::Startable,
    supervisor::Request,
    terms::{field, text},
};

/// How long members may take to stop when their group could not be started.
const PATIENCE: Duration = Duration::from_secs(1);

/// A member as it is to be.
pub(crate) struct MemberSpec {
    pub id: Text,
    pub code: Startable,
    pub arguments: Vec<SharedValue>,
    /// Positions of the members that it is linked with.
    pub links: Vec<usize>,
    /// Positions of the members that it watches.
    pub monitors: Vec<usize>,
    pub name: Option<Text>,
}

/// A member that was made.
struct Member {
    pid: Pid,
    monitor: Ref,
    /// Its `GROUP_READY`, which waits.
    ready: Option<Caller>,
    has_ended: bool,
}

/// The process that starts a group.
pub(crate) struct Group {
    specs: Vec<MemberSpec>,
    timeout: Duration,
    /// Who wants the group.
    owner: Pid,
    caller: Option<Caller>,
    members: Vec<Member>,
    /// What a timer's message is.
    token: Option<Ref>,
    timer: Option<Ref>,
    /// Why the group cannot be started.
    failure: Option<String>,
}

impl Group {
    /// A group that will be started when its owner's request to begin comes.
    pub fn new(specs: Vec<MemberSpec>, timeout: Duration, owner: Pid) -> Self {
        let members = Vec::with_capacity(specs.len());
        Self { specs, timeout, owner, caller: None, members, token: None, timer: None, failure: None }
    }

    fn begin(&mut self, caller: Caller, context: &mut Context<'_, '_>) {
        self.caller = Some(caller);
        let ties = Ties { link: false, monitor: true, is_child: false };
        for number in 0..self.specs.len() {
            let spec = &self.specs[number];
            let arguments = spec.arguments.iter().map(SharedValue::to_value).collect();
            match context.spawn_startable(caller.operation.mnemonic(), &spec.code, arguments, ties) {
                Ok(spawned) => {
                    let monitor = spawned.monitor.expect("a process that is watched from the beginning has a ref");
                    self.members.push(Member { pid: spawned.pid, monitor, ready: None, has_ended: false });
                }
                Err(fault) => return self.fail(number, &format!("did not start: {fault}"), context),
            }
        }
        self.set_timer(self.timeout, context);
    }

    fn set_timer(&mut self, delay: Duration, context: &mut Context<'_, '_>) {
        if let Some(timer) = self.timer.take() {
            context.cancel_timer(timer);
        }
        let token = context.make_ref();
        self.token = Some(token);
        self.timer = context.send_after(context.pid(), Value::Ref(token), delay).ok();
    }

    fn take(&mut self, message: &Value, context: &mut Context<'_, '_>) {
        if let Value::Ref(token) = message {
            if self.token == Some(*token) {
                self.time_is_over(context);
            }
            return;
        }
        match field(message, "signal").and_then(Value::as_str) {
            Some("request") => match context.next_request() {
                Some((caller, Request::Begin)) if self.caller.is_none() => self.begin(caller, context),
                Some((caller, Request::Ready)) => self.member_is_ready(caller),
                Some((caller, _)) => {
                    let error = "a group takes no requests".to_owned();
                    context.answer(caller, Err(Fault::Argument { operation: caller.operation.mnemonic(), error }));
                }
                None => {}
            },
            Some("down") => self.member_ended(message, context),
            Some("exit") => {
                let Some(Value::Pid(from)) = field(message, "from") else { return };
                if *from == self.owner || *from == Pid::new(0, 0) {
                    self.stop("whoever starts the group has ended".to_owned(), context);
                }
            }
            _ => {}
        }
    }

    fn member_is_ready(&mut self, caller: Caller) {
        if let Some(member) = self.members.iter_mut().find(|member| member.pid == caller.pid) {
            member.ready = Some(caller);
        }
    }

    fn member_ended(&mut self, message: &Value, context: &mut Context<'_, '_>) {
        let Some(Value::Ref(reference)) = field(message, "ref") else { return };
        let Some(number) = self.members.iter().position(|member| member.monitor == *reference) else { return };
        self.members[number].has_ended = true;
        let reason = field(message, "reason").map_or_else(String::new, Value::to_string);
        self.fail(number, &format!("ended before the group was ready: {reason}"), context);
    }

    fn time_is_over(&mut self, context: &mut Context<'_, '_>) {
        if self.failure.is_none() {
            let late = self.members.iter().position(|member| member.ready.is_none()).unwrap_or(0);
            return self.fail(late, "was not ready in time", context);
        }
        for member in self.members.iter().filter(|member| !member.has_ended) {
            context.exit(member.pid, text("kill"));
        }
    }

    fn fail(&mut self, number: usize, what: &str, context: &mut Context<'_, '_>) {
        self.stop(format!("the member {:?} {what}", self.specs[number].id), context);
    }

    /// Ends all members; the first failure counts.
    fn stop(&mut self, failure: String, context: &mut Context<'_, '_>) {
        if self.failure.is_some() {
            return;
        }
        self.failure = Some(failure);
        for member in self.members.iter().filter(|member| !member.has_ended) {
            context.exit(member.pid, text("shutdown"));
        }
        self.set_timer(PATIENCE, context);
    }

    /// Whether there is nothing more to wait for.
    fn advance(&mut self, context: &mut Context<'_, '_>) -> bool {
        let Some(caller) = self.caller else { return self.failure.is_some() };
        let failure = match &self.failure {
            Some(_) if self.members.iter().any(|member| !member.has_ended) => return false,
            Some(failure) => Some(failure.clone()),
            // Of one that has ended since it was ready a `down` message comes.
            None if !self.members.iter().all(|member| member.ready.is_some() && context.is_open(member.pid)) => {
                return false;
            }
            None => None,
        };
        if let Some(error) = failure {
            context.unlink(self.owner);
            context.answer(caller, Err(Fault::Argument { operation: caller.operation.mnemonic(), error }));
            return true;
        }
        if let Err((number, what)) = self.wire(context) {
            self.fail(number, &what, context);
            return false;
        }
        self.release(caller, context);
        true
    }

    /// Names, links and monitors, between members that all wait. The signals reach each before its release. One that has
    /// ended just now is a failure.
    fn wire(&self, context: &mut Context<'_, '_>) -> Result<(), (usize, String)> {
        for (number, (spec, member)) in self.specs.iter().zip(&self.members).enumerate() {
            if let Some(name) = &spec.name {
                let taken = context.name_other(member.pid, name);
                taken.map_err(|error| {
                    let reason = match error {
                        NameError::Taken(holder) => format!("of process {holder}"),
                        NameError::TooMany(max) => format!("but there may be only {max}"),
                    };
                    (number, format!("wants the name {name:?} {reason}"))
                })?;
            }
        }
        for (number, (spec, member)) in self.specs.iter().zip(&self.members).enumerate() {
            for linked in &spec.links {
                // This end first: what the other answers comes behind it.
                self.signal(number, Control::Link { from: self.members[*linked].pid, is_written: false }, context)?;
                self.signal(*linked, Control::Link { from: member.pid, is_written: false }, context)?;
            }
            for watched in &spec.monitors {
                let reference = context.make_ref();
                self.signal(number, Control::Watch { target: self.members[*watched].pid, reference }, context)?;
                self.signal(*watched, Control::Monitor { from: member.pid, reference }, context)?;
            }
        }
        Ok(())
    }

    /// Sends a member a signal.
    fn signal(&self, number: usize, control: Control, context: &mut Context<'_, '_>) -> Result<(), (usize, String)> {
        let is_sent = context.signal(self.members[number].pid, control);
        is_sent.then_some(()).ok_or_else(|| (number, "ended before the group was ready".to_owned()))
    }

    fn release(&mut self, caller: Caller, context: &mut Context<'_, '_>) {
        for member in &mut self.members {
            context.demonitor(member.monitor);
            if let Some(ready) = member.ready.take() {
                context.answer(ready, Ok(Value::Null));
            }
        }
        context.unlink(self.owner);
        context.answer(caller, self.pids());
    }

    /// `{id: pid}`.
    fn pids(&self) -> Answer {
        let mut pids = Object::new();
        for (spec, member) in self.specs.iter().zip(&self.members) {
            pids.set(&Str::new(&spec.id)?, Value::Pid(member.pid))?;
        }
        Ok(Value::Object(pids))
    }
}

impl NativeProcess for Group {
    fn name(&self) -> &str {
        "group"
    }

    fn run(&mut self, context: &mut Context<'_, '_>) -> NativeStep {
        if self.advance(context) {
            return NativeStep::End(text("normal"));
        }
        match context.receive(|_| true) {
            None => NativeStep::Wait,
            Some(message) => {
                self.take(&message, context);
                NativeStep::Again
            }
        }
    }
}
