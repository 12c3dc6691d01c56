//! `ttvm compile` and `ttvm disasm`: the same program in both forms.
//!
//! Rules: L6.1, L6.9, L6.10.

use crate::{Output, SUM, Scratch};

#[test]
fn bytecode_prints_what_its_text_prints() {
    let scratch = Scratch::with("sum.ttvm", SUM);
    assert_eq!(scratch.run(&["compile", "sum.ttvm", "sum.ttb"]), Output::expect(0, "", ""));
    assert_eq!(scratch.run(&["sum.ttb", "40", "2"]), Output::expect(0, "42\n", ""));
}

#[test]
fn bytecode_is_known_by_its_content() {
    let scratch = Scratch::with("sum.ttvm", SUM);
    assert_eq!(scratch.run(&["compile", "sum.ttvm", "bytecode.ttvm"]).code, 0);
    assert_eq!(scratch.run(&["bytecode.ttvm", "1"]), Output::expect(0, "1\n", ""));
    let bytes = scratch.read("bytecode.ttvm");
    assert_eq!(scratch.run_with_input(&["-", "1"], &bytes), Output::expect(0, "1\n", ""));
}

#[test]
fn disassembled_bytecode_compiles_to_the_same_bytes() {
    let scratch = Scratch::with("sum.ttvm", SUM);
    assert_eq!(scratch.run(&["compile", "sum.ttvm", "sum.ttb"]).code, 0);
    assert_eq!(scratch.run(&["disasm", "sum.ttb", "-o", "again.ttvm"]), Output::expect(0, "", ""));
    assert_eq!(scratch.run(&["compile", "again.ttvm", "again.ttb"]), Output::expect(0, "", ""));
    assert_eq!(scratch.read("sum.ttb"), scratch.read("again.ttb"));
    let shown = scratch.run(&["disasm", "sum.ttb"]);
    assert_eq!(shown, Output::expect(0, &scratch.read_text("again.ttvm"), ""));
}

#[test]
fn standard_streams_serve_as_files() {
    let scratch = Scratch::with("sum.ttvm", SUM);
    assert_eq!(scratch.run(&["compile", "sum.ttvm", "sum.ttb"]).code, 0);
    let text = scratch.run_with_input(&["disasm", "-"], &scratch.read("sum.ttb"));
    assert_eq!(text, scratch.run(&["disasm", "sum.ttb"]));
    let output = scratch.command().args(["compile", "sum.ttvm", "-"]).output().unwrap();
    assert_eq!(output.stdout, scratch.read("sum.ttb"));
}

#[test]
fn compiling_bytecode_is_refused() {
    let scratch = Scratch::with("sum.ttvm", SUM);
    assert_eq!(scratch.run(&["compile", "sum.ttvm", "sum.ttb"]).code, 0);
    let output = scratch.run(&["compile", "sum.ttb", "twice.ttb"]);
    let expected = "sum.ttb: error: the file is bytecode already\n  help: `ttvm disasm` shows it as text\n";
    assert_eq!(output, Output::expect(3, "", expected));
    assert!(!scratch.path("twice.ttb").exists());
}

#[test]
fn a_failed_compilation_leaves_the_old_result() {
    let scratch = Scratch::with("bad.ttvm", "PRNT\n").and("out.ttb", "old");
    assert_eq!(scratch.run(&["compile", "bad.ttvm", "out.ttb"]).code, 3);
    assert_eq!(scratch.read("out.ttb"), b"old");
    let output = scratch.and("good.ttvm", "NULL\n").run(&["compile", "good.ttvm", "no/such/directory/out.ttb"]);
    assert_eq!(output.code, 1);
    assert!(output.stderr.starts_with("error: cannot write no/such/directory/out.ttb: "), "{}", output.stderr);
}

#[cfg(unix)]
#[test]
fn a_result_keeps_the_mode_and_the_links_of_what_it_replaces() {
    use std::{fs, os::unix::fs::PermissionsExt};

    let scratch = Scratch::with("hello.ttvm", "NULL\n").and("out.ttb", "old");
    fs::set_permissions(scratch.path("out.ttb"), fs::Permissions::from_mode(0o750)).unwrap();
    std::os::unix::fs::symlink("out.ttb", scratch.path("link.ttb")).unwrap();
    assert_eq!(scratch.run(&["compile", "hello.ttvm", "link.ttb"]), Output::expect(0, "", ""));
    assert!(fs::symlink_metadata(scratch.path("link.ttb")).unwrap().is_symlink());
    assert_eq!(fs::metadata(scratch.path("out.ttb")).unwrap().permissions().mode() & 0o777, 0o750);
    assert_ne!(scratch.read("out.ttb"), b"old");
}
