// The benchmarks over goroutines and channels.
package main

import (
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

func skynet(c chan int, n, size int) {
	if size == 1 {
		c <- n
		return
	}
	rc, sub, sum := make(chan int), size/10, 0
	for i := 0; i < 10; i++ {
		go skynet(rc, n+i*sub, sub)
	}
	for i := 0; i < 10; i++ {
		sum += <-rc
	}
	c <- sum
}

type bigm struct {
	pong bool
	from chan bigm
}

func init() {
	benches["spawn"] = func(a []string) { // fire: N goroutines, WaitGroup at the end; wait: each waited for before the next
		n := num(a, 1)
		for _, k := range []string{"time", "time2"} {
			timed(k, func() int {
				if a[0] == "fire" {
					var w sync.WaitGroup
					w.Add(n)
					for i := 0; i < n; i++ {
						go w.Done()
					}
					w.Wait()
				} else {
					c := make(chan bool)
					for i := 0; i < n; i++ {
						go func() { c <- true }()
						<-c
					}
				}
				return n
			})
		}
	}
	benches["idle"] = func(a []string) { // N goroutines, each blocked on its own channel
		n := num(a, 0)
		r0 := rss()
		cs := make([]chan int, n)
		timed("spawn", func() int {
			for i := range cs {
				c := make(chan int)
				cs[i] = c
				go func() { <-c }()
			}
			return n
		})
		time.Sleep(2 * time.Second)
		r("rss_per_proc", (rss()-r0)/float64(n), "b")
		runtime.KeepAlive(cs)
	}
	benches["pingpong"] = func(a []string) {
		n := num(a, 0)
		x, y := make(chan int), make(chan int)
		go func() {
			for v := range x {
				y <- v
			}
		}()
		timed("time", func() int {
			for i := 0; i < n; i++ {
				x <- i
				<-y
			}
			return n
		})
	}
	benches["ring"] = func(a []string) {
		p, h := num(a, 0), num(a, 1)
		first := make(chan int)
		in, done := first, make(chan bool)
		timed("create", func() int {
			for i := 0; i < p; i++ {
				out := make(chan int)
				if i == p-1 {
					out = first
				}
				go func(in, out chan int) {
					for v := range in {
						if v == 0 {
							done <- true
							return
						}
						out <- v - 1
					}
				}(in, out)
				in = out
			}
			return p
		})
		timed("time", func() int { first <- h; <-done; return h })
	}
	benches["fanin"] = func(a []string) { // buffered channel of 1024
		s, m := num(a, 0), num(a, 1)
		timed("time", func() int {
			c := make(chan [2]int, 1024)
			for i := 0; i < s; i++ {
				go func(id int) {
					for k := m; k > 0; k-- {
						c <- [2]int{id, k}
					}
				}(i)
			}
			acc := 0
			for i := 0; i < s*m; i++ {
				v := <-c
				acc += v[1]
			}
			return acc
		})
	}
	benches["skynet"] = func(a []string) {
		n := num(a, 0)
		timed("time", func() int { c := make(chan int); go skynet(c, 0, n); return <-c })
	}
	benches["count"] = func(a []string) {
		n := num(a, 0)
		c, res := make(chan int, 1024), make(chan int)
		go func() {
			t := 0
			for v := range c {
				t += v
			}
			res <- t
		}()
		timed("time", func() int {
			for i := 0; i < n; i++ {
				c <- 1
			}
			close(c)
			return <-res
		})
	}
	benches["big"] = func(a []string) { // W actors, P pings each to random others
		w, p := num(a, 0), num(a, 1)
		cs := make([]chan bigm, w)
		var wg sync.WaitGroup
		wg.Add(w)
		for i := range cs {
			cs[i] = make(chan bigm, w+1)
		}
		timed("time", func() int {
			for i := range cs {
				go func(me chan bigm, s uint32) {
					for k := 0; k < p; k++ {
						s = (s*1103515245 + 12345) & 0x7FFFFFFF
						cs[int(s>>8)%w] <- bigm{false, me}
						for {
							m := <-me
							if m.pong {
								break
							}
							m.from <- bigm{true, nil}
						}
					}
					wg.Done()
					for m := range me {
						m.from <- bigm{true, nil}
					}
				}(cs[i], uint32(i*7919+1))
			}
			wg.Wait()
			return w * p
		})
	}
	benches["timers"] = func(a []string) { // N goroutines, R sleeps of ms each
		n, reps, ms := num(a, 0), num(a, 1), num(a, 2)
		var w sync.WaitGroup
		w.Add(n)
		timed("time", func() int {
			for i := 0; i < n; i++ {
				go func() {
					for k := 0; k < reps; k++ {
						time.Sleep(time.Duration(ms) * time.Millisecond)
					}
					w.Done()
				}()
			}
			w.Wait()
			return n
		})
	}
	benches["preempt"] = func(a []string) { // H hogs; timer: lateness of a 1 ms sleep; msg: round trip to an echo goroutine
		h, s := num(a, 1), num(a, 2)
		var sink int64
		x, y := make(chan int), make(chan int)
		for i := 0; i < h; i++ {
			go func() {
				v := 0
				for {
					v = (v*7 + 3) % 1000003
					if v == -1 {
						atomic.AddInt64(&sink, 1)
					}
				}
			}()
		}
		go func() {
			for v := range x {
				y <- v
			}
		}()
		time.Sleep(200 * time.Millisecond)
		l := make([]float64, s)
		for i := range l {
			t := time.Now()
			if a[0] == "timer" {
				time.Sleep(time.Millisecond)
				l[i] = float64(time.Since(t).Nanoseconds()-1000000) / 1e3
			} else {
				x <- 1
				<-y
				l[i] = float64(time.Since(t).Nanoseconds()) / 1e3
			}
		}
		sort.Float64s(l)
		r("p50", l[s/2], "us")
		r("p90", l[s*9/10], "us")
		r("p99", l[s*99/100], "us")
		r("max", l[s-1], "us")
	}
	benches["barrier"] = func(a []string) { // coordinator + N goroutines over channels, K empty supersteps
		n, k := num(a, 0), num(a, 1)
		done := make(chan bool, n)
		cs := make([]chan bool, n)
		for i := range cs {
			c := make(chan bool, 1)
			cs[i] = c
			go func() {
				for range c {
					done <- true
				}
			}()
		}
		timed("time", func() int {
			for s := 0; s < k; s++ {
				for _, c := range cs {
					c <- true
				}
				for range cs {
					<-done
				}
			}
			return n * k
		})
	}
}
