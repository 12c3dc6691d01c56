//! The last eight bytes of a file: XXH3 (64 bits, seed 0) over all bytes before them, little endian.
//!
//! It finds damage by disks and transfers, not malice: anybody can compute it. What protects against
//! hostile files is that reader and verifier trust nothing.

use xxhash_rust::xxh3::xxh3_64;

/// How many bytes the checksum takes.
pub(crate) const CHECKSUM_BYTES: usize = 8;

/// The checksum of everything before it.
pub(crate) fn compute(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// Replaces the last eight bytes with the checksum of those before them; shorter input stays as it is.
///
/// For tools that make damaged files on purpose and want them looked at beyond the checksum: tests, fuzzers.
pub fn seal(bytes: &mut [u8]) {
    if let Some((body, checksum)) = bytes.split_last_chunk_mut::<CHECKSUM_BYTES>() {
        *checksum = compute(body).to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_published_xxh3_of_nothing() {
        // The value for empty input in the XXH3 specification's test vectors.
        assert_eq!(compute(b""), 0x2D06_8005_38D3_94C2);
    }

    #[test]
    fn input_too_short_for_a_checksum_stays_as_it_is() {
        let mut bytes = [1, 2, 3];
        seal(&mut bytes);
        assert_eq!(bytes, [1, 2, 3]);
    }
}
