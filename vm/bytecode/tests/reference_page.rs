//! The worked example of `docs/reference/bytecode.md` is what the writer makes.

use ttvm_bytecode::{read, testing::files::worked_example, write};

const PAGE: &str = include_str!("../../../docs/reference/bytecode.md");

/// The bytes of a line of the dump: an offset, two spaces, bytes, two spaces, words. Other lines have none.
fn dumped(line: &str) -> Option<(usize, Vec<u8>)> {
    let (offset, rest) = line.split_once("  ")?;
    let (bytes, _) = rest.split_once("  ")?;
    let offset = usize::from_str_radix(offset, 16).ok()?;
    let bytes: Result<_, _> = bytes.split(' ').map(|byte| u8::from_str_radix(byte, 16)).collect();
    Some((offset, bytes.ok()?))
}

#[test]
fn the_worked_example_of_the_reference_page_is_the_file_of_its_module() {
    let mut file = Vec::new();
    for (offset, bytes) in PAGE.lines().filter_map(dumped) {
        assert_eq!(offset, file.len(), "an offset of the page is wrong");
        file.extend_from_slice(&bytes);
    }
    assert_eq!(write(&worked_example()).as_ref(), Ok(&file));
    assert_eq!(read(&file), Ok(worked_example()));
}
