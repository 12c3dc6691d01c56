//! What a program can ask of an exception.

use std::rc::Rc;

use ttvm_isa::Fault;

use super::mismatch;
use crate::value::{Exception, Value};

/// `ERROR_MESSAGE ERROR_KIND ERROR_TRACE`.
pub(crate) fn part(
    operation: &'static str,
    [a]: [Value; 1],
    part: impl FnOnce(&Rc<Exception>) -> Value,
) -> Result<Value, Fault> {
    match &a {
        Value::Exception(exception) => Ok(part(exception)),
        other => Err(mismatch(operation, "an exception", &[other])),
    }
}

pub(crate) fn trace(exception: &Rc<Exception>) -> Value {
    Value::list(exception.trace.iter().map(|line| Value::str(line.as_str())).collect())
}
