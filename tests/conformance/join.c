/* join.c - join, join_until, detach: results, errors, races. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

static void *return_arg(void *arg)
{
    return arg;
}

/* Ends when *arg is set. */
static void *wait_for_flag(void *arg)
{
    atomic_bool *flag = arg;
    while (!*flag) {
        sy_yield();
    }
    return arg;
}

static int join_waits(void *arg)
{
    sy_mutex gate = SY_MUTEX_INIT;
    sy_task task;
    void *result = NULL;
    (void)arg;
    expect_eq(sy_spawn(&task, return_arg, &gate), 0);
    expect_eq(sy_join(task, &result), 0);
    expect_true(result == &gate);
    expect_eq(sy_spawn(&task, return_arg, &gate), 0);
    expect_eq(sy_join(task, NULL), 0);
    return 0;
}

START_TEST(test_join_delivers_result)
{
    run_tasks(RUN_PROCS[_i], join_waits, NULL);
}
END_TEST

static int join_strangers(void *arg)
{
    sy_task task;
    (void)arg;
    expect_eq(sy_spawn(&task, return_arg, NULL), 0);
    expect_eq(sy_join(task, NULL), 0);
    sy_task strangers[] = {task, {.id = 0}, {.id = UINT64_MAX}, {.id = 999999}};
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        expect_eq(sy_join(strangers[i], NULL), -ESRCH);
        expect_eq(sy_join_until(strangers[i], NULL, SY_FOREVER), -ESRCH);
        expect_eq(sy_detach(strangers[i]), -ESRCH);
    }
    return 0;
}

START_TEST(test_join_stale_handle)
{
    run_tasks(0, join_strangers, NULL);
}
END_TEST

/* Many generations of few slots: every old handle stays stale. */
static int join_old_generations(void *arg)
{
    enum { GENERATIONS = 500 };
    static sy_task old[GENERATIONS];
    (void)arg;
    for (int i = 0; i < GENERATIONS; i++) {
        expect_eq(sy_spawn(&old[i], return_arg, NULL), 0);
        expect_eq(sy_join(old[i], NULL), 0);
    }
    for (int i = 0; i < GENERATIONS; i++) {
        expect_eq(sy_join(old[i], NULL), -ESRCH);
    }
    return 0;
}

START_TEST(test_join_old_generations_stay_stale)
{
    run_tasks(0, join_old_generations, NULL);
}
END_TEST

static int join_self(void *arg)
{
    (void)arg;
    expect_eq(sy_join(sy_self(), NULL), -EDEADLK);
    expect_eq(sy_join_until(sy_self(), NULL, sy_now()), -EDEADLK);
    return 0;
}

static void *join_self_in_task(void *arg)
{
    (void)join_self(arg);
    return NULL;
}

static int join_selves(void *arg)
{
    sy_task task;
    expect_eq(sy_spawn(&task, join_self_in_task, NULL), 0);
    expect_eq(sy_join(task, NULL), 0);
    return join_self(arg);
}

START_TEST(test_join_self_is_deadlock)
{
    run_tasks(0, join_selves, NULL);
}
END_TEST

static int join_detached(void *arg)
{
    atomic_bool flag = false;
    sy_task task;
    (void)arg;
    expect_eq(sy_spawn(&task, wait_for_flag, &flag), 0);
    expect_eq(sy_detach(task), 0);
    expect_eq(sy_detach(task), -EINVAL);
    expect_eq(sy_join(task, NULL), -EINVAL);
    expect_eq(sy_join_until(task, NULL, SY_FOREVER), -EINVAL);
    flag = true;
    int result;
    while ((result = sy_join(task, NULL)) == -EINVAL) {
        sy_yield();
    }
    expect_eq(result, -ESRCH);
    return 0;
}

/* Goal: a detached task cannot be joined; once it has ended its handle is stale. */
START_TEST(test_join_detached_task)
{
    run_tasks(RUN_PROCS[_i], join_detached, NULL);
}
END_TEST

/* The end of a task: it sets the flag last of all, so it has ended soon after. */
static void *set_flag(void *arg)
{
    *(atomic_bool *)arg = true;
    return NULL;
}

static int detach_ended(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++) {
        atomic_bool flag = false;
        sy_task task;
        expect_eq(sy_spawn(&task, set_flag, &flag), 0);
        wait_for_flag(&flag);
        expect_eq(sy_detach(task), 0);
        int result;
        while ((result = sy_detach(task)) == -EINVAL) {
            sy_yield();
        }
        expect_eq(result, -ESRCH);
    }
    return 0;
}

/* Goal: detach at about the time when the task ends: it is released, once. */
START_TEST(test_join_detach_of_ended_task)
{
    run_tasks(RUN_PROCS[_i], detach_ended, NULL);
}
END_TEST

static int join_with_deadline(void *arg)
{
    atomic_bool flag = false;
    sy_task task;
    void *result = NULL;
    (void)arg;
    expect_eq(sy_spawn(&task, wait_for_flag, &flag), 0);
    expect_eq(sy_join_until(task, &result, sy_now()), -ETIMEDOUT);
    expect_eq(sy_join_until(task, &result, 0), -ETIMEDOUT);
    expect_eq(sy_join_until(task, &result, INT64_MIN), -ETIMEDOUT);
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_join_until(task, &result, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    expect_true(result == NULL);
    flag = true;
    expect_eq(sy_join_until(task, &result, SY_FOREVER), 0);
    expect_true(result == &flag);
    return 0;
}

/* Goal: a join that timed out can be repeated. */
START_TEST(test_join_until_times_out)
{
    run_tasks(RUN_PROCS[_i], join_with_deadline, NULL);
}
END_TEST

static int join_ended_with_past_deadline(void *arg)
{
    sy_task task;
    int result;
    (void)arg;
    expect_eq(sy_spawn(&task, return_arg, NULL), 0);
    while ((result = sy_join_until(task, NULL, 0)) == -ETIMEDOUT) {
        sy_yield();
    }
    expect_eq(result, 0);
    return 0;
}

/* Goal: a deadline that has passed still tries once. */
START_TEST(test_join_until_past_tries_once)
{
    run_tasks(RUN_PROCS[_i], join_ended_with_past_deadline, NULL);
}
END_TEST

static int detach_after_timeout(void *arg)
{
    atomic_bool *flag = arg;
    sy_task task;
    expect_eq(sy_spawn(&task, wait_for_flag, flag), 0);
    expect_eq(sy_join_until(task, NULL, sy_now() + SY_MILLISECOND), -ETIMEDOUT);
    expect_eq(sy_detach(task), 0);
    *flag = true;
    return 0;
}

START_TEST(test_join_until_then_detach)
{
    atomic_bool flag = false;
    run_tasks(RUN_PROCS[_i], detach_after_timeout, &flag);
}
END_TEST

static void *join_arg(void *arg)
{
    void *result = NULL;
    blocked_soon();
    expect_eq(sy_join(*(sy_task *)arg, &result), 0);
    return result;
}

static int join_twice_at_once(void *arg)
{
    atomic_bool flag = false;
    sy_task task;
    sy_task joiner;
    void *result = NULL;
    (void)arg;
    expect_eq(sy_spawn(&task, wait_for_flag, &flag), 0);
    blocked_begin();
    expect_eq(sy_spawn(&joiner, join_arg, &task), 0);
    blocked_await(1);
    expect_eq(sy_join(task, NULL), -EINVAL);
    expect_eq(sy_join_until(task, NULL, SY_FOREVER), -EINVAL);
    expect_eq(sy_detach(task), -EINVAL);
    flag = true;
    expect_eq(sy_join(joiner, &result), 0);
    expect_true(result == &flag);
    return 0;
}

/* Goal: while one task joins another, nobody else can join or detach that one. */
START_TEST(test_join_while_another_joins)
{
    run_tasks(RUN_PROCS[_i], join_twice_at_once, NULL);
}
END_TEST

struct race {
    sy_task target;
    int (*first)(sy_task task);
    int (*second)(sy_task task);
};

static int join_plainly(sy_task task)
{
    return sy_join(task, NULL);
}

static int join_briefly(sy_task task)
{
    return sy_join_until(task, NULL, SY_FOREVER);
}

static void *run_first(void *arg)
{
    struct race *race = arg;
    return (void *)(intptr_t)race->first(race->target);
}

static void *run_second(void *arg)
{
    struct race *race = arg;
    return (void *)(intptr_t)race->second(race->target);
}

static int run_races(void *arg)
{
    struct race *race = arg;
    for (int i = 0; i < 300; i++) {
        sy_task rivals[2];
        void *results[2] = {0};
        expect_eq(sy_spawn(&race->target, return_arg, NULL), 0);
        expect_eq(sy_spawn(&rivals[0], run_first, race), 0);
        expect_eq(sy_spawn(&rivals[1], run_second, race), 0);
        expect_eq(sy_join(rivals[0], &results[0]), 0);
        expect_eq(sy_join(rivals[1], &results[1]), 0);
        int winner = results[0] == NULL ? 0 : 1;
        intptr_t loser_result = (intptr_t)results[1 - winner];
        expect_eq((intptr_t)results[winner], 0);
        expect_true(loser_result == -EINVAL || loser_result == -ESRCH);
    }
    return 0;
}

/* Goal: of two that join or detach a task, exactly one succeeds, whenever the task ends. */
START_TEST(test_join_races)
{
    struct race races[] = {
        {.first = join_plainly, .second = join_plainly},
        {.first = join_plainly, .second = sy_detach},
        {.first = join_briefly, .second = sy_detach},
        {.first = sy_detach, .second = sy_detach},
    };
    for (size_t i = 0; i < sizeof races / sizeof races[0]; i++) {
        run_tasks(RUN_PROCS[_i], run_races, &races[i]);
    }
}
END_TEST

Suite *suite_join(void)
{
    Suite *suite = suite_create("join");
    TCase *tests = tcase_create("join");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_join_delivers_result, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_join_stale_handle);
    tcase_add_test(tests, test_join_old_generations_stay_stale);
    tcase_add_test(tests, test_join_self_is_deadlock);
    tcase_add_loop_test(tests, test_join_detached_task, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_join_detach_of_ended_task, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_join_until_times_out, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_join_until_past_tries_once, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_join_until_then_detach, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_join_while_another_joins, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_join_races, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
