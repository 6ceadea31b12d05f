/* test_runtime_retake.c - when sysmon takes threads for exhausted. Method: direct calls with procs
 * that no worker holds, in children, which a fatal error ends. */
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "base/fatal.h"
#include "lone_procs.h"
#include "retake.h"
#include "support/child.h"
#include "sysmon.h"

/* A proc is in a blocking call with a task queued, and there may be no more threads. */
static void begin_full(void)
{
    begin();
    scheduler.max_workers = 1;
    scheduler.workers_live = 1;
    ck_assert(ring_push(&procs[1].runq.woken, &task));
    store_relaxed(&procs[1].blocking, 8);
}

/* Sysmon looks twice at the call, the second time when it has lasted for long enough. */
static void look(void)
{
    retake_look(&procs[1], SY_SECOND);
    retake_look(&procs[1], SY_SECOND + SYSMON_PATIENCE);
}

static void look_at_full(void *arg)
{
    (void)arg;
    begin_full();
    look();
}

static void look_beside_nap(void *arg)
{
    (void)arg;
    begin_full();
    store_relaxed(&scheduler.napping, 1);
    look();
}

static void look_after_nap(void *arg)
{
    look_beside_nap(arg);
    store_relaxed(&scheduler.napping, 0);
    look();
}

static void look_long_after_nap(void *arg)
{
    look_after_nap(arg);
    (void)usleep(2000);
    look();
}

static void look_at_nothing(void *arg)
{
    (void)arg;
    begin_full();
    ring_pop_oldest(&procs[1].runq.woken);
    look();
}

/* The exit status of a child that looks so. */
static int status_of(void (*looks)(void *arg))
{
    static struct child child;
    child_run(&child, looks, NULL);
    ck_assert(WIFEXITED(child.status));
    return WEXITSTATUS(child.status);
}

/* Goal: threads are exhausted if the limit is reached and a task waits; not while a worker naps,
 * which will come, nor right afterwards, while it is on its way. */
START_TEST(test_retake_of_the_last_thread)
{
    ck_assert_int_eq(status_of(look_at_full), SY_EXIT_FATAL);
    ck_assert_int_eq(status_of(look_at_nothing), 0);
    ck_assert_int_eq(status_of(look_beside_nap), 0);
    ck_assert_int_eq(status_of(look_after_nap), 0);
    ck_assert_int_eq(status_of(look_long_after_nap), SY_EXIT_FATAL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_retake");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_retake_of_the_last_thread);
    return suite_main("runtime_retake", tests);
}
