//! Any bytes as a bytecode file: refused, or the one file of its module; then verified without a panic.
//!
//! Each input is tried as it is, with a right checksum, and with a right frame around what its sections hold,
//! so that a change to a file's content is not stopped by its checksum or its section lengths.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ttvm_bytecode::{checksum, format::FEATURES_KNOWN, read, testing::files, verify, write};

/// Bytes of magic, version and feature flags.
const HEADER_BYTES: usize = 14;

/// Where the feature flags stand.
const FEATURES: std::ops::Range<usize> = 10..14;

/// Bytes of the checksum.
const CHECKSUM_BYTES: usize = 8;

fuzz_target!(|data: &[u8]| {
    check(data);
    let mut sealed = data.to_vec();
    checksum::seal(&mut sealed);
    check(&sealed);
    check(&reframed(data));
});

fn check(bytes: &[u8]) {
    if let Ok(module) = read(bytes) {
        assert_eq!(write(&module).as_deref(), Ok(bytes), "a module has two files");
        let _ = verify(module);
    }
}

/// A file with the contents of the sections of `data`, where lengths that are wrong mean what is there.
fn reframed(data: &[u8]) -> Vec<u8> {
    let end = data.len().saturating_sub(CHECKSUM_BYTES);
    let mut rest = data.get(HEADER_BYTES..end).unwrap_or_default();
    let mut contents: [&[u8]; 4] = [&[]; 4];
    for content in &mut contents {
        let Some(([_kind, length @ ..], tail)) = rest.split_first_chunk::<5>() else { break };
        let length = u32::from_le_bytes(*length) as usize;
        (*content, rest) = tail.split_at(length.min(tail.len()));
    }
    // The known feature flags are kept: they say which lists the metadata has.
    let features = data.get(FEATURES).map_or(0, |flags| u32::from(flags[0]) & FEATURES_KNOWN);
    files::file_with(features, contents)
}
