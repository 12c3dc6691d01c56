; shows: counting words in Lisp, with a map and a sort
; stdin: "the cat and the dog and the bird\n"
; prints:
;| the 3
;| and 2
;| bird 1
;| cat 1
;| dog 1

(define (count-words words)
  (fold-left
    (lambda (counts word)
      (let ((old (map-get counts word)))
        (map-put counts word (if (nil? old) 1 (+ old 1)))))
    (make-map)
    words))

(define (more-frequent? a b)
  (> (cadr a) (cadr b)))

(define counts (count-words (string-split (string-trim (read-input)) " ")))
(define pairs (map (lambda (word) (list word (map-get counts word))) (map-keys counts)))

(for-each
  (lambda (pair) (print (car pair) (cadr pair)))
  (sort-by pairs more-frequent?))
