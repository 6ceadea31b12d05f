/* switch.sem - two tasks that hand over to each other through two semaphores.
 *
 * A ring of two (sem_ring.h) whose turns do nothing.
 *
 * Metric: `switch`, ns a hop = time of 2 * `rounds` turns / (2 * rounds): one post that wakes the
 *         other, one wait that parks, one switch. Each task has one turn before the clock starts.
 * Work:   tasks; switches = 2 * rounds an epoch.
 * Proof:  both count turns in one plain variable, and each must find what the other left.
 */
#include "sem_ring.h"

static int run_epoch(struct trial *trial, void *state)
{
    uint64_t hops = 2 * *(const uint64_t *)state;
    sy_time elapsed = 0;
    int status = sem_ring_run(trial, 2, hops, NULL, NULL, &elapsed);
    if (status < 0) {
        return status;
    }
    trial_sample(trial, "switch", "ns", (double)elapsed / (double)hops);
    trial_work(trial, &(struct workload_work){.tasks = 2, .switches = hops, .checksum = hops});
    return 0;
}

static int run(struct trial *trial)
{
    uint64_t rounds = (uint64_t)trial_param(trial, "rounds");
    return trial_each_epoch(trial, run_epoch, &rounds);
}

static const struct workload_param params[] = {
    {"rounds", 5000, 1, 1000000000, "turns", "turns of each task an epoch, one hop each"}, {0}};

const struct workload switch_sem = {
    .name = "switch.sem",
    .summary = "Two tasks that hand over through two semaphores",
    .params = params,
    .run = run,
};
