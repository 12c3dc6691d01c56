; shows: three ways to sort, all in agreement
; stdout:
;| [4, 15, 19, 26, 28, 31, 32, 32, 35, 38, 38, 43, 46, 50, 65, 79, 79, 84, 89, 92]
;| true
;| [92, 89, 84, 79, 79, 65, 50, 46, 43, 38, 38, 35, 32, 32, 31, 28, 26, 19, 15, 4]
;| [fig, pear, kiwi, apple]
;| [apple, fig, kiwi, pear]
;| [] [] [1] [3, 2, 1]
;| true [0, 1, 5, 9, 13]

(define numbers '(31 4 15 92 65 35 89 79 32 38 46 26 43 38 32 79 50 28 84 19))

(define (quicksort xs)
  (if (null? xs)
      '()
      (let ((pivot (car xs)) (rest (cdr xs)))
        (append (quicksort (filter (lambda (x) (< x pivot)) rest))
                (list pivot)
                (quicksort (filter (lambda (x) (>= x pivot)) rest))))))

(define (insert x sorted)
  (let loop ((i 0))
    (if (and (< i (length sorted)) (< (list-ref sorted i) x))
        (loop (+ i 1))
        (append (list-head sorted i) (list x) (list-tail sorted i)))))

(define (insertion-sort xs)
  (fold-left (lambda (sorted x) (insert x sorted)) '() xs))

; Bubble sort with assignments: what no function captures may be set.
(define (bubble-sort xs)
  (let ((n (length xs)) (swapped #t))
    (while swapped
      (set! swapped #f)
      (dotimes (i (- n 1))
        (let ((a (list-ref xs i)) (b (list-ref xs (+ i 1))))
          (when (> a b)
            (set! xs (list-set (list-set xs i b) (+ i 1) a))
            (set! swapped #t)))))
    xs))

(print (quicksort numbers))
(print (equal? (quicksort numbers) (insertion-sort numbers) (bubble-sort numbers) (sort numbers)))
(print (sort numbers >))
(print (sort '("pear" "fig" "apple" "kiwi") (lambda (a b) (< (string-length a) (string-length b)))))
(print (sort '("pear" "fig" "apple" "kiwi")))
(print (quicksort '()) (sort '()) (sort '(1) <) (reverse (sort '(2 1 3))))
(define big (map (lambda (i) (modulo (* i 7919) 1009)) (iota 300)))
(print (equal? (sort big) (sort big <)) (list-head (sort big) 5))
