//! Environment variables: the operating system's, under the changes that the program made.
//!
//! The changes are kept here and handed to commands; the environment of the operating system's process is
//! never changed, because other threads may be reading it.

use std::{collections::BTreeMap, env, ffi::OsString, process::Command};

use ttvm_isa::{Fault, HostOperation};
use ttvm_value::Value;

use crate::arguments::{bad_argument, host_fault, new_text, text};

/// The variables that the program has set or removed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    changes: BTreeMap<String, Option<String>>,
}

impl Environment {
    /// `GET_ENV`: the variable's value, or null.
    pub(crate) fn get(&self, operation: HostOperation, [name]: [Value; 1]) -> Result<Value, Fault> {
        let name = text(operation, &name)?;
        if check_name(name).is_err() {
            return Ok(Value::Null);
        }
        if let Some(change) = self.changes.get(name) {
            return change.as_deref().map_or(Ok(Value::Null), new_text);
        }
        match env::var(name) {
            Ok(value) => new_text(&value),
            Err(env::VarError::NotPresent) => Ok(Value::Null),
            Err(env::VarError::NotUnicode(_)) => {
                Err(host_fault(operation, format!("the value of {name} is not UTF-8")))
            }
        }
    }

    /// `SET_ENV`: sets the variable for this program and the commands it runs; null removes it.
    pub(crate) fn set(&mut self, operation: HostOperation, [name, value]: [Value; 2]) -> Result<Value, Fault> {
        let name = text(operation, &name)?;
        check_name(name).map_err(|reason| bad_argument(operation, format!("{name:?} cannot be a name: {reason}")))?;
        let change = if matches!(value, Value::Null) { None } else { Some(text(operation, &value)?.to_owned()) };
        if change.as_ref().is_some_and(|value| value.contains('\0')) {
            return Err(bad_argument(operation, format!("the value of {name} contains a zero byte")));
        }
        self.changes.insert(name.to_owned(), change);
        Ok(Value::Null)
    }

    /// A variable for the machine's own use.
    pub(crate) fn variable(&self, name: &str) -> Option<OsString> {
        self.changes.get(name).map_or_else(|| env::var_os(name), |change| change.as_ref().map(OsString::from))
    }

    /// Gives a command the program's variables instead of the process's.
    pub(crate) fn apply_to(&self, command: &mut Command) {
        for (name, change) in &self.changes {
            match change {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }
}

/// No system can hold a variable by another name.
fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        Err("it is empty")
    } else if name.contains('=') {
        Err("it contains =")
    } else if name.contains('\0') {
        Err("it contains a zero byte")
    } else {
        Ok(())
    }
}
