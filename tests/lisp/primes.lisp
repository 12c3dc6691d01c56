; shows: primes by trial division and by a sieve
; stdout:
;| [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59]
;| [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59]
;| true
;| there are 303 primes up to 2000
;| [2, 2, 2, 3, 3, 5] [9973] 123456
;| 12 12 2

(define (prime? n)
  (and (> n 1)
       (let loop ((d 2))
         (cond ((> (* d d) n) #t)
               ((zero? (remainder n d)) #f)
               (else (loop (+ d 1)))))))

(define (sieve limit)
  (let outer ((n 2) (crossed (make-list (+ limit 1) #f)) (primes '()))
    (cond ((> n limit) primes)
          ((list-ref crossed n) (outer (+ n 1) crossed primes))
          (else
           (outer (+ n 1)
                  (do ((i (* n n) (+ i n))
                       (marks crossed (list-set marks i #t)))
                      ((> i limit) marks))
                  (list-push primes n))))))

(define (factors n)
  (let loop ((n n) (d 2) (found '()))
    (cond ((= n 1) found)
          ((zero? (modulo n d)) (loop (quotient n d) d (list-push found d)))
          (else (loop n (+ d 1) found)))))

(print (filter prime? (iota 60)))
(print (sieve 60))
(print (equal? (sieve 500) (filter prime? (range 0 501))))
(print "there are" (length (sieve 2000)) "primes up to 2000")
(print (factors 360) (factors 9973) (apply * (factors 123456)))
(print (gcd 84 36) (lcm 4 6) (gcd -4 6))
