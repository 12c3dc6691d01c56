//! What programs mean: texts and the modules they assemble to, shown by their disassembly.

use expect_test::{Expect, expect};
use ttvm_assembler::{assemble, disassemble};

/// Assembles a text that may have warnings but no errors.
fn check(text: &str, expected: Expect) {
    let assembly = assemble("test.ttvm", text.as_bytes());
    let mut shown = String::new();
    for diagnostic in &assembly.diagnostics {
        shown.push_str(&format!("{diagnostic}\n"));
    }
    assert!(assembly.is_ok(), "{shown}");
    let disassembly = disassemble(&assembly.module);
    let again = assemble("other.ttvm", disassembly.as_bytes());
    assert_eq!(again.diagnostics, [], "{disassembly}");
    assert_eq!(again.module, assembly.module, "{disassembly}");
    shown.push_str(&disassembly);
    expected.assert_eq(&shown);
}

#[test]
fn classic_code_with_labels_is_read() {
    check(
        r#"
; count down
PUSH_INT 3
STORE n
LABEL my loop   ; a name with a space
LOAD "n"
JZ end
LOAD n
PRINT
CATCH err
PUSH_STR hello  world ; comment
PUSH_STR say "a;b" now
MAKELIST 2
DUMPSCOPE
JMP my loop
end:"#,
        expect![[r#"
            10:7: warning A0104: `CATCH` takes no operands, `err` is ignored
            .source "test.ttvm"

                PUSH_INT 3
                STORE n
            LABEL "my loop"
                LOAD n
                JZ end
                LOAD n
                PRINT
                CATCH
                PUSH_STR "hello  world"
                PUSH_STR "say \"a;b\" now"
                MAKE_LIST 2
                DUMP_SCOPE
                JMP "my loop"
            end:
        "#]],
    );
}
