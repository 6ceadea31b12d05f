/* timer.storm - many tasks that sleep at the same time, each until a moment of its own.
 *
 * `tasks` tasks wait at a gate (crew.h). When all are there they go to sleep, each until a deadline
 * drawn evenly, by a seeded generator, from a window of tasks / `rate` seconds: so about `rate` of
 * them wake up in a second. The window begins when all have had as much time to fall asleep as it
 * took to create them, and some more. If one of them was awake even then, the epoch is done again,
 * with twice that time.
 *
 * Metric: `lateness`, ns = the time at which a sleeper runs again, read by itself before anything
 *         else, minus its deadline. It includes one reading of the clock (`clock.read_ns`).
 *         `arm`, ns a timer = one task arms `tasks` timers that are initialised and share one
 *         channel, for the same moments an hour later, in an order unlike that of their
 *         deadlines: the time of the loop / tasks.
 *         `disarm`, ns a timer: the same for stopping all of them, in the order of arming.
 * Work:   tasks (only of the time when all fell asleep before the window began).
 * Proof:  each sleeper woke up once, none before its deadline; each timer was not armed before
 *         and armed when it was stopped. The checksum is over the deadlines kept, as distances
 *         from the beginning of the window, and how many they were.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"
#include "crew.h"

#define MARGIN (20 * SY_MILLISECOND)
#define TRIES 5
#define HOUR (3600 * SY_SECOND)
#define NEVER_WOKE INT64_MIN

struct storm {
    /* immutable in an epoch */
    uint32_t tasks;
    sy_time *offsets; /* of each deadline from the beginning of the window */
    sy_time born;     /* when the first task began to create the sleepers */
    int64_t patience; /* multiplies the time to fall asleep */

    _Atomic sy_time start;     /* of the window; 0 until the first sleeper has set it */
    _Atomic uint32_t restless; /* sleepers that were awake when it began */

    int64_t *lateness; /* each its sleeper's, then the first task's */
    sy_timer *timers;  /* the first task's */
};

/* Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
static uint64_t split_mix(uint64_t seed, uint64_t index)
{
    uint64_t z = seed + (index + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The first sleeper that asks decides, for all were created by then. */
static sy_time window_start(struct storm *storm)
{
    sy_time start = load_relaxed(&storm->start); // relaxed: the value itself is all there is to see
    if (start != 0) {
        return start;
    }
    sy_time now = sy_now();
    sy_time proposal = now + storm->patience * (now - storm->born) + MARGIN;
    // acquire: pairs with nobody; one proposal wins, and all use it
    return cas_acquire(&storm->start, &start, proposal) ? proposal : start;
}

static int sleep_once(struct crew_member *self)
{
    struct storm *storm = self->shared;
    if (!crew_ready(self)) {
        return 0;
    }
    sy_time start = window_start(storm);
    sy_time deadline = start + storm->offsets[self->index];
    if (sy_now() >= start) {
        fetch_add_relaxed(&storm->restless, 1); // relaxed: read after the join
    }
    sy_sleep_until(deadline);
    storm->lateness[self->index] = sy_now() - deadline;
    return 0;
}

/* Sends the crew to sleep, once. Stores in *restless how many were not in time. */
static int try_sleep(struct trial *trial, struct storm *storm, uint32_t *restless)
{
    for (uint32_t i = 0; i < storm->tasks; i++) {
        storm->lateness[i] = NEVER_WOKE;
    }
    store_relaxed(&storm->start, 0);    // relaxed: no sleeper exists
    store_relaxed(&storm->restless, 0); // relaxed: the same
    storm->born = sy_now();
    int status = crew_run(trial, storm->tasks, sleep_once, storm, NULL);
    *restless = load_relaxed(&storm->restless); // relaxed: all were joined
    return status;
}

static int sleep_all(struct trial *trial, struct storm *storm)
{
    uint32_t restless = 0;
    storm->patience = 1;
    for (int i = 0; i < TRIES; i++) {
        int status = try_sleep(trial, storm, &restless);
        if (status < 0 || restless == 0) {
            return status;
        }
        storm->patience *= 2;
    }
    return trial_fail(trial, -ETIME, "%u sleepers were still awake when the window began",
                      restless);
}

static int check_sleepers(struct trial *trial, const struct storm *storm)
{
    for (uint32_t i = 0; i < storm->tasks; i++) {
        if (storm->lateness[i] == NEVER_WOKE) {
            return trial_fail(trial, -EPROTO, "sleeper %u never woke up", i);
        }
        if (storm->lateness[i] < 0) {
            return trial_fail(trial, -EPROTO, "sleeper %u woke %lld ns too early", i,
                              (long long)-storm->lateness[i]);
        }
    }
    return 0;
}

static void hand_in_sleepers(struct trial *trial, const struct storm *storm)
{
    uint64_t offsets = 0;
    for (uint32_t i = 0; i < storm->tasks; i++) {
        trial_latency(trial, "lateness", (uint64_t)storm->lateness[i]);
        offsets += (uint64_t)storm->offsets[i];
    }
    trial_work(trial, &(struct workload_work){.tasks = storm->tasks,
                                              .checksum = offsets * 31 + storm->tasks});
}

/* Arms all and stops all. Stores what each took, and returns how many answers were wrong. */
static uint32_t arm_all(struct storm *storm, sy_time *arm, sy_time *disarm)
{
    uint32_t wrong = 0;
    sy_time later = sy_now() + HOUR;
    sy_time begin = sy_now();
    for (uint32_t i = 0; i < storm->tasks; i++) {
        wrong += sy_timer_set(&storm->timers[i], later + storm->offsets[i], 0) != 0;
    }
    sy_time middle = sy_now();
    for (uint32_t i = 0; i < storm->tasks; i++) {
        wrong += sy_timer_stop(&storm->timers[i]) != 1;
    }
    *disarm = sy_now() - middle;
    *arm = middle - begin;
    return wrong;
}

static int init_timers(struct trial *trial, struct storm *storm, sy_chan chan)
{
    int status = 0;
    for (uint32_t i = 0; i < storm->tasks && status == 0; i++) {
        status = sy_timer_init(&storm->timers[i], chan);
    }
    return status < 0 ? trial_fail(trial, status, "no timer: %s", strerrorname_np(-status)) : 0;
}

static int time_arming(struct trial *trial, struct storm *storm, sy_chan chan)
{
    sy_time arm = 0;
    sy_time disarm = 0;
    int status = init_timers(trial, storm, chan);
    if (status < 0) {
        return status;
    }
    uint32_t wrong = arm_all(storm, &arm, &disarm);
    if (wrong > 0) {
        return trial_fail(trial, -EPROTO, "%u calls on timers gave a wrong answer", wrong);
    }
    trial_sample(trial, "arm", "ns", (double)arm / storm->tasks);
    trial_sample(trial, "disarm", "ns", (double)disarm / storm->tasks);
    return 0;
}

static int run_timers(struct trial *trial, struct storm *storm)
{
    sy_chan chan;
    int status = sy_chan_new(&chan, sizeof(sy_time), 1);
    if (status < 0) {
        return trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    }
    status = time_arming(trial, storm, chan);
    sy_chan_free(chan);
    return status;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct storm *storm = state;
    int status = sleep_all(trial, storm);
    status = status < 0 ? status : check_sleepers(trial, storm);
    if (status < 0) {
        return status;
    }
    hand_in_sleepers(trial, storm);
    return run_timers(trial, storm);
}

static void draw_offsets(struct storm *storm, uint64_t seed, uint64_t rate)
{
    uint64_t window = (uint64_t)storm->tasks * (uint64_t)SY_SECOND / rate + 1;
    for (uint32_t i = 0; i < storm->tasks; i++) {
        storm->offsets[i] = (sy_time)(split_mix(seed, i) % window);
    }
}

static int run(struct trial *trial)
{
    struct storm storm = {.tasks = (uint32_t)trial_param(trial, "tasks")};
    storm.offsets = calloc(storm.tasks, sizeof *storm.offsets);
    storm.lateness = calloc(storm.tasks, sizeof *storm.lateness);
    storm.timers = calloc(storm.tasks, sizeof *storm.timers);
    int status = -ENOMEM;
    if (storm.offsets == NULL || storm.lateness == NULL || storm.timers == NULL) {
        trial_fail(trial, status, "no memory for %u sleepers", storm.tasks);
    } else {
        draw_offsets(&storm, (uint64_t)trial_param(trial, "seed"),
                     (uint64_t)trial_param(trial, "rate"));
        status = trial_each_epoch(trial, run_epoch, &storm);
    }
    free(storm.timers);
    free(storm.lateness);
    free(storm.offsets);
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 10000, 1, 4000000, "tasks", "sleepers at the same time; and timers that are armed"},
    {"rate", 200000, 1, 1000000000, "wake-ups/s", "length of the window = tasks / rate"},
    {"seed", 1, 0, INT64_MAX, "1", "of the deadlines"},
    {0}};

const struct workload timer_storm = {
    .name = "timer.storm",
    .summary = "Many sleepers at once, and how late they wake; what arming a timer costs",
    .params = params,
    .run = run,
};
