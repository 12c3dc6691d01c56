//! `ttvm explain`: what the codes of messages mean.
//!
//! Rules: L6.22.

use expect_test::expect;
use ttvm_assembler::DiagnosticCode;
use ttvm_diagnostics::Code;
use ttvm_lisp::LispErrorCode;

use crate::{Output, Scratch};

/// Of the verifier and of `ttvm check`.
const OTHERS: [&str; 15] =
    ["V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9", "V10", "V11", "V12", "V13", "C0001", "C0002"];

#[test]
fn every_code_of_every_message_is_explained() {
    let scratch = Scratch::new();
    let list = scratch.run(&["explain"]);
    assert_eq!((list.code, list.stderr.as_str()), (0, ""));
    let assembler = DiagnosticCode::ALL.iter().map(|code| (code.as_str(), code.title()));
    let lisp = LispErrorCode::ALL.iter().map(|code| (code.as_str(), code.title()));
    for (code, title) in assembler.chain(lisp) {
        assert!(list.stdout.contains(&format!("{code}  {title}\n")), "{code}  {title}: {}", list.stdout);
    }
    let codes: Vec<&str> = list.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(OTHERS.iter().all(|code| codes.contains(code)), "{codes:?}");
    assert_eq!(codes.len(), DiagnosticCode::ALL.len() + LispErrorCode::ALL.len() + OTHERS.len());
}

#[test]
fn an_explanation_has_an_example_and_what_is_said_about_it() {
    let scratch = Scratch::new();
    let output = scratch.run(&["explain", "a0302"]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    expect![[r#"
        A0302: an unknown label or function

        *error* · A target is neither a label or function nor the number of an instruction.

        ```
        loop:
        PUSH_INT 1
        JMP lop
        ```

        ```
        3:5: error A0302: no label or function is named `lop`
            | JMP lop
            |     ^^^
            help: did you mean `loop`?
        ```
    "#]]
    .assert_eq(&output.stdout);
    let expected = "L0101: a list or comment that is not closed\n\nExample: `(print 1`\n";
    assert_eq!(scratch.run(&["explain", "L0101"]), Output::expect(0, expected, ""));
    assert!(scratch.run(&["explain", "C0002"]).stdout.starts_with("C0002, error: a `.fn` returns with more than one"));
    assert!(scratch.run(&["explain", "V7"]).stdout.starts_with("V7: a `.fn` never underflows its operand stack"));
}

#[test]
fn an_unknown_code_is_wrong_usage() {
    let scratch = Scratch::new();
    let said = "error: no message has the code `A0O02`; did you mean `A0002`?\nhelp: `ttvm explain` lists all codes\n";
    assert_eq!(scratch.run(&["explain", "A0O02"]), Output::expect(2, "", said));
    let said = "error: no message has the code `HELLO`\nhelp: `ttvm explain` lists all codes\n";
    assert_eq!(scratch.run(&["explain", "hello"]), Output::expect(2, "", said));
}
