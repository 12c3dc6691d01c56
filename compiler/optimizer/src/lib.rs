//! Makes a module smaller and faster without changing what it does: `ttvm optimize`.
//!
//! Stack code in, stack code out. Each round analyses the module anew (`facts.rs`), shortens ways through jumps
//! (`threading.rs`), writes the code again while reducing what it has just written (`rewrite.rs`, `patterns.rs`,
//! `fold.rs`), gives everything its new number (`rebuild.rs`) and proves that nothing the verifier decides for the
//! machine has changed (`check.rs`). Rounds go on until one changes nothing.
//!
//! What is promised, and what a program can still see: `docs/reference/optimizer.md`. Not here: register code
//! (the crate `lowering` allots slots and fuses instructions), and anything that looks at more than one module.

#![forbid(unsafe_code)]

mod check;
mod definedness;
mod facts;
mod fold;
mod literal;
mod patterns;
mod rebuild;
mod report;
mod rewrite;
mod threading;

#[cfg(test)]
mod tests;

use ttvm_bytecode::{Module, VerifiedModule, verify};

pub use crate::report::{Change, Outcome, Report};
use crate::{check::decides_the_same, facts::Facts, rebuild::rebuild, report::Changes, rewrite::rewrite};

/// Rounds before the optimizer stops where it is. Real programs need fewer than ten: only chains of constants that
/// each wait for the one before need more.
const ROUNDS_MAX: u32 = 100;

/// How much a round may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Everything.
    All,
    /// Only what leaves every way through the code as it is: what is tried when [`Reach::All`] would change what
    /// an `END_TRY` ends.
    Straight,
}

/// Optimizes a module. Doing so again changes nothing.
///
/// A module that the verifier refuses comes back as it is; the report says so.
#[must_use]
pub fn optimize(module: &Module) -> (Module, Report) {
    let instructions_before = module.code.len();
    let mut changes = Changes::default();
    let (mut outcome, mut rounds) = (Outcome::Finished, 0);
    let mut verified = match verify(module.clone()) {
        Ok(verified) => verified,
        Err(mut errors) => {
            let first = errors.swap_remove(0);
            let outcome = Outcome::Refused(Box::new(first));
            return (module.clone(), Report::new(instructions_before, instructions_before, 0, changes, 0, outcome));
        }
    };
    loop {
        if rounds == ROUNDS_MAX {
            outcome = Outcome::RoundsUsedUp;
            break;
        }
        match round(&verified) {
            Round::Changed(better, of_round) => {
                rounds += 1;
                changes.add(&of_round);
                verified = *better;
            }
            Round::Unchanged => break,
            Round::Withheld => {
                outcome = Outcome::Withheld;
                break;
            }
        }
    }
    let left_alone = Facts::of(&verified).left_alone();
    let result = Module::clone(verified.module());
    let report = Report::new(instructions_before, result.code.len(), rounds, changes, left_alone, outcome);
    (result, report)
}

/// What a round came to.
enum Round {
    Changed(Box<VerifiedModule>, Changes),
    Unchanged,
    /// It would change what the machine does.
    Withheld,
}

fn round(verified: &VerifiedModule) -> Round {
    let facts = Facts::of(verified);
    let mut result = Round::Unchanged;
    for reach in [Reach::All, Reach::Straight] {
        let rewritten = rewrite(verified.module(), &facts, reach);
        let rebuilt = rebuild(verified.module(), &facts, &rewritten);
        if rebuilt == **verified.module() {
            continue;
        }
        match verify(rebuilt) {
            Ok(better) if decides_the_same(verified, &better, &rewritten.code) => {
                return Round::Changed(Box::new(better), rewritten.changes);
            }
            Ok(_) | Err(_) => result = Round::Withheld,
        }
    }
    result
}
