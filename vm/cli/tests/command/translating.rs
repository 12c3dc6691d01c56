//! `ttvm optimize` and `ttvm compile-lisp`.
//!
//! Rules: L6.14, L6.15.

use crate::{Output, SUM, Scratch};

const FOLDABLE: &str = "PUSH_INT 2\nPUSH_INT 3\nMUL\nPRINT\nHALT\nPUSH_STR never\nPRINT\n";

#[test]
fn an_optimized_program_prints_the_same_as_bytecode_and_as_text() {
    let scratch = Scratch::with("fold.ttvm", FOLDABLE).and("sum.ttvm", SUM);
    for (name, words) in [("fold", &[][..]), ("sum", &["40", "2"])] {
        let input = format!("{name}.ttvm");
        let before = scratch.run(&[&[input.as_str()], words].concat());
        for output in ["out.ttb", "out.ttvm"] {
            assert_eq!(scratch.run(&["optimize", &input, output]), Output::expect(0, "", ""));
            assert_eq!(scratch.run(&[&[output], words].concat()), before);
        }
        assert!(scratch.read_text("out.ttvm").starts_with(".source"));
    }
}

#[test]
fn a_report_says_what_was_changed() {
    let scratch = Scratch::with("fold.ttvm", FOLDABLE);
    let output = scratch.run(&["optimize", "--report", "fold.ttvm", "out.ttb"]);
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    assert!(output.stderr.starts_with("7 -> 3 instructions"), "{}", output.stderr);
}

#[test]
fn a_program_with_errors_cannot_be_optimized() {
    let scratch = Scratch::with("bad.ttvm", "PRNT\n").and("under.ttvm", ".fn f\n    ADD\n    RET\n.end\n");
    for file in ["bad.ttvm", "under.ttvm", "missing.ttvm"] {
        assert_eq!(scratch.run(&["optimize", file, "out.ttb"]).code, 3, "{file}");
        assert!(!scratch.path("out.ttb").exists());
    }
}

#[test]
fn lisp_becomes_a_program() {
    let scratch = Scratch::with(
        "fib.lisp",
        "(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))\n(print (fib 20))\n",
    );
    assert_eq!(scratch.run(&["compile-lisp", "fib.lisp", "fib.ttvm"]), Output::expect(0, "", ""));
    assert_eq!(scratch.run(&["fib.ttvm"]), Output::expect(0, "6765\n", ""));
    assert_eq!(scratch.run(&["check", "--quiet", "fib.ttvm"]), Output::expect(0, "", ""));
}

#[test]
fn mistakes_in_lisp_are_shown_with_their_lines() {
    let scratch = Scratch::with("bad.lisp", "(print 1)\n(print (undefined-thing 2))\n").and("latin.lisp", b"\"\xE9\"");
    let output = scratch.run(&["compile-lisp", "bad.lisp", "out.ttvm"]);
    assert_eq!((output.code, output.stdout.as_str()), (3, ""));
    assert!(output.stderr.starts_with("bad.lisp:2:9: error L0"), "{}", output.stderr);
    assert!(output.stderr.contains("\n   2 | (print (undefined-thing 2))\n"), "{}", output.stderr);
    assert_eq!(scratch.run(&["compile-lisp", "latin.lisp", "out.ttvm"]).code, 3);
    assert!(!scratch.path("out.ttvm").exists());
}
