/* task.c - spawn, go, yield, self, exit, names. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/run.h"

static void *return_arg(void *arg)
{
    return arg;
}

static int spawn_errors(void *arg)
{
    sy_task task;
    (void)arg;
    expect_eq(sy_spawn(NULL, return_arg, NULL), -EINVAL);
    expect_eq(sy_spawn(&task, NULL, NULL), -EINVAL);
    expect_eq(sy_go(NULL, NULL), -EINVAL);
    return 0;
}

START_TEST(test_task_spawn_refuses_null)
{
    run_tasks(0, spawn_errors, NULL);
}
END_TEST

static int spawn_many(void *arg)
{
    uint32_t many = run_many();
    sy_task *tasks = calloc(many, sizeof *tasks);
    uint64_t sum = 0;
    (void)arg;
    for (uint32_t i = 0; i < many; i++) {
        expect_eq(sy_spawn(&tasks[i], return_arg, (void *)(uintptr_t)i), 0);
    }
    for (uint32_t i = 0; i < many; i++) {
        void *result = NULL;
        expect_eq(sy_join(tasks[i], &result), 0);
        sum += (uintptr_t)result;
    }
    expect_eq(sum, (uint64_t)many * (many - 1) / 2);
    free(tasks);
    return 0;
}

/* Goal: many tasks, each with its own argument and result. */
START_TEST(test_task_spawn_many)
{
    run_tasks(RUN_PROCS[_i], spawn_many, NULL);
}
END_TEST

struct crowd {
    sy_mutex gate;
    atomic_uint passed;
};

static void *pass_gate(void *arg)
{
    struct crowd *crowd = arg;
    expect_eq(sy_mutex_lock(&crowd->gate), 0);
    sy_mutex_unlock(&crowd->gate);
    atomic_fetch_add(&crowd->passed, 1);
    return NULL;
}

static int crowd_at_the_gate(void *arg)
{
    struct crowd *crowd = arg;
    expect_eq(sy_mutex_lock(&crowd->gate), 0);
    for (uint32_t i = 0; i < run_many(); i++) {
        expect_eq(sy_go(pass_gate, crowd), 0);
    }
    sy_mutex_unlock(&crowd->gate);
    return 0;
}

/* Goal: many tasks alive at once. Method: none can end before the last one is made. */
START_TEST(test_task_many_alive_at_once)
{
    struct crowd crowd = {.gate = SY_MUTEX_INIT};
    run_tasks(RUN_PROCS[_i], crowd_at_the_gate, &crowd);
    ck_assert_uint_eq(crowd.passed, run_many());
}
END_TEST

static void *grow(void *arg)
{
    uintptr_t depth = (uintptr_t)arg;
    void *left = NULL;
    void *right = NULL;
    sy_task tasks[2];
    if (depth == 0) {
        return (void *)1;
    }
    expect_eq(sy_spawn(&tasks[0], grow, (void *)(depth - 1)), 0);
    expect_eq(sy_spawn(&tasks[1], grow, (void *)(depth - 1)), 0);
    expect_eq(sy_join(tasks[0], &left), 0);
    expect_eq(sy_join(tasks[1], &right), 0);
    return (void *)((uintptr_t)left + (uintptr_t)right);
}

static int grow_tree(void *arg)
{
    uintptr_t depth = run_is_green() ? 12 : 8;
    (void)arg;
    expect_eq((uintptr_t)grow((void *)depth), (uintptr_t)1 << depth);
    return 0;
}

/* Goal: tasks spawn and join tasks, from every proc at once. */
START_TEST(test_task_spawns_tree)
{
    run_tasks(RUN_PROCS[_i], grow_tree, NULL);
}
END_TEST

struct turns {
    atomic_int turn;
};

static void *take_odd_turns(void *arg)
{
    struct turns *turns = arg;
    for (int i = 1; i < 100; i += 2) {
        while (turns->turn != i) {
            sy_yield();
        }
        turns->turn = i + 1;
    }
    return NULL;
}

static int take_even_turns(void *arg)
{
    struct turns *turns = arg;
    sy_task other;
    expect_eq(sy_spawn(&other, take_odd_turns, turns), 0);
    for (int i = 0; i < 100; i += 2) {
        while (turns->turn != i) {
            sy_yield();
        }
        turns->turn = i + 1;
    }
    expect_eq(sy_join(other, NULL), 0);
    expect_eq(turns->turn, 100);
    return 0;
}

/* Goal: yield lets the others run; with one proc nothing else could. */
START_TEST(test_task_yield_lets_others_run)
{
    struct turns turns = {0};
    run_tasks(RUN_PROCS[_i], take_even_turns, &turns);
}
END_TEST

static void *return_self(void *arg)
{
    *(sy_task *)arg = sy_self();
    return NULL;
}

static void *self_on_thread(void *arg)
{
    *(sy_task *)arg = sy_self();
    return NULL;
}

static int compare_selves(void *arg)
{
    sy_task task = {0};
    sy_task seen = {0};
    sy_task foreign = {.id = 1};
    pthread_t thread;
    (void)arg;
    expect_true(sy_self().id != 0);
    expect_eq(sy_spawn(&task, return_self, &seen), 0);
    expect_eq(sy_join(task, NULL), 0);
    expect_eq(task.id, seen.id);
    expect_true(task.id != sy_self().id);
    expect_eq(pthread_create(&thread, NULL, self_on_thread, &foreign), 0);
    expect_eq(pthread_join(thread, NULL), 0);
    expect_eq(foreign.id, 0);
    return 0;
}

START_TEST(test_task_self_is_the_spawned_handle)
{
    ck_assert_uint_eq(sy_self().id, 0);
    run_tasks(0, compare_selves, NULL);
    ck_assert_uint_eq(sy_self().id, 0);
}
END_TEST

static __attribute__((noinline)) void leave(void)
{
    sy_exit((void *)99);
}

static void *exit_below(void *reached)
{
    leave();
    *(int *)reached = 1;
    return NULL;
}

static int join_exited(void *arg)
{
    sy_task task;
    void *result = NULL;
    int reached = 0;
    (void)arg;
    expect_eq(sy_spawn(&task, exit_below, &reached), 0);
    expect_eq(sy_join(task, &result), 0);
    expect_eq((intptr_t)result, 99);
    expect_eq(reached, 0);
    return 0;
}

START_TEST(test_task_exit_delivers_its_result)
{
    run_tasks(0, join_exited, NULL);
}
END_TEST

static void expect_name(sy_task task, const char *expected)
{
    char name[SY_NAME_BYTES] = "not written";
    expect_eq(sy_task_get_name(task, name, sizeof name), 0);
    expect_true(strcmp(name, expected) == 0);
}

static int use_names(void *arg)
{
    char small[SY_NAME_BYTES - 1];
    sy_task self = sy_self();
    sy_task other;
    (void)arg;
    expect_name(self, "");
    expect_eq(sy_task_set_name(self, "conductor"), 0);
    expect_name(self, "conductor");
    expect_eq(sy_task_set_name(self, "0123456789abcdefgh"), 0);
    expect_name(self, "0123456789abcde");
    expect_eq(sy_task_set_name(self, ""), 0);
    expect_name(self, "");
    expect_eq(sy_task_set_name(self, NULL), -EINVAL);
    expect_eq(sy_task_get_name(self, NULL, SY_NAME_BYTES), -EINVAL);
    expect_eq(sy_task_get_name(self, small, sizeof small), -ERANGE);
    expect_eq(sy_task_get_name(self, small, 0), -ERANGE);

    expect_eq(sy_spawn(&other, return_arg, NULL), 0);
    expect_eq(sy_task_set_name(other, "wagon"), 0);
    expect_name(other, "wagon");
    expect_eq(sy_join(other, NULL), 0);
    expect_eq(sy_task_set_name(other, "gone"), -ESRCH);
    return 0;
}

START_TEST(test_task_names)
{
    run_tasks(0, use_names, NULL);
}
END_TEST

static int names_of_stale(void *arg)
{
    char name[SY_NAME_BYTES];
    sy_task task;
    (void)arg;
    expect_eq(sy_spawn(&task, return_arg, NULL), 0);
    expect_eq(sy_task_set_name(task, "first"), 0);
    expect_eq(sy_join(task, NULL), 0);
    sy_task strangers[] = {task, {.id = 0}, {.id = UINT64_MAX}, {.id = 12345678}};
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        expect_eq(sy_task_get_name(strangers[i], name, sizeof name), -ESRCH);
        expect_eq(sy_task_set_name(strangers[i], "nobody"), -ESRCH);
    }
    expect_eq(sy_spawn(&task, return_arg, NULL), 0);
    expect_name(task, ""); /* the slot may be the same, the name is not inherited */
    expect_eq(sy_join(task, NULL), 0);
    return 0;
}

START_TEST(test_task_names_of_stale_handles)
{
    run_tasks(0, names_of_stale, NULL);
}
END_TEST

Suite *suite_task(void)
{
    Suite *suite = suite_create("task");
    TCase *tests = tcase_create("task");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_task_spawn_refuses_null);
    tcase_add_loop_test(tests, test_task_spawn_many, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_task_many_alive_at_once, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_task_spawns_tree, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_task_yield_lets_others_run, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_task_self_is_the_spawned_handle);
    tcase_add_test(tests, test_task_exit_delivers_its_result);
    tcase_add_test(tests, test_task_names);
    tcase_add_test(tests, test_task_names_of_stale_handles);
    suite_add_tcase(suite, tests);
    return suite;
}
