/* io_stream.c - long streams, other kinds of descriptors, partners outside of the runtime. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/waiter.h"

enum { STREAM_BYTES = 1 << 20 };

struct stream {
    int fd;
    unsigned char data[STREAM_BYTES];
};

static struct stream outward[2];
static struct stream inward[2];

static void *send_stream(void *arg)
{
    struct stream *stream = arg;
    expect_true(write_whole(stream->fd, stream->data, STREAM_BYTES, 50000));
    return NULL;
}

static void *receive_stream(void *arg)
{
    struct stream *stream = arg;
    expect_true(read_whole(stream->fd, stream->data, STREAM_BYTES, 7777));
    return NULL;
}

static int stream_both_ways(void *arg)
{
    sy_task tasks[4];
    int ends[2];
    (void)arg;
    open_sockets(ends);
    for (uint32_t i = 0; i < 2; i++) {
        outward[i].fd = inward[i].fd = ends[i];
        fill_with_pattern(outward[i].data, STREAM_BYTES, i);
        expect_eq(sy_spawn(&tasks[i], send_stream, &outward[i]), 0);
        expect_eq(sy_spawn(&tasks[2 + i], receive_stream, &inward[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    for (int i = 0; i < 2; i++) {
        expect_eq(memcmp(inward[i].data, outward[1 - i].data, STREAM_BYTES), 0);
    }
    close_both(ends);
    return 0;
}

/* Goal: a stream many times the size of the buffers arrives whole and in order, both ways at once.
 */
START_TEST(test_io_streams_under_backpressure)
{
    run_tasks(RUN_PROCS[_i], stream_both_ways, NULL);
}
END_TEST

/* Opens a reading and a writing descriptor of a kind that epoll takes. */
static void open_fifo(int ends[2])
{
    char folder[] = "/tmp/switchyard_fifo_XXXXXX";
    char path[64];
    expect_true(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/f", folder);
    expect_eq(mkfifo(path, 0600), 0);
    ends[0] = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* else it would wait for the other */
    ends[1] = open(path, O_WRONLY | O_CLOEXEC);
    unlink(path);
    rmdir(folder);
}

static void open_tty(int ends[2])
{
    struct termios raw;
    ends[1] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    expect_eq(grantpt(ends[1]) + unlockpt(ends[1]), 0);
    ends[0] = open(ptsname(ends[1]), O_RDWR | O_NOCTTY | O_CLOEXEC);
    expect_eq(tcgetattr(ends[0], &raw), 0);
    cfmakeraw(&raw);
    expect_eq(tcsetattr(ends[0], TCSANOW, &raw), 0);
}

static int wait_for_kind(void *arg)
{
    struct waiter reader;
    int ends[2];
    ((void (*)(int ends[2]))arg)(ends);
    for (int i = 0; i < 3; i++) {
        blocked_begin();
        waiter_read(&reader, ends[0], SY_FOREVER);
        blocked_await_io(1);
        expect_eq(sy_write(ends[1], &"kind"[i], 1), 1);
        waiter_join(&reader, 1);
        expect_eq(reader.byte, "kind"[i]);
    }
    close_both(ends);
    return 0;
}

/* Goal: FIFOs and terminals wait as pipes do. */
START_TEST(test_io_fifo_and_terminal)
{
    run_tasks(RUN_PROCS[_i], wait_for_kind, (void *)open_fifo);
    run_tasks(RUN_PROCS[_i], wait_for_kind, (void *)open_tty);
}
END_TEST

enum { ROUNDS = 500 };

struct echo {
    int to_task[2];
    int to_thread[2];
};

/* A foreign thread: plain system calls. */
static void *serve_from_thread(void *arg)
{
    struct echo *echo = arg;
    unsigned char byte = 0;
    for (int i = 0; i < ROUNDS; i++) {
        expect_eq(write(echo->to_task[1], &byte, 1), 1);
        expect_eq(read(echo->to_thread[0], &byte, 1), 1);
    }
    expect_eq(byte, ROUNDS % 256);
    return NULL;
}

static int answer_thread(void *arg)
{
    struct echo echo;
    pthread_t thread;
    unsigned char byte = 0;
    (void)arg;
    open_pipe(echo.to_task);
    open_pipe(echo.to_thread);
    expect_eq(pthread_create(&thread, NULL, serve_from_thread, &echo), 0);
    for (int i = 0; i < ROUNDS; i++) {
        expect_eq(sy_read(echo.to_task[0], &byte, 1), 1); /* nothing else to run meanwhile */
        byte++;
        expect_eq(sy_write(echo.to_thread[1], &byte, 1), 1);
    }
    expect_eq(pthread_join(thread, NULL), 0);
    close_both(echo.to_task);
    close_both(echo.to_thread);
    return 0;
}

/* Goal: a process whose only task waits for a descriptor is idle, not deadlocked. */
START_TEST(test_io_only_task_waits)
{
    run_tasks(RUN_PROCS[_i], answer_thread, NULL);
}
END_TEST

Suite *suite_io_stream(void)
{
    Suite *suite = suite_create("io_stream");
    TCase *tests = tcase_create("io_stream");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_io_streams_under_backpressure, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_fifo_and_terminal, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_only_task_waits, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
