//! `SPAWN_GROUP` and `GROUP_READY`. Not here: how a group is started (`group.rs`).

use std::{collections::HashMap, time::Duration};

use ttvm_engine::{LoadedModule, Reply, Request};
use ttvm_isa::{Fault, OpCode, ProcessOperation, Text};
use ttvm_value::{SharedValue, Value};

use super::Performed;
use crate::{
    context::Context,
    group::{Group, MemberSpec},
    spawn::Ties,
    starts::{Candidate, Startable},
    supervisor,
    terms::{field, shared_items},
};

/// How long members may take to get ready, unless written.
const TIMEOUT_MS: u32 = 5_000;

/// A group as it is written.
pub(super) struct GroupDraft {
    timeout: Duration,
    members: Vec<MemberDraft>,
}

struct MemberDraft {
    id: Text,
    code: Candidate,
    arguments: Vec<SharedValue>,
    links: Vec<usize>,
    monitors: Vec<usize>,
    name: Option<Text>,
}

impl GroupDraft {
    fn read(operation: &'static str, module: &LoadedModule, list: &Value, timeout: u32) -> Result<Self, Fault> {
        let Value::List(list) = list else {
            return Err(Fault::mismatch(operation, "a list of objects", format!("{list:?}")));
        };
        let objects: Vec<Value> = list.iter().map(|item| item.to_value()).collect();
        let mut places = HashMap::new();
        for (number, object) in objects.iter().enumerate() {
            let id = field(object, "id").and_then(Value::as_str);
            let id = id.ok_or_else(|| bad(operation, "a member's id is a str", object))?;
            if places.insert(id.to_owned(), number).is_some() {
                let error = format!("two members have the id {id:?}");
                return Err(Fault::Argument { operation, error });
            }
        }
        let members = objects.iter().map(|object| MemberDraft::read(operation, module, object, &places));
        let timeout = Duration::from_millis(u64::from(timeout));
        Ok(Self { timeout, members: members.collect::<Result<_, _>>()? })
    }

    /// The programs that names in it may mean.
    pub fn programs(&self) -> Vec<Text> {
        self.members.iter().filter_map(|member| member.code.program().cloned()).collect()
    }
}

impl MemberDraft {
    fn read(
        operation: &'static str,
        module: &LoadedModule,
        object: &Value,
        places: &HashMap<String, usize>,
    ) -> Result<Self, Fault> {
        let code = match field(object, "start") {
            Some(Value::Str(name)) => Candidate::new(module, name.as_str()),
            Some(function @ (Value::Function(_) | Value::Closure(_))) => {
                Candidate::Found(Startable::Function(SharedValue::new(function.clone()).0))
            }
            _ => return Err(bad(operation, "a member's start is a function or a name", object)),
        };
        let arguments = match field(object, "args") {
            None => Vec::new(),
            Some(Value::List(list)) => shared_items(list),
            Some(_) => return Err(bad(operation, "a member's args are a list", object)),
        };
        let name = match field(object, "name") {
            None | Some(Value::Null) => None,
            Some(Value::Str(name)) => Some(Text::from(name.as_str())),
            Some(_) => return Err(bad(operation, "a member's name is a str", object)),
        };
        let others = |key: &str| -> Result<Vec<usize>, Fault> {
            let list = match field(object, key) {
                None => return Ok(Vec::new()),
                Some(Value::List(list)) => list,
                Some(_) => return Err(bad(operation, "links and monitors are lists of ids", object)),
            };
            let place = |id: Value| id.as_str().and_then(|id| places.get(id)).copied();
            list.iter()
                .map(|id| place(id.to_value()).ok_or_else(|| bad(operation, "links and monitors name members", object)))
                .collect()
        };
        let id = field(object, "id").and_then(Value::as_str).map_or_else(|| Text::from(""), Text::from);
        Ok(Self { id, code, arguments, links: others("links")?, monitors: others("monitors")?, name })
    }
}

fn bad(operation: &'static str, what: &str, object: &Value) -> Fault {
    Fault::Argument { operation, error: format!("{what}, in {object}") }
}

impl Context<'_, '_> {
    pub(super) fn spawn_group(&mut self, request: &mut Request<'_>) -> Performed {
        let OpCode::SpawnGroup { timeout } = request.instruction else {
            unreachable!("the operation is the instruction's")
        };
        if !self.mark_arguments(request) {
            return Ok(Reply::Again);
        }
        let timeout = timeout.unwrap_or(TIMEOUT_MS);
        let operation = request.operation;
        let draft = GroupDraft::read(operation.mnemonic(), request.module, &request.arguments[0], timeout)?;
        self.prepare_group(operation, draft)
    }

    /// Starts the group, all programs having been looked for.
    pub(super) fn start_group(&mut self, operation: ProcessOperation, draft: GroupDraft) -> Performed {
        let settled = draft.members.into_iter().map(|member| {
            let MemberDraft { id, code, arguments, links, monitors, name } = member;
            let code = self.settle(operation.mnemonic(), code)?;
            Ok(MemberSpec { id, code, arguments, links, monitors, name })
        });
        let specs = settled.collect::<Result<_, Fault>>()?;
        let group = Group::new(specs, draft.timeout, self.pid);
        let spawned = self.spawn_group_process(group, Ties { link: true, monitor: false, is_child: false })?;
        self.request(operation, spawned.pid, supervisor::Request::Begin)
    }

    pub(super) fn group_ready(&mut self, request: &mut Request<'_>) -> Performed {
        match self.own.rare_mut().and_then(|extras| extras.group.take()) {
            Some(group) => self.request(request.operation, group, supervisor::Request::Ready),
            None => {
                let error = "this process is no member of a group that is being started".to_owned();
                Err(Fault::Argument { operation: request.operation.mnemonic(), error })
            }
        }
    }
}
