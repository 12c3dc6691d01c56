//! JSON: which values have a JSON form, and the two instructions.
//!
//! Reading and writing go straight between text and values, without a tree in between. What is written reads
//! back as the same value (but for maps and arrays, which read back as objects and lists). The rules are in
//! `docs/reference/json.md`.

mod read;
mod write;

use std::fmt;

use ttvm_isa::{Fault, HostOperation, limits::JSON_DEPTH_MAX};
use ttvm_value::Value;

use crate::arguments::{new_text, text};

/// `JSON_PARSE`
pub(crate) fn parse(operation: HostOperation, [source]: [Value; 1]) -> Result<Value, Fault> {
    read::read(text(operation, &source)?).map_err(json_fault)
}

/// `JSON_STRINGIFY`
pub(crate) fn stringify([value]: [Value; 1]) -> Result<Value, Fault> {
    new_text(&write::write(&value).map_err(json_fault)?)
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
