//! Any bytes as the text of a program: diagnostics or a module that can be written, never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ttvm_bytecode::{read, write};

fuzz_target!(|data: &[u8]| {
    let assembly = ttvm_assembler::assemble("fuzz.ttvm", data);
    if !assembly.has_errors() {
        let bytes = write(&assembly.module).expect("what assembles can be written");
        assert_eq!(read(&bytes).as_ref(), Ok(&assembly.module), "a file is not its module");
    }
});
