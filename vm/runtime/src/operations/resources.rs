//! `GIVE_AWAY`: resources get another owner.
//!
//! While the signal to the new owner is on its way, nobody owns the resource; if it finds that one dead, it is closed.

use ttvm_engine::{Reply, Request};
use ttvm_isa::Fault;
use ttvm_value::Value;

use super::{Named, Performed, no_process};
use crate::{context::Context, signal::Control};

impl Context<'_, '_> {
    pub(super) fn give_away(&mut self, request: &mut Request<'_>) -> Performed {
        let operation = request.operation;
        let Value::Resource(resource) = request.arguments[0] else {
            let found = format!("{:?}", request.arguments[0]);
            return Err(Fault::mismatch(operation.mnemonic(), "a resource", found));
        };
        let target = match self.named(operation, &request.arguments[1])? {
            Named::Process(target) => target,
            Named::Nobody(target) => return Err(no_process(operation, &target)),
        };
        if !self.is_open(target) {
            return Err(no_process(operation, &target.to_string()));
        }
        self.scheduler.shared.host.detach(operation.mnemonic(), resource, self.pid)?;
        if !self.signal(target, Control::Given(resource)) {
            self.scheduler.shared.host.forget(resource);
        }
        Ok(Reply::Nothing)
    }
}
