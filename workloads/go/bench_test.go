// The benchmarks under `go test -bench`, whose text benchstat compares with that of
// `switchyard export --format gobench`:
//
//	cd workloads/go && go test -bench . -cpu 1,2 -count 10
package main

import (
	"runtime"
	"testing"
)

func byName(b *testing.B, name string) {
	n := b.N
	if n < minimum {
		n = minimum
	}
	find(prefix+name).run(n, runtime.GOMAXPROCS(0))
}

func BenchmarkChanUncontended(b *testing.B)          { byName(b, "ChanUncontended") }
func BenchmarkChanContended(b *testing.B)            { byName(b, "ChanContended") }
func BenchmarkChanCreation(b *testing.B)             { byName(b, "ChanCreation") }
func BenchmarkChanSem(b *testing.B)                  { byName(b, "ChanSem") }
func BenchmarkChanSync(b *testing.B)                 { byName(b, "ChanSync") }
func BenchmarkChanProdCons0(b *testing.B)            { byName(b, "ChanProdCons0") }
func BenchmarkChanProdCons10(b *testing.B)           { byName(b, "ChanProdCons10") }
func BenchmarkChanProdCons100(b *testing.B)          { byName(b, "ChanProdCons100") }
func BenchmarkChanPopular(b *testing.B)              { byName(b, "ChanPopular") }
func BenchmarkSelectUncontended(b *testing.B)        { byName(b, "SelectUncontended") }
func BenchmarkSelectSyncContended(b *testing.B)      { byName(b, "SelectSyncContended") }
func BenchmarkSelectProdCons(b *testing.B)           { byName(b, "SelectProdCons") }
func BenchmarkCreateGoroutines(b *testing.B)         { byName(b, "CreateGoroutines") }
func BenchmarkCreateGoroutinesParallel(b *testing.B) { byName(b, "CreateGoroutinesParallel") }
func BenchmarkCreateGoroutinesCapture(b *testing.B)  { byName(b, "CreateGoroutinesCapture") }
func BenchmarkStackGrowth(b *testing.B)              { byName(b, "StackGrowth") }
func BenchmarkStackGrowthDeep(b *testing.B)          { byName(b, "StackGrowthDeep") }
func BenchmarkPingPongHog(b *testing.B)              { byName(b, "PingPongHog") }
