// The sequential benchmarks.
package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

type body struct{ x, y, z, vx, vy, vz, m float64 }

const sm, dy = 4 * math.Pi * math.Pi, 365.24

func advance(b []body) {
	for i := range b {
		p := &b[i]
		for j := i + 1; j < len(b); j++ {
			q := &b[j]
			dx, dy, dz := p.x-q.x, p.y-q.y, p.z-q.z
			d2 := dx*dx + dy*dy + dz*dz
			mag := 0.01 / (d2 * math.Sqrt(d2))
			p.vx -= dx * q.m * mag
			p.vy -= dy * q.m * mag
			p.vz -= dz * q.m * mag
			q.vx += dx * p.m * mag
			q.vy += dy * p.m * mag
			q.vz += dz * p.m * mag
		}
	}
	for i := range b {
		p := &b[i]
		p.x += 0.01 * p.vx
		p.y += 0.01 * p.vy
		p.z += 0.01 * p.vz
	}
}
func energy(b []body) (e float64) {
	for i, p := range b {
		e += 0.5 * p.m * (p.vx*p.vx + p.vy*p.vy + p.vz*p.vz)
		for _, q := range b[i+1:] {
			dx, dy, dz := p.x-q.x, p.y-q.y, p.z-q.z
			e -= p.m * q.m / math.Sqrt(dx*dx+dy*dy+dz*dz)
		}
	}
	return
}

type cell struct {
	h int
	t *cell
}

func init() {
	benches["fib"] = func(a []string) { n := num(a, 0); timed("time", func() int { return fib(n) }) }
	benches["loop"] = func(a []string) {
		n := num(a, 0)
		timed("time", func() int {
			acc := 0
			for i := 0; i < n; i++ {
				acc += (i*7 + 3) % 11
			}
			return acc
		})
	}
	benches["nbody"] = func(a []string) {
		b := []body{{0, 0, 0, 0, 0, 0, sm},
			{4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01, 1.66007664274403694e-03 * dy, 7.69901118419740425e-03 * dy, -6.90460016972063023e-05 * dy, 9.54791938424326609e-04 * sm},
			{8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01, -2.76742510726411899e-03 * dy, 4.99852801234917238e-03 * dy, 2.30417297573763929e-05 * dy, 2.85885980666130812e-04 * sm},
			{1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01, 2.96460137564761618e-03 * dy, 2.37847173959480950e-03 * dy, -2.96589568540237556e-05 * dy, 4.36624404335156298e-05 * sm},
			{1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01, 2.68067772490389322e-03 * dy, 1.62824170038242295e-03 * dy, -9.51592254519715870e-05 * dy, 5.15138902046611451e-05 * sm}}
		var px, py, pz float64
		for _, q := range b {
			px += q.vx * q.m
			py += q.vy * q.m
			pz += q.vz * q.m
		}
		b[0].vx, b[0].vy, b[0].vz = -px/sm, -py/sm, -pz/sm
		e0, n := energy(b), num(a, 0)
		clocked("time", func() int {
			for i := 0; i < n; i++ {
				advance(b)
			}
			return n
		})
		fmt.Printf("# energy at the start %.9f\nR check %.9f n\n", e0, energy(b))
	}
	benches["list"] = func(a []string) { // cons: linked cells; slice: []int
		n, reps := num(a, 1), num(a, 2)
		timed("time", func() int {
			acc := 0
			for ; reps > 0; reps-- {
				if a[0] == "cons" {
					var l *cell
					for i := n; i > 0; i-- {
						l = &cell{i, l}
					}
					var head cell
					for p := &head; l != nil; l = l.t {
						p.t = &cell{l.h*2 + 1, nil}
						p = p.t
					}
					for l = head.t; l != nil; l = l.t {
						acc += l.h
					}
				} else {
					x := []int{}
					for i := 1; i <= n; i++ {
						x = append(x, i)
					}
					y := make([]int, 0, len(x))
					for _, v := range x {
						y = append(y, v*2+1)
					}
					for _, v := range y {
						acc += v
					}
				}
			}
			return acc
		})
	}
	benches["string"] = func(a []string) {
		n := num(a, 1)
		timed("time", func() int {
			var s strings.Builder
			for i := 0; i < n; i++ {
				if a[0] == "append" {
					s.WriteString("abcde")
				} else {
					s.WriteString(strconv.Itoa(i))
					s.WriteString(",")
				}
			}
			return s.Len()
		})
	}
	benches["map"] = func(a []string) {
		n, m := num(a, 1), map[int]int{}
		key := func(i int) int { return i }
		if a[0] == "rand" {
			key = func(i int) int { return i * 2654435761 & 0xFFFFFFFF }
		}
		clocked("insert", func() int {
			for i := 0; i < n; i++ {
				m[key(i)] = i
			}
			return 0
		})
		timed("lookup", func() int {
			acc := 0
			for i := 0; i < n; i++ {
				acc += m[key(i)]
			}
			return acc
		})
	}
}
