/* preempt.c - a task that computes does not keep the others from running, unless it is in a region
 * without preemption. To threads all of it happens by itself. */
#include <stdatomic.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/run.h"

static atomic_uint arrived;

static void *arrive(void *arg)
{
    arrived++;
    return arg;
}

static sy_task start(void)
{
    sy_task task;
    arrived = 0;
    expect_eq(sy_spawn(&task, arrive, NULL), 0);
    return task;
}

/* Calls of the runtime that never wait. */
static void call(void)
{
    sy_sem sem;
    expect_eq(sy_sem_init(&sem, 1), 0);
    expect_eq(sy_sem_wait(&sem), 0);
    expect_eq(sy_sem_post(&sem), 0);
    expect_eq(sy_sem_destroy(&sem), 0);
}

static int call_until_preempted(void *arg)
{
    sy_task task = start();
    (void)arg;
    while (arrived == 0) {
        call();
    }
    expect_eq(sy_join(task, NULL), 0);
    return 0;
}

/* Goal: a task that calls the runtime, but never waits, lets others run. */
START_TEST(test_preempt_at_calls)
{
    run_tasks(RUN_PROCS[_i], call_until_preempted, NULL);
}
END_TEST

static int stay(void *arg)
{
    bool alone = run_is_green();
    sy_task task = start();
    (void)arg;
    sy_nopreempt_begin();
    sy_nopreempt_begin();
    sy_nopreempt_end(); /* and in the outer one it is still */
    sy_time end = sy_now() + 60 * SY_MILLISECOND;
    while (sy_now() < end) {
        call();
    }
    expect_true(!alone || arrived == 0);
    sy_nopreempt_end();
    while (arrived == 0) {
        call();
    }
    expect_eq(sy_join(task, NULL), 0);
    return 0;
}

/* Goal: on one proc nobody runs beside a task in a region, however long that takes; afterwards they
 * do. Green only: the baseline cannot keep threads from running. */
START_TEST(test_preempt_not_in_a_region)
{
    run_tasks(1, stay, NULL);
}
END_TEST

static int wait_in_region(void *arg)
{
    (void)arg;
    for (int i = 0; i < SY_NOPREEMPT_DEPTH; i++) {
        sy_nopreempt_begin();
    }
    sy_task task = start();
    expect_eq(sy_join(task, NULL), 0); /* lets it run */
    expect_eq(arrived, 1);
    sy_yield();
    for (int i = 0; i < SY_NOPREEMPT_DEPTH; i++) {
        sy_nopreempt_end();
    }
    return 0;
}

/* Goal: who waits in a region lets others run, and is in it still afterwards; regions nest as deep
 * as promised. */
START_TEST(test_preempt_waits_in_a_region)
{
    run_tasks(RUN_PROCS[_i], wait_in_region, NULL);
}
END_TEST

static void *end_in_region(void *arg)
{
    sy_nopreempt_begin();
    return arg;
}

static void *hog(void *arg)
{
    call_until_preempted(NULL);
    return arg;
}

/* On one proc the slot that was given back last is taken next. */
static int reuse(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++) {
        sy_task task;
        expect_eq(sy_spawn(&task, end_in_region, NULL), 0);
        expect_eq(sy_join(task, NULL), 0);
        expect_eq(sy_spawn(&task, hog, NULL), 0);
        expect_eq(sy_join(task, NULL), 0);
    }
    return 0;
}

/* Goal: a task that ends in a region leaves it: whoever uses its slot next is in none. */
START_TEST(test_preempt_region_ends_with_its_task)
{
    run_tasks(1, reuse, NULL);
}
END_TEST

Suite *suite_preempt(void)
{
    Suite *suite = suite_create("preempt");
    TCase *tests = tcase_create("preempt");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_preempt_at_calls, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_preempt_not_in_a_region);
    tcase_add_loop_test(tests, test_preempt_waits_in_a_region, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_preempt_region_ends_with_its_task);
    suite_add_tcase(suite, tests);
    return suite;
}
