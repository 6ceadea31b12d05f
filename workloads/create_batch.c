/* create.batch - what one task costs when many are created before the first is joined.
 *
 * Metric: `create`, ns = time of an epoch / (rounds * tasks). A round is sy_spawn of `tasks` tasks
 *         whose body only returns its argument, then sy_join of all.
 *         `create_cold`, ns a task = the first round in the process: no stack was ever used
 *         before. One sample a process, taken before the warm-up.
 * Work:   tasks = tasks of the cold round, and rounds * tasks an epoch.
 * Proof:  each join must deliver its own task's argument; the checksum is over their sum.
 */
#include <errno.h>
#include <stdlib.h>

#include "trial.h"

struct batch {
    uint64_t tasks;
    uint64_t rounds;
    sy_task *handles; /* touched before the first round */
};

static void *return_argument(void *arg)
{
    return arg;
}

/* Joins the first made tasks; false if one delivered something else than its argument. */
static bool join_all(const struct batch *batch, uint64_t made, uint64_t *sum)
{
    bool right = true;
    for (uint64_t i = 0; i < made; i++) {
        void *result = NULL;
        int status = sy_join(batch->handles[i], &result);
        right = right && status == 0 && (uintptr_t)result == i + 1;
        *sum += (uintptr_t)result;
    }
    return right;
}

static int run_round(struct trial *trial, const struct batch *batch, uint64_t *sum)
{
    for (uint64_t i = 0; i < batch->tasks; i++) {
        int status = sy_spawn(&batch->handles[i], return_argument, (void *)(uintptr_t)(i + 1));
        if (status < 0) {
            trial_refused(trial, i, status);
            join_all(batch, i, sum);
            return status;
        }
    }
    if (!join_all(batch, batch->tasks, sum)) {
        return trial_fail(trial, -EPROTO, "a task delivered another one's result");
    }
    return 0;
}

static int run_rounds(struct trial *trial, const struct batch *batch, uint64_t rounds,
                      const char *metric)
{
    uint64_t sum = 0;
    sy_time begin = sy_now();
    for (uint64_t i = 0; i < rounds; i++) {
        int status = run_round(trial, batch, &sum);
        if (status < 0) {
            return status;
        }
    }
    sy_time elapsed = sy_now() - begin;
    uint64_t tasks = rounds * batch->tasks;
    trial_sample(trial, metric, "ns", (double)elapsed / (double)tasks);
    trial_work(trial, &(struct workload_work){.tasks = tasks, .checksum = sum});
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    const struct batch *batch = state;
    return run_rounds(trial, batch, batch->rounds, "create");
}

static int run(struct trial *trial)
{
    struct batch batch = {.tasks = (uint64_t)trial_param(trial, "tasks"),
                          .rounds = (uint64_t)trial_param(trial, "rounds")};
    batch.handles = malloc(batch.tasks * sizeof *batch.handles);
    if (batch.handles == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %llu handles",
                          (unsigned long long)batch.tasks);
    }
    for (uint64_t i = 0; i < batch.tasks; i++) {
        batch.handles[i] = (sy_task){.id = i};
    }
    int status = run_rounds(trial, &batch, 1, "create_cold");
    if (status == 0) {
        status = trial_each_epoch(trial, run_epoch, &batch);
    }
    free(batch.handles);
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 1000, 1, INT64_C(1) << 22, "tasks", "tasks created before the first is joined"},
    {"rounds", 1, 1, 1000000, "batches", "batches an epoch"},
    {0}};

const struct workload create_batch = {
    .name = "create.batch",
    .summary = "Create many empty tasks, then join them all",
    .params = params,
    .run = run,
};
