//! Starting and stopping children, one after the other (rules P60, P61, P67).
//!
//! A plan is a list of steps and what is reached with the last of them. A step that waits for a child says which
//! messages it waits for; nothing else is looked at until the plan is done.

use std::{collections::VecDeque, mem, time::Duration};

use ttvm_bytecode::supervisor::{Restart, Shutdown, Strategy};
use ttvm_isa::Fault;
use ttvm_value::{Ref, SharedValue, Value};

use super::{
    Supervisor,
    children::{ChildState, Key},
    restarts::Notice,
    shutdown,
    world::World,
};
use crate::{
    signal::Caller,
    terms::{field, list, text},
};

/// What a supervisor is doing.
pub(super) struct Plan {
    pub steps: VecDeque<Step>,
    pub goal: Goal,
}

/// A step of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Stop(Key),
    /// All children at the same time (rule P68).
    StopAll,
    Start(Key),
}

/// What is reached with the last step.
pub(super) enum Goal {
    /// The supervisor runs.
    Begin { caller: Option<Caller> },
    /// It could not be started, and ends.
    Fail { caller: Option<Caller>, error: String },
    /// It ends.
    End(SharedValue),
    /// What had ended runs again.
    Restart,
    /// What had ended is started after a time.
    RestartAfter { key: Key, delay: Duration },
    /// A child runs that an instruction wants to run.
    Started { caller: Caller, key: Key, is_new: bool },
    /// A child has stopped that an instruction wants to stop.
    Stopped { caller: Caller },
}

/// What the present step waits for.
pub(super) enum Waiting {
    Nothing,
    /// The end of a child. The message with this ref says that it has had time enough.
    Stop {
        key: Key,
        token: Ref,
        timer: Option<Ref>,
    },
    /// The ends of all children.
    StopAll {
        left: usize,
        token: Ref,
        timer: Option<Ref>,
    },
    /// That a child, a supervisor, has started its own children; why it could not, when it has said so.
    Start {
        key: Key,
        token: Ref,
        error: Option<String>,
    },
}

impl Supervisor {
    /// Starts the children (rule P60).
    pub(super) fn begin(&mut self, caller: Option<Caller>) {
        let mut steps = VecDeque::new();
        if self.tree.strategy != Strategy::SimpleOneForOne {
            for spec in &self.tree.children {
                steps.push_back(Step::Start(self.children.add(spec.clone(), Vec::new(), true)));
            }
        }
        self.plan = Some(Plan { steps, goal: Goal::Begin { caller } });
    }

    /// Stops all children, then ends.
    pub(super) fn shut_down(&mut self, reason: Value) {
        let goal = Goal::End(SharedValue::new(reason).0);
        self.plan = Some(Plan { steps: self.stop_everybody(), goal });
    }

    fn stop_everybody(&self) -> VecDeque<Step> {
        if self.tree.strategy == Strategy::SimpleOneForOne {
            return VecDeque::from([Step::StopAll]);
        }
        self.children.iter().rev().map(|(key, _)| Step::Stop(key)).collect()
    }

    /// Does what needs no waiting; gives the reason to end for, if it is to end.
    pub(super) fn advance(&mut self, world: &mut impl World) -> Option<Value> {
        while matches!(self.waiting, Waiting::Nothing) {
            match self.plan.as_mut()?.steps.pop_front() {
                Some(Step::Stop(key)) => self.stop(key, world),
                Some(Step::StopAll) => self.stop_all(world),
                Some(Step::Start(key)) => self.start(key, world),
                None => {
                    let goal = self.plan.take()?.goal;
                    let end = self.reached(goal, world);
                    self.tell_owner(world);
                    if end.is_some() {
                        return end;
                    }
                }
            }
        }
        None
    }

    fn reached(&mut self, goal: Goal, world: &mut impl World) -> Option<Value> {
        match goal {
            Goal::Begin { caller } => {
                if let Some(caller) = caller {
                    let pid = world.pid();
                    world.answer(caller, Ok(Value::Pid(pid)));
                }
                self.tell_parent(Value::Null, world);
            }
            Goal::Fail { caller, error } => {
                self.tell_parent(text(&error), world);
                if let Some(caller) = caller {
                    // It learns of this by the error alone.
                    world.unlink(self.parent);
                    let error = format!("the supervisor {:?} did not start: {error}", self.tree.name);
                    world.answer(caller, Err(Fault::Argument { operation: caller.operation.mnemonic(), error }));
                }
                return Some(shutdown());
            }
            Goal::End(reason) => return Some(reason.into_value()),
            Goal::Restart => {}
            Goal::RestartAfter { key, delay } => self.restart_later(key, delay, false, world),
            Goal::Started { caller, key, .. } => {
                let pid = self.children.pid(key).map_or(Value::Null, Value::Pid);
                world.answer(caller, Ok(pid));
            }
            Goal::Stopped { caller } => world.answer(caller, Ok(Value::Null)),
        }
        None
    }

    /// Says to a supervisor above whether this one runs: a list of its ref and why not.
    fn tell_parent(&mut self, error: Value, world: &mut impl World) {
        if let Some(token) = self.token {
            world.tell(self.parent, list([Value::Ref(token), error].into_iter()));
        }
    }

    fn start(&mut self, key: Key, world: &mut impl World) {
        let now = world.now();
        let Some(child) = self.children.get_mut(key) else { return };
        if let ChildState::Running { .. } = child.state {
            return;
        }
        child.started = now;
        match world.start(&child.spec, &child.arguments) {
            Ok(started) => {
                self.children.set_state(key, ChildState::Running { pid: started.pid, monitor: started.monitor });
                if let Some(token) = started.token {
                    self.waiting = Waiting::Start { key, token, error: None };
                }
            }
            Err(error) => {
                self.children.set_state(key, ChildState::Stopped);
                self.start_failed(key, &error, world);
            }
        }
    }

    fn start_failed(&mut self, key: Key, error: &str, world: &mut impl World) {
        let id = self.children.get(key).map_or("", |child| &*child.spec.id);
        let error = format!("the child {id:?} did not start: {error}");
        let Some(plan) = &mut self.plan else { return };
        plan.steps.clear();
        match mem::replace(&mut plan.goal, Goal::Restart) {
            Goal::Begin { caller } => {
                let steps = self.stop_everybody();
                self.plan = Some(Plan { steps, goal: Goal::Fail { caller, error } });
            }
            Goal::Started { caller, key, is_new } => {
                if is_new {
                    self.children.remove(key);
                }
                world.answer(caller, Err(Fault::Argument { operation: caller.operation.mnemonic(), error }));
            }
            // From the queue, so that requests get through (rule P66).
            Goal::Restart => self.restart_later(key, Duration::ZERO, true, world),
            // Plans with these goals start nobody.
            goal @ (Goal::Fail { .. } | Goal::End(_) | Goal::RestartAfter { .. } | Goal::Stopped { .. }) => {
                plan.goal = goal;
            }
        }
    }

    /// Asks or tells a child to end (rule P67).
    fn stop(&mut self, key: Key, world: &mut impl World) {
        let Some(child) = self.children.get(key) else { return };
        let (state, how) = (child.state, child.spec.shutdown);
        match state {
            ChildState::Running { pid, .. } => {
                let token = world.token();
                let timer = ask(how, token, world);
                world.exit(pid, first_signal(how));
                self.waiting = Waiting::Stop { key, token, timer };
            }
            ChildState::Restarting { .. } => self.children.set_state(key, ChildState::Stopped),
            ChildState::Stopped => {}
        }
    }

    fn stop_all(&mut self, world: &mut impl World) {
        let running: Vec<_> = self.children.iter().filter_map(|(key, _)| self.children.pid(key)).collect();
        let Some(spec) = self.tree.children.first().filter(|_| !running.is_empty()) else { return };
        let how = spec.shutdown;
        let token = world.token();
        let timer = ask(how, token, world);
        self.waiting = Waiting::StopAll { left: running.len(), token, timer };
        for pid in running {
            world.exit(pid, first_signal(how));
        }
    }

    /// Whether the present step waits for a message.
    pub(super) fn is_awaited(&self, message: &Value) -> bool {
        match &self.waiting {
            Waiting::Nothing => false,
            Waiting::Stop { key, token, .. } => is_token(message, *token) || self.is_end_of(*key, message),
            Waiting::StopAll { token, .. } => is_token(message, *token) || self.ended_child(message).is_some(),
            Waiting::Start { key, token, .. } => report(message, *token).is_some() || self.is_end_of(*key, message),
        }
    }

    fn is_end_of(&self, key: Key, message: &Value) -> bool {
        self.ended_child(message).is_some_and(|(ended, _)| ended == key)
    }

    /// The child whose end a message says, and the reason.
    pub(super) fn ended_child(&self, message: &Value) -> Option<(Key, Value)> {
        let (Value::Pid(pid), Value::Ref(reference)) = (field(message, "pid")?, field(message, "ref")?) else {
            return None;
        };
        let key = self.children.with_pid(*pid)?;
        let is_it = self.children.get(key)?.state == ChildState::Running { pid: *pid, monitor: *reference };
        is_it.then(|| (key, field(message, "reason").cloned().unwrap_or(Value::Null)))
    }

    /// Acts on a message that the present step waits for.
    pub(super) fn go_on(&mut self, message: &Value, world: &mut impl World) {
        let ended = self.ended_child(message);
        match mem::replace(&mut self.waiting, Waiting::Nothing) {
            Waiting::Nothing => {}
            Waiting::Stop { key, token, timer } => match ended {
                Some((key, reason)) => {
                    self.stopped(key, reason);
                    cancel(timer, world);
                }
                None => {
                    self.kill(key, world);
                    self.waiting = Waiting::Stop { key, token, timer: None };
                }
            },
            Waiting::StopAll { left, token, timer } => match ended {
                Some((key, reason)) => {
                    self.stopped(key, reason);
                    if left == 1 {
                        cancel(timer, world);
                    } else {
                        self.waiting = Waiting::StopAll { left: left - 1, token, timer };
                    }
                }
                None => {
                    let keys: Vec<Key> = self.children.iter().map(|(key, _)| key).collect();
                    keys.into_iter().for_each(|key| self.kill(key, world));
                    self.waiting = Waiting::StopAll { left, token, timer: None };
                }
            },
            Waiting::Start { key, token, error } => match (ended, report(message, token)) {
                (Some((_, reason)), _) => {
                    self.children.set_state(key, ChildState::Stopped);
                    self.start_failed(key, &error.unwrap_or_else(|| reason.to_string()), world);
                }
                (None, Some(error)) if !error.is_empty() => {
                    // Its end comes next; before it, what it had is not free (rule P72).
                    self.waiting = Waiting::Start { key, token, error: Some(error) };
                }
                (None, _) => {}
            },
        }
    }

    fn kill(&self, key: Key, world: &mut impl World) {
        if let Some(pid) = self.children.pid(key) {
            world.exit(pid, "kill");
        }
    }

    /// A child has ended because it was told to.
    fn stopped(&mut self, key: Key, reason: Value) {
        self.note_end(key, reason);
        let is_temporary = self.children.get(key).is_some_and(|child| child.spec.restart == Restart::Temporary);
        if is_temporary || self.tree.strategy == Strategy::SimpleOneForOne {
            self.children.remove(key);
        }
    }

    /// Notes that a child has ended, for the owner too.
    pub(super) fn note_end(&mut self, key: Key, reason: Value) {
        if self.is_bare
            && let (Some(child), Some(pid)) = (self.children.get(key), self.children.pid(key))
        {
            let reason = SharedValue::new(reason).0;
            self.notices.push(Notice { key, name: child.spec.id.clone(), pid, reason });
        }
        self.children.set_state(key, ChildState::Stopped);
    }
}

/// The first signal that a child gets which is to stop.
fn first_signal(how: Shutdown) -> &'static str {
    if how == Shutdown::BrutalKill { "kill" } else { "shutdown" }
}

/// Sets the timer of a stop.
fn ask(how: Shutdown, token: Ref, world: &mut impl World) -> Option<Ref> {
    match how {
        Shutdown::After(milliseconds) => world.remind(Value::Ref(token), Duration::from_millis(milliseconds)),
        Shutdown::BrutalKill | Shutdown::Infinity => None,
    }
}

fn cancel(timer: Option<Ref>, world: &mut impl World) {
    if let Some(timer) = timer {
        world.cancel(timer);
    }
}

fn is_token(message: &Value, token: Ref) -> bool {
    matches!(message, Value::Ref(found) if *found == token)
}

/// What a supervisor below says about its start: empty if it runs, else why not.
fn report(message: &Value, token: Ref) -> Option<String> {
    let Value::List(parts) = message else { return None };
    let [first, error] = [parts.get(0)?.to_value(), parts.get(1)?.to_value()];
    is_token(&first, token).then(|| error.as_str().unwrap_or_default().to_owned())
}
