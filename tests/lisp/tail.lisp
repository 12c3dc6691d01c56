; shows: a million rounds need no more stack than one, in every kind of loop
; stdout:
;| done
;| pong
;| 19999900000
;| bounced
;| 144
;| enough
;| 0

(define (count-down n) (if (> n 0) (count-down (- n 1)) "done"))
(print (count-down 1000000))

(define (ping n) (if (= n 0) "ping" (pong (- n 1))))
(define (pong n) (if (= n 0) "pong" (ping (- n 1))))
(print (ping 100001))

(print (let loop ((i 0) (sum 0)) (if (< i 200000) (loop (+ i 1) (+ sum i)) sum)))

; A function held in a variable is called in tail position too.
(define (bounce f n) (if (= n 0) "bounced" (f f (- n 1))))
(print (bounce bounce 100000))

; A loop that is not only called last is a function that calls itself.
(print (let walk ((n 12)) (if (< n 2) n (+ (walk (- n 1)) (walk (- n 2))))))

; The handler of a try is in tail position.
(define (retry n)
  (try (if (> n 0) (error "again") "enough")
    (catch e (retry (- n 1)))))
(print (retry 20000))

; So are the last parts of `and`, `or`, `cond`, `case`, `when`, `begin` and `let`.
(define (all n) (and #t (or #f (cond (#f 1) (else (case 1 ((1) (when #t (begin (let ((m (- n 1))) (if (< m 0) n (all m)))))))))))) 
(print (all 30000))
