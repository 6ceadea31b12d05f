/* time.c - the clock and sleeping. Only lower bounds are asserted: a machine may always be late. */
#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

static sy_time clock_monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SY_SECOND + now.tv_nsec;
}

static int read_clock(void *arg)
{
    sy_time last = 0;
    (void)arg;
    for (int i = 0; i < 10000; i++) {
        sy_time before = clock_monotonic();
        sy_time now = sy_now();
        expect_ge(now, before);
        expect_le(now, clock_monotonic());
        expect_ge(now, last);
        last = now;
    }
    return 0;
}

/* Goal: sy_now is CLOCK_MONOTONIC, also outside the runtime. */
START_TEST(test_time_now_is_monotonic)
{
    read_clock(NULL);
    run_tasks(0, read_clock, NULL);
}
END_TEST

static int sleep_in_main(void *arg)
{
    sy_time durations[] = {0,
                           -1,
                           INT64_MIN,
                           1,
                           10 * SY_MICROSECOND,
                           500 * SY_MICROSECOND,
                           2 * SY_MILLISECOND,
                           20 * SY_MILLISECOND};
    (void)arg;
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        sy_time start = sy_now();
        expect_eq(sy_sleep(durations[i]), 0);
        expect_ge(sy_now() - start, durations[i]);
        sy_time deadline = durations[i] < 0 ? durations[i] : sy_now() + durations[i];
        expect_eq(sy_sleep_until(deadline), 0);
        expect_ge(sy_now(), deadline);
    }
    return 0;
}

/* Goal: a sleep lasts at least as long as asked for, alone in the process too. */
START_TEST(test_time_sleep_lasts_long_enough)
{
    run_tasks(RUN_PROCS[_i], sleep_in_main, NULL);
}
END_TEST

struct sleeper {
    sy_time deadline;
    sy_time woken;
    sy_task task;
};

static void *sleep_to_deadline(void *arg)
{
    struct sleeper *sleeper = arg;
    expect_eq(sy_sleep_until(sleeper->deadline), 0);
    sleeper->woken = sy_now();
    return NULL;
}

static int sleep_together(void *arg)
{
    enum { SLEEPERS = 200 };
    static struct sleeper sleepers[SLEEPERS];
    sy_time start = sy_now();
    (void)arg;
    for (int i = 0; i < SLEEPERS; i++) {
        sleepers[i].deadline = start + i * 7919 % 200 * 100 * SY_MICROSECOND; /* in no order */
        expect_eq(sy_spawn(&sleepers[i].task, sleep_to_deadline, &sleepers[i]), 0);
    }
    for (int i = 0; i < SLEEPERS; i++) {
        expect_eq(sy_join(sleepers[i].task, NULL), 0);
        expect_ge(sleepers[i].woken, sleepers[i].deadline);
    }
    return 0;
}

/* Goal: many sleepers wake, each not before its own deadline. */
START_TEST(test_time_many_sleepers)
{
    run_tasks(RUN_PROCS[_i], sleep_together, NULL);
}
END_TEST

struct relay {
    atomic_bool awake;
    sy_time deadline;
};

static void *sleep_then_say(void *arg)
{
    struct relay *relay = arg;
    expect_eq(sy_sleep_until(relay->deadline), 0);
    relay->awake = true;
    return NULL;
}

static int sleep_beside_a_long_one(void *arg)
{
    struct relay soon = {.deadline = sy_now() + 5 * SY_MILLISECOND};
    struct relay late = {.deadline = sy_now() + 300 * SY_MILLISECOND};
    sy_task tasks[2];
    (void)arg;
    expect_eq(sy_spawn(&tasks[0], sleep_then_say, &late), 0);
    expect_eq(sy_spawn(&tasks[1], sleep_then_say, &soon), 0);
    expect_eq(sy_join(tasks[1], NULL), 0);
    bool late_woke_first = late.awake;
    expect_true(!late_woke_first || sy_now() >= late.deadline);
    expect_eq(sy_join(tasks[0], NULL), 0);
    return 0;
}

/* Goal: a short sleep that begins after a long one ends before it: the long one is not yet awake
 * when the short one has ended, unless the machine was too slow to tell. */
START_TEST(test_time_short_sleep_ends_before_long_one)
{
    run_tasks(RUN_PROCS[_i], sleep_beside_a_long_one, NULL);
}
END_TEST

static int work_beside_sleepers(void *arg)
{
    enum { SLEEPERS = 20 };
    struct relay relays[SLEEPERS];
    sy_task tasks[SLEEPERS];
    uint64_t yields = 0;
    (void)arg;
    for (int i = 0; i < SLEEPERS; i++) {
        relays[i] = (struct relay){.deadline = sy_now() + 5 * SY_MILLISECOND};
        expect_eq(sy_spawn(&tasks[i], sleep_then_say, &relays[i]), 0);
    }
    while (!relays[SLEEPERS - 1].awake) { /* main never waits: timers must fire all the same */
        yields++;
        sy_yield();
    }
    for (int i = 0; i < SLEEPERS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_ge(yields, 1);
    return 0;
}

/* Goal: sleepers wake although another task keeps a proc busy with yields. */
START_TEST(test_time_sleepers_wake_beside_a_busy_task)
{
    run_tasks(RUN_PROCS[_i], work_beside_sleepers, NULL);
}
END_TEST

Suite *suite_time(void)
{
    Suite *suite = suite_create("time");
    TCase *tests = tcase_create("time");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_time_now_is_monotonic);
    tcase_add_loop_test(tests, test_time_sleep_lasts_long_enough, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_many_sleepers, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_short_sleep_ends_before_long_one, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_sleepers_wake_beside_a_busy_task, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
