//! `HASH`: digests of strs and bytes, in hexadecimal digits.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use ttvm_isa::{Fault, HostOperation};
use ttvm_value::Value;

use crate::arguments::{bad_argument, data_and_choice, new_text};

/// `HASH`, with the data and, if it is written, the algorithm.
pub(crate) fn hash(operation: HostOperation, arguments: &[Value]) -> Result<Value, Fault> {
    let (data, algorithm) = data_and_choice(operation, arguments, "sha256")?;
    let digest: [u8; 32] = match algorithm {
        "sha256" => Sha256::digest(data).into(),
        "blake3" => blake3::hash(data).into(),
        other => return Err(bad_argument(operation, format!("the algorithm is sha256 or blake3, not {other:?}"))),
    };
    let mut digits = String::with_capacity(2 * digest.len());
    for byte in digest {
        write!(digits, "{byte:02x}").expect("a String takes whatever is written to it");
    }
    new_text(&digits)
}
