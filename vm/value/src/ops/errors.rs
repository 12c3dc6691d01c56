//! Exceptions as values, and the two assertions.

use ttvm_isa::Fault;

use super::{compare::equals_in_pieces, expect::mismatch, logic::truth, text::debug_text};
use crate::{
    exception::Exception,
    value::Value,
    work::{Fuel, whole},
};

fn exception<'a>(operation: &'static str, value: &'a Value) -> Result<&'a Exception, Fault> {
    match value {
        Value::Exception(exception) => Ok(exception),
        other => Err(mismatch(operation, "an exception", other)),
    }
}

/// `ERROR_MESSAGE`.
///
/// # Errors
/// [`Fault::TypeMismatch`] unless the operand is an exception.
pub fn error_message(value: &Value) -> Result<Value, Fault> {
    Ok(Value::Str(exception("ERROR_MESSAGE", value)?.message().clone()))
}

/// `ERROR_KIND`.
///
/// # Errors
/// As for [`error_message`].
pub fn error_kind(value: &Value) -> Result<Value, Fault> {
    Ok(Value::Str(exception("ERROR_KIND", value)?.kind().clone()))
}

/// `ERROR_TRACE`.
///
/// # Errors
/// As for [`error_message`].
pub fn error_trace(value: &Value) -> Result<Value, Fault> {
    Ok(Value::List(exception("ERROR_TRACE", value)?.trace().clone()))
}

/// `ASSERT`.
///
/// # Errors
/// [`Fault::AssertionFailed`] if the value is int 0, false or null.
pub fn assert_true(value: &Value) -> Result<(), Fault> {
    if truth(value) { Ok(()) } else { Err(Fault::AssertionFailed { detail: String::new() }) }
}

/// `ASSERT_EQ`.
///
/// # Errors
/// [`Fault::AssertionFailed`] unless both are equal as `EQ` says; it names both.
pub fn assert_equal(a: &Value, b: &Value) -> Result<(), Fault> {
    whole(async |fuel| assert_equal_in_pieces(a, b, fuel).await)
}

/// `ASSERT_EQ`, with pauses.
///
/// # Errors
/// As for [`assert_equal`].
pub async fn assert_equal_in_pieces(a: &Value, b: &Value, fuel: &Fuel) -> Result<(), Fault> {
    if equals_in_pieces(a, b, fuel).await {
        return Ok(());
    }
    Err(Fault::AssertionFailed { detail: format!("{} is not equal to {}", debug_text(a), debug_text(b)) })
}
