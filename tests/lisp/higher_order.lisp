; shows: functions that take and give functions, and built-in functions as values
; stdout:
;| [11, 22, 33]
;| [0, 1, 4, 9, 16, 25]
;| 10 -6 2
;| [1, 2, 3] [3, 2, 1]
;| 9 0
;| 15 9 [1, 2, 3] ab
;| 5 10
;| true true false false
;| 3 false
;| [0, 2, 4, 6] [1, 3, 5] [1, 1, 2, 2]
;| one -> 1
;| two -> 2
;| a
;| b
;| 4
;| true
;| 12
;| 3628800
;| [1, [2, 3], 3]
;| 2 [b, 2] false

(print (map + '(1 2 3) '(10 20 30)))
(print (map (lambda (x) (* x x)) (iota 6)))
(print (fold-left + 0 '(1 2 3 4)) (fold-left - 0 '(1 2 3)) (fold-right - 0 '(1 2 3)))
(print (fold-right cons '() '(1 2 3)) (fold-left (lambda (acc x) (cons x acc)) '() '(1 2 3)))
(print (reduce max 0 '(3 9 2)) (reduce max 0 '()))
(print (apply + '(1 2 3 4 5)) (apply max '(3 9 2)) (apply list 1 2 '(3)) (apply string-append '("a" "b")))
(print (apply (lambda (a b c) (- a b c)) '(10 2 3)) (apply + 1 2 '(3 4)))
(print (any? even? '(1 3 4)) (every? even? '(2 4)) (every? odd? '(1 2)) (any? odd? '()))
(print (find (lambda (x) (> x 2)) '(1 2 3 4)) (find zero? '(1 2)))
(print (remove odd? (iota 7)) (filter odd? (iota 7)) (append-map (lambda (x) (list x x)) '(1 2)))
(for-each (lambda (name n) (print name "->" n)) '("one" "two" "three") '(1 2))
(for-each print '(a b))

(define (pipeline fs) (fold-left (lambda (f g) (lambda (x) (g (f x)))) (lambda (x) x) fs))
(print ((pipeline (list (lambda (x) (+ x 1)) (lambda (x) (* x 2)) number->string string-length)) 499))

(define (fixed-point f start)
  (let loop ((x start) (rounds 0))
    (let ((next (f x)))
      (if (or (< (abs (- next x)) 0.000001) (> rounds 100)) next (loop next (+ rounds 1))))))
(define (square-root n) (fixed-point (lambda (x) (/ (+ x (/ n x)) 2)) 1.0))
(print (< (abs (- (square-root 2) (sqrt 2))) 0.00001))

(define (derivative f) (let ((h 0.0001)) (lambda (x) (/ (- (f (+ x h)) (f (- x h))) (* 2 h)))))
(print (round ((derivative (lambda (x) (* x x x))) 2)))

; The Y combinator: recursion without a name.
(define (Y f) ((lambda (x) (x x)) (lambda (x) (f (lambda (n) ((x x) n))))))
(print ((Y (lambda (self) (lambda (n) (if (= n 0) 1 (* n (self (- n 1))))))) 10))
(define compose-all (list car cdr length))
(print (map (lambda (f) (f '(1 2 3))) compose-all))
(print (list-index 3 '(1 2 3)) (assoc "b" '(("a" 1) ("b" 2))) (assoc 'c '((a 1))))
