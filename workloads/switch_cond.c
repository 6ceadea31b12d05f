/* switch.cond - two tasks that take turns under a mutex, with a condition variable each.
 *
 * Metric: `switch`, ns a hop = time of `rounds` turns of both / (2 * rounds). A hop is one signal
 *         to the other task and one wait that lets it run. The clock starts after one turn each
 *         that is not counted.
 * Work:   tasks; switches = 2 * rounds an epoch.
 * Proof:  both count their turns in one variable, whose parity says whose turn it is; a task that
 *         got the wrong number of turns fails the trial. The checksum is over the last count.
 */
#include <errno.h>
#include <string.h>

#include "crew.h"

struct turns {
    uint64_t rounds;
    sy_mutex mutex;
    sy_cond yours[2];

    /* mutex: */
    uint64_t taken; /* turns so far: even numbers are task 0's */
    sy_time begin;
    sy_time end;
};

static void wait_for_turn(struct turns *turns, uint32_t index)
{
    while ((turns->taken & 1) != index) {
        sy_cond_wait(&turns->yours[index], &turns->mutex);
    }
}

static void take_turns(struct turns *turns, uint32_t index, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        wait_for_turn(turns, index);
        turns->taken++;
        sy_cond_signal(&turns->yours[1 - index]);
    }
}

static int play(struct crew_member *self)
{
    struct turns *turns = self->shared;
    if (!crew_ready(self)) {
        return 0;
    }
    sy_mutex_lock(&turns->mutex);
    take_turns(turns, self->index, 1);
    if (self->index == 0) {
        wait_for_turn(turns, 0);
        turns->begin = sy_now();
    }
    take_turns(turns, self->index, turns->rounds);
    if (self->index == 0) {
        wait_for_turn(turns, 0);
        turns->end = sy_now();
    }
    sy_mutex_unlock(&turns->mutex);
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct turns *turns = state;
    turns->taken = 0;
    int status = crew_run(trial, 2, play, turns, NULL);
    if (status < 0) {
        return status;
    }
    uint64_t hops = 2 * turns->rounds;
    if (turns->taken != hops + 2) {
        return trial_fail(trial, -EPROTO, "%llu turns instead of %llu",
                          (unsigned long long)turns->taken, (unsigned long long)hops + 2);
    }
    trial_sample(trial, "switch", "ns", (double)(turns->end - turns->begin) / (double)hops);
    trial_work(trial,
               &(struct workload_work){.tasks = 2, .switches = hops, .checksum = turns->taken});
    return 0;
}

static int run(struct trial *trial)
{
    struct turns turns = {.rounds = (uint64_t)trial_param(trial, "rounds")};
    int status = trial_each_epoch(trial, run_epoch, &turns);
    if (status == 0 &&
        (sy_mutex_destroy(&turns.mutex) != 0 || sy_cond_destroy(&turns.yours[0]) != 0 ||
         sy_cond_destroy(&turns.yours[1]) != 0)) {
        status = trial_fail(trial, -EPROTO, "a mutex or a condition variable is still in use");
    }
    return status;
}

static const struct workload_param params[] = {
    {"rounds", 5000, 1, 1000000000, "turns", "turns of each task an epoch, one hop each"}, {0}};

const struct workload switch_cond = {
    .name = "switch.cond",
    .summary = "Two tasks that take turns with a mutex and condition variables",
    .params = params,
    .run = run,
};
