; shows: objects with fields, maps with any keys, and programs that keep accounts in them
; stdout:
;| {owner: Ada, balance: 0, log: []}
;| {owner: Ada, balance: 120, log: [[deposit, 50], [deposit, 70]]}
;| 20
;| only 120 left
;| [owner, balance, log] true false null default
;| {owner: Ada, balance: 120}
;| true {}
;| has not 120
;| 5
;| b null true
;| #{1.5: true, [0, 0]: a, [0, 1]: b}
;| [2, false]
;| #{1: 2, 2: 1, 3: 3}
;| {"list":[1,2.5,"x"],"nothing":null} [1]

(define (make-account owner) (object "owner" owner "balance" 0 "log" '()))
(define (deposit account amount)
  (put account
    'balance (+ (get account 'balance) amount)
    'log (list-push (get account 'log) (list "deposit" amount))))
(define (withdraw account amount)
  (if (> amount (get account "balance"))
      (error "only" (get account "balance") "left")
      (put account "balance" (- (get account "balance") amount))))

(define empty (make-account "Ada"))
(define full (deposit (deposit empty 50) 70))
(print empty)
(print full)
(print (get (withdraw full 100) 'balance))
(print (try (withdraw full 500) (catch e (error-message e))))

(print (keys full) (has? full 'log) (has? full "nothing") (get full "nothing") (get full "nothing" "default"))
(print (remove-key full 'log))
(print (equal? (object "a" 1 "b" 2) (object "b" 2 "a" 1)) (object))
(print (if (has? full 'x) "has" "has not") (get full 'balance (error "not computed")))

; A point with methods: an object of functions.
(define (make-point x y)
  (object
    "x" x
    "y" y
    "distance" (lambda (other)
      (sqrt (+ (square (- x (get other "x"))) (square (- y (get other "y"))))))))
(define origin (make-point 0 0))
(print ((get (make-point 3 4) "distance") origin))

; Maps take keys of any kind.
(define grid (make-map '(0 0) "a" '(0 1) "b"))
(print (map-get grid (list 0 1)) (map-get grid (list 5 5)) (map-has? grid '(0 0)))
(print (map-put grid 1.5 #t))
(print (map-keys (map-remove (make-map "x" 1 2 "two" #f nil) "x")))
(define (histogram xs)
  (fold-left (lambda (m x) (map-put m x (+ 1 (or (map-get m x) 0)))) (make-map) xs))
(print (histogram '(3 1 3 3 2 1)))
(print (json-stringify (object "list" '(1 2.5 "x") "nothing" nil)) (get (json-parse "{\"k\": [1]}") 'k))
