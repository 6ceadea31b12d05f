/* forkjoin.fib - Fibonacci numbers by tasks that fork and join, without any cut-off.
 *
 * Each call fib(k) is a task of its own: it spawns fib(k - 1) and fib(k - 2) and joins both; below
 * 2 it returns its argument. There is nothing to compute: what is measured is the tasks.
 *
 * Metric: `total`, ms = time of an epoch, from the spawn of the root to its join;
 *         `task`, ns = the same / tasks.
 * Work:   tasks = 2 * fib(n + 1) - 1 an epoch, one for each call: 242,785 for n = 25.
 * Proof:  the root's result must be fib(n), computed here by adding; the checksum is over it.
 */
#include <errno.h>
#include <string.h>

#include "refusal.h"
#include "trial.h"

/* Joins a fork that was made, and gives its result. */
static uintptr_t take(int forked, sy_task task)
{
    void *result = NULL;
    int status = forked < 0 ? forked : sy_join(task, &result);
    if (status < 0) {
        refusal_note(status);
    }
    return (uintptr_t)result;
}

static void *fib(void *arg)
{
    uintptr_t k = (uintptr_t)arg;
    sy_task larger;
    sy_task smaller;
    if (k < 2) {
        return arg;
    }
    if (refusal_happened()) {
        return NULL;
    }
    int larger_forked = sy_spawn(&larger, fib, (void *)(k - 1));
    int smaller_forked = sy_spawn(&smaller, fib, (void *)(k - 2));
    uintptr_t sum = take(larger_forked, larger);
    sum += take(smaller_forked, smaller);
    return (void *)sum;
}

static uint64_t fib_by_adding(uint64_t n)
{
    uint64_t now = 0;
    uint64_t next = 1;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t sum = now + next;
        now = next;
        next = sum;
    }
    return now;
}

static int compute(struct trial *trial, uint64_t n, uint64_t *result)
{
    sy_task root;
    int status = sy_spawn(&root, fib, (void *)(uintptr_t)n);
    if (status < 0) {
        return trial_refused(trial, 0, status);
    }
    *result = take(0, root);
    return refusal_report(trial);
}

static int run_epoch(struct trial *trial, void *state)
{
    uint64_t n = *(const uint64_t *)state;
    uint64_t tasks = 2 * fib_by_adding(n + 1) - 1;
    uint64_t result = 0;
    sy_time begin = sy_now();
    int status = compute(trial, n, &result);
    sy_time elapsed = sy_now() - begin;
    if (status < 0) {
        return status;
    }
    if (result != fib_by_adding(n)) {
        return trial_fail(trial, -EPROTO, "fib(%llu) came out as %llu", (unsigned long long)n,
                          (unsigned long long)result);
    }
    trial_sample(trial, "total", "ms", (double)elapsed / (double)SY_MILLISECOND);
    trial_sample(trial, "task", "ns", (double)elapsed / (double)tasks);
    trial_work(trial, &(struct workload_work){.tasks = tasks, .checksum = result});
    return 0;
}

static int run(struct trial *trial)
{
    uint64_t n = (uint64_t)trial_param(trial, "n");
    refusal_reset(trial);
    return trial_each_epoch(trial, run_epoch, &n);
}

static const struct workload_param params[] = {
    {"n", 25, 1, 40, "1", "the Fibonacci number to compute"}, {0}};

const struct workload forkjoin_fib = {
    .name = "forkjoin.fib",
    .summary = "Fibonacci numbers by fork and join, every call a task",
    .params = params,
    .run = run,
};
