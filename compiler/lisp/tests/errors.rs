//! What is wrong with programs, as users read it. `UPDATE_EXPECT=1` rewrites the texts.

use expect_test::{Expect, expect};
use ttvm_lisp::{Code as _, LispErrorCode, compile};

fn errors_of(text: &str) -> String {
    let errors = compile("program.lisp", text).expect_err("the program is wrong");
    errors.iter().map(|error| format!("{error}\n")).collect()
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&errors_of(text));
}

/// Programs that are wrong in one way each, for every code but those that need very large programs.
const WRONG: &[(&str, &str)] = &[
    ("L0101", "(define (f x)\n  (+ x 1)\n(print (f 1))"),
    ("L0101", "#| never closed"),
    ("L0102", "(print 1))"),
    ("L0103", "(print [list 1)]"),
    ("L0104", "(print \"abc)"),
    ("L0105", r#"(print "a\qb" "\u{110000}")"#),
    ("L0106", "(print 12abc 1/2 1.2.3)"),
    ("L0107", "(print `(1 ,x) #(1) #z #\\ab {1} (a . b))"),
    ("L0108", "(print ')"),
    ("L0201", "(define (square-sum a b) (+ (* a a) (* b b))) (prnt (square-sun 1 2) foo foo)"),
    ("L0202", "(define x 1) (define (x) 2) (lambda (a a) a) (let ((b 1) (b 2)) b)"),
    ("L0203", "(define if 1) (let ((nil 2)) 3) (define (f else) 1)"),
    ("L0204", "(print x) (define x (list 1)) (define (f) (g)) (define (g) y) (f) (define y (list 1))"),
    ("L0205", "(define (f) 1) (set! f 2) (set! car 3)"),
    ("L0206", "(define n 0) (define (next) (set! n (+ n 1)) n) (print (next))"),
    ("L0206", "(let ((sum 0)) (let loop ((i 0)) (set! sum (+ sum i)) (+ 1 (if (< i 3) (loop (+ i 1)) 0))))"),
    ("L0207", "(print if (map and '(#t)))"),
    ("L0301", "(if) (let ((x)) x) (define) (cond (1)) (lambda x 1) (try 1) (define (1) 2) (catch e 1)"),
    ("L0302", "(define (f x) x) (f) (f 1 2) (car) (- ) (substring \"a\") (make-map 1) ((lambda (x) x))"),
    ("L0303", "(print (define x 1)) (if #t (define y 2))"),
    ("L0304", "(call/cc (lambda (k) k)) (define-syntax swap! (syntax-rules () ((_ a b) c)))"),
    ("L0305", "(1 2 3) () (\"f\" 1) (nil)"),
    ("L0306", "(define k \"a\") (print (get (object k 1) k))"),
];

#[test]
fn every_error_reads_as_it_should() {
    let mut shown = String::new();
    for (_, text) in WRONG {
        shown.push_str(&format!("{}\n{}\n", text.replace('\n', " / "), errors_of(text)));
    }
    expect![[r#"
        (define (f x) /   (+ x 1) / (print (f 1))
        1:1: error L0101: `(` is never closed; it takes in the form that begins at 3:1 (help: write `)` where it ends)

        #| never closed
        1:1: error L0101: `#|` is never closed (help: write `|#` where it ends)

        (print 1))
        1:10: error L0102: `)` closes nothing

        (print [list 1)]
        1:15: error L0103: `)` closes a list that `[` began; the list begins at 1:8 (help: write `]`)
        1:16: error L0103: `]` closes a list that `(` began; the list begins at 1:1 (help: write `)`)

        (print "abc)
        1:8: error L0104: the string has no closing quote (help: write `"` where the string ends)

        (print "a\qb" "\u{110000}")
        1:10: error L0105: unknown escape `\q` (help: the escapes are `\n \t \r \0 \\ \" \u{1F600}`)
        1:16: error L0105: unknown escape `\u{110000}` (help: the escapes are `\n \t \r \0 \\ \" \u{1F600}`)

        (print 12abc 1/2 1.2.3)
        1:8: error L0106: `12abc` is neither a number nor a name
        1:14: error L0106: `1/2` is neither a number nor a name (help: there are no ratios; write `(/ 1.0 2)` or `0.5`)
        1:18: error L0106: `1.2.3` is neither a number nor a name

        (print `(1 ,x) #(1) #z #\ab {1} (a . b))
        1:8: error L0107: quasiquotation is not part of this Lisp (help: build the list with `list` and `append`)
        1:12: error L0107: quasiquotation is not part of this Lisp (help: build the list with `list` and `append`)
        1:16: error L0107: `#(` is not part of this Lisp (help: write `'(...)` or `(list ...)`)
        1:21: error L0107: `#z` is not part of this Lisp (help: `#` begins `#t #f #x1F #b101 #\a #; #|`)
        1:24: error L0107: the character `#\ab` is not part of this Lisp (help: named characters are `space newline tab return null`)
        1:29: error L0107: braces are not part of this Lisp (help: objects are written `(object "key" value)`)
        1:31: error L0107: braces are not part of this Lisp (help: objects are written `(object "key" value)`)
        1:34: error L0201: the name `a` is defined nowhere
        1:36: error L0107: the dot is not part of this Lisp (help: lists end by themselves; functions take a fixed number of arguments)
        1:38: error L0201: the name `b` is defined nowhere

        (print ')
        1:8: error L0108: nothing stands behind `'`

        (define (square-sum a b) (+ (* a a) (* b b))) (prnt (square-sun 1 2) foo foo)
        1:48: error L0201: the name `prnt` is defined nowhere (help: did you mean `print`?)
        1:54: error L0201: the name `square-sun` is defined nowhere (help: did you mean `square-sum`?)
        1:70: error L0201: the name `foo` is defined nowhere

        (define x 1) (define (x) 2) (lambda (a a) a) (let ((b 1) (b 2)) b)
        1:23: error L0202: the name `x` is defined twice; first here at 1:9
        1:40: error L0202: the name `a` is defined twice; first here at 1:38
        1:59: error L0202: the name `b` is defined twice; first here at 1:53

        (define if 1) (let ((nil 2)) 3) (define (f else) 1)
        1:9: error L0203: `if` is a word of the language and cannot be a name
        1:22: error L0203: `nil` is a word of the language and cannot be a name
        1:44: error L0203: `else` is a word of the language and cannot be a name

        (print x) (define x (list 1)) (define (f) (g)) (define (g) y) (f) (define y (list 1))
        1:8: error L0204: `x` is used before it is defined; defined here at 1:19 (help: move the definition up)
        1:63: error L0204: the function `f` uses `y`, which is not defined yet; defined here at 1:75 (help: move the definition up, in front of the first use of the function)

        (define (f) 1) (set! f 2) (set! car 3)
        1:22: error L0205: `f` is a function, only variables can be set (help: hold the function in a variable of another name)
        1:33: error L0205: `car` is a function, only variables can be set (help: hold the function in a variable of another name)

        (define n 0) (define (next) (set! n (+ n 1)) n) (print (next))
        1:29: error L0206: the variable `n` is captured by the function `next` and cannot be set; captured here at 1:23 (help: functions capture values, not places; pass the value as an argument and return the new one)

        (let ((sum 0)) (let loop ((i 0)) (set! sum (+ sum i)) (+ 1 (if (< i 3) (loop (+ i 1)) 0))))
        1:34: error L0206: the variable `sum` is captured by the loop `loop` and cannot be set; captured here at 1:21 (help: the loop calls itself elsewhere than at its end; pass the value as a variable of the loop)

        (print if (map and '(#t)))
        1:8: error L0207: `if` is a form and has no value of its own (help: wrap it in `(lambda (x) ...)`)
        1:16: error L0207: `and` is a form and has no value of its own (help: wrap it in `(lambda (x) ...)`)

        (if) (let ((x)) x) (define) (cond (1)) (lambda x 1) (try 1) (define (1) 2) (catch e 1)
        1:1: error L0301: `if` is written `(if test then else)` or `(if test then)`
        1:6: error L0301: `let` is written `(let ((name value) ...) body ...)` or `(let name ((name value) ...) body ...)`
        1:20: error L0301: `define` is written `(define name value)` or `(define (name parameter ...) body ...)`
        1:29: error L0301: `cond` is written `(cond (test body ...) ... (else body ...))`
        1:40: error L0301: `lambda` is written `(lambda (parameter ...) body ...)`
        1:53: error L0301: `try` is written `(try body ... (catch name handler ...))`
        1:70: error L0301: a definition takes a name, found the number `1`
        1:76: error L0301: `try` is written `(try body ... (catch name handler ...))`

        (define (f x) x) (f) (f 1 2) (car) (- ) (substring "a") (make-map 1) ((lambda (x) x))
        1:18: error L0302: `f` takes 1 argument, found 0
        1:22: error L0302: `f` takes 1 argument, found 2
        1:30: error L0302: `car` takes 1 argument, found 0
        1:36: error L0302: `-` takes at least 1 argument, found 0
        1:41: error L0302: `substring` takes 3 arguments, found 1
        1:57: error L0302: `make-map` takes keys and values in turn, found 1
        1:70: error L0302: `lambda` takes 1 argument, found 0

        (print (define x 1)) (if #t (define y 2))
        1:8: error L0303: a definition cannot stand here (help: definitions stand at the top level or in a body; `let` gives a name to a value)
        1:29: error L0303: a definition cannot stand here (help: definitions stand at the top level or in a body; `let` gives a name to a value)

        (call/cc (lambda (k) k)) (define-syntax swap! (syntax-rules () ((_ a b) c)))
        1:2: error L0304: `call/cc` is not part of this Lisp (help: `try` and `throw` leave a computation early)
        1:27: error L0304: `define-syntax` is not part of this Lisp (help: there are no macros; write a function)

        (1 2 3) () ("f" 1) (nil)
        1:2: error L0305: a number is no function and cannot be called (help: a list of values is written `(list 1 2)` or `'(1 2)`)
        1:9: error L0305: the empty list is no function and cannot be called (help: a list of values is written `(list 1 2)` or `'(1 2)`)
        1:13: error L0305: a string is no function and cannot be called (help: a list of values is written `(list 1 2)` or `'(1 2)`)
        1:21: error L0305: null is no function and cannot be called

        (define k "a") (print (get (object k 1) k))
        1:36: error L0306: `object` takes the name of a field, found `k` (help: write `"name"` or `'name`; `map-get` and `map-put` take computed keys)
        1:41: error L0306: `get` takes the name of a field, found `k` (help: write `"name"` or `'name`; `map-get` and `map-put` take computed keys)

    "#]].assert_eq(&shown);
}

#[test]
fn each_example_has_the_error_that_it_is_about() {
    for (code, text) in WRONG {
        let errors = compile("program.lisp", text).expect_err("the program is wrong");
        assert!(errors.iter().any(|error| error.code.as_str() == *code), "{text}: {}", errors_of(text));
    }
    // These need very large programs; the property tests have them.
    let large = ["L0001", "L0002", "L0401", "L0402", "L0403", "L0404"];
    for code in LispErrorCode::ALL {
        let is_shown = WRONG.iter().any(|(shown, _)| *shown == code.as_str()) || large.contains(&code.as_str());
        assert!(is_shown, "{code} has no example");
    }
}

#[test]
fn all_errors_of_a_program_are_reported_at_once_in_their_order() {
    check(
        "(print x)\n(print \"a\\q\")\n(car)\n(set! y 1)",
        expect![[r#"
            1:8: error L0201: the name `x` is defined nowhere
            2:10: error L0105: unknown escape `\q` (help: the escapes are `\n \t \r \0 \\ \" \u{1F600}`)
            3:1: error L0302: `car` takes 1 argument, found 0
            4:7: error L0201: the name `y` is defined nowhere
        "#]],
    );
}

#[test]
fn numbers_and_strings_have_a_longest_form() {
    let longest = "9".repeat(100_000);
    assert!(compile("program.lisp", &format!("(print {longest})")).is_ok());
    check(
        &format!("(print {longest}9)"),
        expect![[r#"
        1:8: error L0404: the integer has 100001 digits, at most 100000 are allowed
    "#]],
    );
    check(
        &format!("(print #x{})", "f".repeat(90_000)),
        expect![[r#"
        1:8: error L0404: the integer has 90000 digits, at most 83047 are allowed
    "#]],
    );
}
