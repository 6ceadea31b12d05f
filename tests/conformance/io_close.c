/* io_close.c - closing and cancelling descriptors that tasks wait on, and numbers used again. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/waiter.h"

enum { WAITERS = 6 };

/* Half of them wait to read, half to write; some with a deadline that is far away. */
static void start_waiters(struct waiter *waiters, int fd)
{
    blocked_begin();
    for (int i = 0; i < WAITERS; i++) {
        sy_time deadline = i % 3 == 0 ? sy_now() + 3600 * SY_SECOND : SY_FOREVER;
        waiters[i].byte = 'w';
        (i % 2 == 0 ? waiter_read : waiter_write)(&waiters[i], fd, deadline);
    }
    blocked_await_io(WAITERS);
}

static void expect_all_cancelled(struct waiter *waiters)
{
    for (int i = 0; i < WAITERS; i++) {
        waiter_join(&waiters[i], -ECANCELED);
    }
}

static int close_over_waiters(void *arg)
{
    struct waiter waiters[WAITERS];
    char byte;
    int ends[2];
    (void)arg;
    open_sockets(ends);
    size_t filled = fill(ends[0]);
    start_waiters(waiters, ends[0]);
    expect_eq(sy_io_close(ends[0]), 0);
    expect_true(!is_open(ends[0]));
    expect_all_cancelled(waiters);
    expect_eq(sy_io_close(ends[0]), -EBADF);
    expect_eq(sy_io_cancel(ends[0]), -EBADF);
    expect_eq(sy_read(ends[0], &byte, 1), -EBADF);
    drain(ends[1], filled);                   /* what was written before is there, */
    expect_eq(sy_read(ends[1], &byte, 1), 0); /* the cancelled wrote nothing */
    expect_eq(sy_io_close(ends[1]), 0);
    return 0;
}

/* Goal: closing wakes all that wait, readers and writers, with -ECANCELED. */
START_TEST(test_io_close_wakes_all_waiters)
{
    run_tasks(RUN_PROCS[_i], close_over_waiters, NULL);
}
END_TEST

static int cancel_waiters(void *arg)
{
    struct waiter waiters[WAITERS];
    struct waiter reader;
    char byte;
    int ends[2];
    (void)arg;
    open_sockets(ends);
    size_t filled = fill(ends[0]);
    for (int round = 0; round < 3; round++) {
        start_waiters(waiters, ends[0]);
        expect_eq(sy_io_cancel(ends[0]), 0);
        expect_all_cancelled(waiters);
    }
    drain(ends[1], filled);
    expect_eq(sy_read_until(ends[1], &byte, 1, 0), -ETIMEDOUT);
    expect_eq(sy_io_cancel(ends[0]), 0); /* nobody waits: it must not reach the next ones */
    blocked_begin();
    waiter_read(&reader, ends[0], SY_FOREVER);
    blocked_await_io(1);
    expect_eq(sy_write(ends[1], "u", 1), 1);
    waiter_join(&reader, 1);
    expect_eq(sy_write(ends[0], "v", 1), 1);
    expect_eq(sy_read(ends[1], &byte, 1), 1);
    close_both(ends);
    return 0;
}

/* Goal: cancelling wakes all that wait, those only, and the descriptor stays usable. */
START_TEST(test_io_cancel_leaves_it_usable)
{
    run_tasks(RUN_PROCS[_i], cancel_waiters, NULL);
}
END_TEST

static int hang_up_after_cancel(void *arg)
{
    struct sy_stats before;
    struct sy_stats after;
    struct waiter reader;
    char byte;
    int ends[2];
    (void)arg;
    open_sockets(ends);
    blocked_begin();
    waiter_read(&reader, ends[0], SY_FOREVER);
    blocked_await_io(1);
    expect_eq(sy_io_cancel(ends[0]), 0);
    waiter_join(&reader, -ECANCELED);
    expect_eq(sy_io_close(ends[1]), 0);
    expect_eq(sy_stats_read(&before), 0);
    expect_eq(sy_sleep(20 * SY_MILLISECOND), 0);
    expect_eq(sy_stats_read(&after), 0);
    expect_le(after.poll_events - before.poll_events, 16); /* it does not spin on the hang-up */
    expect_eq(sy_read(ends[0], &byte, 1), 0);
    expect_eq(sy_io_close(ends[0]), 0);
    return 0;
}

/* Goal: a hang-up of a descriptor that nobody waits on any more is neither lost nor polled for
 * again and again (as in Ruby's bug 18770). */
START_TEST(test_io_hang_up_after_cancel)
{
    run_tasks(RUN_PROCS[_i], hang_up_after_cancel, NULL);
}
END_TEST

static int close_without_waiters(void *arg)
{
    int ends[2];
    (void)arg;
    open_pipe(ends);
    expect_eq(sy_io_cancel(ends[0]), 0); /* never used here before */
    close_both(ends);
    expect_true(!is_open(ends[0]) && !is_open(ends[1]));
    for (int i = 0; i < 2; i++) {
        expect_eq(sy_io_close(ends[i]), -EBADF);
        expect_eq(sy_io_cancel(ends[i]), -EBADF);
    }
    return 0;
}

START_TEST(test_io_close_twice)
{
    run_tasks(RUN_PROCS[_i], close_without_waiters, NULL);
}
END_TEST

enum { REUSES = 1000 };

/* What is left of the old descriptor when its number is used again. */
enum remains {
    REMAINS_NONE,
    REMAINS_EVENT, /* it became readable just before */
    REMAINS_DUP,   /* another number of it stays open, and becomes readable later */
    REMAINS_KINDS
};

/* One descriptor is closed while a task waits on it; a pipe that gets the same number must wake its
 * reader for its own byte only. */
static void reuse_number(enum remains remains, unsigned char round)
{
    struct waiter old;
    struct waiter new;
    int before[2];
    int after[2];
    int copy = -1;
    open_pipe(before);
    blocked_begin();
    waiter_read(&old, before[0], SY_FOREVER);
    blocked_await_io(1);
    if (remains == REMAINS_EVENT) {
        expect_eq(write(before[1], "e", 1), 1);
    } else if (remains == REMAINS_DUP) {
        copy = dup(before[0]);
    }
    expect_eq(sy_io_close(before[0]), 0);
    expect_eq(pipe2(after, O_CLOEXEC), 0);
    expect_eq(after[0], before[0]); /* the kernel gives the lowest number */
    waiter_read(&new, after[0], SY_FOREVER);
    if (remains == REMAINS_DUP) {
        expect_eq(write(before[1], "e", 1), 1);
    }
    sy_yield();
    expect_true(!new.returned);
    expect_eq(sy_write(after[1], &round, 1), 1);
    waiter_join(&new, 1);
    expect_eq(new.byte, round);
    expect_eq(sy_join(old.task, NULL), 0);
    expect_true(old.result == -ECANCELED || (remains == REMAINS_EVENT && old.result == 1));
    if (copy >= 0) {
        expect_eq(sy_io_close(copy), 0);
    }
    expect_eq(sy_io_close(before[1]), 0);
    close_both(after);
}

static int reuse_numbers(void *arg)
{
    (void)arg;
    for (int i = 0; i < REUSES; i++) {
        reuse_number((enum remains)(i % REMAINS_KINDS), (unsigned char)i);
    }
    return 0;
}

/* Goal: no wake-up meant for a closed descriptor reaches the next one with its number. */
START_TEST(test_io_close_then_number_is_used_again)
{
    run_tasks(RUN_PROCS[_i], reuse_numbers, NULL);
}
END_TEST

/* Waits once to read and once to write. */
static void use(const int ends[2])
{
    struct waiter reader;
    struct waiter writer = {.byte = 'w'};
    blocked_begin();
    waiter_read(&reader, ends[0], SY_FOREVER);
    blocked_await_io(1);
    expect_eq(sy_write(ends[1], "r", 1), 1);
    waiter_join(&reader, 1);
    size_t filled = fill(ends[1]);
    blocked_begin();
    waiter_write(&writer, ends[1], SY_FOREVER);
    blocked_await_io(1);
    drain(ends[0], filled);
    waiter_join(&writer, 1);
    drain(ends[0], 1);
}

static int change_kinds(void *arg)
{
    char byte;
    (void)arg;
    for (int round = 0; round < 60; round++) {
        int ends[2];
        (round % 2 == 0 ? open_pipe : open_sockets)(ends);
        use(ends);
        close_both(ends);
        int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
        expect_eq(file, ends[0]);
        if (round % 3 != 0) {
            expect_eq(sy_read(file, &byte, 1), 1);
        }
        expect_eq(sy_io_close(file), 0);
    }
    return 0;
}

/* Goal: a number is a pipe, then a socket, then a file, and behaves as what it is. */
START_TEST(test_io_close_then_number_is_of_another_kind)
{
    run_tasks(RUN_PROCS[_i], change_kinds, NULL);
}
END_TEST

static void *read_until_closed(void *arg)
{
    int fd = *(int *)arg;
    char byte;
    ssize_t got;
    while ((got = sy_read(fd, &byte, 1)) == 1) {
    }
    expect_true(got == -ECANCELED || got == -EBADF);
    return NULL;
}

static int close_under_readers(void *arg)
{
    (void)arg;
    for (int round = 0; round < 300; round++) {
        sy_task readers[2];
        int ends[2];
        open_sockets(ends);
        for (int i = 0; i < 2; i++) {
            expect_eq(sy_spawn(&readers[i], read_until_closed, &ends[0]), 0);
        }
        for (int i = 0; i < round % 8; i++) {
            expect_eq(sy_write(ends[1], "abcd", 4), 4);
            sy_yield();
        }
        expect_eq(sy_io_close(ends[0]), 0);
        for (int i = 0; i < 2; i++) {
            expect_eq(sy_join(readers[i], NULL), 0);
        }
        expect_eq(sy_io_close(ends[1]), 0);
    }
    return 0;
}

/* Goal: a close at any moment, before, during or between the calls of readers, ends them: they
 * neither hang nor see the descriptor as readable (Ruby's bug 18301). */
START_TEST(test_io_close_at_any_moment)
{
    run_tasks(RUN_PROCS[_i], close_under_readers, NULL);
}
END_TEST

static int close_listener(void *arg)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct waiter waiters[3];
    (void)arg;
    int listener = sy_listen((struct sockaddr *)&any, sizeof any, 8);
    expect_ge(listener, 0);
    for (int closing = 0; closing < 2; closing++) {
        blocked_begin();
        for (int i = 0; i < 3; i++) {
            waiter_accept(&waiters[i], listener, SY_FOREVER);
        }
        blocked_await_io(3);
        expect_eq(closing ? sy_io_close(listener) : sy_io_cancel(listener), 0);
        for (int i = 0; i < 3; i++) {
            waiter_join(&waiters[i], -ECANCELED);
        }
    }
    return 0;
}

/* Goal: tasks that wait for connections are woken too. */
START_TEST(test_io_close_wakes_accept)
{
    run_tasks(RUN_PROCS[_i], close_listener, NULL);
}
END_TEST

Suite *suite_io_close(void)
{
    Suite *suite = suite_create("io_close");
    TCase *tests = tcase_create("io_close");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_io_close_wakes_all_waiters, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_cancel_leaves_it_usable, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_hang_up_after_cancel, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_close_twice, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_close_then_number_is_used_again, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_close_then_number_is_of_another_kind, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_close_at_any_moment, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_close_wakes_accept, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
