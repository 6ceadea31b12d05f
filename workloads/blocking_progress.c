/* blocking_progress.c - see blocking_progress.h. */
#include "blocking_progress.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/atomic.h"
#include "crew.h"
#include "jobs.h"

#define CHUNK_ITERATIONS 2500 /* some 5 us */
#define NAP (10 * SY_MILLISECOND)

/* What one task did, on cache lines of its own. */
struct phase_task {
    _Alignas(128) uint64_t sum; /* a CPU-bound task's results */
    sy_time begin;              /* its own clock: when it began to work, */
    sy_time end;                /* and was done */
    sy_time inside;             /* time that a sleeper was inside of blocking calls */
    struct phase *phase;
};

/* Members 0 ... procs - 1 of the crew compute, the others sleep. */
struct phase {
    const struct progress_plan *plan;
    uint32_t sleepers;
    struct phase_task *tasks;

    _Atomic uint32_t asleep;    /* sleepers that got as far as into their first call */
    _Atomic uint32_t computing; /* CPU-bound tasks that are not done */
};

static uint64_t compute_chunk(uint64_t chunk)
{
    return jobs_compute(chunk + 1, CHUNK_ITERATIONS);
}

uint64_t progress_expected(uint64_t chunks)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < chunks; i++) {
        sum += compute_chunk(i);
    }
    return sum;
}

static int compute(struct phase *phase, struct phase_task *task)
{
    uint64_t sum = 0;
    while (load_relaxed(&phase->asleep) < phase->sleepers) { // relaxed: a count, nothing else
        sy_yield();
    }
    task->begin = sy_now();
    for (uint64_t i = 0; i < phase->plan->chunks; i++) {
        sum += compute_chunk(i);
        sy_yield(); /* so that a sleeper whose call is over gets a proc, and calls again */
    }
    task->end = sy_now();
    task->sum = sum;
    atomic_fetch_sub_explicit(&phase->computing, 1, memory_order_relaxed);
    return 0;
}

/* The blocking call: sleeps in the kernel, which takes no CPU time. */
static void *nap(void *arg)
{
    struct phase_task *task = arg;
    struct timespec left = {.tv_nsec = NAP};
    sy_time begin = sy_now();
    if (task->inside == 0) {
        fetch_add_relaxed(&task->phase->asleep, 1); // relaxed: a count, nothing else
    }
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
    task->inside += sy_now() - begin;
    return NULL;
}

static int sleep_all_the_time(struct phase *phase, struct phase_task *task)
{
    task->begin = sy_now();
    do {
        sy_blocking(nap, task);
    } while (load_relaxed(&phase->computing) > 0); // relaxed: only a sign to stop
    task->end = sy_now();
    return 0;
}

static int run_member(struct crew_member *self)
{
    struct phase *phase = self->shared;
    struct phase_task *task = &phase->tasks[self->index];
    if (!crew_ready(self)) {
        return 0;
    }
    return self->index < phase->plan->procs ? compute(phase, task)
                                            : sleep_all_the_time(phase, task);
}

/* From when the first CPU-bound task began to when the last was done. */
static sy_time span(const struct phase *phase)
{
    sy_time begin = phase->tasks[0].begin;
    sy_time end = phase->tasks[0].end;
    for (uint32_t i = 1; i < phase->plan->procs; i++) {
        const struct phase_task *task = &phase->tasks[i];
        begin = task->begin < begin ? task->begin : begin;
        end = task->end > end ? task->end : end;
    }
    return end - begin;
}

static int check_results(struct trial *trial, const struct phase *phase)
{
    for (uint32_t i = 0; i < phase->plan->procs; i++) {
        if (phase->tasks[i].sum != phase->plan->expected) {
            return trial_fail(trial, -EPROTO, "CPU-bound task %u computed something else", i);
        }
    }
    for (uint32_t i = 0; i < phase->sleepers; i++) {
        if (phase->tasks[phase->plan->procs + i].inside < NAP) {
            return trial_fail(trial, -EPROTO, "the blocking calls of task %u did not sleep", i);
        }
    }
    return 0;
}

/* What all phases of an epoch gave. */
struct progress {
    double undisturbed[PROGRESS_ROUNDS_MAX];
    double disturbed[PROGRESS_ROUNDS_MAX];
    sy_time inside; /* of all sleepers together */
    sy_time alive;
};

static void add_sleepers(struct progress *progress, const struct phase *phase)
{
    for (uint32_t i = 0; i < phase->sleepers; i++) {
        const struct phase_task *task = &phase->tasks[phase->plan->procs + i];
        progress->inside += task->inside;
        progress->alive += task->end - task->begin;
    }
}

static int run_phase(struct trial *trial, const struct progress_plan *plan, uint32_t sleepers,
                     struct progress *progress, double *elapsed)
{
    uint32_t count = plan->procs + sleepers;
    struct phase phase = {.plan = plan, .sleepers = sleepers};
    phase.tasks = aligned_alloc(_Alignof(struct phase_task), count * sizeof *phase.tasks);
    if (phase.tasks == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %u tasks", count);
    }
    for (uint32_t i = 0; i < count; i++) {
        phase.tasks[i] = (struct phase_task){.phase = &phase};
    }
    store_relaxed(&phase.computing, plan->procs); // relaxed: no other task exists yet
    int status = crew_run(trial, count, run_member, &phase, NULL);
    status = status < 0 ? status : check_results(trial, &phase);
    if (status == 0) {
        *elapsed = (double)span(&phase);
        add_sleepers(progress, &phase);
    }
    free(phase.tasks);
    return status;
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, uint32_t count)
{
    qsort(values, count, sizeof *values, ascending);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

int progress_run(struct trial *trial, const struct progress_plan *plan)
{
    struct progress progress = {.inside = 0};
    int status = 0;
    for (uint32_t i = 0; i < plan->rounds && status == 0; i++) {
        status = run_phase(trial, plan, 0, &progress, &progress.undisturbed[i]);
        if (status == 0) {
            status = run_phase(trial, plan, plan->procs, &progress, &progress.disturbed[i]);
        }
    }
    if (status == 0 && plan->rounds > 0) {
        trial_sample(trial, "progress", "%",
                     100 * median(progress.undisturbed, plan->rounds) /
                         median(progress.disturbed, plan->rounds));
        trial_sample(trial, "blocked", "%", 100 * (double)progress.inside / (double)progress.alive);
    }
    return status;
}
