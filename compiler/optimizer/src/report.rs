//! What the optimizer did, for people and for tests.

use std::fmt;

use ttvm_bytecode::VerifyError;

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Change {
    /// An instruction on constants gave way to its result.
    Folded,
    /// A read of a variable gave way to the constant stored in it before.
    Forwarded,
    /// A branch on a constant went one way for good.
    Decided,
    /// A jump to a jump, or to the end of a function or program, became shorter.
    Threaded,
    /// A jump that leads where execution goes anyway went away, or took a branch's place.
    Unjumped,
    /// Instructions that undo each other, or do nothing, went away.
    Cancelled,
    /// A call through a function value made right before it became a plain call.
    Called,
    /// An instruction that nothing can reach went away.
    Unreachable,
}

impl Change {
    /// Every kind, in the order of the report.
    pub const ALL: [Self; 8] = [
        Self::Folded,
        Self::Forwarded,
        Self::Decided,
        Self::Threaded,
        Self::Unjumped,
        Self::Cancelled,
        Self::Called,
        Self::Unreachable,
    ];

    /// What was changed: one, and several.
    const fn describe(self) -> [&'static str; 2] {
        match self {
            Self::Folded => ["instruction on constants computed", "instructions on constants computed"],
            Self::Forwarded => {
                ["read of a variable replaced by a constant", "reads of variables replaced by constants"]
            }
            Self::Decided => ["branch on a constant decided", "branches on constants decided"],
            Self::Threaded => ["jump shortened", "jumps shortened"],
            Self::Unjumped => ["jump or branch saved", "jumps and branches saved"],
            Self::Cancelled => {
                ["group of instructions without effect removed", "groups of instructions without effect removed"]
            }
            Self::Called => ["call through a function value made direct", "calls through function values made direct"],
            Self::Unreachable => ["unreachable instruction removed", "unreachable instructions removed"],
        }
    }
}

/// How often each kind of change was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes([usize; Change::ALL.len()]);

impl Changes {
    pub fn count(&mut self, change: Change) {
        self.0[change as usize] += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }
}

/// Why the optimizer stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// There is nothing more that it knows to do.
    Finished,
    /// What it would do next could change which try an `END_TRY` ends, so it left that.
    Withheld,
    /// It stopped after the largest number of rounds; there may be more to do.
    RoundsUsedUp,
    /// The verifier refuses the module, which is unchanged: the first error.
    Refused(Box<VerifyError>),
}

/// What the optimizer did to a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Instructions before.
    pub instructions_before: usize,
    /// Instructions after.
    pub instructions_after: usize,
    /// How often it went through the module and changed it.
    pub rounds: u32,
    /// Instructions that it left as they are because their effect on the operand stack is only known at run time,
    /// or because only a name may lead to them.
    pub left_alone: usize,
    /// Why it stopped.
    pub outcome: Outcome,
    changes: Changes,
}

impl Report {
    pub(crate) fn new(
        instructions_before: usize,
        instructions_after: usize,
        rounds: u32,
        changes: Changes,
        left_alone: usize,
        outcome: Outcome,
    ) -> Self {
        Self { instructions_before, instructions_after, rounds, left_alone, outcome, changes }
    }

    /// How often a kind of change was made.
    #[must_use]
    pub fn count(&self, change: Change) -> usize {
        self.changes.0[change as usize]
    }

    /// Whether the module came back as it was.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.rounds == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Outcome::Refused(error) = &self.outcome {
            return write!(f, "unchanged, the program is not valid: {error}");
        }
        let (before, after) = (self.instructions_before, self.instructions_after);
        if self.is_unchanged() {
            write!(f, "{before} instructions, unchanged")?;
        } else {
            let rounds = if self.rounds == 1 { "round" } else { "rounds" };
            write!(f, "{before} -> {after} instructions in {} {rounds}", self.rounds)?;
        }
        for change in Change::ALL {
            let count = self.count(change);
            if count > 0 {
                let [one, several] = change.describe();
                write!(f, "\n{count:>8} {}", if count == 1 { one } else { several })?;
            }
        }
        if self.left_alone > 0 {
            write!(
                f,
                "\n{:>8} instructions left alone: what they find on the stack is only known at run time, or only a name leads to them",
                self.left_alone
            )?;
        }
        match self.outcome {
            Outcome::Finished | Outcome::Refused(_) => Ok(()),
            Outcome::Withheld => f.write_str("\nstopped early: more could change which try an END_TRY ends"),
            Outcome::RoundsUsedUp => f.write_str("\nstopped early: the largest number of rounds is reached"),
        }
    }
}
