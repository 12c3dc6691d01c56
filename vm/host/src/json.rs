//! JSON: which values have a JSON form, and the two instructions.
//!
//! Reading and writing go straight between text and values, without a tree in between. What is written reads
//! back as the same value (but for maps and arrays, which read back as objects and lists). The rules are in
//! `docs/reference/json.md`.

mod read;
mod write;

use std::fmt;

use ttvm_isa::{
    Fault, HostOperation,
    limits::{ELEMENTS_MAX, JSON_DEPTH_MAX},
};
use ttvm_value::{Value, ops::size::tree_size, work::whole};

use crate::arguments::{new_text, text};

/// `JSON_PARSE`
pub(crate) fn parse(operation: HostOperation, [source]: [Value; 1]) -> Result<Value, Fault> {
    read::read(text(operation, &source)?).map_err(json_fault)
}

/// `JSON_STRINGIFY`
pub(crate) fn stringify([value]: [Value; 1]) -> Result<Value, Fault> {
    let too_long = || Fault::Limit { what: "elements in one value", max: ELEMENTS_MAX as u64 };
    // What is shared within the value is written as often as it occurs, which may be more than any memory holds.
    if whole(async |fuel| tree_size(&value, fuel).await) > ELEMENTS_MAX as u64 {
        return Err(too_long());
    }
    match write::write(&value) {
        Ok(text) => new_text(&text),
        Err(error) if error.is_io() => Err(too_long()),
        Err(error) => Err(json_fault(error)),
    }
}

fn json_fault(error: serde_json::Error) -> Fault {
    Fault::Json { error: error.to_string() }
}

/// A list or object stands inside too many others.
struct TooDeep;

impl fmt::Display for TooDeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nested deeper than {JSON_DEPTH_MAX} levels")
    }
}
