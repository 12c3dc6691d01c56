//! Supervisors: processes that start others in order, watch them, start them again when they end, and stop them.
//!
//! | file | what |
//! |---|---|
//! | `supervisor/specification.rs` | what is to be started |
//! | `supervisor/children.rs` | the table of children |
//! | `supervisor/plan.rs` | starting and stopping, one child after the other |
//! | `supervisor/restarts.rs` | what follows from the end of a child |
//! | `supervisor/requests.rs` | what others ask |
//! | `supervisor/world.rs` | what it asks of the machine |
//!
//! A supervisor never blocks its scheduler: while it waits for a child, it is a process that waits for a message, and
//! takes only those that its plan is about; everything else stays in its queue until the plan is done, as in OTP.
//! Rules P60 to P73 are kept here. Not here: the instructions (`operations/supervision.rs`).

mod children;
mod plan;
mod requests;
mod restarts;
mod specification;
#[cfg(test)]
mod tests;
mod world;

use ttvm_platform::sync::Arc;
use ttvm_value::{Pid, Ref, Value};

pub use self::restarts::Restarts;
use self::{
    children::Children,
    plan::{Plan, Waiting},
    restarts::Notice,
    world::World,
};
pub(crate) use self::{
    requests::{Request, Which},
    specification::{ChildSpec, Start, Tree},
};
use crate::{
    context::{Context, Sought},
    native::{NativeProcess, NativeStep},
    terms::{field, text},
};

/// A supervisor.
pub(crate) struct Supervisor {
    tree: Arc<Tree>,
    /// Who started it: its end ends the supervisor.
    parent: Pid,
    /// What it tells its parent, a supervisor, when it has started.
    token: Option<Ref>,
    /// Whether it tells its parent of children that end.
    is_bare: bool,
    children: Children,
    restarts: Restarts,
    plan: Option<Plan>,
    waiting: Waiting,
    /// Ended children that the owner has not been told of.
    notices: Vec<Notice>,
}

impl Supervisor {
    /// A supervisor that is started by an instruction, whose request to begin comes next.
    pub fn new(tree: Arc<Tree>, parent: Pid) -> Self {
        Self {
            tree,
            parent,
            token: None,
            is_bare: false,
            children: Children::default(),
            restarts: Restarts::default(),
            plan: None,
            waiting: Waiting::Nothing,
            notices: Vec::new(),
        }
    }

    /// The supervisor of the bare `START_SUPERVISOR`.
    pub fn bare(parent: Pid) -> Self {
        Self { is_bare: true, ..Self::new(Arc::new(Tree::bare()), parent) }
    }

    /// A child of a supervisor, which it tells with this ref that its children run.
    fn nested(tree: Arc<Tree>, parent: Pid, token: Ref) -> Self {
        let mut supervisor = Self::new(tree, parent);
        supervisor.token = Some(token);
        supervisor.begin(None);
        supervisor
    }

    /// Whether a message is one that can be acted on now.
    fn wants(&self, message: &Value) -> bool {
        self.plan.is_none() || self.is_awaited(message)
    }

    /// Acts on a message.
    fn take(&mut self, message: &Value, world: &mut impl World) {
        if self.plan.is_some() {
            return self.go_on(message, world);
        }
        if let Value::Ref(token) = message {
            return self.retry(*token, world);
        }
        match field(message, "signal").and_then(Value::as_str) {
            Some("exit") => self.parent_exit(message),
            Some("down") => {
                if let Some((key, reason)) = self.ended_child(message) {
                    self.child_ended(key, &reason, world);
                }
            }
            Some("request") => {
                if let Some((caller, request)) = world.request() {
                    self.perform(caller, request, world);
                }
            }
            _ => {}
        }
    }

    /// The end of whoever started it, or the end of the machine, ends the supervisor. A normal end does not, as for
    /// all linked processes.
    fn parent_exit(&mut self, message: &Value) {
        let (Some(Value::Pid(from)), Some(reason)) = (field(message, "from"), field(message, "reason")) else { return };
        let is_normal = reason.as_str() == Some("normal");
        if (*from == self.parent && !is_normal) || *from == Pid::new(0, 0) {
            self.shut_down(reason.clone());
        }
    }
}

impl NativeProcess for Supervisor {
    fn name(&self) -> &str {
        &self.tree.name
    }

    fn run(&mut self, context: &mut Context<'_, '_>) -> NativeStep {
        if let Some(reason) = self.advance(context) {
            return NativeStep::End(reason);
        }
        // What it wants changes only with a message that it takes.
        match context.receive_on(|message| self.wants(message)) {
            Sought::Nothing => NativeStep::Wait,
            Sought::Later => NativeStep::Again,
            Sought::Found(message) => {
                self.take(&message, context);
                NativeStep::Again
            }
        }
    }
}

/// The reason of supervisors that give up.
fn shutdown() -> Value {
    text("shutdown")
}
