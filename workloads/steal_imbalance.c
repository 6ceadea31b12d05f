/* steal.imbalance - CPU-bound tasks of very uneven length that all begin on one proc.
 *
 * The first task spawns `tasks` jobs (jobs.h) and joins them, so that all of them are in the queue
 * of one proc; others get work only by taking it from there. (As long as the queue holds them: of
 * more than 1,024 the green runtime moves some to the global queue, where all procs look.) Together
 * the jobs do `work` iterations, however many they are. Their lengths have a heavy tail: of each
 * 16, 8 have length 1, 4 are twice, 2 four times, one is 8 and one 16 times as long, in the order
 * of the ruler sequence 1 2 1 4 1 2 1 8 ...
 *
 * Metric: `total`, ms = time from the first spawn to the last join, an epoch.
 * Work:   tasks.
 * Proof:  the first task does all jobs itself, before the epochs; each epoch must arrive at the
 *         same sum, which is the checksum.
 */
#include <errno.h>
#include <stdlib.h>

#include "jobs.h"

#define PERIOD 16 /* of the lengths */

struct uneven {
    struct job *jobs;
    uint64_t count;
    uint64_t expected;
};

/* The largest power of two that divides 1 + i, up to the period. */
static uint64_t weight(uint64_t i)
{
    uint64_t n = i % PERIOD + 1;
    return n & -n;
}

static uint64_t weigh(uint64_t count)
{
    uint64_t total = 0;
    for (uint64_t i = 0; i < count; i++) {
        total += weight(i);
    }
    return total;
}

/* What rounding leaves over goes to the last job. */
static void share_out(struct uneven *uneven, uint64_t work)
{
    uint64_t total = weigh(uneven->count);
    uint64_t left = work;
    for (uint64_t i = 0; i < uneven->count; i++) {
        uint64_t share = work / total * weight(i);
        uneven->jobs[i] = (struct job){.seed = i + 1, .iterations = share};
        left -= share;
    }
    uneven->jobs[uneven->count - 1].iterations += left;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct uneven *uneven = state;
    return jobs_epoch(trial, uneven->jobs, uneven->count, uneven->expected);
}

static int run(struct trial *trial)
{
    struct uneven uneven = {.count = (uint64_t)trial_param(trial, "tasks")};
    uneven.jobs = calloc(uneven.count, sizeof *uneven.jobs);
    if (uneven.jobs == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for the jobs");
    }
    share_out(&uneven, (uint64_t)trial_param(trial, "work"));
    uneven.expected = jobs_expected(uneven.jobs, uneven.count);
    int status = trial_each_epoch(trial, run_epoch, &uneven);
    free(uneven.jobs);
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 240, 1, 1000000, "tasks", "jobs, all spawned by the first task"},
    {"work", 30000000, 1, INT64_C(1) << 40, "iterations", "of all jobs together, an epoch"},
    {0}};

const struct workload steal_imbalance = {
    .name = "steal.imbalance",
    .summary = "CPU-bound tasks of uneven length that begin on one proc",
    .params = params,
    .run = run,
};
