; shows: an error that nobody catches ends the program with its message
; exit: 1
; message: odd: 7
; stdout:
;| 5

(define (half n)
  (if (odd? n)
      (error "odd:" n)
      (quotient n 2)))
(print (half 10))
(print (+ 1 (half 7)))
(print "never")
