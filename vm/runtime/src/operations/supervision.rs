//! The instructions about supervisors. Each becomes a request that the supervisor answers when it is done.
//!
//! Names of functions and programs are looked up here, in the caller. Not here: what supervisors do
//! (`supervisor.rs`), what specifications may say (`specifications.rs`).

use ttvm_engine::{Reply, Request};
use ttvm_isa::{Fault, OpCode, ProcessOperation, Text};
use ttvm_platform::sync::Arc;
use ttvm_value::{Pid, Value};

use super::{
    Named, Performed,
    groups::GroupDraft,
    no_process,
    specifications::{ChildDraft, TreeDraft},
};
use crate::{
    context::Context,
    signal::{Caller, Control},
    spawn::{Pending, Ties},
    supervisor::{self, Supervisor, Which},
    terms::{field, shared_items},
};

/// A supervisor is linked with whoever starts it.
const TIES: Ties = Ties { link: true, monitor: false, is_child: false };

/// An instruction that needs names to be looked up first.
pub(crate) struct Prepared {
    operation: ProcessOperation,
    wish: Wish,
}

enum Wish {
    /// A supervisor with its children.
    Tree(TreeDraft),
    /// One more child.
    Child { supervisor: Pid, child: ChildDraft },
    /// A group of processes.
    Group(GroupDraft),
}

impl Context<'_, '_> {
    pub(super) fn start_supervisor(&mut self, request: &mut Request<'_>) -> Performed {
        let OpCode::StartSupervisor { name } = request.instruction else {
            unreachable!("the operation is the instruction's")
        };
        match name {
            Some(name) => {
                let tree = TreeDraft::of_block(request.operation.mnemonic(), request.module, name)?;
                self.prepare(Prepared { operation: request.operation, wish: Wish::Tree(tree) })
            }
            None => {
                if self.bare_supervisor().is_none() {
                    let spawned = self.spawn_supervisor(Supervisor::bare(self.pid), TIES)?;
                    self.own.extras().supervisor = Some(spawned.pid);
                }
                Ok(Reply::Nothing)
            }
        }
    }

    fn bare_supervisor(&self) -> Option<Pid> {
        self.own.rare().and_then(|extras| extras.supervisor).filter(|pid| self.is_open(*pid))
    }

    /// The supervisor of the bare `START_SUPERVISOR`.
    fn own_supervisor(&self, operation: ProcessOperation) -> Result<Pid, Fault> {
        self.bare_supervisor().ok_or_else(|| {
            let error = "this process has no supervisor: START_SUPERVISOR starts one".to_owned();
            Fault::Argument { operation: operation.mnemonic(), error }
        })
    }

    pub(super) fn supervise_child(&mut self, request: &mut Request<'_>) -> Performed {
        let OpCode::SuperviseChild { name } = request.instruction else { unreachable!("as above") };
        let supervisor = self.own_supervisor(request.operation)?;
        let child = ChildDraft::named(request.module, name);
        self.prepare(Prepared { operation: request.operation, wish: Wish::Child { supervisor, child } })
    }

    pub(super) fn restart_child(&mut self, request: &mut Request<'_>) -> Performed {
        let OpCode::RestartChild { name } = request.instruction else { unreachable!("as above") };
        match name {
            Some(name) => {
                let supervisor = self.own_supervisor(request.operation)?;
                self.request(request.operation, supervisor, supervisor::Request::Renew(name.clone()))
            }
            None => self.about_child(request, supervisor::Request::Restart),
        }
    }

    pub(super) fn start_child(&mut self, request: &mut Request<'_>) -> Performed {
        if !self.mark_arguments(request) {
            return Ok(Reply::Again);
        }
        let operation = request.operation;
        let supervisor = self.supervisor(request)?;
        let spec = request.arguments[0].take();
        let own = match &spec {
            Value::List(_) => Some(&spec),
            _ if field(&spec, "start").is_none() && field(&spec, "supervisor").is_none() => field(&spec, "args"),
            _ => None,
        };
        if let Some(Value::List(arguments)) = own {
            return self.request(operation, supervisor, supervisor::Request::StartAnother(shared_items(arguments)));
        }
        let child = ChildDraft::of_object(operation.mnemonic(), request.module, &spec)?;
        self.prepare(Prepared { operation, wish: Wish::Child { supervisor, child } })
    }

    /// `id sup`: something about one child.
    pub(super) fn about_child(
        &mut self,
        request: &mut Request<'_>,
        wish: impl FnOnce(Which) -> supervisor::Request,
    ) -> Performed {
        let supervisor = self.supervisor(request)?;
        let which = match &request.arguments[0] {
            Value::Str(id) => Which::Id(Text::from(id.as_str())),
            Value::Pid(pid) => Which::Pid(*pid),
            other => {
                let got = format!("{other:?}");
                return Err(Fault::mismatch(request.operation.mnemonic(), "the id or pid of a child", got));
            }
        };
        self.request(request.operation, supervisor, wish(which))
    }

    /// `sup`: something about all children.
    pub(super) fn about_children(&mut self, request: &mut Request<'_>, wish: supervisor::Request) -> Performed {
        let supervisor = self.supervisor(request)?;
        self.request(request.operation, supervisor, wish)
    }

    /// The supervisor on top of the stack.
    fn supervisor(&self, request: &Request<'_>) -> Result<Pid, Fault> {
        let target = request.arguments.last().unwrap_or(&Value::Null);
        match self.named(request.operation, target)? {
            Named::Process(pid) => Ok(pid),
            Named::Nobody(target) => Err(no_process(request.operation, &target)),
        }
    }

    pub(super) fn prepare_group(&mut self, operation: ProcessOperation, group: GroupDraft) -> Performed {
        self.prepare(Prepared { operation, wish: Wish::Group(group) })
    }

    /// Does what needs names, as soon as the programs they may mean have been looked for.
    fn prepare(&mut self, prepared: Prepared) -> Performed {
        let programs = match &prepared.wish {
            Wish::Tree(tree) => tree.programs(),
            Wish::Child { child, .. } => child.programs(),
            Wish::Group(group) => group.programs(),
        };
        if self.are_found(&programs)? {
            return self.supervise(prepared);
        }
        self.find(prepared.operation, programs, Pending::Supervision(Box::new(prepared)));
        Ok(Reply::Wait)
    }

    /// Does what is wanted, all programs having been looked for.
    pub(crate) fn supervise(&mut self, prepared: Prepared) -> Performed {
        let Prepared { operation, wish } = prepared;
        match wish {
            Wish::Tree(tree) => {
                let tree = self.settle_tree(operation.mnemonic(), tree)?;
                let spawned = self.spawn_supervisor(Supervisor::new(tree, self.pid), TIES)?;
                self.request(operation, spawned.pid, supervisor::Request::Begin)
            }
            Wish::Child { supervisor, child } => {
                let child = self.settle_child(operation.mnemonic(), child)?;
                self.request(operation, supervisor, supervisor::Request::Start(Arc::new(child)))
            }
            Wish::Group(group) => self.start_group(operation, group),
        }
    }

    /// Asks a supervisor, and waits for its answer.
    pub(super) fn request(&mut self, operation: ProcessOperation, to: Pid, request: supervisor::Request) -> Performed {
        if to == self.pid {
            let error = "a process that runs code is no supervisor".to_owned();
            return Err(Fault::Argument { operation: operation.mnemonic(), error });
        }
        let pid = self.pid;
        let request = |number| Control::Request { caller: Caller { pid, number, operation }, request };
        self.ask(operation, to, request).ok_or_else(|| no_process(operation, &to.to_string()))
    }
}
