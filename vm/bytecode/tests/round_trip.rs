//! One module has one file and one file has one module.

use proptest::prelude::*;
use ttvm_bytecode::{
    is_bytecode, read,
    testing::{files, instruction_of, module},
    write,
};
use ttvm_isa::info::INSTRUCTIONS;

#[test]
fn every_sample_is_read_as_it_was_written() {
    for sample in files::samples() {
        let bytes = write(&sample).expect("a sample can be written");
        assert!(is_bytecode(&bytes));
        assert_eq!(read(&bytes), Ok(sample));
    }
}

#[test]
fn text_is_not_taken_for_bytecode() {
    assert!(!is_bytecode(b""));
    assert!(!is_bytecode(b"PUSH_INT 1\n"));
    assert!(!is_bytecode("\u{89}ttb\r\n\u{1A}\n".as_bytes()));
}

proptest! {
    #[test]
    fn every_module_is_read_as_it_was_written(module in module(30)) {
        let bytes = write(&module);
        // The one operand without an encoding: a count that the next greater number would stand for.
        if let Ok(bytes) = bytes {
            prop_assert_eq!(read(&bytes), Ok(module));
        } else {
            prop_assert!(format!("{module:?}").contains("Some(4294967295)"), "{bytes:?}");
        }
    }

    #[test]
    fn writing_twice_gives_the_same_bytes(module in module(30)) {
        prop_assert_eq!(write(&module), write(&module.clone()));
    }

    #[test]
    fn every_instruction_of_the_table_can_stand_in_a_file(
        code in INSTRUCTIONS.iter().map(|info| instruction_of(info, 8)).collect::<Vec<_>>()
    ) {
        let lines = vec![1; code.len()];
        let module = ttvm_bytecode::Module { code, lines, ..Default::default() };
        if let Ok(bytes) = write(&module) {
            prop_assert_eq!(read(&bytes), Ok(module));
        }
    }
}
