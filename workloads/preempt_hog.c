/* preempt.hog - a task that wakes up now and then, beside others that never wait: how late is it?
 *
 * `hogs` tasks work in stints of at most `stint_ms`, without anything that waits, and yield between
 * them. A probe sleeps `pause_us`, `wakeups` times in an epoch. With one proc the probe runs when
 * the hog loses it: by preemption, or after its stint. What a hog does in a stint is its `kind`
 * (preempt_kinds.h).
 *
 * Metric: `delay`, ns = the time at which the probe runs again, read by itself before anything
 * else, minus its deadline. `progress`, % = 100 * steps a second of all hogs, from the begin of the
 * probe's first sleep to its last wake-up, by the steps a second of one that runs alone before the
 * epochs. 100 for each proc is all there is to get. Work:   tasks. The checksum is the number of
 * wake-ups. Proof:  the probe never wakes before its deadline, and every hog made progress.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/atomic.h"
#include "crew.h"
#include "preempt_kinds.h"

#define ALONE (30 * SY_MILLISECOND) /* how long the measurement of one hog takes */

struct beside {
    /* immutable in an epoch */
    const struct preempt_kind *kind;
    uint32_t hogs;
    uint32_t wakeups;
    sy_time pause;
    sy_time stint;
    double alone; /* steps a second */

    struct preempt_stint *stints; /* [hogs], each its hog's; the probe reads `done` */
    uint64_t *delays;             /* [wakeups], the probe's */
    double steps;                 /* the probe's: of all hogs, a second */
    _Atomic bool over;            /* set by the probe */
};

static int hog(struct beside *beside, struct preempt_stint *stint)
{
    while (!load_relaxed(&beside->over)) { // relaxed: it has to see it some time
        stint->end = sy_now() + beside->stint;
        beside->kind->run(stint);
        sy_yield();
    }
    return 0;
}

static uint64_t steps_of_all(const struct beside *beside)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < beside->hogs; i++) {
        sum += load_relaxed(&beside->stints[i].done); // relaxed: a count
    }
    return sum;
}

static int probe(struct beside *beside)
{
    int status = 0;
    uint64_t before = steps_of_all(beside);
    sy_time begin = sy_now();
    for (uint32_t i = 0; i < beside->wakeups; i++) {
        sy_time deadline = sy_now() + beside->pause;
        sy_sleep_until(deadline);
        sy_time late = sy_now() - deadline;
        beside->delays[i] = (uint64_t)late;
        status = late < 0 ? -EPROTO : status;
    }
    double seconds = (double)(sy_now() - begin) / SY_SECOND;
    beside->steps = (double)(steps_of_all(beside) - before) / seconds;
    store_relaxed(&beside->over, true); // relaxed: as in hog
    for (uint32_t i = 0; i < beside->hogs; i++) {
        store_relaxed(&beside->stints[i].over, true); // relaxed: the same
    }
    return status;
}

/* The probe is the last member: the hogs are on their way when it begins. */
static int take_part(struct crew_member *self)
{
    struct beside *beside = self->shared;
    if (!crew_ready(self)) {
        return 0;
    }
    return self->index < beside->hogs ? hog(beside, &beside->stints[self->index]) : probe(beside);
}

static int hand_in(struct trial *trial, const struct beside *beside)
{
    for (uint32_t i = 0; i < beside->hogs; i++) {
        if (load_relaxed(&beside->stints[i].done) == 0) { // relaxed: all were joined
            return trial_fail(trial, -EPROTO, "hog %u made no progress", i);
        }
    }
    for (uint32_t i = 0; i < beside->wakeups; i++) {
        trial_latency(trial, "delay", beside->delays[i]);
    }
    trial_sample(trial, "progress", "%", 100 * beside->steps / beside->alone);
    trial_work(trial,
               &(struct workload_work){.tasks = beside->hogs + 1, .checksum = beside->wakeups});
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct beside *beside = state;
    store_relaxed(&beside->over, false); // relaxed: no member exists
    for (uint32_t i = 0; i < beside->hogs; i++) {
        store_relaxed(&beside->stints[i].over, false); // relaxed: the same
        store_relaxed(&beside->stints[i].done, 0);     // relaxed: the same
    }
    int status = crew_run(trial, beside->hogs + 1, take_part, beside, NULL);
    return status < 0 ? status : hand_in(trial, beside);
}

/* Steps a second of one hog that has the machine to itself. */
static double measure_alone(struct beside *beside)
{
    struct preempt_stint *stint = &beside->stints[0];
    sy_time begin = sy_now();
    stint->end = begin + ALONE;
    beside->kind->run(stint);
    double seconds = (double)(sy_now() - begin) / SY_SECOND;
    return (double)load_relaxed(&stint->done) / seconds; // relaxed: its own
}

static int run(struct trial *trial)
{
    struct beside beside = {
        .kind = preempt_kind_at((uint32_t)trial_param(trial, "kind")),
        .hogs = (uint32_t)trial_param(trial, "hogs"),
        .wakeups = (uint32_t)trial_param(trial, "wakeups"),
        .pause = trial_param(trial, "pause_us") * SY_MICROSECOND,
        .stint = trial_param(trial, "stint_ms") * SY_MILLISECOND,
    };
    beside.stints =
        aligned_alloc(_Alignof(struct preempt_stint), beside.hogs * sizeof *beside.stints);
    beside.delays = calloc(beside.wakeups, sizeof *beside.delays);
    int status = -ENOMEM;
    if (beside.stints == NULL || beside.delays == NULL) {
        trial_fail(trial, status, "no memory for %u hogs", beside.hogs);
    } else {
        for (uint32_t i = 0; i < beside.hogs; i++) {
            beside.stints[i] = (struct preempt_stint){.end = 0};
        }
        beside.alone = measure_alone(&beside);
        status = trial_each_epoch(trial, run_epoch, &beside);
    }
    free(beside.delays);
    free(beside.stints);
    return status;
}

static const struct workload_param params[] = {
    {"kind", 2, 0, PREEMPT_KINDS - 1, "kind", "of hog: " PREEMPT_KINDS_HELP},
    {"hogs", 1, 1, 10000, "tasks", "that never wait"},
    {"wakeups", 50, 1, 1000000, "wake-ups", "of the probe, an epoch"},
    {"pause_us", 1000, 0, 1000000, "us", "that the probe sleeps"},
    {"stint_ms", 100, 1, 60000, "ms", "after which a hog yields at last"},
    {0}};

const struct workload preempt_hog = {
    .name = "preempt.hog",
    .summary = "How late a task wakes up beside one that never waits",
    .params = params,
    .run = run,
};
