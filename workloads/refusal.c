/* refusal.c - see refusal.h. */
#include "refusal.h"

#include "base/atomic.h"

/* There is one trial in a process. */
static struct {
    const struct trial *trial; /* immutable after reset */
    _Atomic int error;         /* 0, then the first one */
    char sentence[256];        /* written by whoever set error; the first task reads it later */
} refusal;

void refusal_reset(const struct trial *trial)
{
    refusal.trial = trial;
    store_relaxed(&refusal.error, 0); // relaxed: no other task exists yet
}

static uint64_t tasks_alive(void)
{
    struct sy_stats stats = {0};
    (void)sy_stats_read(&stats);
    return stats.tasks_spawned - stats.tasks_ended;
}

void refusal_note(int error)
{
    int none = 0;
    // acquire: one caller wins, and pairs with nobody; the results that tasks hand in (a channel,
    // a join) order the sentence before refusal_report
    if (cas_acquire(&refusal.error, &none, error)) {
        trial_describe_refusal(refusal.trial, tasks_alive() - 1, error, refusal.sentence,
                               sizeof refusal.sentence);
    }
}

bool refusal_happened(void)
{
    return load_relaxed(&refusal.error) != 0; // relaxed: a hint that only saves work
}

int refusal_report(struct trial *trial)
{
    int error = load_relaxed(&refusal.error); // relaxed: ordered by the results handed in
    return error < 0 ? trial_fail(trial, error, "%s", refusal.sentence) : 0;
}
