//! `ttvm fmt`: files printed, rewritten, or only named.
//!
//! Rules: L6.12.

use crate::{Output, SUM, Scratch};

const UGLY: &str = "start:\nPUSH_STR   \"a  b\"   ; say\n\n\n\n  PRINT\n";
const NICE: &str = "start:\n    PUSH_STR \"a  b\"  ; say\n\n    PRINT\n";

#[test]
fn files_are_rewritten_and_formatting_twice_changes_nothing() {
    let scratch = Scratch::with("ugly.ttvm", UGLY).and("sum.ttvm", SUM);
    for _ in 0..2 {
        assert_eq!(scratch.run(&["fmt", "--write", "ugly.ttvm", "sum.ttvm"]), Output::expect(0, "", ""));
        assert_eq!(scratch.read_text("ugly.ttvm"), NICE);
    }
}

#[test]
fn check_names_the_files_that_would_change_and_changes_nothing() {
    let scratch = Scratch::with("ugly.ttvm", UGLY).and("nice.ttvm", NICE);
    let said = "1 file not in canonical layout; `ttvm fmt --write` rewrites them\n";
    let output = scratch.run(&["fmt", "--check", "ugly.ttvm", "nice.ttvm"]);
    assert_eq!(output, Output::expect(1, "ugly.ttvm\n", said));
    assert_eq!(scratch.read_text("ugly.ttvm"), UGLY);
    assert_eq!(scratch.run(&["fmt", "--check", "nice.ttvm"]), Output::expect(0, "", ""));
}

#[test]
fn a_file_is_printed_and_stays_as_it_is() {
    let scratch = Scratch::with("ugly.ttvm", UGLY).and("nice.ttvm", NICE);
    let both = format!("{NICE}{NICE}");
    assert_eq!(scratch.run(&["fmt", "ugly.ttvm", "nice.ttvm"]), Output::expect(0, &both, ""));
    assert_eq!(scratch.read_text("ugly.ttvm"), UGLY);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let scratch = Scratch::new();
    assert_eq!(scratch.run_with_input(&["fmt", "-"], UGLY.as_bytes()), Output::expect(0, NICE, ""));
}

#[test]
fn a_file_with_errors_stays_and_the_others_are_formatted() {
    let scratch = Scratch::with("bad.ttvm", "  PRNT\n").and("ugly.ttvm", UGLY);
    let output = scratch.run(&["fmt", "-w", "bad.ttvm", "ugly.ttvm"]);
    assert_eq!((output.code, output.stdout.as_str()), (3, ""));
    assert!(output.stderr.starts_with("bad.ttvm:1:3: error A0101: unknown mnemonic `PRNT`\n"), "{}", output.stderr);
    assert_eq!(scratch.read_text("bad.ttvm"), "  PRNT\n");
    assert_eq!(scratch.read_text("ugly.ttvm"), NICE);
}

#[test]
fn bytecode_has_no_layout() {
    let scratch = Scratch::with("nice.ttvm", NICE);
    assert_eq!(scratch.run(&["compile", "nice.ttvm", "nice.ttb"]).code, 0);
    assert_eq!(scratch.run(&["fmt", "nice.ttb"]).code, 3);
}
