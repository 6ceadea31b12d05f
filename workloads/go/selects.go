// Benchmarks of select: what workloads/go_select.c does, with Go's own runtime.
package main

import "sync"

func selectUncontended(n, parallel int) work {
	sum := inParallel(n, parallel, func(_, n int) uint64 {
		one, two := make(chan int, 1), make(chan int, 1)
		one <- 1
		var sum uint64
		for op := 0; op < n; op++ {
			select {
			case number := <-one:
				sum += uint64(number)
				two <- number
			case number := <-two:
				sum += uint64(number)
				one <- number
			}
		}
		return sum
	})
	return work{uint64(parallel), uint64(n), sum}
}

func selectSyncContended(n, parallel int) work {
	a, b, c := make(chan int), make(chan int), make(chan int)
	stop := make(chan bool)
	sum := inParallel(n, parallel, func(_, n int) uint64 {
		go func() {
			for {
				select {
				case a <- 1:
				case b <- 1:
				case c <- 1:
				case <-stop:
					return
				}
			}
		}()
		var sum uint64
		for op := 0; op < n; op++ {
			select {
			case number := <-a:
				sum += uint64(number)
			case number := <-b:
				sum += uint64(number)
			case number := <-c:
				sum += uint64(number)
			}
		}
		return sum
	})
	close(stop)
	return work{uint64(2 * parallel), uint64(n), sum}
}

func selectProdCons(n, parallel int) work {
	sum := inParallel(n, parallel, func(_, n int) uint64 {
		numbers, never := make(chan int, 128), make(chan bool)
		go func() {
			for i := 0; i <= n; i++ {
				number := 1
				if i == n {
					number = 0
				}
				select {
				case numbers <- number:
				case <-never:
				}
			}
		}()
		var sum uint64
		for number := 1; number != 0; {
			select {
			case number = <-numbers:
				sum += uint64(number)
			case <-never:
			}
		}
		return sum
	})
	return work{uint64(2 * parallel), uint64(n + parallel), sum}
}

const fans = 1000

func chanPopular(n, _ int) work {
	popular := make(chan int)
	owns := make([]chan int, fans)
	received := make([]uint64, fans)
	var group sync.WaitGroup
	for i := range owns {
		owns[i] = make(chan int)
		group.Add(1)
		go func(i int, own chan int) {
			defer group.Done()
			for k := 0; k < n; k++ {
				select {
				case number := <-popular:
					received[i] += uint64(number)
				case number := <-own:
					received[i] += uint64(number)
				}
			}
		}(i, owns[i])
	}
	for op := 0; op < n; op++ {
		for _, own := range owns {
			own <- 1
		}
	}
	group.Wait()
	var sum uint64
	for _, count := range received {
		sum += count
	}
	return work{fans, sum, sum}
}
