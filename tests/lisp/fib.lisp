; shows: recursion, in trees and with accumulators; ints of any size
; stdout:
;| [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377]
;| fib 100 is 354224848179261915075
;| 20! is 2432902008176640000
;| 50! is 30414093201713378043612608166064768844377641568960512000000000000
;| ackermann 2 3 is 9
;| true false false
;| true

(define (fib n)
  (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))

(define (fib-fast n)
  (let loop ((a 0) (b 1) (n n))
    (if (zero? n) a (loop b (+ a b) (- n 1)))))

(define (factorial n)
  (define (go n product)
    (if (<= n 1) product (go (- n 1) (* product n))))
  (go n 1))

(define (ackermann m n)
  (cond ((= m 0) (+ n 1))
        ((= n 0) (ackermann (- m 1) 1))
        (else (ackermann (- m 1) (ackermann m (- n 1))))))

(print (map fib (range 0 15)))
(print "fib 100 is" (fib-fast 100))
(print "20! is" (factorial 20))
(print "50! is" (factorial 50))
(print "ackermann 2 3 is" (ackermann 2 3))

; Functions may be used above their definitions, and call each other.
(print (is-even? 10) (is-odd? 10) (is-even? 7))
(define (is-even? n) (if (= n 0) #t (is-odd? (- n 1))))
(define (is-odd? n) (if (= n 0) #f (is-even? (- n 1))))
(print (is-even? 20000))
