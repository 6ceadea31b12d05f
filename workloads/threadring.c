/* threadring - a token goes round 503 tasks; the question is who gets it last.
 *
 * The thread-ring of the Computer Language Benchmarks Game, over semaphores (switch.ring is the
 * same over channels, for any number of tasks): task i holds the token only while it has its turn.
 *
 * Metric: `total`, ms = time of `hops` hops; `hop`, ns = the same / hops. The token goes round once
 *         before the clock starts.
 * Work:   tasks; switches = hops an epoch; checksum over the place of the last.
 * Proof:  each task counts the token down by one, in its turn (sem_ring.h checks the order): it
 *         must arrive at 0, at the place where `hops` end.
 */
#include <errno.h>

#include "sem_ring.h"

struct token {
    uint32_t tasks;
    uint64_t hops;

    /* the holder's: */
    uint64_t left;
    uint32_t holder;
};

static void hold(void *shared, uint32_t place, uint64_t turn)
{
    struct token *token = shared;
    token->holder = place;
    token->left -= turn >= token->tasks;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct token *token = state;
    sy_time elapsed = 0;
    token->left = token->hops;
    int status = sem_ring_run(trial, token->tasks, token->hops, hold, token, &elapsed);
    if (status < 0) {
        return status;
    }
    uint32_t last = (uint32_t)((token->hops - 1) % token->tasks);
    if (token->left != 0 || token->holder != last) {
        return trial_fail(trial, -EPROTO, "the token stopped at task %u with %llu hops to go",
                          token->holder, (unsigned long long)token->left);
    }
    trial_sample(trial, "total", "ms", (double)elapsed / (double)SY_MILLISECOND);
    trial_sample(trial, "hop", "ns", (double)elapsed / (double)token->hops);
    trial_work(trial, &(struct workload_work){
                          .tasks = token->tasks, .switches = token->hops, .checksum = last + 1});
    return 0;
}

static int run(struct trial *trial)
{
    struct token token = {.tasks = (uint32_t)trial_param(trial, "tasks"),
                          .hops = (uint64_t)trial_param(trial, "hops")};
    return trial_each_epoch(trial, run_epoch, &token);
}

static const struct workload_param params[] = {
    {"tasks", 503, 2, 1 << 20, "tasks", "tasks in the ring"},
    {"hops", 20000, 1, 1000000000, "hops", "hops of the token an epoch"},
    {0}};

const struct workload threadring = {
    .name = "threadring",
    .summary = "A token goes round 503 tasks over semaphores",
    .params = params,
    .run = run,
};
