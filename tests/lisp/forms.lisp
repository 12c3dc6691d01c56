; shows: every form: its values and its order of computation
; stdout:
;| [true, false, false, true, true, true, true, true]
;| false true true false false
;| true false 2 false false 2 false 0 true
;| computed false
;| computed 0
;| 0
;| computed 0
;| computed false
;| false
;| computed 1
;| computed null
;| both
;| computed false
;| computed false
;| neither
;| null null null
;| computed 2
;| true false true false true true
;| computed 1
;| computed 2
;| computed 3
;| rising
;| [2, 1]
;| [4, 2]
;| 1
;| false
;| 3
;| 9
;| computed a
;| computed 5
;| 5->3 3->1 1->-1 
;| [3, 2, 1, 0]
;| 012
;| null
;| computed 0
;| [negative, zero, positive] null
;| [winter, spring, warm, no month, no month, winter]
;| null
;| 0 1 5 -5 0.5 7 3 3.5 -3
;| -3 -1 1 3
;| 3 1 5 1267650600228229401496703205376 0.5 4 2.25
;| 1 2 3 -1 2 1
;| 255 5 -31 1000 0.5 -0 inf 8 14 6 1180591620717411303424 2
;| 123456789012345678901234567890
;| [1, two, three, [4, null, true]] symbol [a, b] []
;| [1, 2] 1 [2] 2 3 [3] 3
;| true false true true [] [1, 2, 3] [9, 2]
;| true [b, c] [b, c] [x, x] []
;| a   | tab:	 A line 1
;| line 2
;| 1 2 4
;|
;| a1[b]
;| 1 + 2 = {3}
;| [1, 2]

; Truth: only #f and nil are false.
(print (map (lambda (x) (if x "true" "false")) (list #t #f nil 0 0.0 "" '() (object))))
(print (not 0) (not nil) (not #f) (not '()) (not (= 1 1)))
(print (and) (or) (and 1 2) (and 1 #f 2) (and nil 1) (or #f 2) (or nil #f) (or 0 1) (or (= 1 2) (= 1 1)))
(define (shout x) (print "computed" x) x)
(print (or (shout #f) (shout 0) (shout 2)))
(print (and (shout 0) (shout #f) (shout 2)))
(when (and (shout 1) (not (shout nil))) (print "both"))
(unless (or (shout #f) (shout #f)) (print "neither"))
(print (when #f 1) (unless #t 1) (if #f 1))

; Comparisons of many values compute each once.
(print (< 1 2 3) (< 1 3 2) (= 1 1.0 1) (equal? 1 1.0) (>= 3 3 (shout 2)) (< 1))
(print (if (< (shout 1) (shout 2) (shout 3)) "rising" "not"))

; let, let*, letrec, shadowing.
(define x 1)
(print (let ((x 2) (y x)) (list x y)))
(print (let* ((x 2) (y x) (x (+ x y))) (list x y)))
(print x)
(print (letrec ((even (lambda (n) (if (= n 0) #t (odd (- n 1))))) (odd (lambda (n) (if (= n 0) #f (even (- n 1)))))) (even 101)))
(define (shadow list) (+ 1 (length list)))
(print (shadow '(1 2)))
(define (length-of f) (let ((map f)) (map 3)))
(print (length-of (lambda (n) (* n n))))

; begin, set!, while, do, dotimes.
(define total 0)
(set! total (begin (shout "a") (shout 5)))
(while (> total 0)
  (define before total)
  (set! total (- total 2))
  (display before "->" total " "))
(newline)
(print (do ((i 0 (+ i 1)) (xs '() (list-push xs i))) ((= i 4) (reverse xs))))
(dotimes (i 3) (display i))
(newline)
(print (dotimes (i 2) i))

; cond, case.
(define (kind n) (cond ((< n 0) "negative") ((= n 0) (shout n) "zero") (else "positive")))
(print (map kind '(-1 0 1)) (cond (#f 1)))
(define (season month)
  (case month ((12 1 2) "winter") ((3 4 5) "spring") (("x" y) "no month") (else "warm")))
(print (map season '(1 4 7 "x" y 12)))
(print (case (+ 1 1) ((1) 'one)))

; Arithmetic.
(print (+) (*) (+ 5) (- 5) (/ 2) (- 10 1 2) (/ 7 2) (/ 7.0 2) (/ -7 2))
(print (quotient -7 2) (remainder -7 2) (modulo -7 2) (quotient 7.5 2))
(print (max 1 3 2) (min 1 3 2) (abs -5) (expt 2 100) (expt 2 -1) (sqrt 16) (square 1.5))
(print (floor 1.5) (ceiling 1.5) (round 2.5) (truncate -1.5) (exact 2.0) (inexact 1))
(print #xFF #b101 #x-1f 1e3 .5 -0.0 +inf.0 (bitwise-and 12 10) (bitwise-or 12 10) (bitwise-xor 12 10) (shift-left 1 70) (shift-right 5 1))
(print 123456789012345678901234567890)

; Lists and quotes.
(print '(1 "two" three (4 nil #t)) 'symbol (quote (a b)) '())
(print (cons 1 '(2)) (car '(1 2)) (cdr '(1 2)) (cadr '(1 2 3)) (caddr '(1 2 3)) (cddr '(1 2 3)) (last '(1 2 3)))
(print (null? '()) (null? nil) (nil? nil) (list? '()) (append) (append '(1) '(2) '(3)) (list-set '(1 2) 0 9))
(print (member? 2 '(1 2)) (sublist '(a b c d) 1 3) (list-tail '(a b c) 1) (make-list 2 'x) (cdr '()))
(print #\a #\space "|" "tab:\t" "\u{41}" "line 1
line 2")

; Comments: #; leaves out a datum, #| |# a block.
(print 1 #;(error "never") 2 #| 3 #| nested |# |# 4)
(print) (display) (display "a" 1 '(b)) (newline)
(print (string-format "{} + {} = {{{}}}" 1 2 3))
[print [list 1 2]]
