/* once.c - a function that runs once, whoever calls. */
#include <errno.h>
#include <stdatomic.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

enum { CALLERS = 8 };

struct call {
    sy_once once;
    int runs;     /* once */
    sy_chan open; /* the function waits until it is closed; 0: it does not */
    atomic_int returned;
    int inner; /* what a call from the function itself answers */
};

static void run_slowly(void *arg)
{
    struct call *call = arg;
    sy_yield();
    call->runs++;
    call->inner = sy_once_do(&call->once, run_slowly, call);
    if (call->open.id != 0) {
        expect_eq(sy_chan_recv(call->open, NULL), 0);
    }
}

static void *call_once(void *arg)
{
    struct call *call = arg;
    blocked_soon();
    expect_eq(sy_once_do(&call->once, run_slowly, call), 0);
    expect_eq(call->runs, 1); /* seen without any other synchronisation */
    call->returned++;
    return NULL;
}

static int call_from_many(void *arg)
{
    struct call call = {.once = SY_ONCE_INIT};
    sy_task tasks[CALLERS];
    (void)arg;
    blocked_begin();
    for (int i = 0; i < CALLERS; i++) {
        expect_eq(sy_spawn(&tasks[i], call_once, &call), 0);
    }
    for (int i = 0; i < CALLERS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(call.runs, 1);
    expect_eq(call.inner, -EDEADLK);
    expect_eq(sy_once_do(&call.once, run_slowly, &call), 0);
    expect_eq(call.runs, 1);
    expect_eq(sy_once_do(&call.once, NULL, NULL), -EINVAL);
    return 0;
}

START_TEST(test_once_runs_once)
{
    run_tasks(RUN_PROCS[_i], call_from_many, NULL);
}
END_TEST

static int wait_for_the_first(void *arg)
{
    struct call call = {.once = SY_ONCE_INIT};
    sy_task tasks[3];
    (void)arg;
    expect_eq(sy_chan_new(&call.open, 0, 0), 0);
    blocked_begin();
    for (uint32_t i = 0; i < 3; i++) {
        expect_eq(sy_spawn(&tasks[i], call_once, &call), 0);
        blocked_await(i + 1);
    }
    expect_eq(call.returned, 0);
    expect_eq(sy_once_do_until(&call.once, run_slowly, &call, 0), -ETIMEDOUT);
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_once_do_until(&call.once, run_slowly, &call, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    expect_eq(sy_chan_close(call.open), 0);
    for (uint32_t i = 0; i < 3; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(sy_once_do_until(&call.once, run_slowly, &call, 0), 0);
    expect_eq(call.runs, 1);
    expect_eq(sy_chan_free(call.open), 0);
    return 0;
}

/* Goal: who comes while the function runs waits until it has, at most until the deadline. */
START_TEST(test_once_others_wait)
{
    run_tasks(RUN_PROCS[_i], wait_for_the_first, NULL);
}
END_TEST

Suite *suite_once(void)
{
    Suite *suite = suite_create("once");
    TCase *tests = tcase_create("once");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_once_runs_once, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_once_others_wait, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
