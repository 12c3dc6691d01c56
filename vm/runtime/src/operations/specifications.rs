//! Reads what supervisors are to start: from `.supervisor` blocks, and from the objects that `START_CHILD` takes.
//!
//! A draft still has names in it; when the programs they may mean have been looked for, it becomes a specification.

use std::time::Duration;

use ttvm_bytecode::supervisor::{
    self as block, AutoShutdown, Backoff, Literal, Restart, Shutdown, Strategy, SupervisorSpec,
};
use ttvm_engine::LoadedModule;
use ttvm_isa::{Fault, Text};
use ttvm_platform::sync::Arc;
use ttvm_value::{SharedValue, Value};

use crate::{
    context::Context,
    starts::{Candidate, Startable},
    supervisor::{ChildSpec, Start, Tree},
    terms::{field, shared_items, text},
};

/// A supervisor as it is written.
pub(super) struct TreeDraft {
    name: Text,
    strategy: Strategy,
    intensity: u32,
    period: Duration,
    auto_shutdown: AutoShutdown,
    children: Vec<ChildDraft>,
}

/// A child as it is written.
pub(super) struct ChildDraft {
    id: Text,
    start: StartDraft,
    restart: Restart,
    shutdown: Shutdown,
    is_significant: bool,
    backoff: Option<Backoff>,
}

enum StartDraft {
    Code { code: Candidate, arguments: Vec<SharedValue> },
    Tree(TreeDraft),
}

impl TreeDraft {
    /// The `.supervisor` block of a module.
    pub fn of_block(operation: &'static str, module: &LoadedModule, name: &str) -> Result<Self, Fault> {
        let blocks = &module.verified().module().supervisors;
        let block = blocks.iter().find(|block| &*block.name == name).ok_or_else(|| {
            let error = format!("no .supervisor block is called {name:?}");
            Fault::Argument { operation, error }
        })?;
        let SupervisorSpec { name, strategy, intensity, period_ms, auto_shutdown, children } = block;
        let children = children.iter().map(|child| ChildDraft::of_line(operation, module, child));
        Ok(Self {
            name: name.clone(),
            strategy: *strategy,
            intensity: *intensity,
            period: Duration::from_millis(*period_ms),
            auto_shutdown: *auto_shutdown,
            children: children.collect::<Result<_, _>>()?,
        })
    }

    /// The programs that names in it may mean.
    pub fn programs(&self) -> Vec<Text> {
        self.children.iter().flat_map(ChildDraft::programs).collect()
    }
}

impl ChildDraft {
    /// What `SUPERVISE_CHILD` starts.
    pub fn named(module: &LoadedModule, name: &Text) -> Self {
        Self {
            id: name.clone(),
            start: StartDraft::Code { code: Candidate::new(module, name), arguments: Vec::new() },
            restart: Restart::Transient,
            shutdown: Shutdown::OF_FUNCTION,
            is_significant: false,
            backoff: None,
        }
    }

    fn of_line(operation: &'static str, module: &LoadedModule, line: &block::ChildSpec) -> Result<Self, Fault> {
        let start = match &line.start {
            block::Start::Function { name, arguments } => {
                let arguments = arguments.iter().map(|argument| SharedValue::new(literal(argument)).0).collect();
                StartDraft::Code { code: Candidate::new(module, name), arguments }
            }
            block::Start::Supervisor(name) => StartDraft::Tree(TreeDraft::of_block(operation, module, name)?),
        };
        Ok(Self {
            id: line.id.clone(),
            start,
            restart: line.restart,
            shutdown: line.shutdown,
            is_significant: line.significant,
            backoff: line.backoff,
        })
    }

    /// What `START_CHILD` is given: `{id, start, args, supervisor, restart, shutdown, significant, backoff}`.
    pub fn of_object(operation: &'static str, module: &LoadedModule, object: &Value) -> Result<Self, Fault> {
        let bad = |what: &str, value: Option<&Value>| {
            let given = value.map_or_else(|| "nothing".to_owned(), |value| format!("{value:?}"));
            Fault::Argument { operation, error: format!("a child's {what}, not {given}") }
        };
        if !matches!(object, Value::Object(_)) {
            return Err(Fault::mismatch(operation, "an object or a list of arguments", format!("{object:?}")));
        }
        let id = field(object, "id");
        let id = id.and_then(Value::as_str).ok_or_else(|| bad("id is a str", id))?;
        let arguments = match field(object, "args") {
            None => Vec::new(),
            Some(Value::List(list)) => shared_items(list),
            other => return Err(bad("args are a list", other)),
        };
        let start = match (field(object, "start"), field(object, "supervisor")) {
            (Some(Value::Str(name)), None) => {
                StartDraft::Code { code: Candidate::new(module, name.as_str()), arguments }
            }
            (Some(function @ (Value::Function(_) | Value::Closure(_))), None) => {
                let code = Candidate::Found(Startable::Function(SharedValue::new(function.clone()).0));
                StartDraft::Code { code, arguments }
            }
            (None, Some(Value::Str(name))) => StartDraft::Tree(TreeDraft::of_block(operation, module, name.as_str())?),
            (start, _) => return Err(bad("start is a function or a name", start)),
        };
        let restart = match field(object, "restart") {
            None => Restart::Permanent,
            Some(value) => word(value, Restart::ALL, Restart::word)
                .ok_or_else(|| bad("restart is permanent, transient or temporary", Some(value)))?,
        };
        let shutdown = match (field(object, "shutdown"), &start) {
            (None, StartDraft::Code { .. }) => Shutdown::OF_FUNCTION,
            (None, StartDraft::Tree(_)) => Shutdown::OF_SUPERVISOR,
            (Some(Value::Int(time)), _) if *time >= 0 => Shutdown::After(time.unsigned_abs()),
            (Some(value), _) if value.as_str() == Some("brutal_kill") => Shutdown::BrutalKill,
            (Some(value), _) if value.as_str() == Some("infinity") => Shutdown::Infinity,
            (other, _) => return Err(bad("shutdown is milliseconds, brutal_kill or infinity", other)),
        };
        let is_significant = match field(object, "significant") {
            None => false,
            Some(Value::Bool(is_significant)) => *is_significant,
            other => return Err(bad("significant is a bool", other)),
        };
        let backoff = match field(object, "backoff") {
            None => None,
            Some(value) => Some(backoff_of(value).ok_or_else(|| {
                bad("backoff is a list of two numbers of milliseconds above 0, the first and the longest", Some(value))
            })?),
        };
        Ok(Self { id: Text::from(id), start, restart, shutdown, is_significant, backoff })
    }

    /// The programs that names in it may mean.
    pub fn programs(&self) -> Vec<Text> {
        match &self.start {
            StartDraft::Code { code, .. } => code.program().cloned().into_iter().collect(),
            StartDraft::Tree(tree) => tree.programs(),
        }
    }
}

impl Context<'_, '_> {
    /// Decides what the names in a supervisor mean.
    pub(super) fn settle_tree(&self, operation: &'static str, tree: TreeDraft) -> Result<Arc<Tree>, Fault> {
        let TreeDraft { name, strategy, intensity, period, auto_shutdown, children } = tree;
        let children = children.into_iter().map(|child| self.settle_child(operation, child).map(Arc::new));
        let children = children.collect::<Result<_, _>>()?;
        Ok(Arc::new(Tree { name, strategy, intensity, period, auto_shutdown, children }))
    }

    /// Decides what the names in a child mean.
    pub(super) fn settle_child(&self, operation: &'static str, child: ChildDraft) -> Result<ChildSpec, Fault> {
        let ChildDraft { id, start, restart, shutdown, is_significant, backoff } = child;
        let start = match start {
            StartDraft::Code { code, arguments } => Start::Code { code: self.settle(operation, code)?, arguments },
            StartDraft::Tree(tree) => Start::Tree(self.settle_tree(operation, tree)?),
        };
        Ok(ChildSpec { id, start, restart, shutdown, is_significant, backoff, rights: self.own.rights() })
    }
}

/// The waits before restarts: the first and the longest, as in a block.
fn backoff_of(value: &Value) -> Option<Backoff> {
    let Value::List(list) = value else { return None };
    let waits: Vec<Value> = list.iter().map(|item| item.to_value()).collect();
    let [Value::Int(first), Value::Int(last)] = *waits else { return None };
    let (first_ms, last_ms) = (u64::try_from(first).ok()?, u64::try_from(last).ok()?);
    (first_ms > 0 && first_ms <= last_ms).then_some(Backoff { first_ms, last_ms })
}

/// The word of a list of words that a str is.
fn word<T: Copy>(value: &Value, words: &[T], name: impl Fn(T) -> &'static str) -> Option<T> {
    let wanted = value.as_str()?;
    words.iter().copied().find(|word| name(*word) == wanted)
}

/// A value as written in a block.
fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Integer(integer) => Value::integer(integer).unwrap_or(Value::Null),
        Literal::Float(float) => Value::Float(float.get()),
        Literal::Text(written) => text(written),
        Literal::Flag(flag) => Value::Bool(*flag),
        Literal::Null => Value::Null,
    }
}
