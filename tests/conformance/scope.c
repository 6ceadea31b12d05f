/* scope.c - scopes: many tasks, the first error, cancelling, joining, scopes within scopes. */
#include <errno.h>
#include <stdatomic.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

static int count_up(void *count)
{
    (*(atomic_uint *)count)++;
    return 7; /* no failure */
}

static int spawn_many(void *arg)
{
    sy_scope scope;
    atomic_uint count = 0;
    (void)arg;
    sy_scope_init(&scope);
    expect_eq(sy_scope_join(&scope), 0); /* nobody there */
    for (int round = 1; round <= 2; round++) {
        for (uint32_t i = 0; i < run_many(); i++) {
            expect_eq(sy_scope_spawn(&scope, count_up, &count), 0);
        }
        expect_eq(sy_scope_join(&scope), 0);
        expect_eq(count, (uint32_t)round * run_many());
    }
    expect_eq(sy_scope_spawn(&scope, NULL, NULL), -EINVAL);
    expect_eq(sy_is_cancelled(), 0);
    expect_eq(sy_scope_destroy(&scope), 0);
    return 0;
}

START_TEST(test_scope_joins_all)
{
    run_tasks(RUN_PROCS[_i], spawn_many, NULL);
}
END_TEST

static int sleep_long(void *arg)
{
    (void)arg;
    blocked_soon();
    int result = sy_sleep(1000 * SY_SECOND);
    expect_eq(sy_is_cancelled(), 1);
    return result;
}

static int give_error(void *arg)
{
    (void)arg;
    return -EIO;
}

static int leave_by_exit(void *arg)
{
    (void)arg;
    sy_exit((void *)(intptr_t)-EPROTO);
}

static int see_first_error(void *arg)
{
    sy_scope scope;
    sy_scope_init(&scope);
    blocked_begin();
    for (uint32_t i = 0; i < 5; i++) {
        expect_eq(sy_scope_spawn(&scope, sleep_long, NULL), 0);
    }
    blocked_await(5);
    expect_eq(sy_scope_spawn(&scope, arg == NULL ? give_error : leave_by_exit, NULL), 0);
    expect_eq(sy_scope_join(&scope), arg == NULL ? -EIO : -EPROTO);
    expect_eq(sy_scope_spawn(&scope, give_error, NULL), -ECANCELED);
    expect_eq(sy_scope_join(&scope), arg == NULL ? -EIO : -EPROTO);
    expect_eq(sy_scope_destroy(&scope), 0);
    return 0;
}

/* Goal: the first failure cancels the others, and is what join answers; also one by sy_exit. */
START_TEST(test_scope_first_error)
{
    bool by_exit = true;
    run_tasks(RUN_PROCS[_i], see_first_error, NULL);
    run_tasks(RUN_PROCS[_i], see_first_error, &by_exit);
}
END_TEST

static int join_in_time(void *arg)
{
    sy_scope scope;
    (void)arg;
    sy_scope_init(&scope);
    expect_eq(sy_scope_spawn(&scope, sleep_long, NULL), 0);
    expect_eq(sy_scope_join_until(&scope, 0), -ETIMEDOUT);
    expect_eq(sy_scope_join_until(&scope, sy_now() + SY_MILLISECOND), -ETIMEDOUT);
    expect_eq(sy_scope_destroy(&scope), -EBUSY);
    sy_scope_cancel(&scope);
    sy_scope_cancel(&scope);
    expect_eq(sy_scope_join_until(&scope, SY_FOREVER), -ECANCELED);
    expect_eq(sy_scope_destroy(&scope), 0);
    return 0;
}

START_TEST(test_scope_join_until)
{
    run_tasks(RUN_PROCS[_i], join_in_time, NULL);
}
END_TEST

enum { DEPTH = 5 };

static atomic_int inner_results[DEPTH];

/* Makes a scope in a scope, down to the innermost, whose task sleeps. */
static int nest(void *arg)
{
    int level = (int)(intptr_t)arg;
    sy_scope inner;
    sy_scope_init(&inner);
    void *next = (void *)(intptr_t)(level + 1);
    expect_eq(sy_scope_spawn(&inner, level + 1 < DEPTH ? nest : sleep_long, next), 0);
    inner_results[level] = sy_scope_join(&inner);
    expect_eq(sy_scope_destroy(&inner), 0);
    return 0;
}

static int cancel_from_above(void *arg)
{
    sy_scope scope;
    sy_scope early;
    (void)arg;
    sy_scope_init(&scope);
    blocked_begin();
    expect_eq(sy_scope_spawn(&scope, nest, NULL), 0);
    blocked_await(1);
    sy_scope_cancel(&scope);
    expect_eq(sy_scope_join(&scope), -ECANCELED);
    for (int i = 0; i < DEPTH; i++) {
        expect_eq(inner_results[i], -ECANCELED);
    }
    expect_eq(sy_scope_destroy(&scope), 0);
    sy_scope_init(&early); /* of no scope: main is in none */
    expect_eq(sy_scope_join(&early), 0);
    expect_eq(sy_scope_destroy(&early), 0);
    return 0;
}

/* Goal: cancelling goes down through scopes within scopes; a scope's join waits nevertheless. */
START_TEST(test_scope_cancel_goes_down)
{
    run_tasks(RUN_PROCS[_i], cancel_from_above, NULL);
}
END_TEST

static atomic_bool at_the_bottom;

/* The same for that many levels. */
static int nest_deep(void *levels)
{
    uintptr_t left = (uintptr_t)levels;
    sy_scope inner;
    if (left == 0) {
        at_the_bottom = true;
        return sy_sleep(1000 * SY_SECOND);
    }
    sy_scope_init(&inner);
    expect_eq(sy_scope_spawn(&inner, nest_deep, (void *)(left - 1)), 0);
    expect_eq(sy_scope_join(&inner), -ECANCELED);
    expect_eq(sy_scope_destroy(&inner), 0);
    return 0;
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LOCKS_MAX 64 /* pthread mutexes that TSan lets a thread hold */
#endif
#endif
#if !defined(LOCKS_MAX)
#define LOCKS_MAX UINT32_MAX
#endif

/* Cancelling locks one mutex a level. */
static uint32_t depth(void)
{
    uint32_t levels = run_many();
    return run_is_green() || levels < LOCKS_MAX ? levels : LOCKS_MAX / 2;
}

static int cancel_deep(void *arg)
{
    sy_scope scope;
    (void)arg;
    at_the_bottom = false;
    sy_scope_init(&scope);
    expect_eq(sy_scope_spawn(&scope, nest_deep, (void *)(uintptr_t)depth()), 0);
    while (!at_the_bottom) {
        sy_yield();
    }
    sy_scope_cancel(&scope);
    expect_eq(sy_scope_join(&scope), -ECANCELED);
    expect_eq(sy_scope_destroy(&scope), 0);
    return 0;
}

/* Goal: the canceller's stack does not set how deep scopes may nest. */
START_TEST(test_scope_cancel_goes_down_far)
{
    run_tasks(RUN_PROCS[_i], cancel_deep, NULL);
}
END_TEST

static int be_born_cancelled(void *arg)
{
    sy_scope inner;
    (void)arg;
    while (!sy_is_cancelled()) {
        sy_yield();
    }
    sy_scope_init(&inner);
    expect_eq(sy_scope_spawn(&inner, give_error, NULL), -ECANCELED);
    expect_eq(sy_scope_join(&inner), -ECANCELED);
    expect_eq(sy_scope_destroy(&inner), 0);
    return 0;
}

static int keep_inner(void *arg)
{
    sy_scope *outer = arg;
    sy_scope inner;
    sy_scope_init(&inner);
    expect_eq(sy_scope_destroy(outer), -EBUSY);
    expect_eq(sy_scope_destroy(&inner), 0);
    return 0;
}

static int nest_oddly(void *arg)
{
    sy_scope scope;
    (void)arg;
    sy_scope_init(&scope);
    expect_eq(sy_scope_spawn(&scope, keep_inner, &scope), 0);
    expect_eq(sy_scope_join(&scope), 0);
    expect_eq(sy_scope_spawn(&scope, be_born_cancelled, NULL), 0);
    sy_scope_cancel(&scope);
    expect_eq(sy_scope_join(&scope), -ECANCELED);
    expect_eq(sy_scope_destroy(&scope), 0);
    return 0;
}

/* Goal: a scope made in a cancelled one is cancelled; one with scopes in it is in use. */
START_TEST(test_scope_within_scope)
{
    run_tasks(RUN_PROCS[_i], nest_oddly, NULL);
}
END_TEST

static void *nothing(void *arg)
{
    return arg;
}

static void count_one(void *count)
{
    ++*(int *)count;
}

/* None of these would have to wait. */
static int clean_up(void *arg)
{
    sy_chan chan;
    sy_mutex mutex = SY_MUTEX_INIT;
    sy_once once = SY_ONCE_INIT;
    sy_task task;
    int count = 0;
    (void)arg;
    while (!sy_is_cancelled()) {
        sy_yield();
    }
    expect_eq(sy_chan_new(&chan, sizeof(int), 1), 0);
    expect_eq(sy_chan_send(chan, &count), 0);
    expect_eq(sy_chan_recv(chan, &count), 1);
    struct sy_case one = {chan, SY_SELECT_SEND, &count, 0};
    expect_eq(sy_select(&one, 1), 0);
    expect_eq(sy_chan_close(chan), 0);
    expect_eq(sy_chan_free(chan), 0);
    expect_eq(sy_mutex_lock(&mutex), 0);
    sy_mutex_unlock(&mutex);
    expect_eq(sy_once_do(&once, count_one, &count), 0);
    expect_eq(count, 1);
    expect_eq(sy_sleep(0), 0);
    expect_eq(sy_spawn(&task, nothing, NULL), 0);
    while (sy_join_until(task, NULL, 0) == -ETIMEDOUT) {
        sy_yield();
    }
    return 0;
}

static int work_on(void *arg)
{
    sy_scope scope;
    (void)arg;
    sy_scope_init(&scope);
    expect_eq(sy_scope_spawn(&scope, clean_up, NULL), 0);
    sy_scope_cancel(&scope);
    expect_eq(sy_scope_join(&scope), -ECANCELED);
    expect_eq(sy_scope_destroy(&scope), 0);
    return 0;
}

/* Goal: calls that need not wait go on working in a cancelled task. */
START_TEST(test_scope_cancelled_tasks_can_clean_up)
{
    run_tasks(RUN_PROCS[_i], work_on, NULL);
}
END_TEST

/* --- cancelling at any moment ---------------------------------------------------------------- */

enum { STORMS = 200, GUESTS = 4 };

struct storm {
    sy_chan chan;
    sy_mutex mutex;
};

/* Waits for this and that until it is cancelled. */
static int wait_for_everything(void *arg)
{
    struct storm *storm = arg;
    for (int i = 0;; i++) {
        int got = 0;
        struct sy_case cases[2] = {{storm->chan, SY_SELECT_RECV, &got, 0},
                                   {storm->chan, SY_SELECT_SEND, &i, 0}};
        int result = i % 3 == 0   ? sy_select_until(cases, 2, sy_now() + 30 * SY_MICROSECOND)
                     : i % 3 == 1 ? sy_mutex_lock(&storm->mutex)
                                  : sy_sleep(10 * SY_MICROSECOND);
        if (result == -ECANCELED) {
            return 0;
        }
        if (i % 3 == 1) {
            sy_yield();
            sy_mutex_unlock(&storm->mutex);
        }
    }
}

static int cancel_any_time(void *arg)
{
    struct storm storm = {.mutex = SY_MUTEX_INIT};
    (void)arg;
    expect_eq(sy_chan_new(&storm.chan, sizeof(int), 0), 0);
    for (int i = 0; i < (run_is_green() ? STORMS : STORMS / 10); i++) {
        sy_scope scope;
        sy_scope_init(&scope);
        for (int k = 0; k < GUESTS; k++) {
            expect_eq(sy_scope_spawn(&scope, wait_for_everything, &storm), 0);
        }
        for (int k = 0; k < i % 20; k++) {
            sy_yield();
        }
        if (i % 2 == 0) {
            sy_sleep(i * 3 * SY_MICROSECOND);
        }
        sy_scope_cancel(&scope);
        expect_eq(sy_scope_join(&scope), -ECANCELED);
        expect_eq(sy_scope_destroy(&scope), 0);
    }
    expect_eq(sy_mutex_destroy(&storm.mutex), 0);
    expect_eq(sy_chan_free(storm.chan), 0);
    return 0;
}

/* Goal: whenever the cancellation comes, everybody gets it, and nothing is left locked or queued.
 */
START_TEST(test_scope_cancel_storm)
{
    run_tasks(RUN_PROCS[_i], cancel_any_time, NULL);
}
END_TEST

Suite *suite_scope(void)
{
    Suite *suite = suite_create("scope");
    TCase *tests = tcase_create("scope");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_scope_joins_all, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_scope_first_error, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_scope_join_until, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_scope_cancel_goes_down, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_scope_cancel_goes_down_far, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_scope_within_scope, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_scope_cancelled_tasks_can_clean_up, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_scope_cancel_storm, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
