/* blocking.c - sy_blocking: code that blocks in the kernel while other tasks go on. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/child.h"
#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"

static void *add_one(void *arg)
{
    *(int *)arg += 1;
    return arg;
}

static int call_and_return(void *arg)
{
    int local = 0; /* fn runs on this stack, so it may use what is on it */
    (void)arg;
    for (int i = 1; i <= 1000; i++) {
        expect_true(sy_blocking(add_one, &local) == &local);
        expect_eq(local, i);
    }
    return 0;
}

START_TEST(test_io_blocking_returns_result)
{
    run_tasks(RUN_PROCS[_i], call_and_return, NULL);
}
END_TEST

/* A call that blocks in read(2) until another task writes. */
struct call {
    int in;
    atomic_int *entered;
    unsigned char byte;
    sy_task task;
};

static void *read_plainly(void *arg)
{
    struct call *call = arg;
    (*call->entered)++;
    expect_eq(read(call->in, &call->byte, 1), 1);
    return arg;
}

static void *call_read(void *arg)
{
    expect_true(sy_blocking(read_plainly, arg) == arg);
    return NULL;
}

static int go_on_beside_a_call(void *arg)
{
    atomic_int entered = 0;
    struct call call = {.entered = &entered};
    int ends[2];
    (void)arg;
    open_pipe(ends);
    call.in = ends[0];
    for (int round = 1; round <= 20; round++) {
        unsigned char byte = (unsigned char)round;
        expect_eq(sy_spawn(&call.task, call_read, &call), 0);
        while (entered < round) {
            sy_yield();
        }
        for (int i = 0; i < 100; i++) {
            sy_yield();
        }
        expect_eq(write(ends[1], &byte, 1), 1);
        expect_eq(sy_join(call.task, NULL), 0);
        expect_eq(call.byte, byte);
    }
    close_both(ends);
    return 0;
}

/* Goal: a call that only ends when another task has done something does end, on one proc too. */
START_TEST(test_io_blocking_lets_others_run)
{
    run_tasks(RUN_PROCS[_i], go_on_beside_a_call, NULL);
}
END_TEST

enum { CALLS = 50 };

static int many_calls(void *arg)
{
    static struct call calls[CALLS];
    atomic_int entered = 0;
    unsigned sum = 0;
    int ends[2];
    (void)arg;
    open_pipe(ends);
    for (int i = 0; i < CALLS; i++) {
        calls[i] = (struct call){.in = ends[0], .entered = &entered};
        expect_eq(sy_spawn(&calls[i].task, call_read, &calls[i]), 0);
    }
    while (entered < CALLS) { /* all of them at once are in the kernel, or about to be */
        sy_yield();
    }
    for (int i = 0; i < CALLS; i++) {
        unsigned char byte = (unsigned char)i;
        expect_eq(write(ends[1], &byte, 1), 1);
    }
    for (int i = 0; i < CALLS; i++) {
        expect_eq(sy_join(calls[i].task, NULL), 0);
        sum += calls[i].byte;
    }
    expect_eq(sum, CALLS * (CALLS - 1) / 2);
    close_both(ends);
    return 0;
}

/* Goal: as many calls at once as one likes, whatever the number of procs. */
START_TEST(test_io_blocking_many_at_once)
{
    run_tasks(RUN_PROCS[_i], many_calls, NULL);
}
END_TEST

static void *sleep_plainly(void *arg)
{
    struct timespec duration = {.tv_nsec = *(sy_time *)arg};
    struct timespec left;
    while (nanosleep(&duration, &left) != 0 && errno == EINTR) {
        duration = left;
    }
    return NULL;
}

static void *call_sleep(void *arg)
{
    return sy_blocking(sleep_plainly, arg);
}

static int wait_for_a_call(void *arg)
{
    sy_time duration = 30 * SY_MILLISECOND; /* long enough to be taken for a deadlock */
    sy_task task;
    (void)arg;
    sy_time start = sy_now();
    expect_true(sy_blocking(sleep_plainly, &duration) == NULL);
    expect_ge(sy_now() - start, duration);
    start = sy_now();
    expect_eq(sy_spawn(&task, call_sleep, &duration), 0);
    expect_eq(sy_join(task, NULL), 0);
    expect_ge(sy_now() - start, duration);
    return 0;
}

/* Goal: a process whose only active task is in a blocking call is not deadlocked. */
START_TEST(test_io_blocking_is_no_deadlock)
{
    run_tasks(RUN_PROCS[_i], wait_for_a_call, NULL);
}
END_TEST

static void *mix(void *arg)
{
    int local = 0;
    sy_chan chan = *(sy_chan *)arg;
    for (int i = 0; i < 200; i++) {
        sy_time duration = i % 20 == 0 ? 100 * SY_MICROSECOND : 0;
        sy_blocking(add_one, &local);
        sy_blocking(sleep_plainly, &duration);
        sy_yield();
        expect_eq(sy_chan_send(chan, &i), 0);
    }
    expect_eq(local, 200);
    return NULL;
}

static int mix_calls_and_channels(void *arg)
{
    enum { TASKS = 8 };
    sy_task tasks[TASKS];
    sy_chan chan;
    long sum = 0;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(int), 4), 0);
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_spawn(&tasks[i], mix, &chan), 0);
    }
    for (int i = 0; i < TASKS * 200; i++) {
        int value = 0;
        expect_eq(sy_chan_recv(chan, &value), 1);
        sum += value;
    }
    expect_eq(sum, TASKS * (199 * 200 / 2));
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: short and long calls mixed with waits and yields; tasks come back to the runtime from each
 * of them, on whatever worker. */
START_TEST(test_io_blocking_mixed_with_waits)
{
    run_tasks(RUN_PROCS[_i], mix_calls_and_channels, NULL);
}
END_TEST

static int never_runs(void *arg)
{
    *(bool *)arg = true;
    return 0;
}

static void *what_is_allowed(void *arg)
{
    bool ran = false;
    (void)arg;
    expect_ge(sy_now(), 1);
    expect_true(sy_backend() != NULL);
    expect_eq(sy_run(NULL, never_runs, &ran), -EBUSY);
    expect_true(!ran);
    return NULL;
}

static int call_what_is_allowed(void *arg)
{
    sy_blocking(what_is_allowed, arg);
    return 0;
}

/* Goal: what may be called anywhere may be called from fn. */
START_TEST(test_io_blocking_may_call_what_anybody_may)
{
    run_tasks(RUN_PROCS[_i], call_what_is_allowed, NULL);
}
END_TEST

static void *misuse_yield(void *arg)
{
    sy_yield();
    return arg;
}

static void *misuse_spawn(void *arg)
{
    (void)sy_go(add_one, arg);
    return arg;
}

static void *misuse_nested(void *arg)
{
    return sy_blocking(add_one, arg);
}

static void *misuse_read(void *arg)
{
    char byte;
    (void)sy_read(0, &byte, 1);
    return arg;
}

static const struct {
    void *(*fn)(void *arg);
    const char *name;
} misuses[] = {
    {misuse_yield, "sy_yield"},
    {misuse_spawn, "sy_go"},
    {misuse_nested, "sy_blocking"},
    {misuse_read, "sy_read"},
};

static int commit_misuse(void *arg)
{
    int number = 0;
    (void)sy_blocking(misuses[*(int *)arg].fn, &number);
    return 0;
}

/* Goal: fn is outside of the runtime: calls that are for tasks are misuse there, another
 * sy_blocking too. */
START_TEST(test_io_blocking_is_outside_of_tasks)
{
    char line[100];
    int row = _i;
    snprintf(line, sizeof line, "fatal error: %s called from outside a task\n", misuses[row].name);
    child_assert_fatal(commit_misuse, &row, line);
}
END_TEST

static void exhaust_workers(void *arg)
{
    static const struct sy_config config = {.procs = 1, .max_workers = 8};
    (void)sy_run(&config, many_calls, arg);
}

/* Goal: more blocking calls than max_workers end the process, and say so (green; the baseline
 * ignores the limit). */
START_TEST(test_io_blocking_exhausts_workers)
{
    static const char words[] = "fatal error: thread exhaustion";
    static struct child child;
    child_run(&child, exhaust_workers, NULL);
    ck_assert(WIFEXITED(child.status));
    if (!run_is_green()) {
        ck_assert_str_eq(child.text, "");
        ck_assert_int_eq(WEXITSTATUS(child.status), 0);
        return;
    }
    ck_assert_int_eq(strncmp(child.text, words, strlen(words)), 0);
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
}
END_TEST

Suite *suite_blocking(void)
{
    int rows = (int)(sizeof misuses / sizeof misuses[0]);
    Suite *suite = suite_create("blocking");
    TCase *tests = tcase_create("blocking");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_io_blocking_returns_result, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_blocking_lets_others_run, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_blocking_many_at_once, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_blocking_is_no_deadlock, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_blocking_mixed_with_waits, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_blocking_may_call_what_anybody_may, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_blocking_is_outside_of_tasks, 0, rows);
    tcase_add_test(tests, test_io_blocking_exhausts_workers);
    suite_add_tcase(suite, tests);
    return suite;
}
