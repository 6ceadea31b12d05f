/* test_runtime_procs.c - sy_set_procs while tasks run, wait, sleep and block: nothing is lost, and
 * procs that went come back. Method: tasks that end only if their work goes on; to know that a proc
 * has gone, the test looks into the scheduler. The random choices come from fixed seeds. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include <switchyard/switchyard.h>

#include "settle.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { MOST = 8 };

static void spawn(sy_task *task, sy_task_fn fn, void *arg)
{
    expect_eq(sy_spawn(task, fn, arg), 0);
}

static void join(sy_task task)
{
    expect_eq(sy_join(task, NULL), 0);
}

/* --- the contract ----------------------------------------------------------------------------- */

static int change_number(void *arg)
{
    struct sy_stats stats;
    (void)arg;
    expect_eq(sy_set_procs(0), -EINVAL);
    expect_eq(sy_set_procs(PROCS_MAX + 1), -EINVAL);
    expect_eq(sy_set_procs(5), 2);
    expect_eq(sy_set_procs(5), 5);
    expect_eq(sy_set_procs(PROCS_MAX), 5);
    expect_eq(sy_stats_read(&stats), 0);
    expect_eq(stats.procs, PROCS_MAX);
    expect_eq(sy_set_procs(1), PROCS_MAX);
    settle(1);
    expect_eq(sy_stats_read(&stats), 0);
    expect_eq(stats.procs, 1);
    return 0;
}

/* Goal: it answers what was before; out of range changes nothing; the next run starts anew. */
START_TEST(test_procs_answers_number_before)
{
    run_tasks(2, change_number, NULL);
    run_tasks(2, change_number, NULL);
}
END_TEST

/* --- procs come back -------------------------------------------------------------------------- */

static atomic_uint together;

/* Leaves only when so many compute at the same time: each on a proc of its own. */
static void *meet(void *arg)
{
    uint32_t wanted = (uint32_t)(uintptr_t)arg;
    together++;
    while (together < wanted) {
    }
    return NULL;
}

static void all_run_at_once(uint32_t procs)
{
    sy_task tasks[MOST];
    together = 0;
    for (uint32_t i = 1; i < procs; i++) {
        spawn(&tasks[i], meet, (void *)(uintptr_t)procs);
    }
    meet((void *)(uintptr_t)procs);
    for (uint32_t i = 1; i < procs; i++) {
        join(tasks[i]);
    }
}

static int come_and_go(void *arg)
{
    (void)arg;
    for (uint32_t round = 0; round < 30; round++) {
        uint32_t procs = 2 + round % 3;
        expect_ge(sy_set_procs(procs), 1);
        all_run_at_once(procs);
        expect_eq(sy_set_procs(1), procs);
        if (round % 2 == 0) {
            settle(1);
        }
    }
    return 0;
}

/* Goal: a proc that has gone, or was told to and has not gone yet, runs tasks again; as often as
 * one likes. */
START_TEST(test_procs_retire_and_return)
{
    run_tasks(1, come_and_go, NULL);
}
END_TEST

/* --- under load ------------------------------------------------------------------------------- */

enum { PAIRS = 20, MESSAGES = 500, SLEEPERS = 20, BLOCKERS = 5, CHANGES = 300 };

static sy_chan chans[PAIRS];
static sy_mutex mutex = SY_MUTEX_INIT;
static uint64_t locked_sum;

static void *send_all(void *chan)
{
    for (uint64_t i = 0; i < MESSAGES; i++) {
        expect_eq(sy_chan_send(*(sy_chan *)chan, &i), 0);
        expect_eq(sy_mutex_lock(&mutex), 0);
        locked_sum++;
        sy_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *receive_all(void *chan)
{
    uint64_t message = 0;
    for (uint64_t i = 0; i < MESSAGES; i++) {
        expect_eq(sy_chan_recv(*(sy_chan *)chan, &message), 1);
        expect_eq(message, i);
        if (i % 16 == 0) {
            sy_yield();
        }
    }
    return NULL;
}

static void *sleep_often(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg;
    for (int i = 0; i < 50; i++) {
        expect_eq(sy_sleep(rand_r(&seed) % SY_MILLISECOND), 0);
    }
    return NULL;
}

static void *take_a_while(void *arg)
{
    struct timespec time = {0, 100000};
    nanosleep(&time, NULL);
    return arg;
}

static void *block_often(void *arg)
{
    for (int i = 0; i < 50; i++) {
        expect_true(sy_blocking(take_a_while, arg) == arg);
    }
    return NULL;
}

/* No count becomes less: those of procs that went still count. */
static void compare(const struct sy_stats *before, const struct sy_stats *now)
{
    expect_ge(now->tasks_spawned, before->tasks_spawned);
    expect_ge(now->tasks_ended, before->tasks_ended);
    expect_ge(now->switches, before->switches);
    expect_ge(now->parks, before->parks);
    expect_ge(now->seizes, before->seizes);
    expect_ge(now->blocking_calls, before->blocking_calls);
    expect_ge(now->timers_fired, before->timers_fired);
}

static void *change_often(void *arg)
{
    struct sy_stats before = {0};
    unsigned seed = 99;
    uint32_t procs = (uint32_t)(uintptr_t)arg;
    for (int i = 0; i < CHANGES; i++) {
        struct sy_stats now;
        uint32_t next = 1 + (uint32_t)rand_r(&seed) % MOST;
        expect_eq(sy_set_procs(next), procs);
        procs = next;
        expect_eq(sy_stats_read(&now), 0);
        compare(&before, &now);
        before = now;
        if (i % 4 == 0) {
            sy_sleep(rand_r(&seed) % SY_MILLISECOND);
        } else {
            sy_yield();
        }
    }
    return NULL;
}

static int work_meanwhile(void *procs)
{
    enum { TASKS = 2 * PAIRS + SLEEPERS + BLOCKERS + 1 };
    struct sy_stats stats;
    sy_task tasks[TASKS];
    int count = 0;
    for (int i = 0; i < PAIRS; i++) {
        expect_eq(sy_chan_new(&chans[i], sizeof(uint64_t), (size_t)i % 4), 0);
        spawn(&tasks[count++], send_all, &chans[i]);
        spawn(&tasks[count++], receive_all, &chans[i]);
    }
    for (int i = 0; i < SLEEPERS; i++) {
        spawn(&tasks[count++], sleep_often, (void *)(uintptr_t)i);
    }
    for (int i = 0; i < BLOCKERS; i++) {
        spawn(&tasks[count++], block_often, &chans[i]);
    }
    spawn(&tasks[count++], change_often, procs);
    for (int i = 0; i < TASKS; i++) {
        join(tasks[i]);
    }
    expect_eq(locked_sum, PAIRS * MESSAGES);
    expect_eq(sy_stats_read(&stats), 0);
    expect_eq(stats.tasks_spawned, TASKS + 1);
    expect_eq(stats.tasks_ended, TASKS);
    expect_eq(stats.blocking_calls, 50 * BLOCKERS);
    return 0;
}

/* Goal: while the number of procs changes all the time, no message, wake-up, timer or task is lost,
 * and the counters stay sums over all procs that there were. */
START_TEST(test_procs_change_under_load)
{
    run_tasks(RUN_PROCS[_i], work_meanwhile, (void *)(uintptr_t)RUN_PROCS[_i]);
}
END_TEST

/* --- timers ----------------------------------------------------------------------------------- */

enum { MANY = 10000, TICKERS = 100 };

static atomic_uint asleep;
static sy_time wake_at;

static void *sleep_long(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg;
    sy_time deadline = wake_at + rand_r(&seed) % (20 * SY_MILLISECOND);
    asleep++;
    expect_eq(sy_sleep_until(deadline), 0);
    expect_ge(sy_now(), deadline);
    return NULL;
}

static int sleep_and_shrink(void *arg)
{
    static sy_task tasks[MANY];
    uint32_t fewer = (uint32_t)(uintptr_t)arg;
    asleep = 0;
    wake_at = sy_now() + 300 * SY_MILLISECOND;
    for (int i = 0; i < MANY; i++) {
        spawn(&tasks[i], sleep_long, (void *)(uintptr_t)i);
        if (i % 100 == 0) {
            sy_yield();
        }
    }
    while (asleep < MANY) {
        sy_yield();
    }
    expect_eq(sy_set_procs(fewer), MOST);
    settle(fewer);
    expect_eq(sy_set_procs(MOST), fewer);
    expect_eq(sy_set_procs(1), MOST);
    for (int i = 0; i < MANY; i++) {
        join(tasks[i]);
    }
    return 0;
}

/* Goal: the timers of procs that go fire elsewhere, also where nobody is busy any more. (Go once
 * lost them: golang/go issue 45716.) */
START_TEST(test_procs_keep_timers)
{
    run_tasks(MOST, sleep_and_shrink, (void *)(uintptr_t)(1 + 2 * _i));
}
END_TEST

static void *tick_home(void *arg)
{
    sy_timer timer;
    sy_chan chan;
    sy_time ticks[5];
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(sy_time), 0), 0);
    expect_eq(sy_timer_init(&timer, chan), 0);
    expect_eq(sy_timer_set(&timer, sy_now(), SY_MILLISECOND), 0);
    for (int i = 0; i < 5; i++) {
        expect_eq(sy_chan_recv(chan, &ticks[i]), 1);
        expect_true(i == 0 || ticks[i] > ticks[i - 1]);
    }
    expect_eq(sy_timer_stop(&timer), 1);
    expect_eq(sy_chan_free(chan), 0);
    return NULL;
}

static int tick_and_change(void *arg)
{
    sy_task tasks[TICKERS];
    sy_task changer;
    spawn(&changer, change_often, arg);
    for (int i = 0; i < TICKERS; i++) {
        spawn(&tasks[i], tick_home, NULL);
    }
    for (int i = 0; i < TICKERS; i++) {
        join(tasks[i]);
    }
    join(changer);
    return 0;
}

/* Goal: periodic timers go on ticking, and can be stopped, wherever they have been moved. */
START_TEST(test_procs_keep_ticking)
{
    run_tasks(4, tick_and_change, (void *)(uintptr_t)4);
}
END_TEST

/* --- the end ---------------------------------------------------------------------------------- */

static void *count_down(void *left)
{
    sy_yield();
    (*(atomic_int *)left)--;
    return NULL;
}

static int shrink_and_leave(void *left)
{
    for (int i = 0; i < 50; i++) {
        expect_eq(sy_go(count_down, left), 0);
    }
    expect_ge(sy_set_procs(1 + (uint32_t)rand() % MOST), 1);
    return 0;
}

/* Goal: the end of the program is seen while procs go and come. */
START_TEST(test_procs_change_at_the_end)
{
    for (int round = 0; round < 200; round++) {
        atomic_int left = 50;
        run_tasks(1 + (uint32_t)round % MOST, shrink_and_leave, &left);
        ck_assert_int_eq(left, 0);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_procs");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_procs_answers_number_before);
    tcase_add_test(tests, test_procs_retire_and_return);
    tcase_add_loop_test(tests, test_procs_change_under_load, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_procs_keep_timers, 0, 2);
    tcase_add_test(tests, test_procs_keep_ticking);
    tcase_add_test(tests, test_procs_change_at_the_end);
    return suite_main("runtime_procs", tests);
}
