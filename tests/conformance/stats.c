/* stats.c - counters, the name of the back end, the anatomy of a switch. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

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

static int swap_registers(void *arg)
{
    sy_time elapsed = -1;
    (void)arg;
    if (!run_is_green()) {
        expect_eq(sy_anatomy_swap(1000, &elapsed), -ENOTSUP);
        return 0;
    }
    expect_eq(sy_anatomy_swap(0, &elapsed), -EINVAL);
    expect_eq(sy_anatomy_swap(((uint64_t)1 << 40) + 1, &elapsed), -EINVAL);
    expect_eq(sy_anatomy_swap(1, NULL), -EINVAL);
    expect_eq(sy_anatomy_swap(1, &elapsed), 0);
    expect_ge(elapsed, 0);
    sy_time before = sy_now();
    expect_eq(sy_anatomy_swap(100000, &elapsed), 0);
    expect_le(elapsed, sy_now() - before);
    expect_ge(elapsed, 1000); /* 200,000 swaps in a microsecond: no machine does that */
    return 0;
}

START_TEST(test_stats_anatomy_swap)
{
    run_tasks(RUN_PROCS[_i], swap_registers, NULL);
}
END_TEST

Suite *suite_stats(void)
{
    Suite *suite = suite_create("stats");
    TCase *tests = tcase_create("stats");
    tcase_add_test(tests, test_stats_backend_is_named);
    tcase_add_test(tests, test_stats_need_a_runtime);
    tcase_add_loop_test(tests, test_stats_count_tasks, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_stats_count_switches, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_stats_procs_from_environment);
    tcase_add_loop_test(tests, test_stats_anatomy_swap, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
