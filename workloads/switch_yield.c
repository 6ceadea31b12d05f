/* switch.yield - what it costs that one task gives up the processor and the next one runs.
 *
 * Metric: `switch`, ns = time of an epoch / (tasks * rounds): `tasks` tasks call sy_yield `rounds`
 *         times each, all started before the clock starts. On one proc a yield is one switch; on
 *         several the tasks run side by side and the figure is the time between two yields of the
 *         whole group. Whether the kernel really switched threads, rusage tells.
 *         `hop_latency`, ns, one processor only: a task writes the time before it yields, and the
 *         task that runs next reads how long ago that was. It includes one reading of the clock
 *         (`clock.read_ns`). A yield that came straight back is no hop and is not counted.
 * Work:   tasks; switches = tasks * rounds an epoch (those of the latency pass not included).
 * Proof:  each task counts its yields; the checksum is over their sum.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/atomic.h"
#include "crew.h"

#define INDEX_BITS 16
#define STAMP_MASK ((UINT64_C(1) << (64 - INDEX_BITS)) - 1)

struct yield_pass {
    uint32_t tasks;
    uint64_t rounds;
    uint64_t latency_rounds;
    uint64_t *done; /* yields, by task */

    /* atomic: when a task last yielded, 48 bits of it, and which task */
    _Alignas(64) _Atomic uint64_t stamp;
    /* latency_rounds for each task; UINT64_MAX where there was no hop */
    uint64_t *latencies;
};

static int yield_only(struct crew_member *self)
{
    const struct yield_pass *pass = self->shared;
    uint64_t done = 0;
    if (!crew_ready(self)) {
        return 0;
    }
    for (uint64_t rounds = pass->rounds; done < rounds; done++) {
        sy_yield();
    }
    pass->done[self->index] = done;
    return 0;
}

static int yield_stamped(struct crew_member *self)
{
    struct yield_pass *pass = self->shared;
    uint64_t *latencies = &pass->latencies[self->index * pass->latency_rounds];
    if (!crew_ready(self)) {
        return 0;
    }
    for (uint64_t i = 0; i < pass->latency_rounds; i++) {
        uint64_t now = (uint64_t)sy_now() & STAMP_MASK;
        /* relaxed: the word says all that is wanted of it */
        store_relaxed(&pass->stamp, now << INDEX_BITS | self->index);
        sy_yield();
        uint64_t stamp = load_relaxed(&pass->stamp);
        now = (uint64_t)sy_now() & STAMP_MASK;
        bool hop = (stamp & (((uint64_t)1 << INDEX_BITS) - 1)) != self->index;
        latencies[i] = hop ? (now - (stamp >> INDEX_BITS)) & STAMP_MASK : UINT64_MAX;
    }
    return 0;
}

static int run_latency_pass(struct trial *trial, struct yield_pass *pass)
{
    int status = crew_run(trial, pass->tasks, yield_stamped, pass, NULL);
    for (uint64_t i = 0; status == 0 && i < pass->tasks * pass->latency_rounds; i++) {
        if (pass->latencies[i] != UINT64_MAX) {
            trial_latency(trial, "hop_latency", pass->latencies[i]);
        }
    }
    return status;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct yield_pass *pass = state;
    uint64_t sum = 0;
    sy_time elapsed = 0;
    int status = crew_run(trial, pass->tasks, yield_only, pass, &elapsed);
    if (status < 0) {
        return status;
    }
    for (uint32_t i = 0; i < pass->tasks; i++) {
        sum += pass->done[i];
        pass->done[i] = 0;
    }
    if (sum != pass->tasks * pass->rounds) {
        return trial_fail(trial, -EPROTO, "%llu yields instead of %llu", (unsigned long long)sum,
                          (unsigned long long)(pass->tasks * pass->rounds));
    }
    trial_sample(trial, "switch", "ns", (double)elapsed / (double)sum);
    trial_work(trial,
               &(struct workload_work){.tasks = pass->tasks, .switches = sum, .checksum = sum});
    return pass->latency_rounds > 0 ? run_latency_pass(trial, pass) : 0;
}

static int run(struct trial *trial)
{
    struct yield_pass pass = {.tasks = (uint32_t)trial_param(trial, "tasks"),
                              .rounds = (uint64_t)trial_param(trial, "rounds"),
                              .latency_rounds = (uint64_t)trial_param(trial, "latency_rounds")};
    if (trial_procs(trial) > 1) {
        pass.latency_rounds = 0;
    }
    pass.done = calloc(pass.tasks, sizeof *pass.done);
    pass.latencies = calloc(pass.tasks * pass.latency_rounds + 1, sizeof *pass.latencies);
    int status = pass.done != NULL && pass.latencies != NULL
                     ? trial_each_epoch(trial, run_epoch, &pass)
                     : trial_fail(trial, -ENOMEM, "no memory for the latencies");
    free(pass.latencies);
    free(pass.done);
    return status;
}

static const struct workload_param params[] = {
    {"rounds", 20000, 1, 1000000000, "yields", "yields of each task an epoch"},
    {"tasks", 2, 2, 1 << INDEX_BITS, "tasks", "tasks that take turns"},
    {"latency_rounds", 500, 0, 100000, "yields", "timed one by one, of each task an epoch"},
    {0}};

const struct workload switch_yield = {
    .name = "switch.yield",
    .summary = "Tasks that yield to each other",
    .params = params,
    .run = run,
};
