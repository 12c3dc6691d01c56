; shows: backtracking: all places for queens on a board
; stdout:
;| [1, 0, 0, 2, 10, 4]
;| [1, 3, 5, 0, 2, 4]
;| .Q....
;| ...Q..
;| .....Q
;| Q.....
;| ..Q...
;| ....Q.
;| false

(define (safe? row placed)
  (let loop ((i (- (length placed) 1)) (distance 1))
    (cond ((< i 0) #t)
          ((= (list-ref placed i) row) #f)
          ((= (abs (- (list-ref placed i) row)) distance) #f)
          (else (loop (- i 1) (+ distance 1))))))

(define (count-queens n)
  (define (place placed)
    (if (= (length placed) n)
        1
        (let loop ((row 0) (total 0))
          (if (= row n)
              total
              (loop (+ row 1)
                    (if (safe? row placed) (+ total (place (list-push placed row))) total))))))
  (place '()))

(define (first-queens n)
  (define (place placed)
    (cond ((= (length placed) n) placed)
          (else (try-rows placed 0))))
  (define (try-rows placed row)
    (cond ((= row n) #f)
          ((and (safe? row placed) (place (list-push placed row))) (place (list-push placed row)))
          (else (try-rows placed (+ row 1)))))
  (place '()))

(define (draw n placed)
  (for-each
    (lambda (row)
      (dotimes (column n)
        (display (if (= row column) "Q" ".")))
      (newline))
    placed))

(print (map count-queens '(1 2 3 4 5 6)))
(print (first-queens 6))
(draw 6 (first-queens 6))
(print (first-queens 3))
