//! What others ask of a supervisor (rule P70).

use std::collections::VecDeque;

use ttvm_bytecode::supervisor::{Restart, Strategy};
use ttvm_isa::{Fault, Text};
use ttvm_platform::sync::Arc;
use ttvm_value::{Pid, SharedValue, Value};

use super::{
    Supervisor,
    children::{ChildState, Key},
    plan::{Goal, Plan, Step},
    specification::ChildSpec,
    world::World,
};
use crate::{
    signal::Caller,
    terms::{list, object, text},
};

/// Something that a supervisor is asked to do.
pub(crate) enum Request {
    /// Start its children, or its group.
    Begin,
    /// A member of a group is ready.
    Ready,
    /// Add a child and start it.
    Start(Arc<ChildSpec>),
    /// Start one more of the children that are all alike, with these arguments of its own.
    StartAnother(Vec<SharedValue>),
    /// Start a child that has ended.
    Restart(Which),
    /// Stop a child if it runs, and start it.
    Renew(Text),
    /// Stop a child.
    Terminate(Which),
    /// Forget a child that has ended.
    Delete(Which),
    /// Which children are there?
    List,
    /// How many children are there?
    Count,
}

/// A child, as a program names it.
pub(crate) enum Which {
    Id(Text),
    Pid(Pid),
}

impl Supervisor {
    pub(super) fn perform(&mut self, caller: Caller, request: Request, world: &mut impl World) {
        if let Err(error) = self.attempt(caller, request, world) {
            world.answer(caller, Err(Fault::Argument { operation: caller.operation.mnemonic(), error }));
        }
    }

    /// Begins to do what is asked, or says why that cannot be.
    fn attempt(&mut self, caller: Caller, request: Request, world: &mut impl World) -> Result<(), String> {
        let is_simple = self.tree.strategy == Strategy::SimpleOneForOne;
        let simple = || format!("the children of the supervisor {:?} are all alike", self.tree.name);
        match request {
            Request::Begin => self.begin(Some(caller)),
            Request::Ready => return Err("a supervisor is no group".to_owned()),
            Request::Start(_) | Request::Restart(_) | Request::Renew(_) | Request::Delete(_) if is_simple => {
                return Err(simple());
            }
            Request::Start(spec) => self.start_child(caller, spec)?,
            Request::StartAnother(arguments) => {
                let spec = self.tree.children.first().filter(|_| is_simple).cloned();
                let spec = spec.ok_or_else(|| format!("a child of {:?} needs an id and a start", self.tree.name))?;
                let key = self.children.add(spec, arguments, false);
                self.start_for(caller, key, true);
            }
            Request::Restart(which) => {
                let key = self.find(&which)?;
                self.must_have_ended(key)?;
                self.start_for(caller, key, false);
            }
            Request::Renew(id) => {
                let key = self.find(&Which::Id(id))?;
                if self.count_restart(world) {
                    let steps = VecDeque::from([Step::Stop(key), Step::Start(key)]);
                    self.plan = Some(Plan { steps, goal: Goal::Started { caller, key, is_new: false } });
                }
            }
            Request::Terminate(which) => {
                let steps = VecDeque::from([Step::Stop(self.find(&which)?)]);
                self.plan = Some(Plan { steps, goal: Goal::Stopped { caller } });
            }
            Request::Delete(which) => {
                let key = self.find(&which)?;
                self.must_have_ended(key)?;
                self.children.remove(key);
                world.answer(caller, Ok(Value::Null));
            }
            Request::List => world.answer(caller, Ok(self.list())),
            Request::Count => world.answer(caller, Ok(self.count())),
        }
        Ok(())
    }

    fn start_child(&mut self, caller: Caller, spec: Arc<ChildSpec>) -> Result<(), String> {
        if let Some(key) = self.children.with_id(&spec.id) {
            let state = if self.children.pid(key).is_some() { "runs" } else { "has ended" };
            return Err(format!("there is a child {:?} already, which {state}", spec.id));
        }
        if spec.is_significant && (spec.restart == Restart::Permanent || self.has_no_auto_shutdown()) {
            return Err(format!("the child {:?} cannot be significant here", spec.id));
        }
        let key = self.children.add(spec, Vec::new(), true);
        self.start_for(caller, key, true);
        Ok(())
    }

    fn has_no_auto_shutdown(&self) -> bool {
        self.tree.auto_shutdown == ttvm_bytecode::supervisor::AutoShutdown::Never
    }

    fn start_for(&mut self, caller: Caller, key: Key, is_new: bool) {
        let steps = VecDeque::from([Step::Start(key)]);
        self.plan = Some(Plan { steps, goal: Goal::Started { caller, key, is_new } });
    }

    fn find(&self, which: &Which) -> Result<Key, String> {
        let (key, named) = match which {
            Which::Id(id) => (self.children.with_id(id), format!("{id:?}")),
            Which::Pid(pid) => (self.children.with_pid(*pid), pid.to_string()),
        };
        key.ok_or_else(|| format!("the supervisor {:?} has no child {named}", self.tree.name))
    }

    fn must_have_ended(&self, key: Key) -> Result<(), String> {
        let Some(child) = self.children.get(key) else { return Ok(()) };
        match child.state {
            ChildState::Stopped => Ok(()),
            ChildState::Running { .. } => Err(format!("the child {:?} runs", child.spec.id)),
            ChildState::Restarting { .. } => Err(format!("the child {:?} is being restarted", child.spec.id)),
        }
    }

    fn list(&self) -> Value {
        let is_simple = self.tree.strategy == Strategy::SimpleOneForOne;
        let children: Vec<Value> = self
            .children
            .iter()
            .map(|(_, child)| {
                let (pid, state) = match child.state {
                    ChildState::Running { pid, .. } => (Value::Pid(pid), "running"),
                    ChildState::Restarting { .. } => (Value::Null, "restarting"),
                    ChildState::Stopped => (Value::Null, "stopped"),
                };
                object([
                    ("id", if is_simple { Value::Null } else { text(&child.spec.id) }),
                    ("pid", pid),
                    ("type", text(child.spec.kind())),
                    ("restart", text(child.spec.restart.word())),
                    ("state", text(state)),
                ])
            })
            .collect();
        list(children.into_iter())
    }

    fn count(&self) -> Value {
        let is_simple = self.tree.strategy == Strategy::SimpleOneForOne;
        let count = |is_wanted: &dyn Fn(&super::children::Child) -> bool| {
            let wanted = self.children.iter().filter(|(_, child)| is_wanted(child)).count();
            Value::Int(i64::try_from(wanted).unwrap_or(i64::MAX))
        };
        object([
            ("specs", if is_simple { Value::Int(1) } else { count(&|_| true) }),
            ("active", count(&|child| matches!(child.state, ChildState::Running { .. }))),
            ("supervisors", count(&|child| child.spec.is_supervisor())),
            ("workers", count(&|child| !child.spec.is_supervisor())),
        ])
    }
}
