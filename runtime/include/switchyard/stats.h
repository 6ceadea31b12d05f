/* stats.h - what the runtime counted, and what it is. */
#ifndef SWITCHYARD_STATS_H
#define SWITCHYARD_STATS_H

#include <switchyard/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Counts since sy_run began, summed over procs. While other tasks run the sum is a snapshot that
 * may miss what happens meanwhile. A field that a runtime does not count stays 0. */
struct sy_stats {
    uint64_t tasks_spawned; /* tasks created, main included */
    uint64_t tasks_ended;   /* tasks that have ended */
    uint64_t
        switches;   /* times a worker went from one task to the next, or to its scheduler (green) */
    uint64_t parks; /* times a task began to wait (green) */
    uint64_t steals;          /* successful steals from another proc (green) */
    uint64_t tasks_stolen;    /* tasks that these steals moved (green) */
    uint64_t seizes;          /* times a proc was seized by another (green; see proc.h) */
    uint64_t worker_wakes;    /* futex wake-ups of workers (green) */
    uint64_t worker_parks;    /* times a worker went to sleep (green) */
    uint64_t workers_started; /* OS threads made for running tasks */
    uint64_t workers_retired; /* OS threads that ended because there were too many (green) */
    uint64_t blocking_calls;  /* sy_blocking and the like begun (green) */
    uint64_t retakes;         /* procs that were taken away from a blocking call (green) */
    uint64_t io_waits;        /* times a task began to wait for a descriptor (green) */
    uint64_t polls;           /* epoll_wait calls (green) */
    uint64_t poll_events;     /* events that they brought (green) */
    uint64_t timers_fired;    /* deadlines, sleeps and timers that came due (green) */
    uint64_t stacks_carved;   /* stacks used for the first time (green) */
    uint64_t procs;           /* procs in use (baseline: CPUs that the process may use) */
};

/* Fills *stats. -EINVAL: stats is NULL. -ESRCH: no runtime runs. From a task. */
int sy_stats_read(struct sy_stats *stats);

/* "green" or "pthread": the runtime that is linked in. Anywhere. */
const char *sy_backend(void);

/* Ways to swap one stack for another, from the one that does least to what the C library does. */
enum sy_swap {
    /* no call: stack pointer, program counter and frame pointer; the compiler saves what else
     * holds something */
    SY_SWAP_INLINE,
    /* a function that saves what a call must preserve, and resumes by a jump */
    SY_SWAP_JUMP,
    /* the same, but it resumes by a return, whose target the processor foresees wrongly */
    SY_SWAP_RETURN,
    /* as JUMP, with the floating-point control words: what a switch of the runtime saves */
    SY_SWAP_CONTROL,
    /* swapcontext: with the signal mask, and so by a system call */
    SY_SWAP_CONTEXT,
};

/* Times `rounds` round trips (1 ... 2^40) of a bare swap between two stacks, without scheduler: the
 * floor under every switch of this runtime. Stores the elapsed nanoseconds; a round trip is two
 * swaps. -ENOTSUP in the baseline, whose swap is in the kernel; -EINVAL: no such swap, rounds out
 * of range, elapsed_ns is NULL; -ENOMEM. Does not switch tasks. From a task. */
int sy_anatomy_swap(enum sy_swap swap, uint64_t rounds, sy_time *elapsed_ns);

#ifdef __cplusplus
}
#endif

#endif
