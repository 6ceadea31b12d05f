/* local.c - task-local values and their destructors. */
#include <errno.h>
#include <stdatomic.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/run.h"

enum { TASKS = 8 };

static sy_key key;
static sy_key other;
static atomic_int destroyed;
static atomic_long sum;

static void add_up(void *value)
{
    destroyed++;
    sum += *(int *)value;
    expect_true(sy_local_get(key) == NULL); /* taken away before */
    sy_yield();                             /* it still is a task */
}

static void *have_own_value(void *arg)
{
    expect_true(sy_local_get(key) == NULL);
    expect_eq(sy_local_set(key, arg), 0);
    for (int i = 0; i < 10; i++) {
        sy_yield();
        expect_true(sy_local_get(key) == arg);
        expect_true(sy_local_get(other) == NULL);
    }
    if (*(int *)arg % 2 == 0) {
        sy_exit(arg);
    }
    return arg;
}

static int keep_apart(void *arg)
{
    sy_task tasks[TASKS];
    int numbers[TASKS];
    (void)arg;
    destroyed = 0;
    sum = 0;
    expect_eq(sy_key_new(&key, add_up), 0);
    expect_eq(sy_key_new(&other, NULL), 0);
    for (int i = 0; i < TASKS; i++) {
        numbers[i] = i + 1;
        expect_eq(sy_spawn(&tasks[i], have_own_value, &numbers[i]), 0);
    }
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(destroyed, TASKS);
    expect_eq(sum, TASKS * (TASKS + 1) / 2);
    expect_eq(sy_key_free(key), 0);
    expect_eq(sy_key_free(other), 0);
    return 0;
}

/* Goal: each task has its own value; the destructor gets it at the end, by return or sy_exit. */
START_TEST(test_local_values_and_destructors)
{
    run_tasks(RUN_PROCS[_i], keep_apart, NULL);
}
END_TEST

static void set_again(void *value)
{
    destroyed++;
    (void)sy_local_set(key, value);
}

static void *set_value(void *arg)
{
    expect_eq(sy_local_set(key, arg), 0);
    return NULL;
}

static void run_task(void *arg)
{
    sy_task task;
    expect_eq(sy_spawn(&task, set_value, arg), 0);
    expect_eq(sy_join(task, NULL), 0);
}

static int end_some_time(void *arg)
{
    int value = 1;
    (void)arg;
    destroyed = 0;
    expect_eq(sy_key_new(&key, set_again), 0);
    run_task(&value);
    expect_eq(destroyed, SY_DESTRUCTOR_ROUNDS);
    destroyed = 0;
    run_task(NULL); /* NULL is no value */
    expect_eq(destroyed, 0);
    expect_eq(sy_key_free(key), 0);
    return 0;
}

/* Goal: a destructor that sets a value again is called for a while, but not for ever. */
START_TEST(test_local_destructor_rounds)
{
    run_tasks(0, end_some_time, NULL);
}
END_TEST

static int use_stale(void *arg)
{
    sy_key keys[SY_KEYS_MAX];
    sy_key one_more;
    int value = 5;
    int made = 0;
    (void)arg;
    destroyed = 0;
    expect_eq(sy_key_new(NULL, NULL), -EINVAL);
    while (made < SY_KEYS_MAX && sy_key_new(&keys[made], set_again) == 0) {
        made++;
    }
    expect_eq(made, SY_KEYS_MAX);
    expect_eq(sy_key_new(&one_more, NULL), -EAGAIN);
    expect_eq(sy_local_set(keys[3], &value), 0);
    expect_eq(sy_key_free(keys[3]), 0);
    expect_eq(sy_key_free(keys[3]), -ESRCH);
    expect_eq(sy_local_set(keys[3], &value), -ESRCH);
    expect_true(sy_local_get(keys[3]) == NULL);
    expect_eq(sy_key_new(&one_more, NULL), 0); /* in the same place: the value was another key's */
    expect_true(sy_local_get(one_more) == NULL);
    keys[3] = one_more;
    expect_eq(sy_local_set((sy_key){0}, &value), -ESRCH);
    expect_eq(sy_key_free((sy_key){0}), -ESRCH);
    expect_true(sy_local_get((sy_key){UINT64_MAX}) == NULL);
    for (int i = 0; i < SY_KEYS_MAX; i++) {
        expect_eq(sy_key_free(keys[i]), 0);
    }
    return 0;
}

/* Goal: a freed key is stale for good, and its values belong to no later key. */
START_TEST(test_local_stale_keys)
{
    run_tasks(0, use_stale, NULL);
}
END_TEST

Suite *suite_local(void)
{
    Suite *suite = suite_create("local");
    TCase *tests = tcase_create("local");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_local_values_and_destructors, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_local_destructor_rounds);
    tcase_add_test(tests, test_local_stale_keys);
    suite_add_tcase(suite, tests);
    return suite;
}
