/* sync.rwlock - tasks that read under one reader-writer lock; now and then they write.
 *
 * Metric: `lock`, ns = time from when the first started to when the last was done / all operations.
 *         An operation is a lock, a look at two variables, an unlock. With tasks=1 and writes=0 the
 *         lock is free.
 * Work:   tasks; checksum.
 * Proof:  a writer changes both variables, the same for all readers; who finds them different fails
 *         the trial. They must have counted all writes.
 */
#include <errno.h>

#include "crew.h"

struct pair {
    sy_rwlock rwlock;
    uint64_t rounds; /* of each task */
    uint64_t writes; /* every which operation writes; 0: none */
    uint64_t first;  /* rwlock, both */
    uint64_t second;
};

static bool read_pair(struct pair *pair)
{
    sy_rwlock_read_lock(&pair->rwlock);
    bool same = pair->first == pair->second;
    sy_rwlock_read_unlock(&pair->rwlock);
    return same;
}

static void write_pair(struct pair *pair)
{
    sy_rwlock_write_lock(&pair->rwlock);
    pair->first++;
    pair->second++;
    sy_rwlock_write_unlock(&pair->rwlock);
}

static int work(struct crew_member *self)
{
    struct pair *pair = self->shared;
    bool same = true;
    if (!crew_ready(self)) {
        return 0;
    }
    if (pair->writes == 0) {
        for (uint64_t i = 0; i < pair->rounds; i++) {
            same &= read_pair(pair);
        }
        return same ? 0 : -EPROTO;
    }
    for (uint64_t i = 1; i <= pair->rounds; i++) {
        if (i % pair->writes == 0) {
            write_pair(pair);
        } else {
            same &= read_pair(pair);
        }
    }
    return same ? 0 : -EPROTO;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct pair *pair = state;
    uint32_t tasks = (uint32_t)trial_param(trial, "tasks");
    uint64_t operations = tasks * pair->rounds;
    uint64_t writes = pair->writes == 0 ? 0 : tasks * (pair->rounds / pair->writes);
    sy_time elapsed = 0;
    pair->first = 0;
    pair->second = 0;
    int status = crew_run(trial, tasks, work, pair, &elapsed);
    if (status < 0) {
        return status;
    }
    if (pair->first != writes || pair->second != writes) {
        return trial_fail(trial, -EPROTO, "%llu and %llu writes instead of %llu",
                          (unsigned long long)pair->first, (unsigned long long)pair->second,
                          (unsigned long long)writes);
    }
    trial_sample(trial, "lock", "ns", (double)elapsed / (double)operations);
    trial_work(trial, &(struct workload_work){.tasks = tasks, .checksum = operations + writes});
    return 0;
}

static int run(struct trial *trial)
{
    struct pair pair = {.rwlock = SY_RWLOCK_INIT,
                        .rounds = (uint64_t)trial_param(trial, "rounds"),
                        .writes = (uint64_t)trial_param(trial, "writes")};
    int status = trial_each_epoch(trial, run_epoch, &pair);
    if (status == 0 && sy_rwlock_destroy(&pair.rwlock) != 0) {
        status = trial_fail(trial, -EPROTO, "the rwlock is still locked");
    }
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 1, 1, 100000, "tasks", "tasks that read"},
    {"rounds", 100000, 1, 1000000000, "operations", "operations of each task an epoch"},
    {"writes", 0, 0, 1000000000, "operations", "one of so many operations writes; 0: none"},
    {0}};

const struct workload sync_rwlock = {
    .name = "sync.rwlock",
    .summary = "Tasks that read, and now and then write, under one reader-writer lock",
    .params = params,
    .run = run,
};
