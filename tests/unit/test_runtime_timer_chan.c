/* test_runtime_timer_chan.c - timers of channels that are set and stopped while they fire, by tasks
 * on several procs. Method: periods so short that a timer is nearly always being fired; after each
 * stop its storage is overwritten, and at the end the heaps and the count of armed timers must be
 * empty. The random choices come from fixed seeds. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "scheduler.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"
#include "timer.h"

enum { POISON = 0xa5, TASKS = 8, ROUNDS = 3000 };

static void spawn(sy_task *task, sy_task_fn fn, void *arg)
{
    expect_eq(sy_spawn(task, fn, arg), 0);
}

static void join(sy_task task)
{
    expect_eq(sy_join(task, NULL), 0);
}

static sy_chan new_chan(size_t capacity)
{
    sy_chan chan = {0};
    expect_eq(sy_chan_new(&chan, sizeof(sy_time), capacity), 0);
    return chan;
}

/* By a task when all others have ended. */
static void expect_nothing_armed(void)
{
    expect_eq(timer_next(), SY_FOREVER);
    expect_eq(load_relaxed(&scheduler.timers_armed), 0);
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        expect_eq(scheduler.all[i].timers.count, 0);
    }
}

/* --- stop against firing ------------------------------------------------------------------------
 */

static void *tick_and_stop(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg;
    sy_chan chan = new_chan(1);
    sy_timer timer;
    for (int i = 0; i < ROUNDS; i++) {
        sy_time period = rand_r(&seed) % 3 == 0 ? 0 : 1 + rand_r(&seed) % 2000;
        sy_time tick = 0;
        expect_eq(sy_timer_init(&timer, chan), 0);
        expect_eq(sy_timer_set(&timer, sy_now(), period), 0);
        for (int n = rand_r(&seed) % 4; n > 0; n--) {
            sy_yield();
        }
        int stopped = sy_timer_stop(&timer);
        expect_true(stopped == 1 || (stopped == 0 && period == 0));
        memset(&timer, POISON, sizeof timer);
        (void)sy_chan_try_recv(chan, &tick);
    }
    expect_eq(sy_chan_free(chan), 0);
    return NULL;
}

static int tick_and_stop_all(void *arg)
{
    sy_task tasks[TASKS];
    (void)arg;
    for (uintptr_t i = 0; i < TASKS; i++) {
        spawn(&tasks[i], tick_and_stop, (void *)i);
    }
    for (int i = 0; i < TASKS; i++) {
        join(tasks[i]);
    }
    expect_nothing_armed();
    return 0;
}

/* Goal: a timer with a tiny period is armed nowhere after stop, and nobody touches its storage any
 * more: a poisoned one that somebody used would crash, or leave a count. */
START_TEST(test_timer_chan_stop_while_firing)
{
    run_tasks(RUN_PROCS[_i], tick_and_stop_all, NULL);
}
END_TEST

/* --- set and stop at once -----------------------------------------------------------------------
 */

static sy_timer shared;
static sy_chan shared_chan;
static atomic_int sets;  /* that found it not armed */
static atomic_int stops; /* that found it armed */
static atomic_int ticks; /* ticks that were received */

static void *set_and_stop(void *arg)
{
    unsigned seed = 7 + (unsigned)(uintptr_t)arg;
    for (int i = 0; i < ROUNDS; i++) {
        if (rand_r(&seed) % 2 == 0) {
            int was_armed = sy_timer_set(&shared, sy_now(), 1 + rand_r(&seed) % 1000);
            expect_true(was_armed == 0 || was_armed == 1);
            sets += was_armed == 0;
        } else {
            int was_armed = sy_timer_stop(&shared);
            expect_true(was_armed == 0 || was_armed == 1);
            stops += was_armed;
        }
        if (i % 8 == 0) {
            sy_yield();
        }
    }
    return NULL;
}

static void *drain(void *arg)
{
    sy_time before = 0;
    sy_time tick = 0;
    while (sy_chan_recv(shared_chan, &tick) == 1) {
        expect_ge(tick, before);
        before = tick;
        ticks++;
    }
    return arg;
}

static int set_and_stop_all(void *arg)
{
    sy_task tasks[TASKS];
    sy_task drainer;
    (void)arg;
    shared_chan = new_chan(0);
    expect_eq(sy_timer_init(&shared, shared_chan), 0);
    spawn(&drainer, drain, NULL);
    for (uintptr_t i = 0; i < TASKS; i++) {
        spawn(&tasks[i], set_and_stop, (void *)i);
    }
    for (int i = 0; i < TASKS; i++) {
        join(tasks[i]);
    }
    stops += sy_timer_stop(&shared);
    expect_eq(sy_timer_stop(&shared), 0);
    expect_eq(sets, stops); /* a periodic one ends by a stop alone */
    memset(&shared, POISON, sizeof shared);
    expect_nothing_armed();
    expect_eq(sy_chan_close(shared_chan), 0);
    join(drainer);
    expect_eq(sy_chan_free(shared_chan), 0);
    return 0;
}

/* Goal: tasks on several procs set and stop the same periodic timer: each armed one is stopped
 * once, the ticks are in order, and nothing is left. */
START_TEST(test_timer_chan_set_and_stop_at_once)
{
    run_tasks(RUN_PROCS[_i], set_and_stop_all, NULL);
    ck_assert_int_gt(ticks, 0);
}
END_TEST

/* --- how many -----------------------------------------------------------------------------------
 */

static int arm_too_many(void *arg)
{
    enum { MOST = 10 };
    sy_timer timers[MOST + 1];
    sy_chan chan = new_chan(0);
    (void)arg;
    scheduler.timers_max = MOST;
    for (int i = 0; i <= MOST; i++) {
        expect_eq(sy_timer_init(&timers[i], chan), 0);
        expect_eq(sy_timer_set(&timers[i], SY_FOREVER - 1, 0), i < MOST ? 0 : -EAGAIN);
    }
    expect_eq(sy_timer_set(&timers[0], SY_FOREVER - 2, 5), 1); /* it is armed: needs no more room */
    expect_eq(sy_timer_stop(&timers[MOST]), 0);
    expect_eq(sy_timer_stop(&timers[3]), 1);
    expect_eq(sy_timer_set(&timers[MOST], sy_now(), 0), 0);
    while (load_relaxed(&scheduler.timers_armed) == MOST) {
        sy_yield(); /* until it has fired */
    }
    expect_eq(sy_timer_set(&timers[3], SY_FOREVER - 1, 0), 0);
    for (int i = 0; i <= MOST; i++) {
        expect_eq(sy_timer_stop(&timers[i]), i < MOST);
    }
    expect_nothing_armed();
    return sy_chan_free(chan);
}

/* Goal: as many as there is room for, not one more; a fired or stopped one makes room. */
START_TEST(test_timer_chan_as_many_as_fit)
{
    run_tasks(RUN_PROCS[_i], arm_too_many, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_timer_chan");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_timer_chan_stop_while_firing, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_timer_chan_set_and_stop_at_once, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_timer_chan_as_many_as_fit, 0, RUN_PROCS_COUNT);
    return suite_main("runtime_timer_chan", tests);
}
