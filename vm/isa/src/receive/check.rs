//! The limits of a receive table, and what no `.receive` block can say.
//!
//! Kept by the assembler and by whoever reads a table from bytes, so that every table of a module has them.

use std::{collections::HashSet, fmt};

use super::{Guard, Pattern, ReceiveCase, ReceiveTable};
use crate::limits;

/// Why a table is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReceiveError {
    /// There is neither a case nor a time.
    Empty,
    /// More cases than [`limits::RECEIVE_CASES_MAX`].
    TooManyCases,
    /// More patterns and guards than [`limits::RECEIVE_PARTS_MAX`].
    TooManyParts,
    /// A pattern or guard nests deeper than [`limits::RECEIVE_DEPTH_MAX`].
    TooDeep,
    /// An object pattern names a field twice.
    FieldTwice,
    /// `and` or `or` joins fewer than two guards.
    LoneGuard,
    /// A number in the bytes stands for nothing.
    BadTag(u8),
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it has neither a case nor a time"),
            Self::TooManyCases => write!(f, "more than {} cases", limits::RECEIVE_CASES_MAX),
            Self::TooManyParts => write!(f, "more than {} patterns and guards", limits::RECEIVE_PARTS_MAX),
            Self::TooDeep => write!(f, "more than {} levels of patterns or guards", limits::RECEIVE_DEPTH_MAX),
            Self::FieldTwice => f.write_str("an object pattern names a field twice"),
            Self::LoneGuard => f.write_str("`and` and `or` join at least two guards"),
            Self::BadTag(tag) => write!(f, "no pattern, guard or time has the number {tag}"),
        }
    }
}

impl std::error::Error for ReceiveError {}

impl ReceiveTable {
    /// Checks limits and what no `.receive` block can say.
    ///
    /// # Errors
    /// Every kind of [`ReceiveError`] but `BadTag`.
    pub fn check(&self) -> Result<(), ReceiveError> {
        if self.cases.is_empty() && self.after.is_none() {
            return Err(ReceiveError::Empty);
        }
        if self.cases.len() > limits::RECEIVE_CASES_MAX {
            return Err(ReceiveError::TooManyCases);
        }
        let mut parts_left = limits::RECEIVE_PARTS_MAX;
        self.cases.iter().try_for_each(|case| case.check(&mut parts_left))
    }
}

impl ReceiveCase {
    /// Checks a case by itself, taking its patterns and guards from what the table may still have of them.
    ///
    /// # Errors
    /// As [`ReceiveTable::check`] says.
    pub fn check(&self, parts_left: &mut usize) -> Result<(), ReceiveError> {
        check_pattern(&self.pattern, 1, parts_left)?;
        self.guard.as_ref().map_or(Ok(()), |guard| check_guard(guard, 1, parts_left))
    }
}

/// Counts a part at a level.
pub(crate) fn count_part(level: usize, parts_left: &mut usize) -> Result<(), ReceiveError> {
    if level > limits::RECEIVE_DEPTH_MAX {
        return Err(ReceiveError::TooDeep);
    }
    *parts_left = parts_left.checked_sub(1).ok_or(ReceiveError::TooManyParts)?;
    Ok(())
}

fn check_pattern(pattern: &Pattern, level: usize, parts_left: &mut usize) -> Result<(), ReceiveError> {
    count_part(level, parts_left)?;
    if let Pattern::Object(fields) = pattern {
        let mut names = HashSet::new();
        if !fields.iter().all(|(name, _)| names.insert(name)) {
            return Err(ReceiveError::FieldTwice);
        }
    }
    pattern.parts().into_iter().try_for_each(|part| check_pattern(part, level + 1, parts_left))
}

fn check_guard(guard: &Guard, level: usize, parts_left: &mut usize) -> Result<(), ReceiveError> {
    count_part(level, parts_left)?;
    if let Guard::All(parts) | Guard::Either(parts) = guard
        && parts.len() < 2
    {
        return Err(ReceiveError::LoneGuard);
    }
    guard.parts().iter().try_for_each(|part| check_guard(part, level + 1, parts_left))
}
