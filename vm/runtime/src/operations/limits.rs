//! `SET_PRIORITY` and `SET_LIMIT`.
//!
//! Rights are lessened here, and inherited where processes are made (`spawn.rs`); what they mean is for the host.

use std::path::PathBuf;

use ttvm_engine::{Reply, Request};
use ttvm_isa::{Endpoint, Fault, Permissions, Reach, limits::RIGHTS_MAX};
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
        if limit == "permissions" {
            let permissions = permissions(value).map_err(|error| Fault::Argument { operation, error })?;
            let Some(rights) = self.own.rights().lessened(permissions) else {
                return argument(format!("rights may be lessened {RIGHTS_MAX} times, which was done"));
            };
            self.own.extras().rights = rights;
            return Ok(Reply::Nothing);
        }
        let max = match value {
            Value::Null => None,
            Value::Int(max) if *max >= 0 => Some(max.unsigned_abs()),
            other => return argument(format!("a limit must be an int from 0 up, or null for none, not {other}")),
        };
        if limit == "subtree_heap_bytes" {
            self.limit_subtree(max)?;
            return Ok(Reply::Nothing);
        }
        let limits = &mut self.own.extras().limits;
        match limit {
            "mailbox" => limits.mailbox_max = max,
            "reductions" => limits.reductions_max = max,
            "heap_bytes" => limits.heap_bytes_max = max,
            _ => {
                let known = "heap_bytes, subtree_heap_bytes, reductions, mailbox, mailbox_policy and permissions";
                return argument(format!("there is no limit {limit:?}; there are {known}"));
            }
        }
        Ok(Reply::Nothing)
    }
}

/// The permissions of `{read, write, net, exec, env}`; what is not named is left as it is.
fn permissions(value: &Value) -> Result<Permissions, String> {
    let Value::Object(fields) = value else {
        return Err(format!("permissions are an object with read, write, net, exec and env, not {value:?}"));
    };
    let mut permissions = Permissions::all();
    for (name, value) in fields.iter() {
        match name.as_str() {
            "read" => permissions.read = reach(name, value, path)?,
            "write" => permissions.write = reach(name, value, path)?,
            "net" => permissions.net = reach(name, value, endpoint)?,
            "exec" => permissions.exec = flag(name, value)?,
            "env" => permissions.env = flag(name, value)?,
            other => return Err(format!("there is no permission {other:?}; there are read, write, net, exec and env")),
        }
    }
    Ok(permissions)
}

fn flag(name: &str, value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        other => Err(format!("the permission {name} is true or false, not {other:?}")),
    }
}

/// Everything, nothing, or what a list names.
fn reach<T>(name: &str, value: &Value, item: impl Fn(&str) -> Result<T, String>) -> Result<Reach<T>, String> {
    match value {
        Value::Bool(true) => Ok(Reach::Everything),
        Value::Bool(false) => Ok(Reach::Only(Vec::new())),
        Value::List(list) => {
            let read = |value: Value| match value.as_str() {
                Some(text) => item(text),
                None => Err(format!("the permission {name} is a list of strs, but {value:?} is in it")),
            };
            list.iter().map(|element| read(element.to_value())).collect::<Result<Vec<T>, String>>().map(Reach::Only)
        }
        other => Err(format!("the permission {name} is a list, true or false, not {other:?}")),
    }
}

fn path(text: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(text))
}

fn endpoint(text: &str) -> Result<Endpoint, String> {
    text.parse().map_err(|error| format!("{text:?} is no host: {error}"))
}
