/* counter - many tasks count together: with a channel, a mutex, an atomic, or carelessly.
 *
 *     how=0  "share memory by communicating": one task owns the number; the others send it what to
 *            add over a buffered channel. Nobody else can touch it, so nobody can forget the lock.
 *     how=1  the number is guarded by a mutex.
 *     how=2  the number is atomic.
 *     how=3  the guard was forgotten: each task reads the number, adds one, and writes it back. (As
 *            relaxed accesses, so that it is a lost update and not undefined behaviour.) On one
 *            green proc nothing is lost, for no task is interrupted in between; on two it is.
 *
 * Metric: `add`, ns = time from when the first task started to when the last was done / additions;
 *         `lost`, 1 = additions that are missing in the end.
 * Work:   tasks (with how=0 the owner is one more, so that it is counted in all versions);
 *         messages = additions, with how=0; checksum over the additions made.
 * Proof:  nothing may be lost, but with how=3.
 */
#include <errno.h>
#include <string.h>

#include "base/atomic.h"
#include "crew.h"

enum how { HOW_CHANNEL, HOW_MUTEX, HOW_ATOMIC, HOW_FORGOTTEN };

struct counter {
    enum how how;
    uint32_t tasks;     /* that add */
    uint64_t additions; /* of each */
    SY_CHAN(uint64_t) chan;
    uint64_t owned; /* how=0: the owner's */

    sy_mutex mutex;
    /* mutex: */
    uint64_t guarded;

    _Atomic uint64_t shared; /* how=2 and 3 */
};

static void add_one(struct counter *counter)
{
    uint64_t one = 1;
    switch (counter->how) {
    case HOW_CHANNEL:
        sy_send(counter->chan, one);
        break;
    case HOW_MUTEX:
        sy_mutex_lock(&counter->mutex);
        counter->guarded++;
        sy_mutex_unlock(&counter->mutex);
        break;
    case HOW_ATOMIC:
        fetch_add_relaxed(&counter->shared, 1); /* relaxed: the joins publish the sum */
        break;
    case HOW_FORGOTTEN:
        /* relaxed: the same machine code as for a plain variable */
        store_relaxed(&counter->shared, load_relaxed(&counter->shared) + 1);
        break;
    }
}

/* The task that owns the number; it has nothing to do in the other versions. */
static void own(struct counter *counter)
{
    uint64_t total = counter->tasks * counter->additions;
    uint64_t sum = 0;
    for (uint64_t i = 0; counter->how == HOW_CHANNEL && i < total; i++) {
        uint64_t amount = 0;
        sy_recv(counter->chan, &amount);
        sum += amount;
    }
    counter->owned = sum;
}

static int count(struct crew_member *self)
{
    struct counter *counter = self->shared;
    if (!crew_ready(self)) {
        return 0;
    }
    if (self->index == counter->tasks) {
        own(counter);
        return 0;
    }
    for (uint64_t i = 0; i < counter->additions; i++) {
        add_one(counter);
    }
    return 0;
}

static uint64_t counted(const struct counter *counter)
{
    switch (counter->how) {
    case HOW_CHANNEL:
        return counter->owned;
    case HOW_MUTEX:
        return counter->guarded;
    default:
        return load_relaxed(&counter->shared); /* relaxed: after the joins */
    }
}

static int run_epoch(struct trial *trial, void *state)
{
    struct counter *counter = state;
    uint64_t total = counter->tasks * counter->additions;
    sy_time elapsed = 0;
    counter->guarded = 0;
    store_relaxed(&counter->shared, 0); /* relaxed: before the crew exists */
    int status = crew_run(trial, counter->tasks + 1, count, counter, &elapsed);
    if (status < 0) {
        return status;
    }
    uint64_t sum = counted(counter);
    if (sum > total || (sum < total && counter->how != HOW_FORGOTTEN)) {
        return trial_fail(trial, -EPROTO, "counted to %llu, not to %llu", (unsigned long long)sum,
                          (unsigned long long)total);
    }
    trial_sample(trial, "add", "ns", (double)elapsed / (double)total);
    trial_sample(trial, "lost", "1", (double)(total - sum));
    trial_work(trial, &(struct workload_work){.tasks = counter->tasks + 1,
                                              .messages = counter->how == HOW_CHANNEL ? total : 0,
                                              .checksum = total});
    return 0;
}

static int run(struct trial *trial)
{
    struct counter counter = {.how = (enum how)trial_param(trial, "how"),
                              .tasks = (uint32_t)trial_param(trial, "tasks"),
                              .additions = (uint64_t)trial_param(trial, "additions")};
    int status = sy_make(&counter.chan, (size_t)trial_param(trial, "capacity"));
    if (status < 0) {
        return trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    }
    status = trial_each_epoch(trial, run_epoch, &counter);
    sy_free(counter.chan);
    return status;
}

static const struct workload_param params[] = {
    {"how", 0, 0, 3, "1", "0: channel, 1: mutex, 2: atomic, 3: nothing guards the number"},
    {"tasks", 8, 1, 65536, "tasks", "that add"},
    {"additions", 5000, 1, 1000000000, "additions", "of each task, an epoch"},
    {"capacity", 128, 0, 1 << 20, "items", "that the channel buffers, with how=0"},
    {0}};

const struct workload counter = {
    .name = "counter",
    .summary = "Tasks count together: with a channel, a mutex, an atomic, or carelessly",
    .params = params,
    .run = run,
};
