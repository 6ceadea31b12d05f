/* test_runtime_transfer.c - how reads skip tries, inside of the green runtime: short reads that
 * leave something, and what calls that need not wait owe to others. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
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

static void read_in_vain(int fd)
{
    char byte;
    expect_eq(sy_read_until(fd, &byte, 1, sy_now() + 10 * SY_MICROSECOND), -ETIMEDOUT);
}

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

/* A pair of connected TCP sockets: [0] was accepted. */
static void open_tcp(int ends[2])
{
    struct sockaddr_in address;
    int listener = listen_on_loopback(&address);
    ends[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    expect_eq(sy_connect(ends[1], (struct sockaddr *)&address, sizeof address), 0);
    ends[0] = sy_accept(listener, NULL, NULL);
    expect_ge(ends[0], 0);
    expect_eq(sy_io_close(listener), 0);
}

static uint64_t io_waits(void)
{
    struct sy_stats stats;
    sy_stats_read(&stats);
    return stats.io_waits;
}

/* --- short reads ------------------------------------------------------------------------------ */

/* The next read, which must not wait for more. It has a deadline only so that the test goes on. */
static void expect_next(int fd, const char *expected)
{
    char bytes[64] = "";
    ssize_t length = (ssize_t)strlen(expected);
    uint64_t waits = io_waits();
    expect_eq(sy_read_until(fd, bytes, sizeof bytes, sy_now() + SY_SECOND), length);
    expect_eq(io_waits(), waits);
    expect_eq(memcmp(bytes, expected, (size_t)length), 0);
}

/* Lets the poller see what was sent, so that the reads come after its edge. With one proc: another
 * worker might have taken the event, and count it after a read, which then has reason to wait. */
static void harvest(void)
{
    expect_true(netpoll_poll(sy_now()) == NULL); /* nobody waits */
}

/* Registers ends[0] by a wait. */
static void register_by_wait(const int ends[2])
{
    struct descriptor *entry = descriptor_at(ends[0]);
    read_in_vain(ends[0]); /* registers */
    uint32_t edges = load_relaxed(&entry->edges[READING]);
    struct waiter reader = {.byte = 0};
    blocked_begin();
    waiter_read(&reader, ends[0], SY_FOREVER);
    blocked_await(1);
    expect_eq(sy_write(ends[1], "x", 1), 1);
    waiter_join(&reader, 1);
    expect_true(load_relaxed(&entry->edges[READING]) != edges);
}

static void send_with_descriptor(int fd, const char *text)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = ""};
    struct iovec piece = {(void *)(uintptr_t)text, strlen(text)};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    control.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    expect_eq(sendmsg(fd, &message, MSG_NOSIGNAL), piece.iov_len);
}

static int read_at_mark(void *arg)
{
    int ends[2];
    (void)arg;
    open_tcp(ends);
    register_by_wait(ends);
    expect_eq(send(ends[1], "ab", 2, 0), 2);
    expect_eq(send(ends[1], "!", 1, MSG_OOB), 1);
    expect_eq(send(ends[1], "cd", 2, 0), 2);
    harvest();
    expect_next(ends[0], "ab"); /* recv(2) stops at the mark */
    expect_next(ends[0], "cd");
    close_both(ends);
    return 0;
}

/* Goal: a read that stops at the mark of urgent data is not taken for the last. */
START_TEST(test_transfer_urgent_data)
{
    run_tasks(1, read_at_mark, NULL);
}
END_TEST

static int read_descriptors(void *arg)
{
    int ends[2];
    (void)arg;
    open_sockets(ends);
    register_by_wait(ends);
    send_with_descriptor(ends[1], "ab");
    send_with_descriptor(ends[1], "cd");
    harvest();
    expect_next(ends[0], "ab");
    expect_next(ends[0], "cd");
    close_both(ends);
    return 0;
}

/* Goal: nor one that stops where a descriptor was passed. */
START_TEST(test_transfer_passed_descriptors)
{
    run_tasks(1, read_descriptors, NULL);
}
END_TEST

static int read_packets(void *arg)
{
    int ends[2];
    (void)arg;
    expect_eq(pipe2(ends, O_CLOEXEC | O_DIRECT), 0);
    register_by_wait(ends);
    expect_eq(sy_write(ends[1], "ab", 2), 2);
    expect_eq(sy_write(ends[1], "cd", 2), 2);
    harvest();
    expect_next(ends[0], "ab");
    expect_next(ends[0], "cd");
    close_both(ends);
    return 0;
}

/* Goal: nor one that stops at the end of a packet. The reader's flags do not tell: this hung. */
START_TEST(test_transfer_packets_of_a_pipe)
{
    run_tasks(1, read_packets, NULL);
}
END_TEST

enum { ROUNDS = 2000 };

static atomic_int receives;

ssize_t __real_recv(int fd, void *buffer, size_t bytes, int flags);
ssize_t __wrap_recv(int fd, void *buffer, size_t bytes, int flags);

ssize_t __wrap_recv(int fd, void *buffer, size_t bytes, int flags)
{
    receives++;
    return __real_recv(fd, buffer, bytes, flags);
}

/* A client thread that waits in the kernel. */
static void *ping(void *arg)
{
    int fd = *(int *)arg;
    char byte = 0;
    for (int i = 0; i < ROUNDS; i++) {
        expect_eq(write(fd, "x", 1), 1);
        expect_eq(read(fd, &byte, 1), 1);
    }
    return NULL;
}

static int echo(void *arg)
{
    pthread_t client;
    char bytes[64];
    int ends[2];
    (void)arg;
    open_tcp(ends);
    fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) & ~O_NONBLOCK);
    expect_eq(pthread_create(&client, NULL, ping, &ends[1]), 0);
    for (int i = 0; i < ROUNDS; i++) {
        expect_eq(sy_read(ends[0], bytes, sizeof bytes), 1);
        expect_eq(sy_write(ends[0], bytes, 1), 1);
    }
    pthread_join(client, NULL);
    expect_ge(receives, ROUNDS);
    expect_le(receives, ROUNDS + ROUNDS / 10);
    close_both(ends);
    return 0;
}

/* Goal: a round of an echo server is one recv(2) and one send(2): after a short read the next one
 * waits without trying. */
START_TEST(test_transfer_short_read_saves_a_try)
{
    run_tasks(1, echo, NULL);
}
END_TEST

/* --- fairness, and states that stay ------------------------------------------------------------
 */

enum { CALLS = 1000, POLLS = 100 };

static atomic_bool had_a_turn;

static void *take_turn(void *arg)
{
    had_a_turn = true;
    return arg;
}

static int call_without_waits(void *arg)
{
    sy_task other;
    int ends[2];
    char byte = 0;
    (void)arg;
    open_sockets(ends);
    expect_eq(sy_spawn(&other, take_turn, NULL), 0);
    expect_true(!had_a_turn);
    uint64_t waits = io_waits();
    for (int i = 0; i < CALLS; i++) {
        expect_eq(sy_write(ends[1], "x", 1), 1);
        expect_eq(sy_read(ends[0], &byte, 1), 1);
    }
    expect_eq(io_waits(), waits);
    expect_true(had_a_turn);
    expect_eq(sy_join(other, NULL), 0);
    close_both(ends);
    return 0;
}

/* Goal: a task whose calls never wait lets others run. */
START_TEST(test_transfer_gives_turns)
{
    run_tasks(1, call_without_waits, NULL);
}
END_TEST

static uint64_t polls(void)
{
    struct sy_stats stats;
    sy_stats_read(&stats);
    return stats.polls;
}

static void hang_up_and_idle(void (*open_pair)(int ends[2]), int kept)
{
    int ends[2];
    open_pair(ends);
    register_by_wait(ends);
    if (kept == 1) { /* the writing end is registered by a wait too: nobody reads */
        fill(ends[1]);
        expect_eq(sy_write_until(ends[1], "x", 1, sy_now() + 10 * SY_MICROSECOND), -ETIMEDOUT);
    }
    expect_eq(sy_io_close(ends[1 - kept]), 0);
    uint64_t before = polls();
    for (int i = 0; i < 10; i++) {
        sy_sleep(2 * SY_MILLISECOND);
    }
    expect_le(polls() - before, POLLS);
    expect_eq(sy_io_close(ends[kept]), 0);
}

static int idle_beside_hang_ups(void *arg)
{
    struct waiter poll_for = {.byte = 0}; /* else nobody would ask epoll */
    int ends[2];
    (void)arg;
    open_pipe(ends);
    waiter_read(&poll_for, ends[0], SY_FOREVER);
    hang_up_and_idle(open_pipe, 0);    /* EPOLLHUP */
    hang_up_and_idle(open_pipe, 1);    /* EPOLLERR */
    hang_up_and_idle(open_sockets, 0); /* EPOLLIN, EPOLLHUP, EPOLLRDHUP */
    hang_up_and_idle(open_tcp, 0);
    expect_eq(sy_write(ends[1], "x", 1), 1);
    waiter_join(&poll_for, 1);
    close_both(ends);
    return 0;
}

/* Goal: a hang-up or error that nobody asks about wakes the poller once, not all the time. */
START_TEST(test_transfer_hang_ups_do_not_spin)
{
    run_tasks(RUN_PROCS[_i], idle_beside_hang_ups, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_transfer");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_transfer_urgent_data);
    tcase_add_test(tests, test_transfer_passed_descriptors);
    tcase_add_test(tests, test_transfer_packets_of_a_pipe);
    tcase_add_test(tests, test_transfer_short_read_saves_a_try);
    tcase_add_test(tests, test_transfer_gives_turns);
    tcase_add_loop_test(tests, test_transfer_hang_ups_do_not_spin, 0, RUN_PROCS_COUNT);
    return suite_main("runtime_transfer", tests);
}
