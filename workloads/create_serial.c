/* create.serial - what one task costs from the call that creates it to the end of its join, when
 * only one exists at a time.
 *
 * Metric: `create`, ns = time of an epoch / rounds. A round is sy_spawn of a task whose body only
 *         returns its argument, and sy_join of it. The first rounds of the warm-up use fresh
 *         stacks, all others recycled ones.
 * Work:   tasks = rounds an epoch.
 * Proof:  each join must deliver that round's own argument, so each body ran, once, and in time;
 *         the checksum is over the sum of what was delivered.
 */
#include <errno.h>

#include "trial.h"

static void *return_argument(void *arg)
{
    return arg;
}

static int run_epoch(struct trial *trial, void *state)
{
    uint64_t rounds = *(const uint64_t *)state;
    uint64_t sum = 0;
    sy_time begin = sy_now();
    for (uint64_t i = 1; i <= rounds; i++) {
        sy_task task;
        void *result = NULL;
        int status = sy_spawn(&task, return_argument, (void *)(uintptr_t)i);
        if (status < 0) {
            return trial_refused(trial, 0, status);
        }
        status = sy_join(task, &result);
        if (status < 0 || (uintptr_t)result != i) {
            return trial_fail(trial, -EPROTO, "round %llu joined another task's result",
                              (unsigned long long)i);
        }
        sum += (uintptr_t)result;
    }
    sy_time elapsed = sy_now() - begin;
    trial_sample(trial, "create", "ns", (double)elapsed / (double)rounds);
    trial_work(trial, &(struct workload_work){.tasks = rounds, .checksum = sum});
    return 0;
}

static int run(struct trial *trial)
{
    uint64_t rounds = (uint64_t)trial_param(trial, "rounds");
    return trial_each_epoch(trial, run_epoch, &rounds);
}

static const struct workload_param params[] = {
    {"rounds", 2000, 1, 1000000000, "tasks", "tasks an epoch, one after the other"}, {0}};

const struct workload create_serial = {
    .name = "create.serial",
    .summary = "Create, run and join one empty task at a time",
    .params = params,
    .run = run,
};
