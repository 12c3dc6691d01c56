//! Damaged, hostile and random files are refused or read as what they say, never anything else.

use proptest::{collection::vec, prelude::*, sample::Index};
use ttvm_bytecode::{
    ReadError, checksum, format, read,
    testing::{files, module},
    write,
};

/// Reads any bytes; what the reader takes must be the one file of its module.
fn check(bytes: &[u8]) -> Result<(), ReadError> {
    let module = read(bytes)?;
    assert_eq!(write(&module).as_deref(), Ok(bytes), "a second file for {module:?}");
    Ok(())
}

fn sample_files() -> Vec<Vec<u8>> {
    files::samples().iter().map(|sample| write(sample).expect("a sample can be written")).collect()
}

#[test]
fn every_truncation_of_a_sample_is_refused() {
    for file in sample_files() {
        for length in 0..file.len() {
            assert!(read(&file[..length]).is_err(), "the first {length} bytes of {file:02x?}");
        }
    }
}

#[test]
fn every_truncation_with_a_right_checksum_is_refused() {
    for file in sample_files() {
        for length in 0..file.len() {
            let mut bytes = file[..length].to_vec();
            checksum::seal(&mut bytes);
            assert!(check(&bytes).is_err(), "{bytes:02x?}");
        }
    }
}

#[test]
fn every_single_flipped_bit_of_a_sample_is_refused() {
    for file in sample_files() {
        for bit in 0..file.len() * 8 {
            let mut bytes = file.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&bytes).is_err(), "bit {bit} of {file:02x?}");
        }
    }
}

#[test]
fn every_changed_byte_with_a_right_checksum_is_refused_or_the_file_of_its_module() {
    for file in sample_files() {
        for place in 0..file.len() - 8 {
            for byte in 0..=255 {
                let mut bytes = file.clone();
                bytes[place] = byte;
                checksum::seal(&mut bytes);
                let _ = check(&bytes);
            }
        }
    }
}

#[test]
fn bytes_after_the_checksum_are_refused() {
    for mut file in sample_files() {
        let length = file.len() as u64;
        file.push(0);
        let section = ttvm_bytecode::Section::Checksum;
        assert_eq!(read(&file), Err(ReadError::TrailingBytes { section, offset: length, count: 1 }));
    }
}

#[test]
fn every_input_that_the_fuzzer_kept_is_refused_or_the_file_of_its_module() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/bytes");
    let entries = std::fs::read_dir(folder).expect("the corpus is part of the repository");
    let mut count = 0;
    for entry in entries {
        let mut bytes = std::fs::read(entry.expect("the folder can be read").path()).expect("the file can be read");
        let _ = check(&bytes);
        checksum::seal(&mut bytes);
        let _ = check(&bytes);
        count += 1;
    }
    assert!(count > 100, "{folder} has lost its files");
}

/// Byte strings that often begin as the parts of a file do.
fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..40), vec(0u8..6, 0..40)]
}

proptest! {
    #[test]
    fn random_bytes_are_refused(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(check(&bytes).is_err());
    }

    #[test]
    fn random_bytes_behind_a_right_beginning_are_refused_or_a_file(tail in vec(any::<u8>(), 0..200)) {
        let mut bytes = [&format::MAGIC[..], &[1, 0, 0, 0, 0, 0, 1], &tail].concat();
        checksum::seal(&mut bytes);
        let _ = check(&bytes);
    }

    #[test]
    fn random_sections_are_refused_or_a_file(contents in [content(), content(), content(), content()]) {
        let [constants, code, metadata, lines] = &contents;
        let _ = check(&files::file([constants, code, metadata, lines]));
        let _ = check(&files::file([constants, code, files::EMPTY_METADATA, lines]));
        let _ = check(&files::file([&[], &[], metadata, &[]]));
    }

    #[test]
    fn a_module_with_changed_bytes_is_refused_or_a_file(
        module in module(12),
        changes in vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        if let Ok(mut bytes) = write(&module) {
            for (place, byte) in changes {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            checksum::seal(&mut bytes);
            let _ = check(&bytes);
        }
    }
}
