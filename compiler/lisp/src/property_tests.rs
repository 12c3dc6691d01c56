//! Whatever the text is, it is translated or refused; nothing panics, and the same text gives the same result.

use proptest::prelude::*;

use crate::{compile, problem::LispErrorCode, reader::NESTING_MAX};

/// Words that make programs mean something now and then.
const WORDS: &[&str] = &[
    "define",
    "lambda",
    "let",
    "let*",
    "letrec",
    "begin",
    "if",
    "cond",
    "case",
    "else",
    "when",
    "unless",
    "and",
    "or",
    "not",
    "set!",
    "while",
    "do",
    "dotimes",
    "try",
    "catch",
    "assert",
    "object",
    "get",
    "put",
    "has?",
    "apply",
    "quote",
    "f",
    "g",
    "x",
    "y",
    "loop",
    "+",
    "-",
    "<",
    "=",
    "list",
    "print",
    "map",
    "fold-left",
    "error",
    "car",
    "sort",
    "substring",
    "make-map",
    "0",
    "1",
    "2.5",
    "\"k\"",
    "'k",
    "#t",
    "#f",
    "nil",
    "'()",
    "'(1 x)",
];

/// Lists of words, nested: what looks like a program.
fn lists() -> impl Strategy<Value = String> {
    let word = prop::sample::select(WORDS).prop_map(str::to_owned);
    word.prop_recursive(6, 60, 6, |inner| {
        prop::collection::vec(inner, 0..6).prop_map(|parts| format!("({})", parts.join(" ")))
    })
}

/// Programs that are right in most places: functions, variables and loops around random lists.
fn programs() -> impl Strategy<Value = String> {
    let frames = prop::sample::select(vec![
        "(define (f x) @)",
        "(define g (let ((x 1)) (lambda (y) @)))",
        "(define (f x) (define y @) (define (g x) @) (g y))",
        "(print (let loop ((x 1) (y '())) (if (< x 3) (loop (+ x 1) @) @)))",
        "(define y (try @ (catch x @)))",
        "(let* ((x 1) (y @)) (while @ (set! x @)) (list x y))",
        "(print (and @ @ (or @ @)) (cond (@ @) (else @)) (case @ ((1 x) @)))",
        "@",
    ]);
    let part = (frames, prop::collection::vec(lists(), 4)).prop_map(|(frame, lists)| {
        let mut lists = lists.into_iter().cycle();
        frame.split('@').map(str::to_owned).reduce(|text, rest| {
            let list = lists.next().unwrap_or_default();
            format!("{text}{list}{rest}")
        })
    });
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

fn check(text: &str) {
    let result = compile("random.lisp", text);
    if let Err(errors) = &result {
        assert!(!errors.is_empty());
        for error in errors {
            assert!(text.get(error.spot.span.clone()).is_some(), "{error} lies outside the text");
        }
    }
    assert_eq!(result, compile("random.lisp", text));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_characters_make_it_panic(text in "\\PC{0,80}") {
        check(&text);
    }

    #[test]
    fn no_bytes_of_syntax_make_it_panic(text in "[()\\[\\]'\"\\\\#;|`,.+a-f0-9 \n-]{0,60}") {
        check(&text);
    }

    #[test]
    fn no_lists_make_it_panic(text in prop::collection::vec(lists(), 0..5)) {
        check(&text.join(" "));
    }

    #[test]
    fn no_programs_make_it_panic(text in programs()) {
        check(&text);
    }
}

fn nested(opening: &str, inner: &str, closing: &str, depth: usize) -> String {
    format!("{}{inner}{}", opening.repeat(depth), closing.repeat(depth))
}

#[test]
fn lists_may_nest_up_to_the_limit_and_no_deeper() {
    for (opening, closing) in [("(list ", ")"), ("(lambda () ", ")"), ("(let ((x 1)) ", ")"), ("(if 1 ", ")")] {
        let deepest = nested(opening, "1", closing, NESTING_MAX / 4);
        assert_eq!(compile("deep.lisp", &deepest).map(|_| ()), Ok(()), "{opening}");
        let too_deep = nested(opening, "1", closing, NESTING_MAX + 1);
        let errors = compile("deep.lisp", &too_deep).expect_err("it is too deep");
        assert_eq!(errors.iter().map(|error| error.code).collect::<Vec<_>>(), [LispErrorCode::TooDeep]);
    }
    let quoted = format!("'{}", nested("(", "1", ")", NESTING_MAX - 2));
    assert_eq!(compile("deep.lisp", &quoted).map(|_| ()), Ok(()));
    let deepest = nested("(list ", "1", ")", NESTING_MAX - 1);
    assert_eq!(compile("deep.lisp", &deepest).map(|_| ()), Ok(()));
    for prefix in ["(not ", "(let loop ((x 1)) ", "(try 1 (catch e ", "(begin ", "(and 1 "] {
        let closing = if prefix.starts_with("(try") { "))" } else { ")" };
        let levels = prefix.matches('(').count() - usize::from(prefix.contains("((x"));
        let deepest = nested(prefix, "1", closing, (NESTING_MAX - 4) / levels);
        assert_eq!(compile("deep.lisp", &deepest).map(|_| ()), Ok(()), "{prefix}");
    }
}

#[test]
fn many_errors_are_counted_and_not_all_shown() {
    let errors = compile("many.lisp", &"(car) ".repeat(1_000)).expect_err("each is an error");
    assert_eq!(errors.len(), 101);
    assert_eq!(errors[100].to_string(), "1:595: error L0002: 900 more errors are not shown");
}

#[test]
fn a_function_may_take_as_many_values_as_a_call_and_no_more() {
    let program = |count: usize| {
        let definitions: String = (0..count).map(|i| format!("(define x{i} (list {i}))")).collect();
        let uses: String = (0..count).map(|i| format!(" x{i}")).collect();
        format!("{definitions}(define (f) (list{uses}))(print (f))")
    };
    assert_eq!(compile("limit.lisp", &program(255)).map(|_| ()), Ok(()));
    let errors = compile("limit.lisp", &program(256)).expect_err("one too many");
    assert_eq!(errors.iter().map(|error| error.code).collect::<Vec<_>>(), [LispErrorCode::TooManyValues]);
}

#[test]
fn a_function_may_have_as_many_places_as_the_machine_and_no_more() {
    let program = |count: usize| format!("(print (list{}))", " 1".repeat(count));
    assert_eq!(compile("limit.lisp", &program(59_999)).map(|_| ()), Ok(()));
    let errors = compile("limit.lisp", &program(60_000)).expect_err("one too many");
    assert_eq!(errors.iter().map(|error| error.code).collect::<Vec<_>>(), [LispErrorCode::TooLarge]);
}
