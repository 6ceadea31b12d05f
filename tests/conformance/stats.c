/* stats.c - counters, the name of the back end, the anatomy of a switch. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/waiter.h"

START_TEST(test_stats_backend_is_named)
{
    ck_assert(run_is_green() || strcmp(sy_backend(), "pthread") == 0);
}
END_TEST

START_TEST(test_stats_need_a_runtime)
{
    struct sy_stats stats;
    ck_assert_int_eq(sy_stats_read(&stats), -ESRCH);
}
END_TEST

static void *nothing(void *arg)
{
    return arg;
}

static int count_tasks(void *arg)
{
    struct sy_stats before;
    struct sy_stats after;
    (void)arg;
    expect_eq(sy_stats_read(NULL), -EINVAL);
    expect_eq(sy_stats_read(&before), 0);
    expect_eq(before.tasks_spawned, 1); /* main */
    expect_eq(before.tasks_ended, 0);
    for (int i = 0; i < 50; i++) {
        sy_task task;
        expect_eq(sy_spawn(&task, nothing, NULL), 0);
        expect_eq(sy_join(task, NULL), 0);
    }
    expect_eq(sy_stats_read(&after), 0);
    expect_eq(after.tasks_spawned, 51);
    expect_eq(after.tasks_ended, 50);
    expect_ge(after.workers_started, 1);
    expect_ge(after.procs, 1);
    return 0;
}

/* Goal: spawned and ended tasks are counted, anew in each run. */
START_TEST(test_stats_count_tasks)
{
    run_tasks(RUN_PROCS[_i], count_tasks, NULL);
    run_tasks(RUN_PROCS[_i], count_tasks, NULL);
}
END_TEST

static void *wait_for_permit(void *sem)
{
    blocked_soon();
    expect_eq(sy_sem_wait(sem), 0);
    return NULL;
}

static int count_switches(void *arg)
{
    struct sy_stats stats;
    sy_sem sem;
    sy_task task;
    uint32_t procs = *(uint32_t *)arg;
    expect_eq(sy_sem_init(&sem, 0), 0);
    blocked_begin();
    expect_eq(sy_spawn(&task, wait_for_permit, &sem), 0);
    blocked_await(1);
    expect_eq(sy_sem_post(&sem), 0);
    expect_eq(sy_join(task, NULL), 0);
    expect_eq(sy_stats_read(&stats), 0);
    if (run_is_green()) {
        expect_eq(stats.procs, procs);
        expect_ge(stats.parks, 1);
        expect_ge(stats.stacks_carved, 1);
        expect_true(procs > 1 || stats.switches > 0);
    } else {
        expect_eq(stats.switches + stats.parks + stats.steals + stats.tasks_stolen, 0);
        expect_eq(stats.worker_wakes + stats.worker_parks + stats.stacks_carved, 0);
    }
    return 0;
}

/* Goal: the green runtime counts what it does and has the procs asked for; the baseline leaves at 0
 * what it does not count. */
START_TEST(test_stats_count_switches)
{
    uint32_t procs = RUN_PROCS[_i];
    run_tasks(procs, count_switches, &procs);
}
END_TEST

static atomic_bool entered;

static void *read_plainly(void *fd)
{
    char byte;
    entered = true;
    expect_eq(read(*(int *)fd, &byte, 1), 1);
    return NULL;
}

static void *call_read(void *fd)
{
    return sy_blocking(read_plainly, fd);
}

/* Makes each of the events that the counters below count. */
static void wait_in_many_ways(void)
{
    struct waiter reader;
    sy_task task;
    int plain[2]; /* never used by the runtime, so that it blocks */
    int ends[2];
    open_pipe(ends);
    open_pipe(plain);
    blocked_begin();
    waiter_read(&reader, ends[0], SY_FOREVER);
    blocked_await_io(1);
    expect_eq(sy_write(ends[1], "w", 1), 1);
    waiter_join(&reader, 1);
    entered = false;
    expect_eq(sy_spawn(&task, call_read, &plain[0]), 0);
    while (!entered) { /* on one proc this takes a retake, for it is our turn again */
        sy_yield();
    }
    expect_eq(write(plain[1], "w", 1), 1);
    expect_eq(sy_join(task, NULL), 0);
    for (int i = 0; i < 9; i++) {
        int number = 0;
        expect_true(sy_blocking(nothing, &number) == &number);
        expect_eq(sy_sleep(SY_MILLISECOND), 0);
    }
    close_both(ends);
    close_both(plain);
}

static int count_waits(void *arg)
{
    struct sy_stats stats;
    wait_in_many_ways();
    expect_eq(sy_stats_read(&stats), 0);
    if (run_is_green()) {
        expect_ge(stats.io_waits, 1);
        expect_ge(stats.polls, 1);
        expect_ge(stats.poll_events, 1);
        expect_ge(stats.timers_fired, 1); /* a sleep may be over before it begins */
        expect_ge(stats.blocking_calls, 10);
        expect_ge(stats.retakes, *(uint32_t *)arg == 1);
        expect_le(stats.retakes, stats.blocking_calls);
        expect_le(stats.workers_retired, stats.workers_started);
    } else {
        expect_eq(stats.io_waits + stats.polls + stats.poll_events + stats.timers_fired, 0);
        expect_eq(stats.blocking_calls + stats.retakes + stats.workers_retired, 0);
    }
    return 0;
}

/* Goal: waits for descriptors and for time, and blocking calls, are counted (green). */
START_TEST(test_stats_count_waits)
{
    uint32_t procs = RUN_PROCS[_i];
    run_tasks(procs, count_waits, &procs);
}
END_TEST

static int count_procs(void *arg)
{
    struct sy_stats stats;
    expect_eq(sy_stats_read(&stats), 0);
    if (run_is_green()) {
        expect_eq(stats.procs, *(uint32_t *)arg);
    } else {
        expect_ge(stats.procs, 1);
    }
    return 0;
}

/* Goal: SWITCHYARD_PROCS is the default of procs; the configuration overrides it. */
START_TEST(test_stats_procs_from_environment)
{
    uint32_t three = 3;
    uint32_t two = 2;
    ck_assert_int_eq(setenv("SWITCHYARD_PROCS", "3", 1), 0);
    run_tasks(0, count_procs, &three);
    run_tasks(2, count_procs, &two);
}
END_TEST

static const enum sy_swap swaps[] = {SY_SWAP_INLINE, SY_SWAP_JUMP, SY_SWAP_RETURN, SY_SWAP_CONTROL,
                                     SY_SWAP_CONTEXT};

static void time_swaps(enum sy_swap swap)
{
    sy_time elapsed = -1;
    expect_eq(sy_anatomy_swap(swap, 0, &elapsed), -EINVAL);
    expect_eq(sy_anatomy_swap(swap, ((uint64_t)1 << 40) + 1, &elapsed), -EINVAL);
    expect_eq(sy_anatomy_swap(swap, 1, NULL), -EINVAL);
    expect_eq(sy_anatomy_swap(swap, 1, &elapsed), 0);
    expect_ge(elapsed, 0);
    sy_time before = sy_now();
    expect_eq(sy_anatomy_swap(swap, 100000, &elapsed), 0);
    expect_le(elapsed, sy_now() - before);
    expect_ge(elapsed, 1000); /* 200,000 swaps in a microsecond: no machine does that */
}

static int swap_stacks(void *arg)
{
    sy_time elapsed = -1;
    (void)arg;
    if (!run_is_green()) {
        expect_eq(sy_anatomy_swap(SY_SWAP_JUMP, 1000, &elapsed), -ENOTSUP);
        return 0;
    }
    for (size_t i = 0; i < sizeof swaps / sizeof swaps[0]; i++) {
        time_swaps(swaps[i]);
    }
    expect_eq(sy_anatomy_swap(SY_SWAP_CONTEXT + 1, 1, &elapsed), -EINVAL);
    return 0;
}

START_TEST(test_stats_anatomy_swap)
{
    run_tasks(RUN_PROCS[_i], swap_stacks, NULL);
}
END_TEST

Suite *suite_stats(void)
{
    Suite *suite = suite_create("stats");
    TCase *tests = tcase_create("stats");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_stats_backend_is_named);
    tcase_add_test(tests, test_stats_need_a_runtime);
    tcase_add_loop_test(tests, test_stats_count_tasks, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_stats_count_switches, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_stats_count_waits, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_stats_procs_from_environment);
    tcase_add_loop_test(tests, test_stats_anatomy_swap, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
