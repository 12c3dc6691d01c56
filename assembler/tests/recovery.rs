//! All mistakes of a file are reported at once, and one mistake does not make others.

use expect_test::{Expect, expect};
use ttvm_assembler::assemble;

fn check(text: impl AsRef<[u8]>, expected: Expect) {
    let assembly = assemble("test.ttvm", text.as_ref());
    let lines: Vec<String> = assembly.diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn all_mistakes_of_a_file_come_in_its_order() {
    check(
        "JMP nowhere\nPUSH_INT\nPRNT\nADD x\n.fn f\nCALL f a\nlabel x\n.const N z\n",
        expect![[r#"
            1:5: error A0302: no label or function is named `nowhere`
            2:1: error A0201: `PUSH_INT` takes an integer, found nothing
            3:1: error A0101: unknown mnemonic `PRNT` (help: did you mean `PRINT`?)
            4:5: warning A0104: `ADD` does not take `x`, which is ignored
            5:1: error A0401: `.fn` has no `.end` (help: end it with a line `.end`)
            6:8: error A0305: the function `f` declares its parameters, `CALL` must not name them (help: leave the names out)
            7:1: error A0101: unknown mnemonic `label` (help: mnemonics are upper case: write `LABEL`)
            8:10: error A0203: `.const` takes a number, true, false or a string in quotes as value, found `z`
        "#]],
    );
}

#[test]
fn a_line_that_cannot_be_read_still_counts_as_an_instruction() {
    check(
        ".fn f\nFOO\n.end\nJMP 2\nx: BAR\nJMP x\nJMP 4",
        expect![[r#"
        2:1: error A0101: unknown mnemonic `FOO`
        5:4: error A0101: unknown mnemonic `BAR`
    "#]],
    );
}

#[test]
fn a_nested_body_makes_no_stray_end() {
    check(
        ".fn f\nNULL\n.fn g\nNULL\n.end\nNULL\n.end\n.end",
        expect![[r#"
        3:1: error A0403: `.fn` within `.fn f`; the body around it at 1:1 (help: is an `.end` missing before it? bodies do not nest)
        8:1: error A0402: `.end` ends nothing
    "#]],
    );
}

#[test]
fn a_block_that_cannot_be_run_is_one_error() {
    check(
        ".fn f\n.receive\n  case [X] -> y\n  after 10 -> z\n.end\n.end\n.supervisor s\n",
        expect![[r#"
        2:1: error A0102: `.receive` is part of the language, but this version cannot run it yet
        7:1: error A0102: `.supervisor` is part of the language, but this version cannot run it yet
    "#]],
    );
}

#[test]
fn an_unreadable_block_directive_makes_no_stray_end() {
    check(
        ".fn\nNULL\n.end\n.func f\nNULL\n.end\n.end",
        expect![[r#"
        1:1: error A0201: `.fn` takes a name and parameters, found nothing
        4:1: error A0103: unknown directive `.func`
        7:1: error A0402: `.end` ends nothing
    "#]],
    );
}

#[test]
fn broken_bytes_are_shown_with_their_column_and_hide_no_label() {
    check(
        b"here: ADD ; \xC3\xA9 \xFF\nJMP here\nPUSH_STR \"\xFF\"\n\xFE",
        expect![[r#"
        1:15: error A0001: the file is not UTF-8 text here
        3:11: error A0001: the file is not UTF-8 text here
        4:1: error A0001: the file is not UTF-8 text here
    "#]],
    );
}

#[test]
fn a_mistake_is_placed_in_characters_and_in_bytes() {
    let assembly = assemble("x", "PUSH_STR é ; ok\n  STORE \"éé\\q\"".as_bytes());
    let diagnostic = &assembly.diagnostics[0];
    assert_eq!((diagnostic.line, diagnostic.column, diagnostic.span.clone()), (2, 12, 30..32));
}

#[test]
fn control_characters_and_endless_words_are_shown_as_excerpts() {
    check(
        "\u{1}\u{7F}x",
        expect![[r#"
        1:1: error A0101: unknown mnemonic `\u{1}\u{7f}x`
    "#]],
    );
    check(
        "A".repeat(100_000),
        expect![[r#"
        1:1: error A0101: unknown mnemonic `AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…`
    "#]],
    );
}

#[test]
fn a_file_of_mistakes_is_cut_short() {
    let assembly = assemble("x", "FOO\nPRINT x\n".repeat(3_000).as_bytes());
    assert_eq!(assembly.diagnostics.len(), 2_001);
    assert_eq!(assembly.diagnostics[2_000].to_string(), "6001:1: warning A0003: 4000 more diagnostics are not shown");
}
