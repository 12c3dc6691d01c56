; shows: a simulation with a random generator of its own, queues and statistics
; stdout:
;| {served: 381, waiting: 21, waited: 5726, longest: 26}
;| average wait: 15.03
;| [[1, 4], [2, 5], [3, 6]]
;| [[4660046610375530309, 2880067194370816120], [2880067194370816120, 1779979416004714189]]
;| [AC, AB, CB, AC, BA, BC, AC] 255
;| [0, 1, 7, 2, 5, 8, 16, 3, 19, 6, 14] 111

; A linear congruential generator: the state goes in and comes out.
(define (next-state state) (modulo (+ (* state 1103515245) 12345) 2147483648))
(define (draw state limit) (modulo (quotient state 65536) limit))

(define (simulate rounds)
  (let loop ((round 0) (state 42) (queue '()) (served 0) (waited 0) (longest 0))
    (if (= round rounds)
        (object "served" served "waiting" (length queue) "waited" waited "longest" longest)
        (let* ((state (next-state state))
               (arrivals (draw state 3))
               (queue (append queue (make-list arrivals round)))
               (state (next-state state))
               (can-serve (min (length queue) (draw state 3)))
               (waits (map (lambda (arrived) (- round arrived)) (list-head queue can-serve))))
          (loop (+ round 1)
                state
                (list-tail queue can-serve)
                (+ served can-serve)
                (+ waited (fold-left + 0 waits))
                (max longest (length queue)))))))

(define result (simulate 400))
(print result)
(print "average wait:" (/ (round (* 100.0 (/ (inexact (get result 'waited)) (get result 'served)))) 100.0))

; Matrices as lists of lists.
(define (transpose m) (map (lambda (i) (map (lambda (row) (list-ref row i)) m)) (iota (length (car m)))))
(define (dot a b) (fold-left + 0 (map * a b)))
(define (multiply a b)
  (let ((columns (transpose b)))
    (map (lambda (row) (map (lambda (column) (dot row column)) columns)) a)))
(define (power m n)
  (cond ((= n 1) m)
        ((even? n) (let ((half (power m (quotient n 2)))) (multiply half half)))
        (else (multiply m (power m (- n 1))))))
(print (transpose '((1 2 3) (4 5 6))))
(print (power '((1 1) (1 0)) 90))

; Towers of Hanoi.
(define (hanoi n from to via)
  (if (= n 0)
      '()
      (append (hanoi (- n 1) from via to) (list (string-append from to)) (hanoi (- n 1) via to from))))
(print (hanoi 3 "A" "C" "B") (length (hanoi 8 "A" "C" "B")))

; Collatz.
(define (collatz n)
  (let loop ((n n) (steps 0))
    (cond ((= n 1) steps) ((even? n) (loop (quotient n 2) (+ steps 1))) (else (loop (+ (* 3 n) 1) (+ steps 1))))))
(print (map collatz (range 1 12)) (collatz 27))
