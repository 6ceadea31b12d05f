/* crossover - many tasks of one size, of which some block: who is faster, and from which size on?
 *
 * Each of `tasks` tasks computes `iterations` steps (jobs.h); a `share` of them, evenly spread,
 * then also makes a call that blocks in the kernel for `block_us`. With small tasks their creation
 * and end are all that counts, with large ones nothing of that does: the harness runs the workload
 * over sizes, numbers and shares and looks for the size from which on OS threads are as good.
 *
 * Metric: `task`, ns = time from the first spawn to the last join / tasks;
 *         `size`, ns = what a task computes takes, done once by the first task, an epoch.
 * Work:   tasks; checksum over the tasks' results.
 * Proof:  the first task does all jobs itself, before the epochs: each epoch must arrive at the
 *         same sum, and count as many calls, none of which was over too early.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/atomic.h"
#include "jobs.h"

struct crossing {
    uint64_t tasks;
    uint64_t iterations;
    uint64_t share; /* per cent of the tasks that block */
    sy_time block;
    uint64_t expected; /* sum of the results */
    struct runner *runners;
    _Atomic uint64_t blocked; /* calls that blocked for as long as they should */
};

struct runner {
    struct crossing *crossing;
    uint64_t number;
    sy_task task;
};

/* Whether the task of this number blocks: the share is reached after any number of tasks. */
static bool blocks(const struct crossing *crossing, uint64_t number)
{
    return (number + 1) * crossing->share / 100 > number * crossing->share / 100;
}

/* Sleeps in the kernel, with the OS thread. */
static void *nap(void *arg)
{
    struct crossing *crossing = arg;
    struct timespec left = {.tv_sec = crossing->block / SY_SECOND,
                            .tv_nsec = crossing->block % SY_SECOND};
    sy_time begin = sy_now();
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
    if (sy_now() - begin >= crossing->block) {
        fetch_add_relaxed(&crossing->blocked, 1); /* relaxed: the joins publish it */
    }
    return NULL;
}

static void *run_task(void *arg)
{
    const struct runner *self = arg;
    uint64_t result = jobs_compute(self->number + 1, self->crossing->iterations);
    if (blocks(self->crossing, self->number)) {
        sy_blocking(nap, self->crossing);
    }
    return (void *)(uintptr_t)result;
}

static int run_tasks(struct trial *trial, struct crossing *crossing, uint64_t *sum)
{
    uint64_t made = 0;
    int status = 0;
    for (; made < crossing->tasks; made++) {
        struct runner *runner = &crossing->runners[made];
        *runner = (struct runner){.crossing = crossing, .number = made};
        status = sy_spawn(&runner->task, run_task, runner);
        if (status < 0) {
            trial_refused(trial, made, status);
            break;
        }
    }
    for (uint64_t i = 0; i < made; i++) {
        void *result = NULL;
        sy_join(crossing->runners[i].task, &result);
        *sum += (uintptr_t)result;
    }
    return status;
}

static int verify(struct trial *trial, struct crossing *crossing, uint64_t sum)
{
    uint64_t calls = crossing->tasks * crossing->share / 100;
    uint64_t blocked = load_relaxed(&crossing->blocked); /* relaxed: after the joins */
    if (sum != crossing->expected) {
        return trial_fail(trial, -EPROTO, "the results add up to %llx, not %llx",
                          (unsigned long long)sum, (unsigned long long)crossing->expected);
    }
    if (blocked != calls) {
        return trial_fail(trial, -EPROTO, "%llu calls blocked, not %llu",
                          (unsigned long long)blocked, (unsigned long long)calls);
    }
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct crossing *crossing = state;
    uint64_t sum = 0;
    store_relaxed(&crossing->blocked, 0); /* relaxed: before the tasks exist */
    sy_time begin = sy_now();
    bool computed = jobs_compute(1, crossing->iterations) != 0;
    sy_time size = sy_now() - begin;
    begin = sy_now();
    int status = run_tasks(trial, crossing, &sum);
    sy_time elapsed = sy_now() - begin;
    status = status < 0 || !computed ? status : verify(trial, crossing, sum);
    if (status < 0) {
        return status;
    }
    trial_sample(trial, "task", "ns", (double)elapsed / (double)crossing->tasks);
    trial_sample(trial, "size", "ns", (double)size);
    trial_work(trial, &(struct workload_work){.tasks = crossing->tasks, .checksum = sum});
    return 0;
}

static int run(struct trial *trial)
{
    struct crossing crossing = {.tasks = (uint64_t)trial_param(trial, "tasks"),
                                .iterations = (uint64_t)trial_param(trial, "iterations"),
                                .share = (uint64_t)trial_param(trial, "share"),
                                .block = trial_param(trial, "block_us") * SY_MICROSECOND};
    crossing.runners = calloc(crossing.tasks, sizeof *crossing.runners);
    if (crossing.runners == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %llu tasks",
                          (unsigned long long)crossing.tasks);
    }
    for (uint64_t i = 0; i < crossing.tasks; i++) {
        crossing.expected += jobs_compute(i + 1, crossing.iterations);
    }
    int status = trial_each_epoch(trial, run_epoch, &crossing);
    free(crossing.runners);
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 100, 1, 1000000, "tasks", "tasks an epoch"},
    {"iterations", 1000, 1, INT64_C(1) << 40, "iterations", "of each task: some 2 ns each"},
    {"share", 0, 0, 100, "%", "of the tasks that also block"},
    {"block_us", 100, 1, 1000000, "us", "that such a task blocks for"},
    {0}};

const struct workload crossover = {
    .name = "crossover",
    .summary = "Many tasks of one size, of which some block: from which size on do threads tie?",
    .params = params,
    .run = run,
};
