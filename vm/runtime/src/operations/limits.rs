//! `SET_PRIORITY` and `SET_LIMIT`.

use ttvm_engine::{Reply, Request};
use ttvm_isa::Fault;
use ttvm_value::Value;

use super::Performed;
use crate::{context::Context, limits::MailboxPolicy, state::Priority};

impl Context<'_, '_> {
    pub(super) fn set_priority(&mut self, request: &mut Request<'_>) -> Performed {
        let operation = request.operation.mnemonic();
        let Some(name) = request.arguments[0].as_str() else {
            return Err(Fault::mismatch(operation, "a string", format!("{:?}", request.arguments[0])));
        };
        let Some(priority) = Priority::named(name) else {
            let error = format!("the priority must be max, high, normal or low, not {name:?}");
            return Err(Fault::Argument { operation, error });
        };
        self.own.priority = priority;
        // From the next turn on, which is now.
        Ok(Reply::Yield)
    }

    pub(super) fn set_limit(&mut self, request: &mut Request<'_>) -> Performed {
        let operation = request.operation.mnemonic();
        let argument = |error| Err(Fault::Argument { operation, error });
        let [limit, value] = &*request.arguments else { unreachable!("SET_LIMIT takes two values") };
        let Some(limit) = limit.as_str() else {
            return Err(Fault::mismatch(operation, "the name of a limit", format!("{limit:?}")));
        };
        if limit == "mailbox_policy" {
            let policy = match value.as_str() {
                Some("exit") => MailboxPolicy::Exit,
                Some("drop_new") => MailboxPolicy::DropNew,
                Some("drop_old") => MailboxPolicy::DropOld,
                _ => return argument(format!("the mailbox policy must be exit, drop_new or drop_old, not {value}")),
            };
            self.own.extras().limits.mailbox_policy = policy;
            return Ok(Reply::Nothing);
        }
        let max = match value {
            Value::Null => None,
            Value::Int(max) if *max >= 0 => Some(max.unsigned_abs()),
            other => return argument(format!("a limit must be an int from 0 up, or null for none, not {other}")),
        };
        if limit == "subtree_heap_bytes" {
            self.own.limit_subtree(max);
            return Ok(Reply::Nothing);
        }
        let limits = &mut self.own.extras().limits;
        match limit {
            "mailbox" => limits.mailbox_max = max,
            "reductions" => limits.reductions_max = max,
            "heap_bytes" => limits.heap_bytes_max = max,
            _ => {
                let known = "heap_bytes, subtree_heap_bytes, reductions, mailbox and mailbox_policy";
                return argument(format!("there is no limit {limit:?}; there are {known}"));
            }
        }
        Ok(Reply::Nothing)
    }
}
