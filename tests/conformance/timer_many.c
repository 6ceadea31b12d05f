/* timer_many.c - thousands of timers, and races of stopping with firing. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/run.h"

enum { TIMERS = 4000 };

static struct shot {
    sy_timer timer;
    sy_chan chan;
    sy_time when;
    sy_time fired;
} shots[TIMERS];

static int by_when(const void *left, const void *right)
{
    const struct shot *a = left;
    const struct shot *b = right;
    return (a->when > b->when) - (a->when < b->when);
}

static void arm_in_random_order(sy_time start)
{
    uint32_t state = 1;
    for (int i = 0; i < TIMERS; i++) {
        state = state * 1664525U + 1013904223U;
        shots[i].when = start + (state >> 8) % 20000 * SY_MICROSECOND;
        expect_eq(sy_chan_new(&shots[i].chan, sizeof(sy_time), 1), 0);
        expect_eq(sy_timer_init(&shots[i].timer, shots[i].chan), 0);
        expect_eq(sy_timer_set(&shots[i].timer, shots[i].when, 0), 0);
    }
}

static int fire_thousands(void *arg)
{
    bool in_order = *(uint32_t *)arg == 1;
    sy_time start = sy_now() + 100 * SY_MILLISECOND; /* time to arm them all */
    arm_in_random_order(start);
    in_order = in_order && sy_now() < start; /* else some were due before they were armed */
    for (int i = 0; i < TIMERS; i++) {
        expect_eq(sy_chan_recv(shots[i].chan, &shots[i].fired), 1);
        expect_ge(shots[i].fired, shots[i].when);
        expect_eq(sy_timer_stop(&shots[i].timer), 0);
        expect_eq(sy_chan_free(shots[i].chan), 0);
    }
    qsort(shots, TIMERS, sizeof shots[0], by_when);
    for (int i = 1; in_order && i < TIMERS; i++) {
        bool later = shots[i].when > shots[i - 1].when;
        expect_true(!later || shots[i].fired >= shots[i - 1].fired);
    }
    return 0;
}

/* Goal: thousands of timers fire, each once and not before its time; with one proc in the order of
 * their times (several procs may fire side by side). */
START_TEST(test_time_thousands_of_timers)
{
    uint32_t procs = RUN_PROCS[_i];
    run_tasks(procs, fire_thousands, &procs);
}
END_TEST

/* One timer is set and stopped again and again, at about the time when it fires. */
static int stop_while_firing(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3000; i++) {
        sy_timer *timer = malloc(sizeof *timer);
        sy_chan chan;
        sy_time value;
        expect_eq(sy_chan_new(&chan, sizeof(sy_time), 2), 0);
        expect_eq(sy_timer_init(timer, chan), 0);
        sy_time when = sy_now() + i % 50 * SY_MICROSECOND;
        expect_eq(sy_timer_set(timer, when, 0), 0);
        for (int yields = i % 7; yields > 0 || sy_now() < when - 5 * SY_MICROSECOND; yields--) {
            sy_yield();
        }
        int was_armed = sy_timer_stop(timer);
        free(timer); /* no send is under way any more */
        expect_eq(sy_chan_len(chan), 1 - was_armed);
        expect_eq(sy_chan_try_recv(chan, &value), was_armed == 1 ? -EAGAIN : 1);
        expect_eq(sy_chan_free(chan), 0);
    }
    return 0;
}

/* Goal: a timer that is stopped has either fired, and its time is in the channel, or never will. */
START_TEST(test_time_timer_stop_races_with_firing)
{
    run_tasks(RUN_PROCS[_i], stop_while_firing, NULL);
}
END_TEST

static void *yield_until_told(void *arg)
{
    while (*(atomic_bool *)arg) {
        sy_yield();
    }
    return NULL;
}

/* Others yield meanwhile, so that with several procs another one may fire it. */
static int stop_while_ticking(void *arg)
{
    enum { HELPERS = 3 };
    sy_task helpers[HELPERS];
    atomic_bool go_on = true;
    sy_timer timer;
    sy_chan chan;
    sy_time value;
    (void)arg;
    for (int i = 0; i < HELPERS; i++) {
        expect_eq(sy_spawn(&helpers[i], yield_until_told, &go_on), 0);
    }
    expect_eq(sy_chan_new(&chan, sizeof(sy_time), 1), 0);
    expect_eq(sy_timer_init(&timer, chan), 0);
    for (int i = 0; i < 1000; i++) {
        expect_eq(sy_timer_set(&timer, sy_now(), SY_MICROSECOND), 0);
        for (int yields = i % 10; yields > 0; yields--) {
            sy_yield();
        }
        expect_eq(sy_timer_stop(&timer), 1);
        (void)sy_chan_try_recv(chan, &value);
        for (int yields = i % 3; yields > 0; yields--) {
            sy_yield();
        }
        expect_eq(sy_chan_try_recv(chan, &value), -EAGAIN);
    }
    go_on = false;
    for (int i = 0; i < HELPERS; i++) {
        expect_eq(sy_join(helpers[i], NULL), 0);
    }
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: a periodic timer is armed until it is stopped, also while it fires, and never after. */
START_TEST(test_time_timer_stop_races_with_ticks)
{
    run_tasks(RUN_PROCS[_i], stop_while_ticking, NULL);
}
END_TEST

static void *rearm_hastily(void *arg)
{
    sy_timer timer;
    sy_chan chan;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(sy_time), 1), 0);
    expect_eq(sy_timer_init(&timer, chan), 0);
    for (int i = 0; i < 500; i++) {
        sy_time value = 0;
        sy_time when = sy_now() + i % 20 * SY_MICROSECOND;
        int armed = sy_timer_set(&timer, when, i % 3 == 0 ? 5 * SY_MICROSECOND : 0);
        expect_true(armed == 0 || armed == 1);
        if (i % 4 == 0) {
            expect_eq(sy_chan_recv(chan, &value), 1); /* something comes, of now or before */
        } else {
            sy_yield();
        }
    }
    expect_ge(sy_timer_stop(&timer), 0);
    expect_eq(sy_chan_free(chan), 0);
    return NULL;
}

static int rearm_in_many_tasks(void *arg)
{
    enum { TASKS = 16 };
    sy_task tasks[TASKS];
    (void)arg;
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_spawn(&tasks[i], rearm_hastily, NULL), 0);
    }
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: timers of many tasks, armed anew while they fire; none is lost. */
START_TEST(test_time_timer_is_armed_anew_while_firing)
{
    run_tasks(RUN_PROCS[_i], rearm_in_many_tasks, NULL);
}
END_TEST

static sy_timer left_armed; /* outlives the run */

static int leave_armed(void *arg)
{
    sy_chan chan;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(sy_time), 1), 0);
    expect_eq(sy_timer_init(&left_armed, chan), 0);
    expect_eq(sy_timer_set(&left_armed, sy_now() + 3600 * SY_SECOND, 0), 0);
    return 0;
}

/* Goal: a timer is no task: sy_run does not wait for it. The storage can be used in the next run.
 */
START_TEST(test_time_timer_does_not_keep_the_runtime)
{
    run_tasks(RUN_PROCS[_i], leave_armed, NULL);
    run_tasks(RUN_PROCS[_i], leave_armed, NULL);
}
END_TEST

Suite *suite_timer_many(void)
{
    Suite *suite = suite_create("timer_many");
    TCase *tests = tcase_create("timer_many");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_time_thousands_of_timers, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_timer_stop_races_with_firing, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_timer_stop_races_with_ticks, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_timer_is_armed_anew_while_firing, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_timer_does_not_keep_the_runtime, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
