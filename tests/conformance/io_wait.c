/* io_wait.c - tasks that wait for descriptors while others run. */
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/waiter.h"

static void *count_to(void *arg)
{
    atomic_int *left = arg;
    while (*left > 0) {
        atomic_fetch_sub(left, 1);
        sy_yield();
    }
    return NULL;
}

static int work_beside_a_reader(void *arg)
{
    struct waiter reader;
    sy_task workers[4];
    atomic_int left = 1000;
    int ends[2];
    (void)arg;
    open_pipe(ends);
    blocked_begin();
    waiter_read(&reader, ends[0], SY_FOREVER);
    blocked_await_io(1);
    for (int i = 0; i < 4; i++) {
        expect_eq(sy_spawn(&workers[i], count_to, &left), 0);
    }
    for (int i = 0; i < 4; i++) {
        expect_eq(sy_join(workers[i], NULL), 0);
    }
    expect_true(!reader.returned);
    expect_eq(sy_write(ends[1], "w", 1), 1);
    waiter_join(&reader, 1);
    expect_eq(reader.byte, 'w');
    close_both(ends);
    return 0;
}

/* Goal: while a task waits for a descriptor others run, on the same proc too. */
START_TEST(test_io_others_run_while_one_waits)
{
    run_tasks(RUN_PROCS[_i], work_beside_a_reader, NULL);
}
END_TEST

enum { WAITERS = 5 };

static int returned_of(struct waiter *waiters)
{
    int returned = 0;
    for (int i = 0; i < WAITERS; i++) {
        returned += waiters[i].returned;
    }
    return returned;
}

/* The bytes 0 ... WAITERS - 1, each to one of them. */
static void expect_each_byte_once(struct waiter *waiters)
{
    unsigned seen = 0;
    for (int i = 0; i < WAITERS; i++) {
        waiter_join(&waiters[i], 1);
        seen |= 1U << waiters[i].byte;
    }
    expect_eq(seen, (1U << WAITERS) - 1);
}

static int wake_one_by_one(void *arg)
{
    struct waiter waiters[WAITERS];
    int ends[2];
    (void)arg;
    open_sockets(ends);
    blocked_begin();
    for (int i = 0; i < WAITERS; i++) {
        waiter_read(&waiters[i], ends[0], SY_FOREVER);
    }
    blocked_await_io(WAITERS);
    for (int i = 0; i < WAITERS; i++) {
        unsigned char byte = (unsigned char)i;
        expect_eq(returned_of(waiters), i);
        expect_eq(sy_write(ends[1], &byte, 1), 1);
        while (returned_of(waiters) == i) {
            sy_yield();
        }
    }
    expect_each_byte_once(waiters);
    close_both(ends);
    return 0;
}

/* Goal: of several readers each byte wakes one. */
START_TEST(test_io_waiters_wake_one_by_one)
{
    run_tasks(RUN_PROCS[_i], wake_one_by_one, NULL);
}
END_TEST

static int wake_all_at_once(void *arg)
{
    static const unsigned char bytes[WAITERS] = {0, 1, 2, 3, 4};
    struct waiter waiters[WAITERS];
    int ends[2];
    (void)arg;
    open_pipe(ends);
    int other = dup(ends[0]); /* another number of the same pipe */
    blocked_begin();
    for (int i = 0; i < WAITERS; i++) {
        waiter_read(&waiters[i], i % 2 == 0 ? ends[0] : other, SY_FOREVER);
    }
    blocked_await_io(WAITERS);
    expect_eq(sy_write(ends[1], bytes, WAITERS), WAITERS);
    expect_each_byte_once(waiters);
    expect_eq(sy_io_close(other), 0);
    close_both(ends);
    return 0;
}

/* Goal: one write that has something for each of the readers wakes them all. With edge-triggered
 * events there is only one edge. */
START_TEST(test_io_one_write_wakes_all_that_it_serves)
{
    run_tasks(RUN_PROCS[_i], wake_all_at_once, NULL);
}
END_TEST

static int read_and_write_on_one(void *arg)
{
    struct waiter reader;
    struct waiter writer = {.byte = 'o'};
    int ends[2];
    char byte = 'i';
    (void)arg;
    open_sockets(ends);
    size_t filled = fill(ends[0]);
    blocked_begin();
    waiter_read(&reader, ends[0], SY_FOREVER);
    waiter_write(&writer, ends[0], SY_FOREVER);
    blocked_await_io(2);
    expect_eq(sy_write(ends[1], &byte, 1), 1);
    waiter_join(&reader, 1);
    expect_eq(reader.byte, 'i');
    expect_true(!writer.returned); /* there is still no room */
    drain(ends[1], filled);
    waiter_join(&writer, 1);
    expect_eq(sy_read(ends[1], &byte, 1), 1);
    expect_eq(byte, 'o');
    close_both(ends);
    return 0;
}

/* Goal: one task waits to read, another to write on the same socket; each wakes for its own. */
START_TEST(test_io_reader_and_writer_on_one_socket)
{
    run_tasks(RUN_PROCS[_i], read_and_write_on_one, NULL);
}
END_TEST

static int wait_for_room(void *arg)
{
    struct waiter writer = {.byte = 'z'};
    char byte = 0;
    int ends[2];
    (void)arg;
    open_pipe(ends);
    size_t filled = fill(ends[1]);
    expect_ge(filled, 1);
    blocked_begin();
    waiter_write(&writer, ends[1], SY_FOREVER);
    blocked_await_io(1);
    drain(ends[0], filled);
    waiter_join(&writer, 1);
    expect_eq(sy_read(ends[0], &byte, 1), 1);
    expect_eq(byte, 'z');
    close_both(ends);
    return 0;
}

START_TEST(test_io_writer_waits_for_room)
{
    run_tasks(RUN_PROCS[_i], wait_for_room, NULL);
}
END_TEST

static int hang_up(void *arg)
{
    struct waiter reader;
    struct waiter writer = {.byte = 1};
    int in[2];
    int out[2];
    (void)arg;
    open_pipe(in);
    open_pipe(out);
    (void)fill(out[1]);
    blocked_begin();
    waiter_read(&reader, in[0], SY_FOREVER);
    waiter_write(&writer, out[1], SY_FOREVER);
    blocked_await_io(2);
    expect_eq(sy_io_close(in[1]), 0);
    waiter_join(&reader, 0);
    expect_eq(sy_io_close(out[0]), 0);
    waiter_join(&writer, -EPIPE);
    expect_eq(sy_io_close(in[0]), 0);
    expect_eq(sy_io_close(out[1]), 0);
    return 0;
}

/* Goal: closing the other end wakes the reader with 0, the writer with -EPIPE. */
START_TEST(test_io_other_end_closes_while_waiting)
{
    run_tasks(RUN_PROCS[_i], hang_up, NULL);
}
END_TEST

Suite *suite_io_wait(void)
{
    Suite *suite = suite_create("io_wait");
    TCase *tests = tcase_create("io_wait");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_io_others_run_while_one_waits, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_waiters_wake_one_by_one, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_one_write_wakes_all_that_it_serves, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_reader_and_writer_on_one_socket, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_writer_waits_for_room, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_other_end_closes_while_waiting, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
