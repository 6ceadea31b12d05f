/* speedup - CPU-bound tasks of equal length, which have nothing to do with each other.
 *
 * The first task spawns `tasks` jobs (jobs.h) of `iterations` each and joins them. The same work on
 * 1, 2, ... procs tells how much faster it gets; the workload itself does not divide.
 *
 * Metric: `total`, ms = time from the first spawn to the last join, an epoch.
 * Work:   tasks.
 * Proof:  the first task does all jobs itself, before the epochs; each epoch must arrive at the
 *         same sum, which is the checksum.
 */
#include <errno.h>
#include <stdlib.h>

#include "jobs.h"

struct even {
    struct job *jobs;
    uint64_t count;
    uint64_t expected;
};

static int run_epoch(struct trial *trial, void *state)
{
    struct even *even = state;
    return jobs_epoch(trial, even->jobs, even->count, even->expected);
}

static int run(struct trial *trial)
{
    struct even even = {.count = (uint64_t)trial_param(trial, "tasks")};
    uint64_t iterations = (uint64_t)trial_param(trial, "iterations");
    even.jobs = calloc(even.count, sizeof *even.jobs);
    if (even.jobs == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for the jobs");
    }
    for (uint64_t i = 0; i < even.count; i++) {
        even.jobs[i] = (struct job){.seed = i + 1, .iterations = iterations};
    }
    even.expected = jobs_expected(even.jobs, even.count);
    int status = trial_each_epoch(trial, run_epoch, &even);
    free(even.jobs);
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 64, 1, 1000000, "tasks", "jobs, all of the same length"},
    {"iterations", 150000, 1, INT64_C(1) << 40, "iterations", "of each job: some 300 us"},
    {0}};

const struct workload speedup = {
    .name = "speedup",
    .summary = "CPU-bound tasks of equal length, for 1 ... all procs",
    .params = params,
    .run = run,
};
