/* preempt_hogs.h - tasks that go on and on, for the tests of preemption: each file has its own. */
#ifndef SWITCHYARD_TESTS_PREEMPT_HOGS_H
#define SWITCHYARD_TESTS_PREEMPT_HOGS_H

#include <check.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"

#define HOLD (60 * SY_MILLISECOND) /* several slices */

static atomic_uint arrived;

static inline void tune(const char *words)
{
    ck_assert_int_eq(setenv("SWITCHYARD_TUNE", words, 1), 0);
}

static inline struct sy_stats stats_now(void)
{
    struct sy_stats stats;
    expect_eq(sy_stats_read(&stats), 0);
    return stats;
}

static inline void *arrive(void *arg)
{
    arrived++;
    return arg;
}

/* --- hogs ------------------------------------------------------------------------------------- */

static inline void hog_nothing(void)
{
}

static inline void hog_calls(void)
{
    sy_sem sem;
    expect_eq(sy_sem_init(&sem, 1), 0);
    expect_eq(sy_sem_wait(&sem), 0);
    expect_eq(sy_sem_destroy(&sem), 0);
}

struct hog {
    void (*step)(void);
    const char *tune;
    bool by_signal;
};

static inline int be_a_hog(void *arg)
{
    const struct hog *hog = arg;
    sy_task task;
    for (int i = 0; i < 10; i++) {
        arrived = 0;
        expect_eq(sy_spawn(&task, arrive, NULL), 0);
        while (arrived == 0) {
            hog->step();
        }
        expect_eq(sy_join(task, NULL), 0);
    }
    struct sy_stats stats = stats_now();
    if (hog->by_signal) {
        expect_true(stats.preempts_signal >= 1);
    } else {
        expect_true(stats.preempts_call >= 10);
        expect_eq(stats.preempts_signal, 0);
    }
    return 0;
}

static inline void hold(void (*step)(void), sy_time how_long)
{
    sy_time end = sy_now() + how_long;
    while (sy_now() < end) {
        step();
    }
}

static inline int hold_the_proc(void *arg)
{
    const struct hog *hog = arg;
    sy_task task;
    arrived = 0;
    expect_eq(sy_spawn(&task, arrive, NULL), 0);
    hold(hog->step, HOLD);
    struct sy_stats stats = stats_now();
    expect_eq(stats.preempts_call + stats.preempts_prologue + stats.preempts_signal, 0);
    expect_eq(arrived, 0);
    expect_eq(sy_join(task, NULL), 0);
    return 0;
}

#endif
