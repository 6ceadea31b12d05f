/* trace.c - traces of the schedule: when they can be had, and what is in them. The text is that of
 * docs/protocol.md. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/trace_text.h"

static struct trace_text trace;

static void *nothing(void *arg)
{
    return arg;
}

static int ask_at_wrong_times(void *arg)
{
    int ends[2];
    (void)arg;
    open_pipe(ends);
    expect_eq(sy_trace_stop(), -EINVAL);
    expect_eq(sy_trace_write(ends[1]), -EINVAL);
    expect_eq(sy_trace_start(0), -EINVAL);
    expect_eq(sy_trace_start(((size_t)1 << 24) + 1), -EINVAL);
    expect_eq(sy_trace_start(SIZE_MAX), -EINVAL);
    expect_eq(sy_trace_stop(), -EINVAL); /* none of them started anything */
    expect_eq(sy_trace_start(1), 0);
    expect_eq(sy_trace_start(100), -EBUSY);
    expect_eq(sy_trace_start(0), -EINVAL);
    expect_eq(sy_trace_write(ends[1]), -EBUSY);
    expect_eq(sy_trace_stop(), 0);
    expect_eq(sy_trace_stop(), -EINVAL);
    expect_ge(sy_trace_write(ends[1]), 0);
    close_both(ends);
    return 0;
}

/* Goal: the errors; and that a trace ends with the run that it was made in. */
START_TEST(test_debug_trace_errors)
{
    run_tasks(RUN_PROCS[_i], ask_at_wrong_times, NULL);
    run_tasks(RUN_PROCS[_i], ask_at_wrong_times, NULL);
}
END_TEST

static void make_small_trace(void)
{
    sy_task task;
    expect_eq(sy_trace_start(1000), 0);
    expect_eq(sy_spawn(&task, nothing, NULL), 0);
    expect_eq(sy_join(task, NULL), 0);
    expect_eq(sy_trace_stop(), 0);
}

static int write_badly(void *arg)
{
    int ends[2];
    (void)arg;
    make_small_trace();
    expect_eq(sy_trace_write(-1), -EBADF);
    open_pipe(ends);
    expect_eq(sy_trace_write(ends[0]), -EBADF);
    expect_eq(sy_io_close(ends[0]), 0);
    expect_eq(sy_trace_write(ends[1]), -EPIPE);
    expect_eq(sy_io_close(ends[1]), 0);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    expect_eq(sy_trace_write(full), -ENOSPC);
    close(full);
    expect_ge(trace_text_read(&trace), 1); /* it can still be had */
    return 0;
}

START_TEST(test_debug_trace_write_errors)
{
    run_tasks(RUN_PROCS[_i], write_badly, NULL);
}
END_TEST

static int write_twice(void *arg)
{
    (void)arg;
    make_small_trace();
    ssize_t events = trace_text_read(&trace);
    uint64_t sum = checksum((unsigned char *)trace.text, strlen(trace.text));
    expect_eq(trace_text_read(&trace), events);
    expect_true(checksum((unsigned char *)trace.text, strlen(trace.text)) == sum);
    sy_time start = sy_now();
    make_small_trace(); /* the next one replaces it */
    expect_ge(trace_text_read(&trace), 1);
    trace_text_parse(&trace);
    expect_ge(trace.first_ns, start);
    return 0;
}

START_TEST(test_debug_trace_is_kept_until_the_next)
{
    run_tasks(RUN_PROCS[_i], write_twice, NULL);
}
END_TEST

enum { TASKS = 40 };

static void *pass_on(void *arg)
{
    sy_chan *chans = arg;
    int value = 0;
    expect_eq(sy_chan_recv(chans[0], &value), 1);
    sy_yield();
    expect_eq(sy_chan_send(chans[1], &value), 0);
    return NULL;
}

static int trace_work(void *arg)
{
    sy_task tasks[TASKS];
    sy_chan chans[2];
    (void)arg;
    expect_eq(sy_chan_new(&chans[0], sizeof(int), 0), 0);
    expect_eq(sy_chan_new(&chans[1], sizeof(int), TASKS), 0);
    sy_time start = sy_now();
    expect_eq(sy_trace_start(100000), 0);
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_spawn(&tasks[i], pass_on, chans), 0);
    }
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_chan_send(chans[0], &i), 0);
    }
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(sy_trace_stop(), 0);
    sy_time end = sy_now();
    ssize_t events = trace_text_read(&trace);
    trace_text_parse(&trace);
    expect_eq(trace.events, events);
    expect_eq(trace.lost, 0);
    expect_ge(trace.first_ns, start);
    expect_le(trace.last_ns, end);
    for (int i = 0; i < TASKS; i++) {
        const struct trace_task *task = &trace.tasks[(uint32_t)tasks[i].id];
        expect_eq(task->created, 1);
        expect_eq(task->creator, (uint32_t)sy_self().id);
        expect_ge(task->started, 1);
        expect_eq(task->ended, 1);
    }
    return 0;
}

/* Goal: every task that was made and joined meanwhile is there, with its creation, its start and
 * its end; times are those of sy_now. */
START_TEST(test_debug_trace_has_the_lives_of_tasks)
{
    run_tasks(RUN_PROCS[_i], trace_work, NULL);
}
END_TEST

static int overflow_the_ring(void *arg)
{
    enum { RING = 16 };
    sy_task task;
    (void)arg;
    expect_eq(sy_trace_start(RING), 0);
    for (int i = 0; i < 200; i++) {
        expect_eq(sy_spawn(&task, nothing, NULL), 0);
        expect_eq(sy_join(task, NULL), 0);
    }
    sy_time last = sy_now();
    expect_eq(sy_spawn(&task, nothing, NULL), 0);
    expect_eq(sy_join(task, NULL), 0);
    expect_eq(sy_trace_stop(), 0);
    expect_ge(trace_text_read(&trace), 1);
    trace_text_parse(&trace);
    expect_le(trace.most_of_a_worker, RING);
    expect_ge(trace.lost, 1);           /* main alone made more */
    expect_ge(trace.last_ns, last - 1); /* the newest are kept */
    return 0;
}

/* Goal: of more events than fit the newest are kept, and how many were lost is told. */
START_TEST(test_debug_trace_keeps_the_newest)
{
    run_tasks(RUN_PROCS[_i], overflow_the_ring, NULL);
}
END_TEST

static void *work_until_told(void *arg)
{
    sy_task child;
    while (*(atomic_bool *)arg) {
        expect_eq(sy_spawn(&child, nothing, NULL), 0);
        expect_eq(sy_join(child, NULL), 0);
        sy_yield();
    }
    return NULL;
}

static int trace_in_the_middle(void *arg)
{
    sy_task tasks[4];
    atomic_bool go_on = true;
    (void)arg;
    for (int i = 0; i < 4; i++) {
        expect_eq(sy_spawn(&tasks[i], work_until_told, &go_on), 0);
    }
    for (int round = 0; round < 20; round++) {
        expect_eq(sy_trace_start(64), 0);
        for (int i = 0; i < 20; i++) {
            sy_yield();
        }
        expect_eq(sy_trace_stop(), 0);
        ssize_t events = trace_text_read(&trace);
        trace_text_parse(&trace);
        expect_eq(trace.events, events);
        expect_le(trace.most_of_a_worker, 64);
    }
    go_on = false;
    for (int i = 0; i < 4; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: traces that begin and end while others work are well formed. */
START_TEST(test_debug_trace_in_the_middle_of_work)
{
    run_tasks(RUN_PROCS[_i], trace_in_the_middle, NULL);
}
END_TEST

Suite *suite_trace(void)
{
    Suite *suite = suite_create("trace");
    TCase *tests = tcase_create("trace");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_debug_trace_errors, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_debug_trace_write_errors, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_debug_trace_is_kept_until_the_next, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_debug_trace_has_the_lives_of_tasks, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_debug_trace_keeps_the_newest, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_debug_trace_in_the_middle_of_work, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
