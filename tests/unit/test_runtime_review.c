/* test_runtime_review.c - what reading the scheduler against its protocols has found.
 * Method: each case brings about the state that was forgotten, by what it sees of the scheduler; if
 * the state is forgotten again the program does not end, and the time limit of the case says so. */
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <switchyard/switchyard.h>

#include "scheduler.h"
#include "support/expect.h"
#include "support/suite_main.h"

static atomic_bool flag;

static void *do_nothing(void *arg)
{
    return arg;
}

static void *set_flag(void *arg)
{
    flag = true;
    return arg;
}

/* As a blocking call: returns when all procs are idle. */
static void *await_idle_procs(void *arg)
{
    /* relaxed, both: only the numbers count */
    while (load_relaxed(&scheduler.idle_procs) < load_relaxed(&scheduler.active)) {
        sched_yield();
    }
    return arg;
}

static int compute_after_call(void *arg)
{
    (void)arg;
    expect_eq(sy_go(do_nothing, NULL), 0); /* so the proc is wanted, and retaken */
    (void)sy_blocking(await_idle_procs, NULL);
    expect_eq(sy_go(set_flag, NULL), 0);
    while (!flag) { /* without a call of the runtime */
    }
    return 0;
}

/* Goal: a watch that went to sleep when all procs were idle sees what is held back later. */
START_TEST(test_watch_after_all_were_idle)
{
    struct sy_config config = {.procs = 2};
    flag = false;
    ck_assert_int_eq(sy_run(&config, compute_after_call, NULL), 0);
    ck_assert(flag);
}
END_TEST

#define NAP SY_MILLISECOND

static void *block_for_a_while(void *arg)
{
    sy_time end = sy_now() + NAP;
    while (sy_now() < end) {
        sched_yield();
    }
    return arg;
}

static int block_alone(void *arg)
{
    (void)arg;
    (void)sy_blocking(block_for_a_while, NULL);
    return 0;
}

/* Goal: all threads that there may be are in blocking calls, and nobody misses one. */
START_TEST(test_no_exhaustion_if_nobody_waits)
{
    struct sy_config config = {.procs = 1, .max_workers = 1};
    ck_assert_int_eq(sy_run(&config, block_alone, NULL), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_review");
    tcase_set_timeout(tests, 20);
    tcase_add_test(tests, test_watch_after_all_were_idle);
    tcase_add_test(tests, test_no_exhaustion_if_nobody_waits);
    return suite_main("runtime_review", tests);
}
