/* sync.mutex - tasks that count under one mutex.
 *
 * Metric: `lock`, ns = time from when the first started to when the last was done / all operations.
 *         An operation is a lock, an addition, an unlock. With tasks=1 the mutex is free. With more
 *         the holder yields inside every `hold`-th time, so that the others come and wait.
 * Work:   tasks; checksum.
 * Proof:  the counter is a plain variable; it must have counted all operations.
 */
#include <errno.h>

#include "crew.h"

struct counter {
    sy_mutex mutex;
    uint64_t rounds; /* of each task */
    uint64_t hold;
    uint64_t count; /* mutex */
};

static void count_free(struct counter *counter)
{
    for (uint64_t i = 0; i < counter->rounds; i++) {
        sy_mutex_lock(&counter->mutex);
        counter->count++;
        sy_mutex_unlock(&counter->mutex);
    }
}

static void count_contended(struct counter *counter)
{
    for (uint64_t i = 1; i <= counter->rounds; i++) {
        sy_mutex_lock(&counter->mutex);
        counter->count++;
        if (i % counter->hold == 0) {
            sy_yield();
        }
        sy_mutex_unlock(&counter->mutex);
    }
}

static int work(struct crew_member *self)
{
    struct counter *counter = self->shared;
    if (!crew_ready(self)) {
        return 0;
    }
    if (counter->hold == 0) {
        count_free(counter);
    } else {
        count_contended(counter);
    }
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct counter *counter = state;
    uint32_t tasks = (uint32_t)trial_param(trial, "tasks");
    uint64_t operations = tasks * counter->rounds;
    sy_time elapsed = 0;
    counter->count = 0;
    int status = crew_run(trial, tasks, work, counter, &elapsed);
    if (status < 0) {
        return status;
    }
    if (counter->count != operations) {
        return trial_fail(trial, -EPROTO, "counted %llu instead of %llu",
                          (unsigned long long)counter->count, (unsigned long long)operations);
    }
    trial_sample(trial, "lock", "ns", (double)elapsed / (double)operations);
    trial_work(trial, &(struct workload_work){.tasks = tasks, .checksum = operations});
    return 0;
}

static int run(struct trial *trial)
{
    struct counter counter = {.mutex = SY_MUTEX_INIT,
                              .rounds = (uint64_t)trial_param(trial, "rounds"),
                              .hold = (uint64_t)trial_param(trial, "hold")};
    int status = trial_each_epoch(trial, run_epoch, &counter);
    if (status == 0 && sy_mutex_destroy(&counter.mutex) != 0) {
        status = trial_fail(trial, -EPROTO, "the mutex is still locked");
    }
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 1, 1, 100000, "tasks", "tasks that count"},
    {"rounds", 100000, 1, 1000000000, "operations", "operations of each task an epoch"},
    {"hold", 0, 0, 1000000000, "operations",
     "operations from one yield inside to the next; 0: none"},
    {0}};

const struct workload sync_mutex = {
    .name = "sync.mutex",
    .summary = "Tasks that count under one mutex",
    .params = params,
    .run = run,
};
