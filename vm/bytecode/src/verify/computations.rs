//! Rule V13: what a `.computation` block and the instructions of supersteps cannot say.

use std::collections::{HashMap, HashSet};

use ttvm_isa::{FoldOperation, Text, limits};

use super::{Checker, Rule};
use crate::{
    computation::{ComputationSpec, Role},
    module::BodyKind,
};

impl Checker<'_> {
    pub(super) fn check_computations(&mut self) {
        let module = self.module;
        let functions = module.bodies.iter().filter(|body| body.kind == BodyKind::Function);
        let functions = functions.map(|body| (&body.name, body.parameters.len())).collect();
        let mut seen = HashSet::new();
        for computation in &module.computations {
            if !seen.insert(&computation.name) {
                self.refuse_computation(format!("two computations are named `{}`", computation.name));
            }
            for problem in problems_of(computation, &functions) {
                self.refuse_computation(format!("the computation `{}` {problem}", computation.name));
            }
        }
    }

    /// What folds values does it with an operation that there is, or a function from the stack.
    pub(super) fn check_folds(&mut self) {
        for (pc, op) in (0..).zip(&self.module.code) {
            if let Some(word) = op.fold_word().filter(|word| FoldOperation::of_name(word).is_none()) {
                self.report(Some(pc), Rule::V13Computations, format!("no operation is named `{word}`"));
            }
        }
    }

    fn refuse_computation(&mut self, problem: String) {
        self.report(None, Rule::V13Computations, problem);
    }
}

/// What a computation cannot be, each as the end of a sentence about it.
fn problems_of(computation: &ComputationSpec, functions: &HashMap<&Text, usize>) -> Vec<String> {
    let mut problems = Vec::new();
    let ranges = [
        ("processors", computation.processors.map(u64::from), u64::from(limits::PROCESSES_MAX)),
        ("max_supersteps", computation.max_supersteps, limits::SUPERSTEP_NUMBER_MAX),
        ("barrier_timeout", computation.barrier_timeout_ms, limits::WAIT_MILLISECONDS_MAX),
        ("checkpoint", computation.checkpoint_every, limits::SUPERSTEP_NUMBER_MAX),
    ];
    for (what, value, max) in ranges {
        if value.is_some_and(|value| value == 0 || value > max) {
            problems.push(format!("has a {what} that is not from 1 to {max}"));
        }
    }
    match computation.supersteps.len() {
        0 => problems.push("has no superstep".to_owned()),
        count if count > limits::COMPUTATION_SUPERSTEPS_MAX => {
            problems.push(format!("has {count} supersteps, at most {}", limits::COMPUTATION_SUPERSTEPS_MAX));
        }
        _ => {}
    }
    let mut seen = HashSet::new();
    for superstep in &computation.supersteps {
        if !seen.insert(&superstep.name) {
            problems.push(format!("has two supersteps named `{}`", superstep.name));
        }
    }
    let of_supersteps = computation.supersteps.iter().flat_map(|superstep| superstep.functions());
    problems.extend(
        computation.functions().chain(of_supersteps).filter_map(|(role, name)| problem_of(role, name, functions)),
    );
    problems
}

fn problem_of(role: Role, name: &Text, functions: &HashMap<&Text, usize>) -> Option<String> {
    let (word, wanted) = (role.word(), role.parameters());
    match functions.get(name) {
        None => Some(format!("has the function `{name}` as {word}, which the module lacks")),
        Some(has) => (*has != wanted)
            .then(|| format!("has the function `{name}` as {word}, with {has} parameters instead of {wanted}")),
    }
}
