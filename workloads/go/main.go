// switchyard-go: Go's side of the workloads go.*, as a worker (docs/protocol.md). The harness builds
// it for `switchyard run --with-go`; bench_test.go runs the same functions under `go test -bench`.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// benchmark does n operations with `parallel` goroutines side by side, and says what it did.
type benchmark func(n, parallel int) work

type entry struct {
	name string // without "go."
	n    int    // operations an epoch, if nothing else is asked for: as in the C workload
	run  benchmark
}

var benchmarks = []entry{
	{"ChanUncontended", 2000, chanUncontended},
	{"ChanContended", 2000, chanContended},
	{"ChanCreation", 50000, chanCreation},
	{"ChanSem", 50000, chanSem},
	{"ChanSync", 50000, chanSync},
	{"ChanProdCons0", 50000, chanProdCons(0)},
	{"ChanProdCons10", 50000, chanProdCons(10)},
	{"ChanProdCons100", 50000, chanProdCons(100)},
	{"ChanPopular", 20, chanPopular},
	{"SelectUncontended", 50000, selectUncontended},
	{"SelectSyncContended", 50000, selectSyncContended},
	{"SelectProdCons", 50000, selectProdCons},
	{"CreateGoroutines", 20000, createGoroutines},
	{"CreateGoroutinesParallel", 20000, createChains},
	{"CreateGoroutinesCapture", 5000, createGoroutinesCapture},
	{"StackGrowth", 20000, stackGrowth(10)},
	{"StackGrowthDeep", 1000, stackGrowth(1024)},
	{"PingPongHog", 100000, pingPongHog},
}

const (
	schema  = "switchyard-worker/1"
	backend = "go"
	prefix  = "go."
	minimum = 2
	maximum = 1000000000
	tasks   = 4096
)

type object map[string]interface{}

func list() object {
	workloads := []object{}
	for _, e := range benchmarks {
		workloads = append(workloads, object{
			"name": prefix + e.name, "summary": "Go's benchmark, by Go", "green_only": false,
			"params": []object{
				{"name": "n", "value": e.n, "min": minimum, "max": maximum, "unit": "operations",
					"help": "operations an epoch: b.N"},
				{"name": "parallel", "value": 0, "min": 0, "max": tasks, "unit": "tasks",
					"help": "side by side; 0: as many as GOMAXPROCS"},
			},
		})
	}
	return object{"schema": schema, "backend": backend, "workloads": workloads}
}

func fail(format string, arguments ...interface{}) {
	fmt.Fprintf(os.Stderr, "switchyard-go: "+format+"\n", arguments...)
	os.Exit(2)
}

// options are what the harness passes; each number has its name on the command line.
type options struct {
	workload string
	numbers  map[string]int // procs, epochs, warmup
	params   map[string]int // n, parallel
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil || value < 0 || value > maximum {
		fail("'%s' is not a number in 0 ... %d", text, maximum)
	}
	return value
}

func parse(arguments []string) options {
	parsed := options{
		numbers: map[string]int{"--procs": 1, "--epochs": 10, "--warmup": 1},
		params:  map[string]int{"parallel": 0},
	}
	for i := 0; i < len(arguments); i += 2 {
		name := arguments[i]
		if i+1 == len(arguments) {
			fail("option %s needs a value", name)
		}
		value := arguments[i+1]
		_, isNumber := parsed.numbers[name]
		switch {
		case name == "--workload":
			parsed.workload = value
		case name == "--param":
			setting := strings.SplitN(value, "=", 2)
			if len(setting) != 2 || (setting[0] != "n" && setting[0] != "parallel") {
				fail("no such parameter: %s", value)
			}
			parsed.params[setting[0]] = number(setting[1])
		case isNumber:
			parsed.numbers[name] = number(value)
		default:
			fail("unknown option %s", name)
		}
	}
	return parsed
}

func find(name string) entry {
	for _, e := range benchmarks {
		if prefix+e.name == name {
			return e
		}
	}
	fail("unknown workload '%s'", name)
	return entry{}
}

// measure runs the epochs and returns ns an operation for each, and the work of all.
func measure(run benchmark, n, parallel, warmup, epochs int) ([]float64, work) {
	samples := []float64{}
	var total work
	for i := 0; i < warmup+epochs; i++ {
		begin := time.Now()
		did := run(n, parallel)
		elapsed := time.Since(begin)
		if i >= warmup {
			samples = append(samples, float64(elapsed.Nanoseconds())/float64(n))
			total.add(did)
		}
	}
	return samples, total
}

func usage() object {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		fail("getrusage: %v", err)
	}
	return object{"user_ns": used.Utime.Nano(), "system_ns": used.Stime.Nano(),
		"voluntary_switches": used.Nvcsw, "involuntary_switches": used.Nivcsw,
		"minor_faults": used.Minflt}
}

func trial(parsed options) object {
	e := find(parsed.workload)
	n, given := parsed.params["n"]
	if !given {
		n = e.n
	}
	if n < minimum {
		fail("n: %d is not in %d ... %d", n, minimum, maximum)
	}
	procs := parsed.numbers["--procs"]
	if procs > 0 {
		runtime.GOMAXPROCS(procs)
	}
	parallel := parsed.params["parallel"]
	if parallel == 0 {
		parallel = runtime.GOMAXPROCS(0)
	}
	epochs, warmup := parsed.numbers["--epochs"], parsed.numbers["--warmup"]
	samples, did := measure(e.run, n, parallel, warmup, epochs)
	return object{
		"schema": schema, "backend": backend, "workload": parsed.workload, "procs": procs,
		"epochs": epochs, "warmup": warmup, "max_tasks": 0, "stack_bytes": 0, "max_workers": 0,
		"tune": nil, "params": object{"n": n, "parallel": parsed.params["parallel"]},
		"status": "ok", "reason": nil, "note": runtime.Version(), "error": 0,
		"metrics": []object{{"name": "op", "unit": "ns", "samples": samples}},
		"work": object{"tasks": did.tasks, "messages": did.messages, "switches": 0,
			"checksum": fmt.Sprintf("%016x", did.checksum)},
		"counters": object{}, "rusage": usage(), "memory": []object{},
		"clock": object{"resolution_ns": 1, "read_ns": 0}, "trace_events": nil,
	}
}

func main() {
	result := list()
	if len(os.Args) != 2 || os.Args[1] != "--list" {
		result = trial(parse(os.Args[1:]))
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fail("cannot print the result: %v", err)
	}
}
