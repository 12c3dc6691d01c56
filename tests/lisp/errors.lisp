; shows: errors: thrown, caught, passed on, of the program and of the machine
; stdout:
;| 5 caught: Division by zero
;| 42
;| age is negative: -1
;| age must be a number, not old
;| level 1 saw deep
;| outside saw deep
;| [index, type, thrown, assertion, 1, argument, limit, argument]
;| Thrown value: Int(42)
;| 11
;| b
;| stopped by: ADD expects two numbers (int or float) but got Int(6), Str("four")
;| 6
;| 3
;| at level-3 (errors.lisp:34)

(define (safe-divide a b)
  (try (/ a b)
    (catch e (string-append "caught: " (error-message e)))))
(print (safe-divide 10 2) (safe-divide 1 0))

(define (check-age age)
  (cond ((not (number? age)) (error "age must be a number, not" age))
        ((< age 0) (error "age is negative:" age))
        (else age)))
(define (report age)
  (try (check-age age) (catch (e) (error-message e))))
(print (report 42))
(print (report -1))
(print (report "old"))

; An error passes through calls to the newest `try`; it may be thrown again.
(define (level-3) (error "deep"))
(define (level-2) (level-3) "never")
(define (level-1)
  (try (level-2)
    (catch e
      (print "level 1 saw" (error-message e))
      (throw e))))
(print (try (level-1) (catch e (string-append "outside saw " (error-message e)))))

(print (map (lambda (thunk) (try (thunk) (catch e (error-kind e))))
  (list (lambda () (car '()))
        (lambda () (+ 1 "x"))
        (lambda () (throw 42))
        (lambda () (assert (= 1 2)))
        (lambda () ((lambda (x) x) 1))
        (lambda () (apply (lambda (x) x) '(1 2)))
        (lambda () (expt 2 (expt 2 100)))
        (lambda () (exact "seven")))))
(print (try (throw 42) (catch e (error-message e))))
(print (try (+ 1 (try (error "inner") (catch e 10))) (catch e "wrong")))
(print (try (try (error "a") (catch e (error "b"))) (catch e (error-message e))))

; What a loop has done before an error stays done.
(define (sum-until-error xs)
  (let ((sum 0))
    (try
      (dotimes (i (length xs))
        (set! sum (+ sum (list-ref xs i))))
      (catch e (print "stopped by:" (error-message e))))
    sum))
(print (sum-until-error '(1 2 3 "four" 5)))
(assert 0)
(assert-equal (list 1 2) '(1 2))
(print (length (error-trace (try (level-2) (catch e e)))))
(print (car (error-trace (try (level-2) (catch e e)))))
