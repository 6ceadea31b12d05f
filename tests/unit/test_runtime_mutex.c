/* test_runtime_mutex.c - who waits for a mutex gets it from a holder that never leaves its proc: no
 * choice, no look around and no preemption refreshes that proc's clock. Method: counts, on two
 * procs, how often the holder locked it while another task waited. */
#include <stdatomic.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { WAITS = 20, LOCKS_A_WAIT = 1000 };

#define HOLD (100 * SY_MICROSECOND)

static sy_mutex mutex;
static atomic_bool over;
static atomic_uint locks;

static void *lock_again_and_again(void *arg)
{
    while (!over) {
        expect_eq(sy_mutex_lock(&mutex), 0);
        locks++;
        for (sy_time end = sy_now() + HOLD; sy_now() < end;) {
        }
        sy_mutex_unlock(&mutex);
    }
    return arg;
}

static int wait_beside(void *arg)
{
    uint64_t passed = 0;
    sy_task holder;
    (void)arg;
    sy_mutex_init(&mutex);
    over = false;
    locks = 0;
    expect_eq(sy_spawn(&holder, lock_again_and_again, NULL), 0);
    for (int i = 0; i < WAITS; i++) {
        sy_sleep(2 * SY_MILLISECOND);
        uint32_t first = locks;
        expect_eq(sy_mutex_lock(&mutex), 0);
        passed += locks - first;
        sy_mutex_unlock(&mutex);
    }
    over = true;
    expect_eq(sy_join(holder, NULL), 0);
    expect_le(passed, WAITS * LOCKS_A_WAIT);
    return 0;
}

/* Goal: a millisecond is about ten holds. Before a waiter looked at the clock, thousands went by; a
 * fair mutex fails only if the kernel keeps the waiter's thread from running for two seconds. */
START_TEST(test_mutex_holder_that_stays)
{
    ck_assert_int_eq(
        setenv("SWITCHYARD_TUNE", "nopreemptcall,nopreemptprologue,nopreemptsignal", 1), 0);
    run_tasks(2, wait_beside, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_mutex");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_mutex_holder_that_stays);
    return suite_main("runtime_mutex", tests);
}
