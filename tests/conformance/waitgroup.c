/* waitgroup.c - the waitgroup. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

static sy_waitgroup static_group;

static int wait_at_zero(void *arg)
{
    sy_waitgroup initialised = SY_WAITGROUP_INIT;
    sy_waitgroup made;
    (void)arg;
    memset(&made, 0xff, sizeof made);
    sy_waitgroup_init(&made);
    sy_waitgroup *groups[] = {&static_group, &initialised, &made};
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_waitgroup_wait(groups[i]), 0);
        expect_eq(sy_waitgroup_wait_until(groups[i], 0), 0);
        sy_waitgroup_add(groups[i], 0);
        sy_waitgroup_add(groups[i], 3);
        sy_waitgroup_add(groups[i], -2);
        expect_eq(sy_waitgroup_wait_until(groups[i], 0), -ETIMEDOUT);
        sy_waitgroup_done(groups[i]);
        expect_eq(sy_waitgroup_wait(groups[i]), 0);
        sy_waitgroup_add(groups[i], INT32_MAX);
        expect_eq(sy_waitgroup_wait_until(groups[i], INT64_MIN), -ETIMEDOUT);
        sy_waitgroup_add(groups[i], -INT32_MAX);
        expect_eq(sy_waitgroup_wait(groups[i]), 0);
        expect_eq(sy_waitgroup_destroy(groups[i]), 0);
    }
    return 0;
}

/* Goal: waits end at once at 0; zero bytes, the macro and init are all a counter of 0. */
START_TEST(test_waitgroup_counts)
{
    run_tasks(0, wait_at_zero, NULL);
}
END_TEST

struct work {
    sy_waitgroup group;
    atomic_uint done;
};

static void *do_work(void *arg)
{
    struct work *work = arg;
    sy_yield();
    work->done++;
    sy_waitgroup_done(&work->group);
    return NULL;
}

static int wait_for_work(void *arg)
{
    struct work work = {.group = SY_WAITGROUP_INIT};
    uint32_t tasks = run_many() / 10;
    (void)arg;
    for (uint32_t round = 1; round <= 3; round++) {
        sy_waitgroup_add(&work.group, (int32_t)tasks);
        for (uint32_t i = 0; i < tasks; i++) {
            expect_eq(sy_go(do_work, &work), 0);
        }
        expect_eq(sy_waitgroup_wait(&work.group), 0);
        expect_eq(work.done, round * tasks);
    }
    return 0;
}

/* Goal: the wait ends when all is done, not before; the group serves again. */
START_TEST(test_waitgroup_waits_and_serves_again)
{
    run_tasks(RUN_PROCS[_i], wait_for_work, NULL);
}
END_TEST

static void *only_done(void *group)
{
    sy_waitgroup_done(group);
    return NULL;
}

static int reuse_storage(void *arg)
{
    sy_waitgroup group;
    (void)arg;
    for (int i = 0; i < 1000; i++) {
        sy_waitgroup_init(&group);
        sy_waitgroup_add(&group, 2);
        expect_eq(sy_go(only_done, &group), 0);
        expect_eq(sy_go(only_done, &group), 0);
        expect_eq(i % 2 == 0 ? sy_waitgroup_wait(&group)
                             : sy_waitgroup_wait_until(&group, SY_FOREVER),
                  0);
        memset(&group, 0xff, sizeof group); /* a late access of done would be found by its effect */
    }
    return 0;
}

/* Goal: once wait has returned no task uses the storage any more. */
START_TEST(test_waitgroup_storage_is_free_after_wait)
{
    run_tasks(RUN_PROCS[_i], reuse_storage, NULL);
}
END_TEST

struct waiter {
    sy_waitgroup *group;
    sy_time deadline;
    int result;
    sy_task task;
};

static void *wait_for_group(void *arg)
{
    struct waiter *waiter = arg;
    blocked_soon();
    waiter->result = sy_waitgroup_wait_until(waiter->group, waiter->deadline);
    return NULL;
}

static int release_all(void *arg)
{
    enum { WAITERS = 6 };
    sy_waitgroup group = SY_WAITGROUP_INIT;
    struct waiter waiters[WAITERS];
    (void)arg;
    sy_waitgroup_add(&group, 1);
    blocked_begin();
    for (int i = 0; i < WAITERS; i++) {
        sy_time deadline = i % 2 == 0 ? SY_FOREVER : sy_now() + 1000 * SY_SECOND;
        waiters[i] = (struct waiter){.group = &group, .deadline = deadline, .result = -1};
        expect_eq(sy_spawn(&waiters[i].task, wait_for_group, &waiters[i]), 0);
    }
    blocked_await(WAITERS);
    expect_eq(sy_waitgroup_destroy(&group), -EBUSY);
    sy_waitgroup_done(&group);
    for (int i = 0; i < WAITERS; i++) {
        expect_eq(sy_join(waiters[i].task, NULL), 0);
        expect_eq(waiters[i].result, 0);
    }
    expect_eq(sy_waitgroup_destroy(&group), 0);
    return 0;
}

START_TEST(test_waitgroup_wakes_all_waiters)
{
    run_tasks(RUN_PROCS[_i], release_all, NULL);
}
END_TEST

static int time_out(void *arg)
{
    sy_waitgroup group = SY_WAITGROUP_INIT;
    (void)arg;
    sy_waitgroup_add(&group, 1);
    expect_eq(sy_waitgroup_destroy(&group), -EBUSY); /* the counter is not 0 */
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_waitgroup_wait_until(&group, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    sy_waitgroup_done(&group);
    expect_eq(sy_waitgroup_wait_until(&group, 0), 0);
    expect_eq(sy_waitgroup_destroy(&group), 0);
    return 0;
}

START_TEST(test_waitgroup_wait_until_times_out)
{
    run_tasks(RUN_PROCS[_i], time_out, NULL);
}
END_TEST

Suite *suite_waitgroup(void)
{
    Suite *suite = suite_create("waitgroup");
    TCase *tests = tcase_create("waitgroup");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_waitgroup_counts);
    tcase_add_loop_test(tests, test_waitgroup_waits_and_serves_again, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_waitgroup_storage_is_free_after_wait, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_waitgroup_wakes_all_waiters, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_waitgroup_wait_until_times_out, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
