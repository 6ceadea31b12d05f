/* procs.c - changing the number of procs while tasks run. The baseline changes nothing, and must
 * do the same work. */
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/waiter.h"

static int change_and_ask(void *arg)
{
    static const uint32_t steps[] = {1, 2, 7, 256, 3, 1};
    struct sy_stats stats;
    expect_eq(sy_stats_read(&stats), 0);
    uint64_t now = stats.procs;
    expect_true(!run_is_green() || now == *(uint32_t *)arg);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        expect_eq(sy_set_procs(0), -EINVAL);
        expect_eq(sy_set_procs(257), -EINVAL);
        expect_eq(sy_set_procs(UINT32_MAX), -EINVAL);
        expect_eq(sy_set_procs(steps[i]), now); /* how many it was before */
        now = run_is_green() ? steps[i] : now;
        sy_yield();
        expect_eq(sy_stats_read(&stats), 0);
        expect_eq(stats.procs, now);
    }
    return 0;
}

/* Goal: the range is checked, and each change answers what was before. */
START_TEST(test_task_set_procs_answers_the_former_number)
{
    uint32_t procs = RUN_PROCS[_i];
    run_tasks(procs, change_and_ask, &procs);
}
END_TEST

enum { TASKS = 100 };

struct work {
    sy_chan chan;
    atomic_uint steps;
    atomic_uint ended;
};

/* Yields, makes a task, waits for it, sends: all that makes a scheduler move tasks. */
static void *nothing(void *arg)
{
    return arg;
}

static void *work(void *arg)
{
    struct work *work = arg;
    for (int i = 0; i < 50; i++) {
        sy_task child;
        work->steps++;
        sy_yield();
        if (i % 10 == 0) {
            expect_eq(sy_spawn(&child, nothing, NULL), 0);
            expect_eq(sy_join(child, NULL), 0);
            expect_eq(sy_chan_send(work->chan, &i), 0);
        }
    }
    work->ended++;
    return NULL;
}

static int change_under_work(void *arg)
{
    struct work done = {.steps = 0};
    sy_task tasks[TASKS];
    int received = 0;
    int value;
    (void)arg;
    expect_eq(sy_chan_new(&done.chan, sizeof(int), 8), 0);
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_spawn(&tasks[i], work, &done), 0);
    }
    for (uint32_t i = 0; done.ended < TASKS; i++) {
        expect_ge(sy_set_procs(1 + i % 2), 1);
        sy_yield();
        received += sy_chan_try_recv(done.chan, &value) == 1;
    }
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    while (sy_chan_try_recv(done.chan, &value) == 1) {
        received++;
    }
    expect_eq(received, TASKS * 5);
    expect_eq(done.steps, TASKS * 50);
    expect_eq(sy_chan_free(done.chan), 0);
    return 0;
}

/* Goal: no task is lost when procs come and go, 1 -> 2 -> 1 again and again. */
START_TEST(test_task_set_procs_under_work)
{
    run_tasks(RUN_PROCS[_i], change_under_work, NULL);
}
END_TEST

enum { SPREAD = 4, SLEEPERS = 25 }; /* so many procs, and so many tasks on each */

struct sleeper {
    sy_time deadline;
    atomic_uint *running;
    sy_sem *armed;       /* a permit for each that has armed its timer, or is about to sleep */
    atomic_bool *shrunk; /* its proc is busy until then */
};

static void *sleep_to_deadline(void *arg)
{
    struct sleeper *sleeper = arg;
    expect_eq(sy_sem_post(sleeper->armed), 0);
    expect_eq(sy_sleep_until(sleeper->deadline), 0);
    expect_ge(sy_now(), sleeper->deadline);
    return NULL;
}

/* Arms a timer, and makes tasks that sleep, where no other of its kind does: they spin until all
 * run at once. */
static void *sleep_on_own_proc(void *arg)
{
    struct sleeper *sleeper = arg;
    sy_task tasks[SLEEPERS];
    sy_timer timer;
    sy_chan chan;
    sy_time fired = 0;
    expect_eq(sy_chan_new(&chan, sizeof(sy_time), 1), 0);
    expect_eq(sy_timer_init(&timer, chan), 0);
    (*sleeper->running)++;
    while (*sleeper->running < SPREAD) {
    }
    expect_eq(sy_timer_set(&timer, sleeper->deadline, 0), 0);
    for (int i = 0; i < SLEEPERS; i++) {
        expect_eq(sy_spawn(&tasks[i], sleep_to_deadline, sleeper), 0);
    }
    expect_eq(sy_sem_post(sleeper->armed), 0);
    while (!*sleeper->shrunk) {
        sy_yield();
    }
    expect_eq(sy_chan_recv(chan, &fired), 1);
    expect_ge(fired, sleeper->deadline);
    expect_eq(sy_timer_stop(&timer), 0);
    expect_eq(sy_chan_free(chan), 0);
    for (int i = 0; i < SLEEPERS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return NULL;
}

static int shrink_over_sleepers(void *arg)
{
    struct sleeper sleepers[SPREAD];
    sy_task tasks[SPREAD];
    atomic_uint running = 0;
    sy_sem armed;
    atomic_bool shrunk = *(bool *)arg;
    expect_eq(sy_sem_init(&armed, 0), 0);
    expect_ge(sy_set_procs(SPREAD), 1);
    sy_time start = sy_now() + 50 * SY_MILLISECOND;
    for (int i = 0; i < SPREAD; i++) {
        sleepers[i] = (struct sleeper){start + i * 5 * SY_MILLISECOND, &running, &armed, &shrunk};
        expect_eq(sy_spawn(&tasks[i], sleep_on_own_proc, &sleepers[i]), 0);
    }
    for (int i = 0; i < SPREAD * (1 + SLEEPERS); i++) {
        expect_eq(sy_sem_wait(&armed), 0); /* leaves this proc to one of them */
    }
    expect_ge(sy_set_procs(1), 1);
    shrunk = true;
    for (int i = 0; i < SPREAD; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: who sleeps or waits for a timer wakes although the proc that it was armed on has gone (as
 * Go's bug 45716), whether that one was idle or busy. */
START_TEST(test_task_set_procs_keeps_timers)
{
    bool idle[] = {false, true};
    run_tasks(RUN_PROCS[_i], shrink_over_sleepers, &idle[0]);
    run_tasks(RUN_PROCS[_i], shrink_over_sleepers, &idle[1]);
}
END_TEST

static int shrink_over_readers(void *arg)
{
    enum { READERS = 20 };
    struct waiter readers[READERS];
    int ends[2];
    (void)arg;
    open_pipe(ends);
    expect_ge(sy_set_procs(4), 1);
    blocked_begin();
    for (int i = 0; i < READERS; i++) {
        waiter_read(&readers[i], ends[0], SY_FOREVER);
    }
    blocked_await_io(READERS);
    expect_ge(sy_set_procs(1), 1);
    for (int i = 0; i < READERS; i++) {
        expect_eq(sy_write(ends[1], "r", 1), 1);
    }
    for (int i = 0; i < READERS; i++) {
        waiter_join(&readers[i], 1);
    }
    close_both(ends);
    return 0;
}

/* Goal: the same for tasks that wait for a descriptor. */
START_TEST(test_task_set_procs_keeps_readers)
{
    run_tasks(RUN_PROCS[_i], shrink_over_readers, NULL);
}
END_TEST

struct call {
    int in;
    atomic_uint *entered;
};

static void *read_plainly(void *arg)
{
    struct call *call = arg;
    char byte;
    (*call->entered)++;
    expect_eq(read(call->in, &byte, 1), 1);
    return NULL;
}

static void *call_read(void *arg)
{
    return sy_blocking(read_plainly, arg);
}

static int shrink_over_calls(void *arg)
{
    enum { CALLS = 10 };
    sy_task tasks[CALLS];
    atomic_uint entered = 0;
    struct call call = {.entered = &entered};
    int ends[2];
    (void)arg;
    open_pipe(ends);
    call.in = ends[0];
    expect_ge(sy_set_procs(4), 1);
    for (int i = 0; i < CALLS; i++) {
        expect_eq(sy_spawn(&tasks[i], call_read, &call), 0);
    }
    while (entered < CALLS) {
        sy_yield();
    }
    expect_ge(sy_set_procs(1), 1);
    expect_eq(write(ends[1], "0123456789", CALLS), CALLS);
    for (int i = 0; i < CALLS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    close_both(ends);
    return 0;
}

/* Goal: and for those that come back from a blocking call to a proc that has gone. */
START_TEST(test_task_set_procs_keeps_blocking_calls)
{
    run_tasks(RUN_PROCS[_i], shrink_over_calls, NULL);
}
END_TEST

Suite *suite_procs(void)
{
    Suite *suite = suite_create("procs");
    TCase *tests = tcase_create("procs");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_task_set_procs_answers_the_former_number, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_task_set_procs_under_work, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_task_set_procs_keeps_timers, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_task_set_procs_keeps_readers, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_task_set_procs_keeps_blocking_calls, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
