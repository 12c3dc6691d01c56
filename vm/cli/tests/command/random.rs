//! Any bytes as input of every command that reads a file: an answer, never an internal error.

use proptest::{collection::vec, prelude::*, sample::select};

use crate::{SUM, Scratch};

/// Each case starts the command nine times, at a few milliseconds each.
const CASES: u32 = 48;

const PIECES: [&str; 26] = [
    "PUSH_INT",
    "1",
    "0",
    "ADD",
    "PRINT\n",
    "CALL f",
    ".fn f a",
    ".end\n",
    "RET\n",
    "\n",
    "LABEL x\n",
    "JZ x",
    "x:",
    "\"",
    "TRY x",
    ".test \"t\"\n",
    "MAKE_LIST 3",
    "STORE v",
    "LOAD v",
    "POP",
    "(",
    ")",
    "define",
    "lambda",
    ";",
    "\u{202E}",
];

/// A program of the assembly language or of Lisp, or nearly one, or anything.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let words = vec(select(PIECES.as_slice()), 0..60).prop_map(|words| words.join(" ").into_bytes());
    let mutation = (0..SUM.len(), any::<u8>());
    let mutated = vec(mutation, 1..5).prop_map(|mutations| {
        let mut bytes = SUM.as_bytes().to_vec();
        for (at, byte) in mutations {
            bytes[at] = byte;
        }
        bytes
    });
    prop_oneof![vec(any::<u8>(), 0..200), words, mutated]
}

/// What random code may be told to run without harm: nothing that waits for ever, so no loops.
fn is_harmless(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    !["JMP", "JZ", "JNZ", "CALL", "EXEC", "DELETE", "WRITE", "SLEEP"].iter().any(|word| text.contains(word))
}

fn check(scratch: &Scratch, words: &[&str]) -> Result<(), TestCaseError> {
    let output = scratch.run(words);
    prop_assert!((0..=3).contains(&output.code), "{words:?}: {output:?}");
    prop_assert!(!output.stderr.contains("internal error"), "{words:?}: {output:?}");
    prop_assert!(output.code == 0 || !output.stderr.is_empty(), "{words:?}: {output:?}");
    Ok(())
}

fn check_all(scratch: &Scratch, is_run: bool) -> Result<(), TestCaseError> {
    check(scratch, &["compile", "input", "out.ttb"])?;
    check(scratch, &["disasm", "input"])?;
    check(scratch, &["check", "input"])?;
    check(scratch, &["fmt", "--check", "input"])?;
    check(scratch, &["optimize", "input", "out.ttvm"])?;
    check(scratch, &["compile-lisp", "input", "out.ttvm"])?;
    check(scratch, &["bsp", "run", "input", "x", "--input", "input"])?;
    if is_run {
        check(scratch, &["run", "input"])?;
        check(scratch, &["test", "input"])?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_an_answer_from_every_command(bytes in input()) {
        let scratch = Scratch::with("input", &bytes);
        check_all(&scratch, is_harmless(&bytes))?;
    }

    #[test]
    fn any_damage_to_bytecode_gets_an_answer_from_every_command(
        at in any::<proptest::sample::Index>(), byte: u8, length in any::<proptest::sample::Index>(), cuts: bool,
    ) {
        let scratch = Scratch::with("sum.ttvm", SUM);
        prop_assert_eq!(scratch.run(&["compile", "sum.ttvm", "sum.ttb"]).code, 0);
        let mut bytes = scratch.read("sum.ttb");
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cuts {
            bytes.truncate(length.index(bytes.len()));
        }
        let scratch = scratch.and("input", &bytes);
        check_all(&scratch, true)?;
    }
}
