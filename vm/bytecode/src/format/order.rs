//! The order that a module promises of its bodies and labels, checked by writer and reader alike.
//!
//! These are the rules written at the fields of [`crate::Module`]. Not here: whether names, targets and
//! code make sense; that is the verifier's.

use thiserror::Error;
use ttvm_isa::limits;

/// How a body or label breaks the order that a module promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OrderError {
    /// A body's end lies before its start.
    #[error("the body starts at instruction {start} but ends before it, at {end}")]
    BodyEndsBeforeStart {
        /// The first instruction.
        start: u32,
        /// The instruction after the last.
        end: u32,
    },
    /// A body starts within or before the previous one.
    #[error("the body starts at instruction {start}, before the previous body ends at {previous_end}")]
    BodyBeforePrevious {
        /// The first instruction.
        start: u32,
        /// Where the previous body ends.
        previous_end: u32,
    },
    /// A body has more than [`limits::PARAMETERS_MAX`] parameters.
    #[error("the body has {count} parameters, at most {} are allowed", limits::PARAMETERS_MAX)]
    TooManyParameters {
        /// How many it has.
        count: u64,
    },
    /// A label stands before the previous one.
    #[error("the label marks instruction {at}, before the previous label's {previous}")]
    LabelBeforePrevious {
        /// The instruction it marks.
        at: u32,
        /// The instruction that the previous label marks.
        previous: u32,
    },
    /// A label names a body that does not exist.
    #[error("the label belongs to body {body}, but there are {bodies}")]
    LabelOfUnknownBody {
        /// The index it names.
        body: u32,
        /// How many bodies there are.
        bodies: u64,
    },
}

/// Checks bodies one after the other, then labels one after the other.
#[derive(Debug, Default)]
pub(crate) struct OrderCheck {
    bodies: u64,
    body_end: u32,
    label_at: u32,
}

impl OrderCheck {
    /// Checks the next body.
    pub(crate) fn body(&mut self, start: u32, end: u32, parameters: u64) -> Result<(), OrderError> {
        if end < start {
            return Err(OrderError::BodyEndsBeforeStart { start, end });
        }
        if start < self.body_end {
            return Err(OrderError::BodyBeforePrevious { start, previous_end: self.body_end });
        }
        if parameters > u64::from(limits::PARAMETERS_MAX) {
            return Err(OrderError::TooManyParameters { count: parameters });
        }
        self.bodies += 1;
        self.body_end = end;
        Ok(())
    }

    /// Checks the next label; all bodies must have been checked.
    pub(crate) fn label(&mut self, at: u32, body: Option<u32>) -> Result<(), OrderError> {
        if at < self.label_at {
            return Err(OrderError::LabelBeforePrevious { at, previous: self.label_at });
        }
        if let Some(body) = body.filter(|body| u64::from(*body) >= self.bodies) {
            return Err(OrderError::LabelOfUnknownBody { body, bodies: self.bodies });
        }
        self.label_at = at;
        Ok(())
    }
}
