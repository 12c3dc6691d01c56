//! Jumps that lead to jumps, or to where a function or the program ends.
//!
//! Reductions never grow by it: a chain of jumps that ends behind the first jump goes backward somewhere, and
//! paid there.

use ttvm_bytecode::{Module, analysis::inside};
use ttvm_isa::OpCode;

use crate::{
    facts::{Facts, Part, Reached, is_call, parts},
    report::{Change, Changes},
};

/// Jumps followed from one target; a longer chain is shortened in several rounds.
const HOPS_MAX: usize = 256;

/// The module's code with every jump, branch and handler leading where it leads in the end.
pub(crate) fn threaded(module: &Module, facts: &Facts, changes: &mut Changes) -> Vec<OpCode> {
    let mut code = module.code.clone();
    for part in parts(module) {
        for pc in part.start..part.end {
            if facts.reached[pc as usize] == Reached::Fixed
                && let Some(better) = shorter(module, facts, part, pc)
            {
                code[pc as usize] = better;
                changes.count(Change::Threaded);
            }
        }
    }
    code
}

/// What the jump at `pc` can become.
fn shorter(module: &Module, facts: &Facts, part: Part, pc: u32) -> Option<OpCode> {
    let op = &module.code[pc as usize];
    let target = match op {
        OpCode::Jmp { target } | OpCode::Jz { target } | OpCode::Jnz { target } | OpCode::Try { target } => *target,
        // Calls enter functions: what those begin with is their own.
        _other => return None,
    };
    let last = end_of_chain(module, part.body, target);
    let end = last.unwrap_or(target);
    if let (OpCode::Jmp { .. }, Some(place)) = (op, inside(module, part.body, end)) {
        match &module.code[place as usize] {
            OpCode::Halt {} => return Some(OpCode::Halt {}),
            // At top level `RET` is an error that names its line; behind a call it would make a tail call of it.
            OpCode::Ret {} if !facts.is_top_level[pc as usize] && !follows_call(module, part, pc) => {
                return Some(OpCode::Ret {});
            }
            // Nothing else is worth having twice.
            _other => {}
        }
    }
    let mut better = op.clone();
    *better.target_mut()? = last?;
    Some(better)
}

fn follows_call(module: &Module, part: Part, pc: u32) -> bool {
    pc > part.start && is_call(&module.code[pc as usize - 1])
}

/// Where a chain of jumps that begins at `target` leads, if it is one and ends.
fn end_of_chain(module: &Module, body: Option<u32>, target: u32) -> Option<u32> {
    let mut end = target;
    for hops in 0..HOPS_MAX {
        let next = inside(module, body, end).map(|place| &module.code[place as usize]);
        match next {
            Some(OpCode::Jmp { target }) => end = *target,
            Some(_) | None => {
                return (hops > 0 && inside(module, body, end) != inside(module, body, target)).then_some(end);
            }
        }
    }
    // A loop of jumps, or a very long chain: any jump of it is as good as another.
    None
}
