; shows: a tour of the Lisp that `ttvm compile-lisp` translates
; prints:
;| 15511210043330985984000000
;| done
;| [4, 6, 8]
;| 30
;| [3, 1, 4, 1, 5, 9, 2, 6]
;| SICP is from 1985
;| [small, medium, large]
;| 3 Division by zero

; Functions, recursion, and the last call of a function, which needs no stack.
(define (factorial n)
  (if (= n 0) 1 (* n (factorial (- n 1)))))
(print (factorial 25))

(define (count-down n)
  (if (= n 0) "done" (count-down (- n 1))))
(print (count-down 100000))

; Functions as values
(define (compose f g)
  (lambda (x) (f (g x))))
(define add-one-and-double
  (compose (lambda (x) (* x 2)) (lambda (x) (+ x 1))))
(print (map add-one-and-double '(1 2 3)))
(print (fold-left + 0 (filter even? (range 0 11))))

; Named let is a loop.
(define (digits n)
  (let loop ((rest n) (found '()))
    (if (< rest 10)
        (cons rest found)
        (loop (quotient rest 10) (cons (remainder rest 10) found)))))
(print (digits 31415926))

; Objects, strings, conditions
(define book (object "title" "SICP" "year" 1985))
(print (string-append (get book "title") " is from " (number->string (get book "year"))))
(define (size n)
  (cond ((< n 10) "small")
        ((< n 1000) "medium")
        (else "large")))
(print (map size (list 5 50 5000)))

; Errors
(define (safe-divide a b)
  (try (quotient a b)
    (catch problem (error-message problem))))
(print (safe-divide 7 2) (safe-divide 7 0))
