; shows: closures hold the values of their surroundings at the time they are made
; stdout:
;| 7 14
;| 113
;| 49
;| [1, 2, 3]
;| [1, 11, 21, 31]
;| [1/3, 2/3, 3/3]
;| [4/5, 5/5]
;| [123, [173, 183]]
;| 7
;| true false true
;| true false

(define (make-adder n) (lambda (x) (+ x n)))
(define add3 (make-adder 3))
(define add10 (make-adder 10))
(print (add3 4) (add10 4))

(define (compose f g) (lambda (x) (f (g x))))
(print ((compose add3 add10) 100))
(print ((compose (lambda (x) (* x x)) add3) 4))

(define (curry f) (lambda (a) (lambda (b) (lambda (c) (f a b c)))))
(print ((((curry (lambda (a b c) (list a b c))) 1) 2) 3))

; Each round of a loop has its own variables.
(define adders
  (let loop ((i 0) (fs '()))
    (if (< i 4)
        (loop (+ i 1) (list-push fs (lambda (x) (+ x (* 10 i)))))
        fs)))
(print (map (lambda (f) (f 1)) adders))

; A closure may call itself by the name it is defined by, and others of its body.
(define (counter-of limit)
  (define (walk i)
    (if (> i limit) '() (cons (label i) (walk (+ i 1)))))
  (define (label i)
    (string-append (number->string i) "/" (number->string limit)))
  walk)
(define walk (counter-of 3))
(print (walk 1))
(print ((counter-of 5) 4))

; Functions inside functions take what they need from all around them.
(define scale 100)
(define (outer a)
  (define (middle b)
    (define (inner c) (+ (* scale a) (* 10 b) c))
    (inner 3))
  (list (middle 2) (map middle '(7 8))))
(print (outer 1))

; A church numeral.
(define (church n) (lambda (f) (lambda (x) (let loop ((i 0) (x x)) (if (< i n) (loop (+ i 1) (f x)) x)))))
(define (plus a b) (lambda (f) (lambda (x) ((a f) ((b f) x)))))
(print (((plus (church 3) (church 4)) (lambda (x) (+ x 1))) 0))

; The same function is equal to itself; what it holds counts.
(print (equal? (make-adder 1) (make-adder 1)) (equal? (make-adder 1) (make-adder 2)) (equal? fib fib))
(define (fib n) n)
(print (procedure? fib) (procedure? 1))
