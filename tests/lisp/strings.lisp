; shows: work with strings: counting words, palindromes, ciphers
; stdout:
;| #{brown: 1, dog: 1, end: 1, fox: 1, jumps: 1, lazy: 1, over: 1, quick: 1, the: 3}
;| 3 null 9
;| [true, false, true]
;| def abc
;| round trip
;| found false
;| The Quick Brown Fox Jumps Over The Lazy Dog The End
;| 5 GRÖSSE ö
;|   7 7   ababab
;| a+b+c x true
;| true true 42 2.5 false
;| 17 0.001

(define text "the quick brown fox jumps over the lazy dog the end")

(define (count-words words)
  (fold-left
    (lambda (counts word)
      (map-put counts word (+ 1 (if (map-has? counts word) (map-get counts word) 0))))
    (make-map)
    words))

(define counts (count-words (string-split text " ")))
(print counts)
(print (map-get counts "the") (map-get counts "cat") (map-size counts))

(define (palindrome? s)
  (let ((clean (filter (lambda (c) (member? c (string->list "abcdefghijklmnopqrstuvwxyz")))
                       (string->list (string-downcase s)))))
    (equal? clean (reverse clean))))
(print (map palindrome? '("A man, a plan, a canal: Panama" "not one" "")))

(define alphabet "abcdefghijklmnopqrstuvwxyz")
(define (rotate-letter c n)
  (let ((i (string-search alphabet c)))
    (if i (string-ref alphabet (modulo (+ i n) 26)) c)))
(define (rotate s n)
  (list->string (map (lambda (c) (rotate-letter c n)) (string->list s))))
(print (rotate "abc xyz" 3))
(print (rotate (rotate "round trip" 13) 13))

; 0 is a true value: "a" is found at index 0.
(print (if (string-search "abc" "a") "found" "missing") (string-search "abc" "z"))

(define (capitalize word)
  (string-append (string-upcase (substring word 0 1)) (substring word 1)))
(print (string-join (map capitalize (string-split text " ")) " "))
(print (string-length "größe") (string-upcase "größe") (string-ref "größe" 2))
(print (string-pad-left "7" 3) (string-pad-right "7" 3) (string-repeat "ab" 3))
(print (string-replace "a-b-c" "-" "+") (string-trim "  x ") (string-contains? "abc" "bc"))
(print (string<? "abc" "abd") (string=? "a" "a") (string->number "42") (string->number "2.5") (string->number "x"))
(print (+ 1 (string->number "0x10")) (number->string 0.001))
