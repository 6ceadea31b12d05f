/* switch.mutex - two tasks that make each other wait with mutexes alone.
 *
 * Only its owner may unlock a mutex, so a baton cannot be passed with one or two of them. With
 * three it can. While one task runs it holds two, and the other holds the third and waits for the
 * older one of the two:
 *
 *     the runner holds a, b    the other holds c, waits for a
 *     1. unlock(a)             the other may run, and then holds c, a
 *     2. lock(c)               must wait: the other gives c up only after it got a
 *
 * now the roles are exchanged (the other holds c, a; this one holds b and waits for c). Each step
 * is thus one hop, whatever the fairness of the mutex: nobody competes for it.
 *
 * Metric: `switch`, ns a hop = time of `rounds` steps of both tasks / (2 * rounds): one unlock, one
 *         lock that waits, one switch. The clock starts after one step each that is not counted.
 * Work:   tasks; switches = 2 * rounds an epoch.
 * Proof:  both count their steps in one plain variable, and each must find what the other left;
 *         the checksum is over the last count.
 */
#include <errno.h>
#include <string.h>

#include "crew.h"

struct relay {
    uint64_t rounds;
    sy_mutex mutexes[3];

    /* the runner only: */
    uint64_t hops;
    sy_time begin;
    sy_time end;
};

/* Task 0 starts with mutexes 0 and 1, task 1 with 2 and a wait for 0. */
struct lane {
    sy_mutex *held[2]; /* the older one first; when running */
    sy_mutex *other;   /* the one that the other task holds */
};

/* One step: hand the older mutex over and wait for the third. */
static void step(struct lane *lane)
{
    sy_mutex *given = lane->held[0];
    sy_mutex_unlock(given);
    sy_mutex_lock(lane->other);
    lane->held[0] = lane->held[1];
    lane->held[1] = lane->other;
    lane->other = given;
}

static int run_steps(struct relay *relay, struct lane *lane, uint32_t index, uint64_t steps)
{
    int status = 0;
    for (uint64_t i = 0; i < steps; i++) {
        status = (relay->hops & 1) == index ? status : -EPROTO;
        relay->hops++;
        step(lane);
    }
    return status;
}

/* Task 0 reads the clock while it runs: after its first step, and after its last. */
static int lead(struct relay *relay)
{
    sy_mutex *m = relay->mutexes;
    struct lane lane = {.held = {&m[0], &m[1]}, .other = &m[2]};
    int status = run_steps(relay, &lane, 0, 1);
    relay->begin = sy_now();
    int later = run_steps(relay, &lane, 0, relay->rounds);
    relay->end = sy_now();
    sy_mutex_unlock(lane.held[0]);
    sy_mutex_unlock(lane.held[1]);
    return status < 0 ? status : later;
}

static int follow(struct relay *relay)
{
    sy_mutex *m = relay->mutexes;
    struct lane lane = {.held = {&m[2], &m[0]}, .other = &m[1]};
    sy_mutex_lock(&m[0]);
    int status = run_steps(relay, &lane, 1, relay->rounds + 1);
    sy_mutex_unlock(lane.held[0]);
    sy_mutex_unlock(lane.held[1]);
    return status;
}

/* Both hold what they start with before either may go on. */
static int race(struct crew_member *self)
{
    struct relay *relay = self->shared;
    sy_mutex *m = relay->mutexes;
    bool leads = self->index == 0;
    sy_mutex_lock(leads ? &m[0] : &m[2]);
    if (leads) {
        sy_mutex_lock(&m[1]);
    }
    if (crew_ready(self)) {
        return leads ? lead(relay) : follow(relay);
    }
    sy_mutex_unlock(leads ? &m[0] : &m[2]);
    if (leads) {
        sy_mutex_unlock(&m[1]);
    }
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct relay *relay = state;
    relay->hops = 0;
    int status = crew_run(trial, 2, race, relay, NULL);
    if (status < 0) {
        return status;
    }
    uint64_t hops = 2 * relay->rounds;
    if (relay->hops != hops + 2) {
        return trial_fail(trial, -EPROTO, "%llu hops instead of %llu",
                          (unsigned long long)relay->hops, (unsigned long long)hops + 2);
    }
    trial_sample(trial, "switch", "ns", (double)(relay->end - relay->begin) / (double)hops);
    trial_work(trial,
               &(struct workload_work){.tasks = 2, .switches = hops, .checksum = relay->hops});
    return 0;
}

static int run(struct trial *trial)
{
    struct relay relay = {.rounds = (uint64_t)trial_param(trial, "rounds")};
    int status = trial_each_epoch(trial, run_epoch, &relay);
    for (int i = 0; status == 0 && i < 3; i++) {
        if (sy_mutex_destroy(&relay.mutexes[i]) != 0) {
            status = trial_fail(trial, -EPROTO, "mutex %d is still locked", i);
        }
    }
    return status;
}

static const struct workload_param params[] = {
    {"rounds", 5000, 1, 1000000000, "steps", "steps of each task an epoch, one hop each"}, {0}};

const struct workload switch_mutex = {
    .name = "switch.mutex",
    .summary = "Two tasks that make each other wait with three mutexes",
    .params = params,
    .run = run,
};
