//! Large and hostile texts take time in proportion to their size. The sizes are chosen so that anything quadratic
//! would take minutes.

use ttvm_assembler::{assemble, disassemble, format};

#[test]
fn one_line_of_a_megabyte_is_read_whatever_it_says() {
    for start in ["PUSH_STR ", "PUSH_STR \"", "PUSH_INT ", "CALL f ", "", ".fn ", "STORE \"a\" ", "\"", "ADD "] {
        for piece in ["a", "\" ", "\\n", "\\q", "a ", "1", ";\"", "é", ":", "_"] {
            let text = format!("{start}{}", piece.repeat(1_000_000 / piece.len()));
            let assembly = assemble("x", text.as_bytes());
            assert!(assembly.diagnostics.len() < 10, "{start}{piece}");
            let _ = format(text.as_bytes());
        }
    }
}

#[test]
fn one_line_of_ten_megabytes_is_read() {
    let assembly = assemble("x", format!("PUSH_STR {}", "a \";\" ".repeat(2_000_000)).as_bytes());
    assert_eq!(assembly.diagnostics, []);
    let assembly = assemble("x", format!("PUSH_STR \"{}\"", "a\\n".repeat(4_000_000)).as_bytes());
    assert_eq!(assembly.diagnostics, []);
}

#[test]
fn a_million_labels_and_jumps_are_resolved() {
    let mut text = String::new();
    for index in 0..500_000 {
        text.push_str(&format!("l{index}:\nJMP l{}\n", 499_999 - index));
    }
    let assembly = assemble("x", text.as_bytes());
    assert_eq!(assembly.diagnostics, []);
    assert_eq!(assemble("x", disassemble(&assembly.module).as_bytes()).module, assembly.module);
}

#[test]
fn many_functions_and_calls_among_them_are_resolved() {
    let mut text = String::new();
    for index in 0..100_000 {
        text.push_str(&format!(".fn f{index} a\nLOAD a\nJZ 0x{:x}\nCALL f{}\n.end\nJMP x\n", 4 * index, index / 2));
    }
    text.push_str("x:\n");
    let assembly = assemble("x", text.as_bytes());
    assert_eq!(assembly.diagnostics, []);
    assert_eq!(assemble("x", disassemble(&assembly.module).as_bytes()).module, assembly.module);
}

#[test]
fn unknown_names_in_number_do_not_exhaust_anybody() {
    let mut text = String::new();
    for index in 0..200_000 {
        text.push_str(&format!("label_{index}:\nJMP lable_{index}\nPUSHINT {index}\n"));
    }
    let assembly = assemble("x", text.as_bytes());
    assert_eq!(assembly.diagnostics.len(), 1_001);
}
