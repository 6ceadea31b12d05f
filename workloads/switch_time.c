/* switch_time.c - the workload switch.time: how long hops take, over time.
 *
 * Two tasks yield to each other, and each hop is timed: a task writes the time before it yields,
 * and the one that runs next reads how long ago that was. An epoch is a slice of time; many of
 * them, one after the other, show what comes and goes: the kernel's tick, an interrupt, another
 * program. Only on one proc: on more the tasks run side by side.
 *
 * Metrics: `p50`, `p90`, `p99`, `p999`, `max`, ns: of the hops that ended in the slice, which lasts
 *          until the first hop if that comes later. To a sixteenth of their value. They include one
 *          reading of the clock.
 * Work:    tasks. How many hops fit into the time is what differs; the checksum is over its length.
 * Proof:   a yield that came straight back is no hop, and is not counted.
 */
#include <errno.h>
#include <string.h>

#include "base/atomic.h"
#include "crew.h"

#define TASKS 2
#define STAMP_MASK (UINT64_MAX >> 1) /* the lowest bit says whose stamp it is */
#define PARTS_BITS 4                 /* buckets of each power of two: 16 */
#define PARTS (1u << PARTS_BITS)
#define BUCKETS (40u * PARTS) /* up to 2^40 ns */

struct counted {
    _Alignas(64) uint32_t counts[BUCKETS];
};

struct timed {
    uint64_t slice_ns;

    /* atomic: when the first task began; when a task last yielded, and which */
    _Atomic uint64_t begin;
    _Alignas(64) _Atomic uint64_t stamp;
    _Atomic bool hopped; /* there was a hop: on a busy machine the first may come late */

    struct counted counted[TASKS]; /* each task's own until it has ended */
};

static size_t bucket_of(uint64_t ns)
{
    if (ns < PARTS) {
        return (size_t)ns;
    }
    unsigned dropped = 63u - (unsigned)__builtin_clzll(ns) - PARTS_BITS;
    size_t bucket = (size_t)dropped * PARTS + (size_t)(ns >> dropped);
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static uint64_t lowest_of(size_t bucket)
{
    if (bucket < 2 * PARTS) {
        return bucket;
    }
    size_t dropped = bucket / PARTS - 1;
    return (uint64_t)(bucket % PARTS + PARTS) << dropped;
}

/* The first that asks sets the time. */
static uint64_t begin_of(struct timed *timed)
{
    uint64_t expected = 0;
    uint64_t now = (uint64_t)sy_now() & STAMP_MASK;
    // acq_rel: one word that says all; who fails gets the other's time
    return cas_acq_rel(&timed->begin, &expected, now) ? now : expected;
}

static int hop_for_a_time(struct crew_member *self)
{
    struct timed *timed = self->shared;
    struct counted *counted = &timed->counted[self->index];
    if (!crew_ready(self)) {
        return 0;
    }
    uint64_t end = begin_of(timed) + timed->slice_ns;
    for (uint64_t now = 0; now < end || !load_relaxed(&timed->hopped);) { // relaxed: a hint
        now = (uint64_t)sy_now() & STAMP_MASK;
        // relaxed: the word says all that is wanted of it
        store_relaxed(&timed->stamp, now << 1 | self->index);
        sy_yield();
        uint64_t stamp = load_relaxed(&timed->stamp); // relaxed: as above
        now = (uint64_t)sy_now() & STAMP_MASK;
        if ((stamp & 1) != self->index) {
            counted->counts[bucket_of(now - (stamp >> 1))]++;
            store_relaxed(&timed->hopped, true); // relaxed: a hint
        }
    }
    return 0;
}

/* The smallest bucket at or below which this share of the hops is. */
static double percentile(const struct counted *counted, uint64_t hops, double share)
{
    uint64_t seen = 0;
    size_t bucket = 0;
    for (; bucket + 1 < BUCKETS; bucket++) {
        seen += counted->counts[bucket];
        if (seen > 0 && (double)seen >= share * (double)hops) {
            break;
        }
    }
    return (double)lowest_of(bucket);
}

static int run_epoch(struct trial *trial, void *state)
{
    static const struct {
        const char *metric;
        double share;
    } metrics[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};
    struct timed *timed = state;
    struct counted *all = &timed->counted[0];
    uint64_t hops = 0;
    memset(timed->counted, 0, sizeof timed->counted);
    store_relaxed(&timed->begin, 0);      // relaxed: before the tasks are made
    store_relaxed(&timed->hopped, false); // relaxed: as above
    int status = crew_run(trial, TASKS, hop_for_a_time, timed, NULL);
    if (status < 0) {
        return status;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        all->counts[i] += timed->counted[1].counts[i];
        hops += all->counts[i];
    }
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        trial_sample(trial, metrics[i].metric, "ns", percentile(all, hops, metrics[i].share));
    }
    trial_work(trial, &(struct workload_work){.tasks = TASKS, .checksum = timed->slice_ns});
    return 0;
}

static int run(struct trial *trial)
{
    struct timed timed = {.slice_ns = (uint64_t)trial_param(trial, "slice_us") * 1000};
    if (trial_procs(trial) > 1) {
        return trial_fail(trial, -EINVAL, "only on one proc is a yield a hop");
    }
    return trial_each_epoch(trial, run_epoch, &timed);
}

static const struct workload_param params[] = {
    {"slice_us", 1000, 10, 1000000, "us", "how long an epoch is"}, {0}};

const struct workload switch_time = {
    .name = "switch.time",
    .summary = "How long hops between two yielding tasks take, over time",
    .params = params,
    .run = run,
};
