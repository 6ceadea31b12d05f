/* anatomy.swap - the bare register swap between two stacks, without a scheduler: the floor under
 * every switch of the green runtime.
 *
 * Metric: `swap`, ns = time of `rounds` round trips / (2 * rounds). A round trip is two swaps.
 * Work:   switches = 2 * rounds an epoch.
 * Proof:  the runtime's own: a swap that went wrong does not come back. The checksum is over the
 *         rounds asked for, for the swap computes nothing.
 */
#include "trial.h"

#include <string.h>

static int run_epoch(struct trial *trial, void *state)
{
    uint64_t rounds = *(const uint64_t *)state;
    sy_time elapsed = 0;
    int status = sy_anatomy_swap(rounds, &elapsed);
    if (status < 0) {
        return trial_fail(trial, status, "sy_anatomy_swap: %s", strerrorname_np(-status));
    }
    trial_sample(trial, "swap", "ns", (double)elapsed / (2.0 * (double)rounds));
    trial_work(trial, &(struct workload_work){.switches = 2 * rounds, .checksum = rounds});
    return 0;
}

static int run(struct trial *trial)
{
    uint64_t rounds = (uint64_t)trial_param(trial, "rounds");
    return trial_each_epoch(trial, run_epoch, &rounds);
}

static const struct workload_param params[] = {
    {"rounds", 1000000, 1, INT64_C(1) << 40, "round trips", "round trips an epoch, two swaps each"},
    {0}};

const struct workload anatomy_swap = {
    .name = "anatomy.swap",
    .summary = "The bare register swap of the green runtime, without a scheduler",
    .params = params,
    .green_only = true,
    .run = run,
};
