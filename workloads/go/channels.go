// Benchmarks of channels: what workloads/go_chan.c and go_handover.c do, with Go's own runtime.
package main

import "sync"

const batch = 100

// inParallel gives each of `parallel` goroutines its share of n operations and adds up what they
// return.
func inParallel(n, parallel int, share func(index, n int) uint64) uint64 {
	var group sync.WaitGroup
	sums := make([]uint64, parallel)
	for i := 0; i < parallel; i++ {
		operations := n / parallel
		if i < n%parallel {
			operations++
		}
		group.Add(1)
		go func(index, operations int) {
			defer group.Done()
			sums[index] = share(index, operations)
		}(i, operations)
	}
	group.Wait()
	var total uint64
	for _, sum := range sums {
		total += sum
	}
	return total
}

func fillAndEmpty(numbers chan int, n int) uint64 {
	var sum uint64
	for op := 0; op < n; op++ {
		for i := 0; i < batch; i++ {
			numbers <- i
		}
		for i := 0; i < batch; i++ {
			sum += uint64(<-numbers)
		}
	}
	return sum
}

func chanUncontended(n, parallel int) work {
	sum := inParallel(n, parallel, func(_, n int) uint64 {
		return fillAndEmpty(make(chan int, batch), n)
	})
	return work{uint64(parallel), uint64(batch * n), sum}
}

func chanContended(n, parallel int) work {
	numbers := make(chan int, batch*parallel)
	sum := inParallel(n, parallel, func(_, n int) uint64 {
		return fillAndEmpty(numbers, n)
	})
	return work{uint64(parallel), uint64(batch * n), sum}
}

func chanCreation(n, parallel int) work {
	sum := inParallel(n, parallel, func(_, n int) uint64 {
		var sum uint64
		for op := 0; op < n; op++ {
			numbers := make(chan int, 1)
			numbers <- 1
			sum += uint64(<-numbers)
		}
		return sum
	})
	return work{uint64(parallel), uint64(n), sum}
}

func chanSem(n, parallel int) work {
	permits := make(chan struct{}, parallel)
	sum := inParallel(n, parallel, func(_, n int) uint64 {
		var sum uint64
		for op := 0; op < n; op++ {
			permits <- struct{}{}
			if _, ok := <-permits; ok {
				sum++
			}
		}
		return sum
	})
	return work{uint64(parallel), uint64(n), sum}
}

func chanSync(n, _ int) work {
	n -= n % 2
	numbers := make(chan int)
	sum := inParallel(n, 2, func(index, n int) uint64 {
		var sum uint64
		for i := 0; i < n; i++ {
			if index == 0 {
				sum += 1 + uint64(<-numbers)
				numbers <- 0
			} else {
				numbers <- 0
				sum += 1 + uint64(<-numbers)
			}
		}
		return sum
	})
	return work{2, uint64(n), sum}
}

func chanProdCons(capacity int) benchmark {
	return func(n, parallel int) work {
		sum := inParallel(n, parallel, func(_, n int) uint64 {
			numbers := make(chan int, capacity)
			go func() {
				for i := 0; i < n; i++ {
					numbers <- 1
				}
				numbers <- 0
			}()
			var sum uint64
			for number := <-numbers; number != 0; number = <-numbers {
				sum += uint64(number)
			}
			return sum
		})
		return work{uint64(2 * parallel), uint64(n + parallel), sum}
	}
}
