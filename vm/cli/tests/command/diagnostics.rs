//! What is said about mistakes of each phase: text, verifier, bytecode, linking, running.

use expect_test::{Expect, expect};

use crate::Scratch;

#[expect(clippy::needless_pass_by_value, reason = "`expect!` makes a value for each call")]
fn check(scratch: &Scratch, words: &[&str], code: i32, stderr: Expect) {
    let output = scratch.run(words);
    stderr.assert_eq(&output.stderr);
    assert_eq!((output.code, output.stdout.as_str()), (code, ""));
}

#[test]
fn all_mistakes_of_a_text_are_shown_with_their_lines() {
    let text = b"start:\n    PUSH_ITN 1\n\tJMP nowhere ; far\nstart:\n    PUSH_STR \"caf\xE9\"\n    STORE\n";
    let scratch = Scratch::with("bad.ttvm", text);
    check(
        &scratch,
        &["bad.ttvm"],
        3,
        expect![[r#"
        bad.ttvm:2:5: error A0101: unknown mnemonic `PUSH_ITN`
           2 |     PUSH_ITN 1
             |     ^^^^^^^^
          help: did you mean `PUSH_INT`?
        bad.ttvm:3:6: error A0302: no label or function is named `nowhere`
           3 |     JMP nowhere ; far
             |         ^^^^^^^
        bad.ttvm:4:1: error A0301: the name `start` is taken
           4 | start:
             | ^^^^^ again here
           1 | start:
             | ----- first here
        bad.ttvm:5:18: error A0001: the file is not UTF-8 text here
           5 |     PUSH_STR "caf?"
             |                  ^
        bad.ttvm:6:5: error A0201: `STORE` takes a name, found nothing
           6 |     STORE
             |     ^^^^^ expected a name
    "#]],
    );
}

#[test]
fn a_long_line_is_shown_around_the_mistake() {
    let text = format!("PUSH_STR \"{}\\q{}\"\nPRINT\n", "a".repeat(1_000), "b".repeat(1_000));
    let scratch = Scratch::with("long.ttvm", text);
    check(
        &scratch,
        &["long.ttvm"],
        3,
        expect![[r#"
        long.ttvm:1:1011: error A0208: unknown escape `\q`
           1 | ...aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\qbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb...
             |                                            ^^
          help: the escapes are \n \t \r \0 \\ \" and \u{1F600}; write a backslash as `\\`
    "#]],
    );
}

#[test]
fn what_the_verifier_refuses_is_shown_with_its_rule() {
    let scratch = Scratch::with("under.ttvm", ".fn f a\n    LOAD a\n    ADD  ; of what?\n    RET\n.end\n");
    check(
        &scratch,
        &["under.ttvm"],
        3,
        expect![[r#"
        under.ttvm:3:5: error V7: ADD takes 2 values, but `f` has 1 here
           3 |     ADD  ; of what?
             |     ^^^
    "#]],
    );
    check(
        &scratch,
        &["compile", "under.ttvm", "under.ttb"],
        3,
        expect![[r#"
        under.ttvm:3:5: error V7: ADD takes 2 values, but `f` has 1 here
           3 |     ADD  ; of what?
             |     ^^^
    "#]],
    );
}

#[test]
fn damaged_bytecode_is_refused_with_the_place() {
    let scratch = Scratch::with("hello.ttvm", "PUSH_STR hello\nPRINT\n");
    assert_eq!(scratch.run(&["compile", "hello.ttvm", "hello.ttb"]).code, 0);
    let mut bytes = scratch.read("hello.ttb");
    bytes.truncate(20);
    let scratch = scratch.and("short.ttb", &bytes);
    check(
        &scratch,
        &["short.ttb"],
        3,
        expect![[r#"
        short.ttb: error: byte 19, constant pool: what begins here needs more than the 1 bytes that are left
    "#]],
    );
    check(
        &scratch,
        &["disasm", "short.ttb"],
        3,
        expect![[r#"
        short.ttb: error: byte 19, constant pool: what begins here needs more than the 1 bytes that are left
    "#]],
    );
}

#[test]
fn modules_that_do_not_fit_are_refused() {
    let module = ".export f\n.fn f x\n    LOAD x\n    RET\n.end\n";
    let scratch = Scratch::with("m.ttvm", module)
        .and("arity.ttvm", ".import \"m\" as m\nCALL m.f/0\nPRINT\n")
        .and("name.ttvm", ".import \"m\" as m\nCALL m.g/0\nPRINT\n")
        .and("missing.ttvm", ".import \"nowhere\" as n\nCALL n.g/0\nPRINT\n")
        .and("circle.ttvm", ".import \"circle_2\" as n\nCALL n.g/0\nPRINT\n")
        .and("circle_2.ttvm", ".import \"circle_2\" as n\n.export g\n.fn g\n    CALL n.g/0\n    RET\n.end\n")
        .and("inner.ttvm", ".import \"broken\" as b\nCALL b.g/0\nPRINT\n")
        .and("broken.ttvm", ".export g\n.fn g\n    NULLL\n    RET\n.end\n");
    check(
        &scratch,
        &["arity.ttvm"],
        3,
        expect![[r#"
            arity.ttvm:2:1: error: `m.f` takes 1 argument, but the call gives 0
               2 | CALL m.f/0
                 | ^^^^^^^^^^
        "#]],
    );
    check(
        &scratch,
        &["name.ttvm"],
        3,
        expect![[r#"
            name.ttvm:2:1: error: `m` exports no function `g`; it exports: f
               2 | CALL m.g/0
                 | ^^^^^^^^^^
        "#]],
    );
    check(
        &scratch,
        &["missing.ttvm"],
        3,
        expect![[r#"
            missing.ttvm: error: no module `nowhere`: looked for nowhere, nowhere.ttvm, nowhere.ttb, the standard library
        "#]],
    );
    check(
        &scratch,
        &["circle.ttvm"],
        3,
        expect![[r#"
            circle_2.ttvm: error: Circular dependency detected: circle_2
        "#]],
    );
    check(
        &scratch,
        &["inner.ttvm"],
        3,
        expect![[r#"
        broken.ttvm:3:5: error A0101: unknown mnemonic `NULLL`
           3 |     NULLL
             |     ^^^^^
          help: did you mean `NULL`?
    "#]],
    );
}

#[test]
fn a_missing_file_and_a_directory_cannot_be_loaded() {
    let scratch = Scratch::with("directory/file", "");
    for words in [&["missing.ttvm"][..], &["compile", "missing.ttvm", "out"], &["fmt", "missing.ttvm"]] {
        let output = scratch.run(words);
        assert_eq!(output.code, 3);
        assert!(output.stderr.starts_with("missing.ttvm: error: the file cannot be read: "), "{}", output.stderr);
    }
    for words in [&["run", "directory"][..], &["disasm", "directory"], &["directory"]] {
        let output = scratch.run(words);
        assert_eq!(output.code, 3, "{}", output.stderr);
    }
}

const CRASH: &str = "\
PUSH_INT 1
PUSH_INT 0
CALL divide
PRINT
.fn divide a b
    LOAD a
    LOAD b
    DIV  ; by zero
    RET
.end
";

#[test]
fn a_crash_is_shown_with_its_line_chain_and_process() {
    let scratch = Scratch::with("crash.ttvm", CRASH);
    check(
        &scratch,
        &["crash.ttvm"],
        1,
        expect![[r#"
        crash.ttvm:8:5: error: Division by zero
           8 |     DIV  ; by zero
             |     ^^^
          at divide (crash.ttvm:8)
          at main (crash.ttvm:3)
          in process 1
    "#]],
    );
}

#[test]
fn a_crash_of_bytecode_shows_the_line_only_if_the_source_is_there_unchanged() {
    let scratch = Scratch::with("crash.ttvm", CRASH);
    assert_eq!(scratch.run(&["compile", "crash.ttvm", "crash.ttb"]).code, 0);
    assert_eq!(scratch.run(&["crash.ttb"]), scratch.run(&["crash.ttvm"]));
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    let source = std::fs::File::options().write(true).open(scratch.path("crash.ttvm")).unwrap();
    source.set_modified(later).unwrap();
    check(
        &scratch,
        &["crash.ttb"],
        1,
        expect![[r#"
        crash.ttvm:8: error: Division by zero
          at divide (crash.ttvm:8)
          at main (crash.ttvm:3)
          in process 1
    "#]],
    );
}

#[test]
fn an_exception_thrown_again_is_shown_where_it_came_from() {
    let program = "\
TRY handler
CALL fail
POP
END_TRY
HALT
handler:
CATCH
THROW
.fn fail
    PUSH_STR \"two\\nlines\"
    THROW
.end
";
    let scratch = Scratch::with("again.ttvm", program);
    check(
        &scratch,
        &["again.ttvm"],
        1,
        expect![[r#"
        again.ttvm:11:5: error: two
        lines
          11 |     THROW
             |     ^^^^^
          at fail (again.ttvm:11)
          at main (again.ttvm:2)
          in process 1
    "#]],
    );
}

#[test]
fn a_crash_in_the_library_shows_the_library() {
    let program = ".import \"std/list\" as list\nPUSH_INT 1\nNULL\nCALL list.map/2\nPRINT\n";
    let scratch = Scratch::with("library.ttvm", program);
    let output = scratch.run(&["library.ttvm"]);
    assert_eq!(output.code, 1);
    assert!(output.stderr.starts_with("std/list:"), "{}", output.stderr);
    assert!(output.stderr.contains("\n  at main (library.ttvm:4)\n  in process 1\n"), "{}", output.stderr);
}

#[test]
fn a_deep_chain_is_shortened() {
    let program = "\
PUSH_INT 1000
CALL down
.fn down n
    LOAD n
    JZ bottom
    LOAD n
    PUSH_INT 1
    SUB
    CALL down
    PUSH_INT 1
    ADD
    RET
  bottom:
    NULL
    THROW
.end
";
    let scratch = Scratch::with("deep.ttvm", program);
    let output = scratch.run(&["deep.ttvm"]);
    assert_eq!(output.code, 1);
    assert!(output.stderr.lines().count() < 150);
    assert!(output.stderr.contains("\n  ... 874 more ...\n"), "{}", output.stderr);
}

#[test]
fn a_chain_of_imports_may_be_long_but_not_endless() {
    let mut scratch = Scratch::new();
    for number in 0..600 {
        let next = number + 1;
        let text = format!(".import \"m{next}\" as next\n.export f\n.fn f\n    CALL next.f/0\n    RET\n.end\n");
        scratch = scratch.and(&format!("m{number}.ttvm"), text);
    }
    let scratch = scratch.and("m600.ttvm", ".export f\n.fn f\n    PUSH_INT 7\n    RET\n.end\n");
    let start = |number: u32| format!(".import \"m{number}\" as m\nCALL m.f/0\nPRINT\n");
    let scratch = scratch.and("long.ttvm", start(150)).and("endless.ttvm", start(50));
    assert_eq!(scratch.run(&["long.ttvm"]).stdout, "7\n");
    let output = scratch.run(&["endless.ttvm"]);
    assert_eq!(output.code, 3);
    assert!(output.stderr.contains("a chain of 500 imports"), "{}", output.stderr);
}
