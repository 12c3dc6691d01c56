//! Between values and Rust's types: what handlers take from their arguments, what they answer with, and the
//! faults for arguments that an operation does not take.

use std::{borrow::Cow, fmt::Display};

use ttvm_isa::{Fault, HostOperation};
use ttvm_value::{Bytes, Object, Str, Value, list::Item, ops::text::debug_text};

/// The arguments as an array.
///
/// # Panics
/// If their number is another: whoever asked for the operation disregarded `HostOperation::arguments`.
pub(crate) fn exactly<const N: usize>(arguments: Vec<Value>) -> [Value; N] {
    let given = arguments.len();
    arguments.try_into().unwrap_or_else(|_| panic!("the operation takes {N} arguments, {given} are given"))
}

/// A str.
pub(crate) fn text(operation: HostOperation, value: &Value) -> Result<&str, Fault> {
    value.as_str().ok_or_else(|| mismatch(operation, "a string", value))
}

/// Data, and the word written in the instruction that says what to do with it, or else this one.
pub(crate) fn data_and_choice<'a>(
    operation: HostOperation,
    arguments: &'a [Value],
    otherwise: &'static str,
) -> Result<(&'a [u8], &'a str), Fault> {
    let (data, choice) = match arguments {
        [data] => (data, otherwise),
        [data, choice, ..] => (data, text(operation, choice)?),
        [] => unreachable!("the instruction takes the data"),
    };
    Ok((text_or_bytes(operation, data)?, choice))
}

/// A list of strs.
pub(crate) fn texts(operation: HostOperation, value: &Value) -> Result<Vec<String>, Fault> {
    let expected = || mismatch(operation, "a list of strings", value);
    let Value::List(list) = value else { return Err(expected()) };
    list.iter().map(|element| element.to_value().as_str().map(str::to_owned).ok_or_else(expected)).collect()
}

/// The bytes of a str or of bytes.
pub(crate) fn text_or_bytes(operation: HostOperation, value: &Value) -> Result<&[u8], Fault> {
    match value {
        Value::Str(text) => Ok(text.as_bytes()),
        Value::Bytes(bytes) => Ok(bytes),
        other => Err(mismatch(operation, "a string or bytes", other)),
    }
}

/// Bytes, or a list of ints that are bytes.
pub(crate) fn bytes_or_ints(operation: HostOperation, value: &Value) -> Result<Cow<'_, [u8]>, Fault> {
    let expected = |found: &Value| mismatch(operation, "bytes or a list of integers", found);
    match value {
        Value::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
        Value::List(list) => {
            let byte = |element: Item<'_>| match &element.to_value() {
                Value::Int(number) => u8::try_from(*number).map_err(|_| no_byte(operation, number)),
                Value::BigInt(number) => Err(no_byte(operation, number.number())),
                other => Err(expected(other)),
            };
            list.iter().map(byte).collect::<Result<_, _>>().map(Cow::Owned)
        }
        other => Err(expected(other)),
    }
}

/// A str to answer with.
pub(crate) fn new_text(text: &str) -> Result<Value, Fault> {
    Value::str(text)
}

/// Bytes to answer with.
pub(crate) fn new_bytes(bytes: &[u8]) -> Result<Value, Fault> {
    Bytes::new(bytes).map(Value::Bytes)
}

/// A str to answer with if the bytes are UTF-8, else bytes.
pub(crate) fn new_text_or_bytes(bytes: &[u8]) -> Result<Value, Fault> {
    str::from_utf8(bytes).map_or_else(|_| new_bytes(bytes), new_text)
}

/// A list of strs to answer with.
pub(crate) fn new_texts(texts: &[String]) -> Result<Value, Fault> {
    let texts = texts.iter().map(|text| Value::str(text)).collect::<Result<Vec<_>, _>>()?;
    Value::list(texts.into_iter())
}

/// An object with these fields to answer with.
pub(crate) fn new_object<const N: usize>(fields: [(&str, Value); N]) -> Result<Value, Fault> {
    let mut object = Object::new();
    for (key, value) in fields {
        object.set(&Str::new(key)?, value)?;
    }
    Ok(Value::Object(object))
}

/// An argument of the wrong type.
pub(crate) fn mismatch(operation: HostOperation, expected: &'static str, found: &Value) -> Fault {
    Fault::mismatch(operation.mnemonic(), expected, debug_text(found))
}

/// An argument of the right type that is not possible.
pub(crate) fn bad_argument(operation: HostOperation, error: String) -> Fault {
    Fault::Argument { operation: operation.mnemonic(), error }
}

/// Something outside the machine went wrong.
pub(crate) fn host_fault(operation: HostOperation, error: impl Display) -> Fault {
    Fault::Host { operation: operation.mnemonic(), error: error.to_string() }
}

fn no_byte(operation: HostOperation, number: &dyn Display) -> Fault {
    bad_argument(operation, format!("a byte is an integer from 0 to 255, not {number}"))
}
