//! The lines of a `.computation` block.

use ttvm_bytecode::{
    ComputationSpec,
    computation::{Combiner, Compute, Convergence, SuperstepSpec},
};
use ttvm_isa::{FoldOperation, spelling::push_quoted};

use super::supervisor::{duration, name};
use crate::columns::aligned;

/// All lines of the block, its `.end` included.
pub(super) fn lines(computation: &ComputationSpec) -> Vec<String> {
    let mut lines = vec![format!(".computation {}", name(&computation.name))];
    let mut add = |key: &str, value: Option<String>| lines.extend(value.map(|value| format!("  {key} {value}")));
    let number = |number: u64| number.to_string();
    add("initialize", computation.initialize.as_deref().map(name));
    add("processors", computation.processors.map(|processors| number(processors.into())));
    add("max_supersteps", computation.max_supersteps.map(number));
    add("barrier_timeout", computation.barrier_timeout_ms.map(duration));
    add("checkpoint", computation.checkpoint_every.map(|every| format!("every={every}")));
    add("on_crash", computation.on_crash_restart.map(|restarts| format!("restart={restarts}")));
    add("combine", computation.combine.as_ref().map(combiner));
    let supersteps: Vec<Vec<String>> = computation.supersteps.iter().map(superstep).collect();
    lines.extend(aligned(&supersteps).into_iter().map(|line| format!("  {line}")));
    lines.extend(computation.finalize.as_deref().map(|finalize| format!("  finalize {}", name(finalize))));
    lines.push(".end".to_owned());
    lines
}

fn superstep(superstep: &SuperstepSpec) -> Vec<String> {
    let mut cells = vec!["superstep".to_owned(), name(&superstep.name)];
    cells.extend(superstep.compute.as_ref().map(|compute| match compute {
        Compute::Keep => "compute=keep".to_owned(),
        Compute::Function(function) => format!("compute={}", function_name(function, &["keep"])),
    }));
    cells.extend(superstep.communicate.as_ref().map(|function| format!("communicate={}", name(function))));
    cells.extend(match &superstep.converged {
        Convergence::Never => None,
        Convergence::Always => Some("converged=always".to_owned()),
        Convergence::Function(function) => Some(format!("converged={}", function_name(function, &["always", "never"]))),
    });
    cells
}

fn combiner(combiner: &Combiner) -> String {
    match combiner {
        Combiner::Operation(operation) => operation.name().to_owned(),
        Combiner::Function(function) => function_name(function, FoldOperation::NAMES),
    }
}

/// The name of a function where some words mean something else: those in quotes.
fn function_name(function: &str, built_in: &[&str]) -> String {
    if !built_in.contains(&function) {
        return name(function);
    }
    let mut text = String::new();
    push_quoted(&mut text, function);
    text
}
