; shows: a larger program: a parser and an interpreter for arithmetic with variables
; stdout:
;| 1 + 2 * 3 is 7
;| (1 + 2) * 3 is 9
;| x - 100 / 7 is 130
;| y is 20736
;| -(3 - 5) is 2
;| 1 / (x - 144) fails: cannot divide by zero
;| z fails: unknown name z
;| 1 + fails: unexpected end
;| (1 fails: missing )
;| 2 $ 3 fails: unexpected character $
;| 1 2 fails: unexpected number
;| #{x: 144, y: 20736}

; Tokens.
(define digits (string->list "0123456789"))
(define letters (string->list "abcdefghijklmnopqrstuvwxyz"))
(define (digit? c) (member? c digits))
(define (letter? c) (member? c letters))

(define (tokenize text)
  (let loop ((chars (string->list text)) (i 0) (tokens '()))
    (if (>= i (string-length text))
        tokens
        (let ((c (list-ref chars i)))
          (cond ((equal? c " ") (loop chars (+ i 1) tokens))
                ((digit? c)
                 (let ((end (scan chars i digit?)))
                   (loop chars end (list-push tokens (object "kind" "number" "value" (exact (substring text i end)))))))
                ((letter? c)
                 (let ((end (scan chars i letter?)))
                   (loop chars end (list-push tokens (object "kind" "name" "value" (substring text i end))))))
                ((member? c '("+" "-" "*" "/" "(" ")" "="))
                 (loop chars (+ i 1) (list-push tokens (object "kind" c))))
                (else (error "unexpected character" c)))))))

(define (scan chars from good?)
  (let loop ((i from))
    (if (and (< i (length chars)) (good? (list-ref chars i))) (loop (+ i 1)) i)))

; Parsing gives a pair: the tree and the index of the next token.
(define (kind-at tokens i) (if (< i (length tokens)) (get (list-ref tokens i) 'kind) "end"))

(define (parse-sum tokens i)
  (let ((first (parse-product tokens i)))
    (let loop ((tree (car first)) (i (cadr first)))
      (let ((operator (kind-at tokens i)))
        (if (member? operator '("+" "-"))
            (let ((next (parse-product tokens (+ i 1))))
              (loop (list operator tree (car next)) (cadr next)))
            (list tree i))))))

(define (parse-product tokens i)
  (let ((first (parse-atom tokens i)))
    (let loop ((tree (car first)) (i (cadr first)))
      (let ((operator (kind-at tokens i)))
        (if (member? operator '("*" "/"))
            (let ((next (parse-atom tokens (+ i 1))))
              (loop (list operator tree (car next)) (cadr next)))
            (list tree i))))))

(define (parse-atom tokens i)
  (case (kind-at tokens i)
    (("number") (list (get (list-ref tokens i) 'value) (+ i 1)))
    (("name") (list (list "name" (get (list-ref tokens i) 'value)) (+ i 1)))
    (("-") (let ((inner (parse-atom tokens (+ i 1)))) (list (list "-" 0 (car inner)) (cadr inner))))
    (("(")
     (let ((inner (parse-sum tokens (+ i 1))))
       (if (equal? (kind-at tokens (cadr inner)) ")")
           (list (car inner) (+ (cadr inner) 1))
           (error "missing )"))))
    (else (error "unexpected" (kind-at tokens i)))))

(define operators (make-map "+" + "-" - "*" * "/" (lambda (a b) (if (= b 0) (error "cannot divide by zero") (/ a b)))))

(define (evaluate tree names)
  (cond ((number? tree) tree)
        ((equal? (car tree) "name")
         (if (map-has? names (cadr tree)) (map-get names (cadr tree)) (error "unknown name" (cadr tree))))
        (else ((map-get operators (car tree)) (evaluate (cadr tree) names) (evaluate (caddr tree) names)))))

; A line is an expression or `name = expression`; it gives the names for the next one.
(define (run line names)
  (try
    (let ((tokens (tokenize line)))
      (if (and (equal? (kind-at tokens 0) "name") (equal? (kind-at tokens 1) "="))
          (let ((value (evaluate (complete (parse-sum tokens 2) tokens) names)))
            (map-put names (get (car tokens) 'value) value))
          (begin
            (print line "is" (evaluate (complete (parse-sum tokens 0) tokens) names))
            names)))
    (catch e
      (print line "fails:" (error-message e))
      names)))

(define (complete parsed tokens)
  (if (= (cadr parsed) (length tokens)) (car parsed) (error "unexpected" (kind-at tokens (cadr parsed)))))

(define final
  (fold-left (lambda (names line) (run line names)) (make-map)
    '("1 + 2 * 3" "(1 + 2) * 3" "x = 12 * 12" "x - 100 / 7" "y = x * x" "y" "-(3 - 5)" "1 / (x - 144)"
      "z" "1 +" "(1" "2 $ 3" "1 2")))
(print final)
