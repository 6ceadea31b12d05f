/* io_deadline.c - deadlines of waits on descriptors: they pass, they lose nothing, signals do not
 * move them. Only lower bounds of times are asserted. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/waiter.h"

static int time_out_reading(void *arg)
{
    char byte = 'k';
    struct iovec piece = {&byte, 1};
    int ends[2];
    (void)arg;
    open_pipe(ends);
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_read_until(ends[0], &byte, 1, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_readv_until(ends[0], &piece, 1, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    expect_eq(byte, 'k');
    expect_eq(sy_write(ends[1], "late", 4), 4); /* nobody takes it for those that gave up */
    drain(ends[0], 4);
    close_both(ends);
    return 0;
}

static int time_out_writing(void *arg)
{
    struct iovec piece = text_piece("x");
    char byte;
    int ends[2];
    (void)arg;
    open_sockets(ends);
    size_t filled = fill(ends[1]);
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_write_until(ends[1], "x", 1, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_writev_until(ends[1], &piece, 1, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    drain(ends[0], filled);
    expect_eq(sy_read_until(ends[0], &byte, 1, 0), -ETIMEDOUT); /* they wrote nothing */
    close_both(ends);
    return 0;
}

/* Goal: a wait ends when its deadline passes, and has neither read nor written anything. */
START_TEST(test_io_deadline_passes)
{
    run_tasks(RUN_PROCS[_i], time_out_reading, NULL);
    run_tasks(RUN_PROCS[_i], time_out_writing, NULL);
}
END_TEST

static int try_once(void *arg)
{
    sy_time passed[] = {0, -1, INT64_MIN, sy_now()};
    char byte;
    int ends[2];
    (void)arg;
    open_pipe(ends);
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
        expect_eq(sy_read_until(ends[0], &byte, 1, passed[i]), -ETIMEDOUT);
        expect_eq(sy_write_until(ends[1], "o", 1, passed[i]), 1);
        expect_eq(sy_read_until(ends[0], &byte, 1, passed[i]), 1);
        expect_eq(byte, 'o');
    }
    size_t filled = fill(ends[1]);
    expect_eq(sy_write_until(ends[1], "o", 1, INT64_MIN), -ETIMEDOUT);
    drain(ends[0], filled);
    close_both(ends);
    return 0;
}

/* Goal: with a deadline that has passed a call tries once. */
START_TEST(test_io_passed_deadline_tries_once)
{
    run_tasks(RUN_PROCS[_i], try_once, NULL);
}
END_TEST

static int deadline_among_waiters(void *arg)
{
    struct waiter waiters[3];
    unsigned char byte;
    int ends[2];
    (void)arg;
    open_pipe(ends);
    blocked_begin();
    waiter_read(&waiters[0], ends[0], SY_FOREVER);
    waiter_read(&waiters[1], ends[0], sy_now() + 50 * SY_MILLISECOND);
    waiter_read(&waiters[2], ends[0], sy_now() + 3600 * SY_SECOND);
    blocked_await_io(3);
    waiter_join(&waiters[1], -ETIMEDOUT);
    expect_ge(sy_now(), waiters[1].deadline);
    expect_true(!waiters[0].returned && !waiters[2].returned);
    expect_eq(sy_write(ends[1], "ab", 2), 2);
    waiter_join(&waiters[0], 1);
    waiter_join(&waiters[2], 1);
    expect_eq(waiters[0].byte + waiters[2].byte, 'a' + 'b');
    expect_eq(sy_read_until(ends[0], &byte, 1, 0), -ETIMEDOUT);
    close_both(ends);
    return 0;
}

/* Goal: a waiter that gives up leaves the others waiting; they get what comes, with or without a
 * deadline of their own. */
START_TEST(test_io_deadline_of_one_waiter)
{
    run_tasks(RUN_PROCS[_i], deadline_among_waiters, NULL);
}
END_TEST

enum { NUMBERS = 3000 };

struct race {
    int ends[2];
    atomic_bool written;
};

/* One byte at a time; every other one after the reader had a chance to give up. */
static void *write_numbers(void *arg)
{
    struct race *race = arg;
    for (int i = 0; i < NUMBERS; i++) {
        unsigned char byte = (unsigned char)i;
        expect_eq(sy_write(race->ends[1], &byte, 1), 1);
        if (i % 2 == 0) {
            sy_yield();
        }
        if (i % 16 == 0) {
            expect_eq(sy_sleep(20 * SY_MICROSECOND), 0);
        }
    }
    race->written = true;
    return NULL;
}

static int race_deadlines(void *arg)
{
    struct race race = {.written = false};
    sy_task writer;
    int received = 0;
    (void)arg;
    open_pipe(race.ends);
    expect_eq(sy_spawn(&writer, write_numbers, &race), 0);
    for (;;) {
        unsigned char bytes[8] = {0};
        bool written = race.written; /* before the attempt that may find nothing */
        sy_time deadline = sy_now() + received % 30 * SY_MICROSECOND;
        ssize_t got = sy_read_until(race.ends[0], bytes, sizeof bytes, deadline);
        for (ssize_t i = 0; i < got; i++, received++) {
            expect_eq(bytes[i], (unsigned char)received);
        }
        if (got < 0) {
            expect_eq(got, -ETIMEDOUT);
            if (written) {
                break;
            }
        }
    }
    expect_eq(received, NUMBERS);
    expect_eq(sy_join(writer, NULL), 0);
    close_both(race.ends);
    return 0;
}

/* Goal: when deadlines race with data, each byte arrives once and in order. */
START_TEST(test_io_deadline_races_with_data)
{
    run_tasks(RUN_PROCS[_i], race_deadlines, NULL);
}
END_TEST

static atomic_int signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

/* A signal each millisecond of real time, to whichever thread the kernel likes. Without SA_RESTART,
 * so that the calls that it interrupts answer EINTR. */
static void signals_start(void)
{
    struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_ONSTACK};
    struct itimerval each_millisecond = {{0, 1000}, {0, 1000}};
    sigemptyset(&action.sa_mask);
    expect_eq(sigaction(SIGALRM, &action, NULL), 0);
    expect_eq(setitimer(ITIMER_REAL, &each_millisecond, NULL), 0);
}

static void signals_stop(void)
{
    struct itimerval none = {{0, 0}, {0, 0}};
    expect_eq(setitimer(ITIMER_REAL, &none, NULL), 0);
}

static void *write_after_signals(void *arg)
{
    int seen = signals;
    while (signals < seen + 20) {
        sy_yield();
    }
    expect_eq(sy_write(*(int *)arg, "s", 1), 1);
    return NULL;
}

static int wait_under_signals(void *arg)
{
    sy_task writer;
    char byte;
    int ends[2];
    (void)arg;
    open_pipe(ends);
    signals_start();
    sy_time deadline = sy_now() + 100 * SY_MILLISECOND;
    expect_eq(sy_read_until(ends[0], &byte, 1, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    expect_ge(signals, 1);
    expect_eq(sy_spawn(&writer, write_after_signals, &ends[1]), 0);
    expect_eq(sy_read(ends[0], &byte, 1), 1);
    expect_eq(sy_join(writer, NULL), 0);
    signals_stop();
    close_both(ends);
    return 0;
}

/* Goal: signals neither end a wait nor move its deadline.
 * Method: were the whole duration waited for again after each signal, it would never end. */
START_TEST(test_io_signals_keep_the_deadline)
{
    run_tasks(RUN_PROCS[_i], wait_under_signals, NULL);
}
END_TEST

enum { DEADLINES = 20 };

static int give_up_one_after_another(void *arg)
{
    struct waiter waiters[DEADLINES];
    sy_time start = sy_now();
    int ends[2];
    (void)arg;
    open_pipe(ends);
    for (int i = 0; i < DEADLINES; i++) {
        sy_time deadline = start + i * 7 % DEADLINES * SY_MILLISECOND; /* in no order */
        waiter_read(&waiters[i], ends[0], deadline);
    }
    for (int i = 0; i < DEADLINES; i++) {
        waiter_join(&waiters[i], -ETIMEDOUT);
        expect_ge(sy_now(), waiters[i].deadline);
    }
    expect_eq(sy_write(ends[1], "x", 1), 1);
    drain(ends[0], 1);
    close_both(ends);
    return 0;
}

/* Goal: each of many waiters on one descriptor has a deadline of its own. */
START_TEST(test_io_many_deadlines)
{
    run_tasks(RUN_PROCS[_i], give_up_one_after_another, NULL);
}
END_TEST

Suite *suite_io_deadline(void)
{
    Suite *suite = suite_create("io_deadline");
    TCase *tests = tcase_create("io_deadline");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_io_deadline_passes, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_passed_deadline_tries_once, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_deadline_of_one_waiter, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_deadline_races_with_data, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_signals_keep_the_deadline, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_many_deadlines, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
