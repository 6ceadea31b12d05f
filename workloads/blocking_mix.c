/* blocking.mix - tasks that compute a little and now and then block in the kernel.
 *
 * First part: `tasks` tasks do `operations` each. An operation is a short computation of `compute`
 * iterations (jobs.h), or, for `share` per cent of them, spread evenly, a blocking call: through
 * sy_blocking, the thread sleeps in the kernel for `block_us`, which takes no CPU time.
 * Second part, unless `rounds` is 0: as many CPU-bound tasks as procs do a fixed amount of work in
 * chunks of 2,500 iterations, with a yield after each; first alone, then while as many other tasks
 * as procs are in blocking calls of 10 ms, one after the other, all the time. This, `rounds` times.
 *
 * Metric: `throughput`, operations/s = operations of all tasks / time from when the first task
 *         passed the gate (crew.h) to when the last was done.
 *         `progress`, % = 100 * median time of the phases alone / median time of the disturbed:
 *         what CPU-bound tasks achieve beside blocking calls, in per cent of what they achieve
 *         alone. A phase lasts from when the first of them begins to compute, which is when all
 *         others are in their first call, to when the last is done.
 *         `blocked`, % = the time that the disturbing tasks were inside of their calls, as a
 *         share of the time from their first call to their end: far from 100, they disturbed
 *         less than they should have.
 * Work:   tasks of the first part. The checksum is over its computations and its blocking calls.
 * Proof:  each computation has a known result, and the blocking calls are counted; each CPU-bound
 *         task of the second part arrives at a known sum, and each blocking call slept.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "blocking_progress.h"
#include "crew.h"
#include "jobs.h"

#define SEED 1

/* What one task did, on cache lines of its own. */
struct mix_task {
    _Alignas(128) uint64_t sum;
    uint64_t calls;
    sy_time duration; /* of a blocking call */
};

struct mix {
    uint32_t count;
    uint64_t operations; /* of each task */
    uint64_t share;      /* % */
    uint64_t compute;    /* iterations */
    sy_time block;
    struct mix_task *tasks;
    struct progress_plan progress;
};

/* How many of the first n operations block. */
static uint64_t blocking_before(const struct mix *mix, uint64_t n)
{
    return n * mix->share / 100;
}

static bool is_blocking(const struct mix *mix, uint64_t n)
{
    return blocking_before(mix, n + 1) > blocking_before(mix, n);
}

static void *block(void *arg)
{
    struct mix_task *task = arg;
    struct timespec left = {.tv_sec = task->duration / SY_SECOND,
                            .tv_nsec = task->duration % SY_SECOND};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
    task->calls++;
    return NULL;
}

static int operate(struct crew_member *self)
{
    const struct mix *mix = self->shared;
    struct mix_task *task = &mix->tasks[self->index];
    uint64_t first = self->index * mix->operations;
    if (!crew_ready(self)) {
        return 0;
    }
    for (uint64_t n = first; n < first + mix->operations; n++) {
        if (is_blocking(mix, n)) {
            sy_blocking(block, task);
        } else {
            task->sum += jobs_compute(SEED, mix->compute);
        }
    }
    return 0;
}

/* Checks and hands in the work of all tasks. */
static int check_work(struct trial *trial, const struct mix *mix)
{
    uint64_t sum = 0;
    uint64_t calls = 0;
    uint64_t operations = mix->count * mix->operations;
    uint64_t expected_calls = blocking_before(mix, operations);
    for (uint32_t i = 0; i < mix->count; i++) {
        sum += mix->tasks[i].sum;
        calls += mix->tasks[i].calls;
    }
    if (calls != expected_calls) {
        return trial_fail(trial, -EPROTO, "%llu blocking calls were made, not %llu",
                          (unsigned long long)calls, (unsigned long long)expected_calls);
    }
    if (sum != (operations - calls) * jobs_compute(SEED, mix->compute)) {
        return trial_fail(trial, -EPROTO, "the computations add up to %llx",
                          (unsigned long long)sum);
    }
    trial_work(trial, &(struct workload_work){.tasks = mix->count, .checksum = sum * 31 + calls});
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct mix *mix = state;
    sy_time elapsed = 0;
    for (uint32_t i = 0; i < mix->count; i++) {
        mix->tasks[i] = (struct mix_task){.duration = mix->block};
    }
    int status = crew_run(trial, mix->count, operate, mix, &elapsed);
    status = status < 0 ? status : check_work(trial, mix);
    if (status < 0) {
        return status;
    }
    double operations = (double)mix->count * (double)mix->operations;
    double seconds = (double)elapsed / (double)SY_SECOND;
    trial_sample(trial, "throughput", "operations/s", operations / seconds);
    return progress_run(trial, &mix->progress);
}

static int run(struct trial *trial)
{
    uint64_t chunks = (uint64_t)trial_param(trial, "chunks");
    uint32_t rounds = (uint32_t)trial_param(trial, "rounds");
    struct mix mix = {.count = (uint32_t)trial_param(trial, "tasks"),
                      .operations = (uint64_t)trial_param(trial, "operations"),
                      .share = (uint64_t)trial_param(trial, "share"),
                      .compute = (uint64_t)trial_param(trial, "compute"),
                      .block = trial_param(trial, "block_us") * SY_MICROSECOND,
                      .progress = {.procs = trial_procs(trial),
                                   .rounds = rounds,
                                   .chunks = chunks,
                                   .expected = rounds > 0 ? progress_expected(chunks) : 0}};
    mix.tasks = aligned_alloc(_Alignof(struct mix_task), mix.count * sizeof *mix.tasks);
    if (mix.tasks == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %u tasks", mix.count);
    }
    int status = trial_each_epoch(trial, run_epoch, &mix);
    free(mix.tasks);
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 100, 1, 1000000, "tasks", "of the first part"},
    {"operations", 100, 1, 1000000, "operations", "of each task"},
    {"share", 10, 0, 100, "%", "of the operations that are blocking calls"},
    {"compute", 2500, 1, 1000000000, "iterations", "of a computation: some 5 us"},
    {"block_us", 100, 1, 10000000, "us", "sleep of a blocking call of the first part"},
    {"rounds", 3, 0, PROGRESS_ROUNDS_MAX, "rounds", "of the second part; 0: leave it out"},
    {"chunks", 10000, 1, 10000000, "chunks", "of each CPU-bound task: some 5 us each"},
    {0}};

const struct workload blocking_mix = {
    .name = "blocking.mix",
    .summary = "Computations and blocking calls, and what calls cost those who compute",
    .params = params,
    .run = run,
};
