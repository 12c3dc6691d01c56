//! Which labels a program may start as processes by their names.
//!
//! `SPAWN` of a str that names no function or program runs the plain label of that name. Names may be made while the
//! program runs, but code must be known before: a label counts if its name is written somewhere as a string, in a module
//! that starts processes, or as a child of a supervisor.

use std::collections::HashSet;

use ttvm_isa::OpCode;

use crate::{
    module::{Label, Module},
    supervisor::Start,
};

/// The labels outside bodies that may be started by their names, in their order in the module.
#[must_use]
pub fn spawned_labels(module: &Module) -> Vec<&Label> {
    let mut names: HashSet<&str> = HashSet::new();
    let spawns = module.code.iter().any(|op| {
        matches!(
            op,
            OpCode::Spawn { .. }
                | OpCode::SpawnLink { .. }
                | OpCode::SpawnMonitor { .. }
                | OpCode::SpawnGroup { .. }
                | OpCode::StartChild {}
                | OpCode::SuperviseChild { .. }
                | OpCode::RestartChild { .. }
        )
    });
    if spawns {
        names.extend(module.code.iter().filter_map(|op| match op {
            OpCode::PushStr { value } => Some(&**value),
            OpCode::SuperviseChild { name } | OpCode::RestartChild { name: Some(name) } => Some(&**name),
            _ => None,
        }));
    }
    for child in module.supervisors.iter().flat_map(|supervisor| &supervisor.children) {
        if let Start::Function { name, .. } = &child.start {
            names.insert(name);
        }
    }
    module.labels.iter().filter(|label| label.body.is_none() && names.contains(&*label.name)).collect()
}
