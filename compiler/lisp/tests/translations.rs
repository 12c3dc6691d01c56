//! What programs become. `UPDATE_EXPECT=1` rewrites the texts.

use expect_test::{Expect, expect};
use ttvm_lisp::compile;

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&compile("program.lisp", text).expect("the program is right"));
}

#[test]
fn a_function_that_calls_itself() {
    check(
        "(define (fib n)\n  (if (< n 2)\n      n\n      (+ (fib (- n 1)) (fib (- n 2)))))\n(print (fib 20))",
        expect![[r#"
            .source "program.lisp"

            .fn fib n
            .line 2
                LOAD n  ; 2:10
            .line 2
                PUSH_INT 2  ; 2:12
            .line 2
                LT  ; 2:7
            .line 2
                JZ @3
                LOAD n  ; 3:7
            .line 3
                RET
              @3:
            .line 4
                LOAD n  ; 4:18
            .line 4
                PUSH_INT 1  ; 4:20
            .line 4
                SUB  ; 4:15
            .line 4
                CALL fib  ; 4:10
            .line 4
                LOAD n  ; 4:32
            .line 4
                PUSH_INT 2  ; 4:34
            .line 4
                SUB  ; 4:29
            .line 4
                CALL fib  ; 4:24
            .line 4
                ADD  ; 4:7
            .line 4
                RET
            .end

            .line 5
                PUSH_INT 20  ; 5:13
            .line 5
                CALL fib  ; 5:8
            .line 5
                PRINT  ; 5:1
            .line 5
                HALT
        "#]],
    );
}

#[test]
fn calls_at_the_end_are_jumps_and_tail_calls() {
    check(
        "(define (count n) (if (> n 0) (count (- n 1)) (finish n)))\n(define (finish n) n)\n(count 10)",
        expect![[r#"
            .source "program.lisp"

            .fn count n
              @1:
            .line 1
                LOAD n  ; 1:26
            .line 1
                PUSH_INT 0  ; 1:28
            .line 1
                GT  ; 1:23
            .line 1
                JZ @3
            .line 1
                LOAD n  ; 1:41
            .line 1
                PUSH_INT 1  ; 1:43
            .line 1
                SUB  ; 1:38
            .line 1
                STORE n  ; 1:31
            .line 1
                JMP @1
              @3:
            .line 1
                LOAD n  ; 1:55
            .line 1
                TAIL_CALL finish  ; 1:47
            .end

            .fn finish n
            .line 2
                LOAD n  ; 2:20
            .line 2
                RET
            .end

            .line 3
                PUSH_INT 10  ; 3:8
            .line 3
                CALL count  ; 3:1
            .line 3
                POP
            .line 3
                HALT
        "#]],
    );
}

#[test]
fn a_loop_stays_in_its_function() {
    check(
        "(print (let loop ((i 0) (n 10) (sum 0))\n  (if (< i n) (loop (+ i 1) n (+ sum i)) sum)))",
        expect![[r#"
        .source "program.lisp"

        .line 1
            PUSH_INT 0  ; 1:22
        .line 1
            STORE i
        .line 1
            PUSH_INT 10  ; 1:28
        .line 1
            STORE n
        .line 1
            PUSH_INT 0  ; 1:37
        .line 1
            STORE sum
        @2:
        .line 2
            LOAD i  ; 2:10
        .line 2
            LOAD n  ; 2:12
        .line 2
            LT  ; 2:7
        .line 2
            JZ @4
        .line 2
            LOAD i  ; 2:24
        .line 2
            PUSH_INT 1  ; 2:26
        .line 2
            ADD  ; 2:21
        .line 2
            LOAD sum  ; 2:34
        .line 2
            LOAD i  ; 2:38
        .line 2
            ADD  ; 2:31
        .line 2
            STORE sum  ; 2:15
        .line 2
            STORE i
        .line 2
            JMP @2
        @4:
        .line 2
            LOAD sum  ; 2:42
        @3:
        .line 1
            PRINT  ; 1:1
        .line 1
            HALT
    "#]],
    );
}

#[test]
fn a_loop_called_elsewhere_than_last_is_a_function() {
    check(
        "(print (let loop ((i 3)) (if (= i 0) 1 (* i (loop (- i 1))))))",
        expect![[r#"
        .source "program.lisp"

        .fn loop i
        .line 1
            LOAD i  ; 1:33
        .line 1
            PUSH_INT 0  ; 1:35
        .line 1
            EQ_NUM  ; 1:30
        .line 1
            JZ @3
        .line 1
            PUSH_INT 1  ; 1:38
        .line 1
            RET
          @3:
        .line 1
            LOAD i  ; 1:43
        .line 1
            LOAD i  ; 1:54
        .line 1
            PUSH_INT 1  ; 1:56
        .line 1
            SUB  ; 1:51
        .line 1
            CALL loop  ; 1:45
        .line 1
            MUL  ; 1:40
        .line 1
            RET
        .end

        .line 1
            PUSH_INT 3  ; 1:22
        .line 1
            CALL loop  ; 1:8
        .line 1
            PRINT  ; 1:1
        .line 1
            HALT
    "#]],
    );
}

#[test]
fn closures_capture_what_they_use() {
    check(
        "(define (adder n) (lambda (x) (+ x n)))\n(print ((adder 1) 2))",
        expect![[r#"
            .source "program.lisp"

            .fn adder n
            .line 1
                CAPTURE n  ; 1:19
            .line 1
                MAKE_LAMBDA "adder/lambda"
            .line 1
                RET
            .end

            .fn "adder/lambda" x
            .line 1
                LOAD x  ; 1:34
            .line 1
                LOAD n  ; 1:36
            .line 1
                ADD  ; 1:31
            .line 1
                RET
            .end

            .line 2
                PUSH_INT 2  ; 2:19
            .line 2
                PUSH_INT 1  ; 2:16
            .line 2
                CALL adder  ; 2:9
            .line 2
                CALL_FUNCTION 1  ; 2:8
            .line 2
                PRINT  ; 2:1
            .line 2
                HALT
        "#]],
    );
}

#[test]
fn functions_take_top_level_values_as_further_arguments() {
    check(
        "(define limit (list 1 2))\n(define factor 10)\n(define (f x) (g (* x factor)))\n(define (g x) (list x limit))\n\
         (print (f 1) (map f '(1)))",
        expect![[r#"
            .source "program.lisp"

            .fn f x limit
            .line 3
                LOAD x  ; 3:21
            .line 3
                PUSH_INT 10  ; 3:23
            .line 3
                MUL  ; 3:18
            .line 3
                LOAD limit  ; 3:15
            .line 3
                TAIL_CALL g
            .end

            .fn "f#2" x
            .line 3
                LOAD x  ; 3:10
            .line 3
                LOAD limit
            .line 3
                TAIL_CALL f
            .end

            .fn g x limit
            .line 4
                LOAD x  ; 4:21
            .line 4
                LOAD limit  ; 4:23
            .line 4
                MAKE_LIST 2  ; 4:15
            .line 4
                RET
            .end

            .fn map f xs
            .line 0
                PUSH_INT 0
                STORE i
                LOAD xs
                LEN
                STORE n
                MAKE_LIST 0
                STORE out
              @5:
                LOAD i
                LOAD n
                LT
                JZ @7
                LOAD i
                PUSH_INT 1
                ADD
                LOAD out
                LOAD xs
                LOAD i
                INDEX
                LOAD f
                CALL_FUNCTION 1
                APPEND
                STORE out
                STORE i
                JMP @5
              @7:
                LOAD out
                RET
            .end

            .line 1
                PUSH_INT 1  ; 1:21
            .line 1
                PUSH_INT 2  ; 1:23
            .line 1
                MAKE_LIST 2  ; 1:15
            .line 1
                STORE limit  ; 1:1
            .line 5
                PUSH_INT 1  ; 5:11
            .line 5
                LOAD limit  ; 5:8
            .line 5
                CALL f
            .line 5
                CAPTURE limit  ; 5:19
            .line 5
                MAKE_LAMBDA "f#2"
            .line 5
                PUSH_INT 1  ; 5:23
            .line 5
                MAKE_LIST 1  ; 5:22
            .line 5
                CALL map  ; 5:14
            .line 5
                MAKE_LIST 2  ; 5:1
            .line 5
                PUSH_STR " "
            .line 5
                JOIN
            .line 5
                PRINT
            .line 5
                HALT
        "#]],
    );
}

#[test]
fn only_false_and_null_are_false() {
    check(
        "(define (f x y) (if (and x (not y)) 1 (or x y 2)))\n(print (f 0 #f))",
        expect![[r##"
            .source "program.lisp"

            .fn f x y
            .line 1
                LOAD x  ; 1:26
            .line 1
                JNZ @4
            .line 1
                LOAD x
            .line 1
                PUSH_INT 0
            .line 1
                EQ
            .line 1
                JZ @3
              @4:
            .line 1
                LOAD y  ; 1:33
            .line 1
                JNZ @3
            .line 1
                LOAD y
            .line 1
                PUSH_INT 0
            .line 1
                EQ
            .line 1
                JNZ @3
            .line 1
                PUSH_INT 1  ; 1:37
            .line 1
                RET
              @3:
            .line 1
                LOAD x  ; 1:43
            .line 1
                STORE "#tested"
            .line 1
                LOAD "#tested"
            .line 1
                JNZ @8
            .line 1
                LOAD "#tested"
            .line 1
                PUSH_INT 0
            .line 1
                EQ
            .line 1
                JZ @7
              @8:
            .line 1
                LOAD "#tested"
            .line 1
                RET
              @7:
            .line 1
                LOAD y  ; 1:45
            .line 1
                STORE "#tested"
            .line 1
                LOAD "#tested"
            .line 1
                JNZ @10
            .line 1
                LOAD "#tested"
            .line 1
                PUSH_INT 0
            .line 1
                EQ
            .line 1
                JZ @9
              @10:
            .line 1
                LOAD "#tested"
            .line 1
                RET
              @9:
            .line 1
                PUSH_INT 2  ; 1:47
            .line 1
                RET
            .end

            .line 2
                PUSH_INT 0  ; 2:11
            .line 2
                FALSE  ; 2:13
            .line 2
                CALL f  ; 2:8
            .line 2
                PRINT  ; 2:1
            .line 2
                HALT
        "##]],
    );
}

#[test]
fn errors_are_caught() {
    check(
        "(define (f x) (try (g x) (catch e (error-message e))))\n(define (g x) (error \"bad\" x))\n(f 1)",
        expect![[r#"
            .source "program.lisp"

            .fn f x
            .line 1
                TRY @2  ; 1:15
            .line 1
                LOAD x  ; 1:23
            .line 1
                CALL g  ; 1:20
            .line 1
                END_TRY  ; 1:15
            .line 1
                RET
              @2:
            .line 1
                CATCH  ; 1:26
            .line 1
                STORE e
            .line 1
                END_TRY
            .line 1
                LOAD e  ; 1:50
            .line 1
                ERROR_MESSAGE  ; 1:35
            .line 1
                RET
            .end

            .fn g x
            .line 2
                PUSH_STR "bad"  ; 2:22
            .line 2
                LOAD x  ; 2:28
            .line 2
                MAKE_LIST 2  ; 2:15
            .line 2
                PUSH_STR " "
            .line 2
                JOIN
            .line 2
                THROW
            .end

            .line 3
                PUSH_INT 1  ; 3:4
            .line 3
                CALL f  ; 3:1
            .line 3
                POP
            .line 3
                HALT
        "#]],
    );
}

#[test]
fn values_nobody_needs_are_dropped() {
    check(
        "(define (f) 1 (list 2) (if (f) (f)) 3)\n(f)",
        expect![[r##"
            .source "program.lisp"

            .fn f
            .line 1
                PUSH_INT 2  ; 1:21
            .line 1
                MAKE_LIST 1  ; 1:15
            .line 1
                POP
            .line 1
                CALL f  ; 1:28
            .line 1
                STORE "#tested"
            .line 1
                LOAD "#tested"
            .line 1
                JNZ @4
            .line 1
                LOAD "#tested"
            .line 1
                PUSH_INT 0
            .line 1
                EQ
            .line 1
                JZ @3
              @4:
            .line 1
                CALL f  ; 1:32
            .line 1
                POP
            .line 1
                JMP @2  ; 1:24
              @3:
              @2:
            .line 1
                PUSH_INT 3  ; 1:37
            .line 1
                RET
            .end

            .line 2
                CALL f  ; 2:1
            .line 2
                POP
            .line 2
                HALT
        "##]],
    );
}
