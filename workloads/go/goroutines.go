// Benchmarks of goroutines: what workloads/go_create.c and go_hog.c do, with Go's own runtime.
package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

func createChains(n, count int) work {
	done := make(chan bool)
	made := make([]uint64, count)
	var next func(chain, left int)
	next = func(chain, left int) {
		made[chain]++
		if left == 0 {
			done <- true
			return
		}
		go next(chain, left-1)
	}
	for i := 0; i < count; i++ {
		go next(i, n/count)
	}
	for i := 0; i < count; i++ {
		<-done
	}
	var sum uint64
	for _, tasks := range made {
		sum += tasks
	}
	return work{sum, uint64(count), sum}
}

func createGoroutines(n, _ int) work {
	return createChains(n, 1)
}

const captures = 4

func createGoroutinesCapture(n, _ int) work {
	var made uint64
	for op := 0; op < n; op++ {
		var group sync.WaitGroup
		group.Add(captures)
		for i := 0; i < captures; i++ {
			number := i
			go func() {
				if number < captures {
					atomic.AddUint64(&made, 1)
				}
				group.Done()
			}()
		}
		group.Wait()
	}
	return work{uint64(captures * n), 0, made}
}

const frameWords = 128

//go:noinline
func descend(depth int) uint64 {
	var frame [frameWords]uint64
	if depth == 0 || frame[depth%frameWords] != 0 {
		return 1
	}
	return descend(depth-1) + frame[2]
}

func stackGrowth(depth int) benchmark {
	return func(n, parallel int) work {
		sum := inParallel(n, parallel, func(_, n int) uint64 {
			var sum uint64
			for op := 0; op < n; op++ {
				sum += descend(depth)
			}
			return sum
		})
		return work{uint64(parallel), 0, sum}
	}
}

func pingPongHog(n, _ int) work {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	ping, pong := make(chan int), make(chan int)
	stop := make(chan bool)
	var group sync.WaitGroup
	group.Add(3)
	go func() { // the hog
		defer group.Done()
		for {
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	go func() {
		defer group.Done()
		for round := 0; round < n; round++ {
			pong <- <-ping
		}
	}()
	var sum uint64
	go func() {
		defer group.Done()
		for round := 0; round < n; round++ {
			ping <- round%2 + 1
			sum += uint64(<-pong)
		}
		close(stop)
	}()
	group.Wait()
	return work{3, uint64(2 * n), sum}
}
