/* go_bench.h - the frame of Go's own runtime benchmarks, rewritten here from what they do.
 *
 * A workload go.NAME does what BenchmarkNAME of Go's package runtime does in b.N operations, and
 * workloads/go holds the same once more in Go, for `switchyard run --with-go`. All three report the
 * time an operation takes, everything included that Go includes: creating channels and tasks, too.
 * The work is counted in the same way, so that the harness can tell that it is equal.
 *
 * Where Go starts as many goroutines as GOMAXPROCS says, `parallel` tasks are started; 0 stands for
 * as many as procs. Each does an equal share; in Go they take operations from a common counter.
 */
#ifndef SWITCHYARD_GO_BENCH_H
#define SWITCHYARD_GO_BENCH_H

#include "trial.h"

struct go_bench {
    /* set before the body runs */
    struct trial *trial;
    uint64_t n;        /* operations of an epoch: Go's b.N */
    uint32_t parallel; /* tasks side by side, at least 1 */
    uint64_t variant;  /* what go_bench_run was told */

    /* the body's: what it did; an epoch starts from zero */
    struct workload_work work;
};

/* One of the tasks that do the operations side by side. On cache lines of its own: the task writes
 * its sum in each operation, where Go's has it in a register. */
struct go_share {
    struct go_bench *bench;
    void *shared; /* what the body gave to go_parallel */
    uint64_t n;   /* operations of this one */
    uint32_t index;
    uint64_t sum; /* the task's result, for the checksum */
    int status;   /* the task's; 0, or a negative errno */
    sy_task task;
} __attribute__((aligned(128)));

/* Does the operations of an epoch and fills in the work. Returns 0, or what trial_fail returned. */
typedef int (*go_bench_body)(struct go_bench *bench);

/* Runs the body for each epoch and hands in `op` (ns). Returns 0, or what trial_fail returned. */
int go_bench_run(struct trial *trial, go_bench_body body, uint64_t variant);

/* What `parallel` tasks do with their share of the operations. Adds the tasks to the work and the
 * sums of the shares to its checksum. Returns 0, or what trial_fail returned. */
int go_parallel(struct go_bench *bench, void *(*share)(void *go_share), void *shared);

/* The checksum must be this, or the trial fails. */
int go_expect(struct go_bench *bench, uint64_t checksum);

/* The parameters of all of them: a row each, with n operations as the default, and the last row. */
#define GO_PARAMS(n)                                                                               \
    GO_PARAM_N(n), GO_PARAM_PARALLEL,                                                              \
    {                                                                                              \
        0                                                                                          \
    }
#define GO_PARAM_N(n)                                                                              \
    {                                                                                              \
        "n", (n), 2, 1000000000, "operations", "operations an epoch: Go's b.N"                     \
    }
#define GO_PARAM_PARALLEL                                                                          \
    {                                                                                              \
        "parallel", 0, 0, 4096, "tasks", "side by side; 0: as many as procs"                       \
    }

#endif
