; The functions of the language that are written in itself. What a program does not use is left out of its
; translation. Names that begin with % are not for programs.

(define (map f xs)
  (let loop ((i 0) (n (length xs)) (out '()))
    (if (< i n) (loop (+ i 1) n (list-push out (f (list-ref xs i)))) out)))

(define (%map-two f xs ys)
  (let loop ((i 0) (n (min (length xs) (length ys))) (out '()))
    (if (< i n) (loop (+ i 1) n (list-push out (f (list-ref xs i) (list-ref ys i)))) out)))

(define (append-map f xs)
  (let loop ((i 0) (n (length xs)) (out '()))
    (if (< i n) (loop (+ i 1) n (append out (f (list-ref xs i)))) out)))

(define (for-each f xs)
  (let loop ((i 0) (n (length xs)))
    (when (< i n)
      (f (list-ref xs i))
      (loop (+ i 1) n))))

(define (%for-each-two f xs ys)
  (let loop ((i 0) (n (min (length xs) (length ys))))
    (when (< i n)
      (f (list-ref xs i) (list-ref ys i))
      (loop (+ i 1) n))))

(define (filter keep? xs)
  (let loop ((i 0) (n (length xs)) (out '()))
    (if (< i n)
        (let ((x (list-ref xs i)))
          (loop (+ i 1) n (if (keep? x) (list-push out x) out)))
        out)))

(define (remove drop? xs)
  (let loop ((i 0) (n (length xs)) (out '()))
    (if (< i n)
        (let ((x (list-ref xs i)))
          (loop (+ i 1) n (if (drop? x) out (list-push out x))))
        out)))

(define (fold-left f initial xs)
  (let loop ((i 0) (n (length xs)) (result initial))
    (if (< i n) (loop (+ i 1) n (f result (list-ref xs i))) result)))

(define (fold-right f initial xs)
  (let loop ((i (length xs)) (result initial))
    (if (> i 0) (loop (- i 1) (f (list-ref xs (- i 1)) result)) result)))

(define (reduce f initial xs)
  (if (null? xs) initial (%fold-first f xs)))

(define (%fold-first f xs)
  (let loop ((i 1) (n (length xs)) (result (car xs)))
    (if (< i n) (loop (+ i 1) n (f result (list-ref xs i))) result)))

(define (any? good? xs)
  (let loop ((i 0) (n (length xs)))
    (cond ((>= i n) #f)
          ((good? (list-ref xs i)) #t)
          (else (loop (+ i 1) n)))))

(define (every? good? xs)
  (let loop ((i 0) (n (length xs)))
    (cond ((>= i n) #t)
          ((good? (list-ref xs i)) (loop (+ i 1) n))
          (else #f))))

; The first element that passes, or #f.
(define (find good? xs)
  (let loop ((i 0) (n (length xs)))
    (cond ((>= i n) #f)
          ((good? (list-ref xs i)) (list-ref xs i))
          (else (loop (+ i 1) n)))))

; The index of the first element equal to x, or #f.
(define (list-index x xs)
  (let loop ((i 0) (n (length xs)))
    (cond ((>= i n) #f)
          ((equal? (list-ref xs i) x) i)
          (else (loop (+ i 1) n)))))

; The first list in xs that begins with key, or #f.
(define (assoc key xs)
  (let loop ((i 0) (n (length xs)))
    (cond ((>= i n) #f)
          ((equal? (car (list-ref xs i)) key) (list-ref xs i))
          (else (loop (+ i 1) n)))))

(define (make-list n value)
  (let loop ((i 0) (out '()))
    (if (< i n) (loop (+ i 1) (list-push out value)) out)))

; A merge sort from below; equal elements keep their order.
(define (sort-by xs before?)
  (let ((n (length xs)))
    (let loop ((xs xs) (width 1))
      (if (>= width n) xs (loop (%merge-runs xs n width before?) (* width 2))))))

(define (%merge-runs xs n width before?)
  (let loop ((start 0) (out '()))
    (if (>= start n)
        out
        (let* ((middle (min (+ start width) n))
               (end (min (+ middle width) n)))
          (loop end (%merge xs start middle end before? out))))))

(define (%merge xs start middle end before? out)
  (let loop ((i start) (j middle) (out out))
    (cond ((and (>= i middle) (>= j end)) out)
          ((>= j end) (loop (+ i 1) j (list-push out (list-ref xs i))))
          ((or (>= i middle) (before? (list-ref xs j) (list-ref xs i)))
           (loop i (+ j 1) (list-push out (list-ref xs j))))
          (else (loop (+ i 1) j (list-push out (list-ref xs i)))))))

(define (%apply f xs)
  (case (length xs)
    ((0) (f))
    ((1) (f (list-ref xs 0)))
    ((2) (f (list-ref xs 0) (list-ref xs 1)))
    ((3) (f (list-ref xs 0) (list-ref xs 1) (list-ref xs 2)))
    ((4) (f (list-ref xs 0) (list-ref xs 1) (list-ref xs 2) (list-ref xs 3)))
    ((5) (f (list-ref xs 0) (list-ref xs 1) (list-ref xs 2) (list-ref xs 3) (list-ref xs 4)))
    ((6) (f (list-ref xs 0) (list-ref xs 1) (list-ref xs 2) (list-ref xs 3) (list-ref xs 4) (list-ref xs 5)))
    (else (error "apply takes a list of at most 6 arguments, not of" (length xs)))))

(define (gcd a b)
  (let loop ((a (abs a)) (b (abs b)))
    (if (= b 0) a (loop b (remainder a b)))))

(define (lcm a b)
  (if (or (= a 0) (= b 0)) 0 (abs (* a (quotient b (gcd a b))))))

; The number that a string spells, or #f.
(define (string->number s)
  (if (string? s)
      (try (exact s)
        (catch _
          (try (inexact s) (catch _ #f))))
      (error "string->number takes a string, not" s)))

; The index of the first occurrence of part in s from its beginning, or #f.
(define (string-search s part)
  (let ((i (%string-find s part)))
    (if (< i 0) #f i)))

(define (%substring-from s start)
  (substring s start (string-length s)))

(define (string-repeat s n)
  (let loop ((i 0) (out ""))
    (if (< i n) (loop (+ i 1) (string-append out s)) out)))

(define (string-pad-left s width)
  (string-append (string-repeat " " (- width (string-length s))) s))

(define (string-pad-right s width)
  (string-append s (string-repeat " " (- width (string-length s)))))
