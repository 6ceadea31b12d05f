/* test_runtime_netpoll.c - waiting for descriptors, inside of the green runtime: breaks, numbers
 * that close(2) freed behind the runtime's back. Conformance tests cover what both
 * runtimes promise. Most tests are for bugs that others had, or that this code had once. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "descriptor.h"
#include "netpoll.h"
#include "support/blocked.h"
#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"
#include "support/waiter.h"

/* --- breaks: threads that poll, without the runtime ------------------------------------------ */

enum { POLLERS = 2, BREAKS = 500 };

struct poller {
    pthread_t thread;
    atomic_int told;
    atomic_int seen;
};

/* As a worker: looks whether it was told something, and waits if not. */
static void *poll_until_told(void *arg)
{
    struct poller *poller = arg;
    while (poller->seen < BREAKS) {
        if (poller->told == poller->seen) {
            netpoll_poll(SY_FOREVER);
        } else {
            poller->seen = poller->told;
        }
    }
    return NULL;
}

static struct poller pollers[POLLERS];

/* Goal: each of several pollers finds out what it was told before a break, whoever else takes the
 * break. When the watch went from one worker to another, the second took it, and the first slept
 * on. */
START_TEST(test_netpoll_break_reaches_everyone)
{
    ck_assert_int_eq(netpoll_init(), 0);
    for (int i = 0; i < POLLERS; i++) {
        ck_assert_int_eq(pthread_create(&pollers[i].thread, NULL, poll_until_told, &pollers[i]), 0);
    }
    for (int i = 1; i <= BREAKS; i++) {
        struct poller *poller = &pollers[i % POLLERS];
        poller->told = i;
        netpoll_break();
        while (poller->seen != i) {
            sched_yield();
        }
    }
    for (int i = 0; i < POLLERS; i++) {
        pollers[i].told = BREAKS;
        netpoll_break();
    }
    for (int i = 0; i < POLLERS; i++) {
        pthread_join(pollers[i].thread, NULL);
    }
    netpoll_destroy();
}
END_TEST

/* Goal: a break before the wait is for that wait; a poll that does not wait leaves it; the deadline
 * ends a wait too. */
START_TEST(test_netpoll_break_before_wait)
{
    ck_assert_int_eq(netpoll_init(), 0);
    netpoll_break();
    netpoll_break();
    ck_assert_ptr_null(netpoll_poll(0));
    ck_assert_ptr_null(netpoll_poll(SY_FOREVER));
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    while (sy_now() < deadline) { /* it may return early, but not for ever */
        ck_assert_ptr_null(netpoll_poll(deadline));
    }
    netpoll_destroy();
}
END_TEST

/* --- a break from a signal handler ------------------------------------------------------------ */

static struct poller interrupted;

static void tell_and_break(int signal)
{
    (void)signal;
    interrupted.told++;
    netpoll_break();
}

/* Goal: a handler may break, also one that has interrupted the poller anywhere in its poll. */
START_TEST(test_netpoll_break_from_handler)
{
    struct sigaction action = {.sa_handler = tell_and_break};
    ck_assert_int_eq(netpoll_init(), 0);
    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    ck_assert_int_eq(pthread_create(&interrupted.thread, NULL, poll_until_told, &interrupted), 0);
    for (int i = 1; i <= BREAKS; i++) {
        pthread_kill(i % 2 == 0 ? interrupted.thread : pthread_self(), SIGUSR1);
        while (interrupted.seen != i) {
            sched_yield();
        }
    }
    pthread_join(interrupted.thread, NULL);
    netpoll_destroy();
}
END_TEST

/* --- numbers that are used again -------------------------------------------------------------- */

static void read_in_vain(int fd)
{
    char byte;
    expect_eq(sy_read_until(fd, &byte, 1, sy_now() + 10 * SY_MICROSECOND), -ETIMEDOUT);
}

/* A task waits to read from ends[0]; another writes. */
static void read_after_wait(const int ends[2])
{
    struct waiter reader = {.byte = 0};
    blocked_begin();
    waiter_read(&reader, ends[0], sy_now() + SY_SECOND); /* a hang would be -ETIMEDOUT */
    blocked_await(1);
    expect_eq(sy_write(ends[1], "x", 1), 1);
    waiter_join(&reader, 1);
}

/* close(2), and a new pair with the same numbers. */
static void replace(int ends[2], void (*open_pair)(int ends[2]))
{
    int before = ends[0];
    close(ends[0]);
    close(ends[1]);
    open_pair(ends);
    expect_eq(ends[0], before);
}

static int reuse_numbers(void *arg)
{
    int ends[2];
    char bytes[8];
    (void)arg;
    open_sockets(ends);
    read_in_vain(ends[0]);
    replace(ends, open_sockets); /* the last wait brought nothing: the next one looks again */
    read_after_wait(ends);
    close(ends[1]);
    ends[1] = -1;
    expect_eq(sy_read(ends[0], bytes, sizeof bytes), 0); /* the end: likewise */
    replace(ends, open_sockets);
    read_after_wait(ends);
    read_in_vain(ends[0]);
    replace(ends, open_pipe); /* recv(2) finds out that it is no socket */
    read_after_wait(ends);
    close_both(ends);
    expect_true(!netpoll_waits());
    return 0;
}

/* Goal: where the runtime can tell that a number was closed by close(2), it waits for the right
 * descriptor. */
START_TEST(test_netpoll_number_reused_after_close)
{
    run_tasks(RUN_PROCS[_i], reuse_numbers, NULL);
}
END_TEST

static int listen_on_loopback(struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    *address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = sy_listen((struct sockaddr *)address, length, 16);
    expect_ge(listener, 0);
    expect_eq(getsockname(listener, (struct sockaddr *)address, &length), 0);
    return listener;
}

enum { REUSES = 10000 };

static int accept_over_waiters(void *arg)
{
    struct sockaddr_in address;
    int listener = listen_on_loopback(&address);
    (void)arg;
    for (int i = 0; i < REUSES / 10; i++) {
        struct waiter left = {.byte = 0};
        int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        expect_eq(sy_connect(client, (struct sockaddr *)&address, sizeof address), 0);
        int ends[2];
        open_pipe(ends);
        blocked_begin();
        waiter_read(&left, ends[0], SY_FOREVER);
        blocked_await(1);
        close(ends[0]); /* leaves the reader waiting */
        int server = sy_accept(listener, NULL, NULL);
        expect_eq(server, ends[0]);
        waiter_join(&left, -ECANCELED);
        read_after_wait((int[]){server, client});
        close_both((int[]){server, client});
        expect_eq(sy_io_close(ends[1]), 0);
    }
    expect_eq(sy_io_close(listener), 0);
    expect_true(!netpoll_waits());
    return 0;
}

/* Goal: sy_accept tells those who wait on the number that it got. */
START_TEST(test_netpoll_accept_ends_old_waits)
{
    run_tasks(RUN_PROCS[_i], accept_over_waiters, NULL);
}
END_TEST

static int close_over_waiters(void *arg)
{
    int copy = -1;
    (void)arg;
    for (int i = 0; i < REUSES; i++) {
        struct waiter reader = {.byte = 0};
        int ends[2];
        open_pipe(ends);
        blocked_begin();
        waiter_read(&reader, ends[0], SY_FOREVER);
        blocked_await(1);
        if (i % 2 == 0) { /* the copy keeps the pipe open, which gets ready afterwards */
            copy = dup(ends[0]);
        }
        expect_eq(sy_io_close(ends[0]), 0);
        waiter_join(&reader, -ECANCELED);
        if (copy >= 0) {
            expect_eq(sy_write(ends[1], "x", 1), 1);
            close(copy);
            copy = -1;
        }
        expect_eq(sy_io_close(ends[1]), 0);
    }
    expect_true(!netpoll_waits());
    return 0;
}

/* Goal: 10^4 times the same numbers, closed while a task waits, half of them with a duplicate that
 * keeps the old one alive in epoll. */
START_TEST(test_netpoll_number_reused_many_times)
{
    run_tasks(RUN_PROCS[_i], close_over_waiters, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_netpoll");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_netpoll_break_reaches_everyone);
    tcase_add_test(tests, test_netpoll_break_before_wait);
    tcase_add_test(tests, test_netpoll_break_from_handler);
    tcase_add_loop_test(tests, test_netpoll_number_reused_after_close, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_netpoll_accept_ends_old_waits, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_netpoll_number_reused_many_times, 0, RUN_PROCS_COUNT);
    return suite_main("runtime_netpoll", tests);
}
