/* run.c - sy_run: results, errors, repetition, configuration. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/run.h"

static int return_arg(void *arg)
{
    return *(int *)arg;
}

/* Goal: sy_run answers what main_fn returned, negative results too. */
START_TEST(test_run_answers_main_result)
{
    int values[] = {0, 1, 42, INT32_MAX, -5};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        ck_assert_int_eq(sy_run(NULL, return_arg, &values[i]), values[i]);
    }
}
END_TEST

static int exit_with_seven(void *arg)
{
    (void)arg;
    sy_exit((void *)(intptr_t)7);
}

/* Goal: sy_exit in main_fn ends only main_fn, with its result. */
START_TEST(test_run_answers_exit_of_main)
{
    ck_assert_int_eq(sy_run(NULL, exit_with_seven, NULL), 7);
}
END_TEST

/* Goal: each field out of its range is refused, its limits are not. */
START_TEST(test_run_refuses_bad_config)
{
    int zero = 0;
    struct sy_config bad[] = {
        {.procs = 257},
        {.procs = UINT32_MAX},
        {.max_tasks = (1U << 26) + 1},
        {.stack_bytes = 16 * 1024 - 1},
        {.stack_bytes = 1},
        {.stack_bytes = ((size_t)1 << 30) + 1},
        {.stack_bytes = SIZE_MAX},
        {.max_workers = (1U << 20) + 1},
        {.max_workers = UINT32_MAX},
    };
    ck_assert_int_eq(sy_run(NULL, NULL, NULL), -EINVAL);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(sy_run(&bad[i], return_arg, &zero), -EINVAL);
    }
    struct sy_config good[] = {
        {.procs = 1},
        {.procs = 256},
        {.max_tasks = 1},
        {.stack_bytes = 16 * 1024},
        {.max_workers = 1},
        {.max_workers = 1U << 20},
        {.stack_bytes = 16 * 1024 + 1},
        {.stack_bytes = 99999},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ck_assert_int_eq(sy_run(&good[i], return_arg, &zero), 0);
    }
}
END_TEST

static int run_again(void *arg)
{
    int zero = 0;
    expect_eq(sy_run(NULL, return_arg, &zero), -EBUSY);
    return *(int *)arg;
}

/* Goal: a task cannot start a second runtime, and the first one goes on. */
START_TEST(test_run_inside_a_task_is_busy)
{
    int zero = 0;
    run_tasks(0, run_again, &zero);
}
END_TEST

static void *run_on_thread(void *result)
{
    int zero = 0;
    *(int *)result = sy_run(NULL, return_arg, &zero);
    return NULL;
}

static int run_from_other_thread(void *arg)
{
    pthread_t thread;
    int result = 0;
    (void)arg;
    expect_eq(pthread_create(&thread, NULL, run_on_thread, &result), 0);
    expect_eq(pthread_join(thread, NULL), 0);
    expect_eq(result, -EBUSY);
    return 0;
}

/* Goal: another thread of the process cannot start a second runtime either. */
START_TEST(test_run_beside_another_is_busy)
{
    run_tasks(0, run_from_other_thread, NULL);
}
END_TEST

static void *count_up(void *counter)
{
    atomic_fetch_add((atomic_int *)counter, 1);
    return NULL;
}

static int spawn_some(void *counter)
{
    sy_task tasks[4];
    for (int i = 0; i < 4; i++) {
        expect_eq(sy_spawn(&tasks[i], count_up, counter), 0);
    }
    for (int i = 0; i < 4; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: the runtime can be started again and again, with other settings each time. */
START_TEST(test_run_repeats)
{
    atomic_int counter = 0;
    for (uint32_t i = 0; i < 100; i++) {
        run_tasks(RUN_PROCS[i % RUN_PROCS_COUNT], spawn_some, &counter);
    }
    ck_assert_int_eq(counter, 400);
}
END_TEST

static void *yield_then_count(void *counter)
{
    for (int i = 0; i < 100; i++) {
        sy_yield();
    }
    return count_up(counter);
}

static void *lead_to_more(void *counter)
{
    for (int i = 0; i < 10; i++) {
        expect_eq(sy_go(yield_then_count, counter), 0);
    }
    return count_up(counter);
}

static int leave_early(void *counter)
{
    for (int i = 0; i < 10; i++) {
        expect_eq(sy_go(lead_to_more, counter), 0);
    }
    return 0;
}

/* Goal: sy_run waits for the tasks that outlive main_fn, and for those that they start. */
START_TEST(test_run_waits_for_all_tasks)
{
    atomic_int counter = 0;
    run_tasks(RUN_PROCS[_i], leave_early, &counter);
    ck_assert_int_eq(counter, 110);
}
END_TEST

static void *pass_gate(void *mutex)
{
    expect_eq(sy_mutex_lock(mutex), 0);
    sy_mutex_unlock(mutex);
    return NULL;
}

static int spawn_until_refused(void *arg)
{
    sy_task tasks[128];
    sy_mutex gate = SY_MUTEX_INIT;
    (void)arg;
    int count = 0;
    int result = 0;
    expect_eq(sy_mutex_lock(&gate), 0);
    while (count < 128 && (result = sy_spawn(&tasks[count], pass_gate, &gate)) == 0) {
        count++;
    }
    expect_eq(result, -EAGAIN);
    expect_ge(count, 63); /* main is alive too */
    expect_le(count, 64);
    expect_eq(sy_go(pass_gate, &gate), -EAGAIN);
    sy_mutex_unlock(&gate);
    for (int i = 0; i < count; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(sy_spawn(&tasks[0], pass_gate, &gate), 0);
    expect_eq(sy_join(tasks[0], NULL), 0);
    return 0;
}

/* Goal: no more than max_tasks live at once; a joined one makes room. */
START_TEST(test_run_limits_tasks)
{
    struct sy_config config = {.max_tasks = 64};
    ck_assert_int_eq(sy_run(&config, spawn_until_refused, NULL), 0);
    expect_assert_all();
}
END_TEST

static void *fill_stack(void *arg)
{
    volatile char block[4096];
    uintptr_t depth = (uintptr_t)arg;
    block[0] = (char)depth;
    block[sizeof block - 1] = 1;
    if (depth == 0) {
        return NULL;
    }
    void *below = fill_stack((void *)(depth - 1));
    return (void *)((uintptr_t)below + (uintptr_t)block[sizeof block - 1]);
}

static int recurse_deep(void *arg)
{
    sy_task task;
    void *result = NULL;
    (void)arg;
    expect_eq(sy_spawn(&task, fill_stack, (void *)(uintptr_t)200), 0);
    expect_eq(sy_join(task, &result), 0);
    expect_eq((intptr_t)result, 200);
    return 0;
}

/* Goal: tasks have the stack that was asked for: 200 frames of 4 KiB fit into 2 MiB. */
START_TEST(test_run_gives_the_stack_asked_for)
{
    struct sy_config config = {.stack_bytes = 2 * 1024 * 1024};
    ck_assert_int_eq(sy_run(&config, recurse_deep, NULL), 0);
    expect_assert_all();
}
END_TEST

Suite *suite_run(void)
{
    Suite *suite = suite_create("run");
    TCase *tests = tcase_create("run");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_run_answers_main_result);
    tcase_add_test(tests, test_run_answers_exit_of_main);
    tcase_add_test(tests, test_run_refuses_bad_config);
    tcase_add_test(tests, test_run_inside_a_task_is_busy);
    tcase_add_test(tests, test_run_beside_another_is_busy);
    tcase_add_test(tests, test_run_repeats);
    tcase_add_loop_test(tests, test_run_waits_for_all_tasks, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_run_limits_tasks);
    tcase_add_test(tests, test_run_gives_the_stack_asked_for);
    suite_add_tcase(suite, tests);
    return suite;
}
