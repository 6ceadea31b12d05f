/* test_tasks.c - tasks that wait, end, jump and are signalled while they are on a segment, and what
 * is given back. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "calls.h"
#include "crossing.h"
#include "growth.h"
#include "segment.h"
#include "segment_pool.h"
#include "stack.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"
#include "worker.h"

#define SPARE_BYTES (SEGMENT_SPARE_MAX * SEGMENT_BYTES_MIN)
#define FRAME_BYTES 1024

/* Uses about bytes of stack, then calls body(arg). */
static __attribute__((noinline)) long descend(long bytes, long (*body)(long arg), long arg)
{
    volatile char frame[FRAME_BYTES - 64];
    frame[0] = 1;
    frame[sizeof frame - 1] = 2;
    long result = bytes < FRAME_BYTES ? body(arg) : descend(bytes - FRAME_BYTES, body, arg);
    return result + frame[0] - 1;
}

static long identity(long arg)
{
    return arg;
}

/* --- ends ------------------------------------------------------------------------------------- */

static long leave_task(long arg)
{
    expect_true(segment_in_use(worker_task()));
    sy_exit((void *)arg);
}

static void *exit_on_segment(void *arg)
{
    descend(300000, leave_task, (long)arg);
    return NULL;
}

static void *return_from_depth(void *arg)
{
    return (void *)descend(1000000, identity, (long)arg);
}

static int end_many(void *arg)
{
    (void)arg;
    for (long i = 1; i < 100; i++) {
        sy_task tasks[2];
        void *results[2] = {NULL, NULL};
        expect_eq(sy_spawn(&tasks[0], exit_on_segment, (void *)i), 0);
        expect_eq(sy_spawn(&tasks[1], return_from_depth, (void *)i), 0);
        expect_eq(sy_join(tasks[0], &results[0]), 0);
        expect_eq(sy_join(tasks[1], &results[1]), 0);
        expect_true(results[0] == (void *)i && results[1] == (void *)i);
    }
    expect_le(segment_pool_bytes(), SPARE_BYTES);
    return 0;
}

/* Goal: sy_exit on a segment delivers its value; a task's end gives all its segments back, and the
 * end of the run those that were kept. */
START_TEST(test_tasks_end_gives_back)
{
    run_tasks(RUN_PROCS[_i], end_many, NULL);
    ck_assert_uint_eq(segment_pool_bytes(), 0);
}
END_TEST

/* --- the way back ----------------------------------------------------------------------------- */

static int go_deep_and_back(void *arg)
{
    (void)arg;
    expect_eq(descend(200L << 20, identity, 5), 5);
    size_t after = segment_pool_bytes();
    expect_true(after > 0);
    expect_le(after, SPARE_BYTES + 4 * STACK_BYTES_DEFAULT); /* the first one, for the next time */
    expect_true(!segment_in_use(worker_task()));
    return 0;
}

/* Goal: after 200 MiB of frames there is one segment left, of twice the slot's size. */
START_TEST(test_tasks_keep_one_segment)
{
    run_tasks(1, go_deep_and_back, NULL);
}
END_TEST

/* --- the limit -------------------------------------------------------------------------------- */

static void *look_at_limit(void *arg)
{
    for (int i = 0; i < 10; i++) {
        expect_eq(arch_stack_limit(), worker_task()->stack_limit);
        sy_yield();
    }
    return arg;
}

static int look_at_limits(void *arg)
{
    sy_task tasks[3];
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_spawn(&tasks[i], look_at_limit, arg), 0);
    }
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

static const char *const tunes[] = {"nopreemptprologue", "nopreemptprologue,nofpsave"};

enum { TUNES = sizeof tunes / sizeof tunes[0] };

/* Goal: the limit of a thread is that of the task that it runs, whatever else a switch carries. */
START_TEST(test_tasks_have_their_own_limit)
{
    ck_assert_int_eq(setenv("SWITCHYARD_TUNE", tunes[_i], 1), 0);
    run_tasks(1, look_at_limits, NULL);
}
END_TEST

/* --- waiting ---------------------------------------------------------------------------------- */

enum { MEETINGS = 50 };

static long meet(long which)
{
    sy_chan chan = {(uint64_t)which};
    for (int i = 0; i < MEETINGS; i++) {
        int got = -1;
        expect_eq(sy_chan_send(chan, &i), 0);
        expect_eq(sy_chan_recv(chan, &got), 1);
        expect_eq(calls_check_all(i), i);
    }
    return which;
}

static void *meet_on_segment(void *arg)
{
    expect_eq(descend(200000, meet, (long)arg), (long)arg);
    return NULL;
}

static int meet_many(void *arg)
{
    sy_task tasks[8];
    sy_chan chan;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(int), 2), 0);
    for (int i = 0; i < 8; i++) {
        expect_eq(sy_spawn(&tasks[i], meet_on_segment, (void *)(uintptr_t)chan.id), 0);
    }
    for (int i = 0; i < 8; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: tasks that wait on segments, and go on in other workers, find their stacks. */
START_TEST(test_tasks_wait_on_segments)
{
    run_tasks(RUN_PROCS[_i], meet_many, NULL);
}
END_TEST

static void *cross_in_call(void *arg)
{
    for (uint32_t offset = 0; offset < 20; offset++) {
        expect_eq(crossing_at(offset, calls_check_without_switch, 1), 1);
    }
    usleep(1000); /* that sysmon may take the proc away */
    return arg;
}

static int block_and_cross(void *arg)
{
    for (int i = 0; i < 20; i++) {
        expect_true(sy_blocking(cross_in_call, &i) == &i);
    }
    return arg != NULL;
}

/* Goal: in a blocking call, where the thread may have no proc, stacks grow as elsewhere. */
START_TEST(test_tasks_grow_in_blocking_calls)
{
    run_tasks(RUN_PROCS[_i], block_and_cross, NULL);
}
END_TEST

/* --- other stacks ----------------------------------------------------------------------------- */

static volatile long handled;

static void on_signal(int number)
{
    (void)number;
    handled += descend(5000, identity, 1);
}

static long raise_here(long arg)
{
    raise(SIGUSR1);
    return arg;
}

static int signal_on_segments(void *arg)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    (void)arg;
    expect_eq(sigaction(SIGUSR1, &action, NULL), 0);
    for (long bytes = 0; bytes < 500000; bytes += 10000) {
        expect_eq(descend(bytes, raise_here, bytes), bytes);
    }
    expect_eq(handled, 50);
    return 0;
}

/* Goal: a handler that was compiled with stack checks runs on its own stack, whatever the limit of
 * the task is, and leaves the task's stack alone. */
START_TEST(test_tasks_signal_handlers_have_no_limit)
{
    run_tasks(1, signal_on_segments, NULL);
}
END_TEST

static jmp_buf home;

static long jump_home(long arg)
{
    longjmp(home, (int)arg);
}

static int jump_over_segments(void *arg)
{
    (void)arg;
    int came = setjmp(home);
    if (came == 0) {
        descend(300000, jump_home, 7);
    }
    expect_eq(came, 7);
    expect_true(segment_in_use(worker_task())); /* so it seems */
    return 0;
}

/* Goal: longjmp over segments is not supported (docs/stacks.md), but a task that stays shallow
 * afterwards goes on, and its end gives all back. */
START_TEST(test_tasks_jump_over_segments)
{
    run_tasks(1, jump_over_segments, NULL);
    ck_assert_uint_eq(segment_pool_bytes(), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("tasks");
    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, test_tasks_end_gives_back, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_tasks_keep_one_segment);
    tcase_add_loop_test(tests, test_tasks_have_their_own_limit, 0, TUNES);
    tcase_add_loop_test(tests, test_tasks_wait_on_segments, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_tasks_grow_in_blocking_calls, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_tasks_signal_handlers_have_no_limit);
    tcase_add_test(tests, test_tasks_jump_over_segments);
    return suite_main("tasks", tests);
}
