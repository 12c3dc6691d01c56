// The benchmarks in Go: `gobench NAME ARGUMENTS...`. GOMAXPROCS in the environment sets the number of threads.
//
// Here: choosing the benchmark and how it reports. The benchmarks: seq.go (sequential), conc.go (goroutines).
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var benches = map[string]func(a []string){}

func num(a []string, i int) int {
	n, err := strconv.Atoi(a[i])
	if err != nil {
		panic(err)
	}
	return n
}

// r prints a figure.
func r(k string, v float64, u string) { fmt.Printf("R %s %.9f %s\n", k, v, u) }

// cpu is the seconds of processor time of all threads.
func cpu() float64 {
	var u syscall.Rusage
	syscall.Getrusage(0, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// clocked runs f and prints the seconds by the clock and of the processor.
func clocked(k string, f func() int) int {
	c, t := cpu(), time.Now()
	v := f()
	d := time.Since(t).Seconds()
	r(k, d, "s")
	r(k+"_cpu", cpu()-c, "s")
	return v
}

// timed prints the result as the answer too, which all contestants must agree on.
func timed(k string, f func() int) { fmt.Printf("R check %d n\n", clocked(k, f)) }

// rss is the bytes of memory in use.
func rss() float64 {
	b, _ := os.ReadFile("/proc/self/status")
	for _, l := range strings.Split(string(b), "\n") {
		if strings.HasPrefix(l, "VmRSS:") {
			n, _ := strconv.Atoi(strings.Fields(l)[1])
			return float64(n) * 1024
		}
	}
	return 0
}

func main() {
	if len(os.Args) < 2 || benches[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: gobench NAME ARGUMENTS")
		os.Exit(2)
	}
	benches[os.Args[1]](os.Args[2:])
}
