//! Reading takes memory in proportion to the file, whatever the file claims.
//!
//! One test only: it counts the bytes of the whole test program.

use std::alloc::System;

use cap::Cap;
use ttvm_bytecode::{
    read,
    testing::files::{EMPTY_METADATA, file},
};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes that reading may reserve for each byte of the file, freed ones and every step of a growing vector
/// included. The worst seen is 80: an instruction of one byte is an `OpCode` of 40, whose vector doubles.
const BYTES_PER_FILE_BYTE: usize = 128;

/// Bytes for any file: the first items of each vector.
const BYTES_ALWAYS: usize = 4 << 10;

/// Reads a file and checks what it reserved.
fn check(title: &str, bytes: &[u8], is_file: bool) {
    let before = ALLOCATOR.total_allocated();
    let result = read(bytes);
    let reserved = ALLOCATOR.total_allocated() - before;
    assert_eq!(result.is_ok(), is_file, "{title}: {:?}", result.err());
    let allowed = BYTES_ALWAYS + BYTES_PER_FILE_BYTE * bytes.len();
    assert!(reserved <= allowed, "{title}: {} bytes made it reserve {reserved}", bytes.len());
}

/// `count` strings of three letters, all different, as entries of the pool.
fn different_strings(count: u32) -> Vec<u8> {
    let letter = |number: u32| b'a' + (number % 26) as u8;
    (0..count).flat_map(|n| [5, 3, letter(n), letter(n / 26), letter(n / 676)]).collect()
}

#[test]
fn memory_is_linear_in_the_length_of_the_file() {
    for length in [1 << 10, 1 << 20] {
        let count = [252, (length & 0xFF) as u8, (length >> 8 & 0xFF) as u8, (length >> 16) as u8, 0];
        let (code, lines, empty) = (vec![0xFF; length], vec![0; length], EMPTY_METADATA);
        check("short instructions", &file([&[], &code, empty, &lines]), true);
        check("instructions without lines", &file([&[], &code, empty, &[]]), false);
        let exports = [&[0, 0, 0], &count[..], &lines, &[0]].concat();
        let is_shortest = length > 0xFFFF;
        check("empty exports", &file([&[], &[], &exports, &[]]), is_shortest);
        let bodies = [&[0], &count[..], &[0; 5].repeat(length), &[0; 3]].concat();
        check("empty bodies", &file([&[], &[], &bodies, &[]]), is_shortest);
    }
    let strings = different_strings(10_000);
    check("different strings", &file([&strings, &[], EMPTY_METADATA, &[]]), false);

    // Lengths and counts that lie: 2^32 - 1, or 2^63 and 2^30 in the metadata.
    check("a long string", &file([&[5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], &[], EMPTY_METADATA, &[]]), false);
    check("a long integer", &file([&[2, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], &[], EMPTY_METADATA, &[]]), false);
    check("many parameters", &file([&[], &[0x32, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], EMPTY_METADATA, &[]]), false);
    for claim in [&[253, 0, 0, 0, 0, 0, 0, 0, 0x80][..], &[252, 0, 0, 0, 0x40], &[252, 0xFF, 0xFF, 0xFF, 0x3F]] {
        for beginning in [&[][..], &[0], &[0, 1, 0], &[0, 1, 0, 0, 0, 0], &[0, 0], &[0, 0, 0], &[0, 0, 0, 0]] {
            let metadata = [beginning, claim, &[0; 20]].concat();
            check("a long list", &file([&[], &[], &metadata, &[]]), false);
        }
    }
}
