/* io.c - reading and writing without waiting: counts, ends, errors. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"

typedef void (*open_fn)(int ends[2]);

/* Each test of transfers goes through both. */
static open_fn openers[] = {open_pipe, open_sockets};
enum { OPENERS = 2 };

static int transfer(void *arg)
{
    char buffer[32] = "";
    int ends[2];
    (*(open_fn *)arg)(ends);
    expect_eq(sy_write(ends[1], "hello", 5), 5);
    expect_eq(sy_read(ends[0], buffer, sizeof buffer), 5); /* less than asked for */
    expect_eq(memcmp(buffer, "hello", 5), 0);
    expect_eq(sy_write(ends[1], "0123456789", 10), 10);
    expect_eq(sy_read(ends[0], buffer, 4), 4); /* the rest stays */
    expect_eq(memcmp(buffer, "0123", 4), 0);
    expect_eq(sy_read(ends[0], buffer, sizeof buffer), 6);
    expect_eq(memcmp(buffer, "456789", 6), 0);
    expect_eq(sy_write_until(ends[1], "x", 1, SY_FOREVER), 1);
    expect_eq(sy_read_until(ends[0], buffer, 1, SY_FOREVER), 1);
    expect_eq(buffer[0], 'x');
    expect_eq(sy_write(ends[1], buffer, 0), 0);
    expect_eq(sy_write(ends[1], NULL, 0), 0); /* no bytes: NULL is no error */
    close_both(ends);
    return 0;
}

START_TEST(test_io_transfers_bytes)
{
    for (size_t i = 0; i < OPENERS; i++) {
        run_tasks(RUN_PROCS[_i], transfer, &openers[i]);
    }
}
END_TEST

static int transfer_pieces(void *arg)
{
    char first[3] = "";
    char second[8] = "";
    int ends[2];
    struct iovec out[] = {text_piece("ab"), {NULL, 0}, text_piece("cdefg")};
    struct iovec in[] = {{first, sizeof first}, {NULL, 0}, {second, sizeof second}};
    (*(open_fn *)arg)(ends);
    expect_eq(sy_writev(ends[1], out, 3), 7);
    expect_eq(sy_readv(ends[0], in, 3), 7);
    expect_eq(memcmp(first, "abc", 3), 0);
    expect_eq(memcmp(second, "defg", 4), 0);
    expect_eq(sy_writev_until(ends[1], out, 1, SY_FOREVER), 2);
    expect_eq(sy_readv_until(ends[0], in, 1, SY_FOREVER), 2);
    expect_eq(sy_writev(ends[1], out, 0), 0);
    close_both(ends);
    return 0;
}

/* Goal: pieces are gathered and scattered in order; empty ones do not matter. */
START_TEST(test_io_transfers_pieces)
{
    for (size_t i = 0; i < OPENERS; i++) {
        run_tasks(RUN_PROCS[_i], transfer_pieces, &openers[i]);
    }
}
END_TEST

static int transfer_most_pieces(void *arg)
{
    static struct iovec pieces[IOV_MAX + 1];
    static char bytes[IOV_MAX];
    int ends[2];
    (void)arg;
    open_pipe(ends);
    for (int i = 0; i <= IOV_MAX; i++) {
        pieces[i] = (struct iovec){&bytes[i % IOV_MAX], 1};
    }
    memset(bytes, 'w', sizeof bytes);
    expect_eq(sy_writev(ends[1], pieces, IOV_MAX), IOV_MAX);
    memset(bytes, 'r', sizeof bytes);
    expect_eq(sy_readv(ends[0], pieces, IOV_MAX), IOV_MAX);
    expect_true(memchr(bytes, 'r', sizeof bytes) == NULL);
    for (int too_many = IOV_MAX + 1, i = 0; i < 2; i++, too_many = INT_MAX) {
        expect_eq(sy_writev(ends[1], pieces, too_many), -EINVAL);
        expect_eq(sy_readv(ends[0], pieces, too_many), -EINVAL);
    }
    for (int negative = -1, i = 0; i < 2; i++, negative = INT_MIN) {
        expect_eq(sy_writev(ends[1], pieces, negative), -EINVAL);
        expect_eq(sy_readv(ends[0], pieces, negative), -EINVAL); /* and does not wait */
        expect_eq(sy_readv_until(ends[0], pieces, negative, SY_FOREVER), -EINVAL);
    }
    pieces[0].iov_len = SIZE_MAX;
    expect_eq(sy_writev(ends[1], pieces, 2), -EINVAL);
    close_both(ends);
    return 0;
}

START_TEST(test_io_counts_of_pieces)
{
    run_tasks(0, transfer_most_pieces, NULL);
}
END_TEST

static int read_to_end(void *arg)
{
    char buffer[8];
    int ends[2];
    (*(open_fn *)arg)(ends);
    expect_eq(sy_write(ends[1], "end", 3), 3);
    expect_eq(sy_io_close(ends[1]), 0);
    expect_eq(sy_read(ends[0], buffer, sizeof buffer), 3);
    for (int i = 0; i < 3; i++) {
        struct iovec piece = {buffer, sizeof buffer};
        expect_eq(sy_read(ends[0], buffer, sizeof buffer), 0);
        expect_eq(sy_readv(ends[0], &piece, 1), 0);
        expect_eq(sy_read_until(ends[0], buffer, sizeof buffer, 0), 0);
    }
    expect_eq(sy_io_close(ends[0]), 0);
    return 0;
}

/* Goal: what was written before the close can be read, then the end is seen, each time. */
START_TEST(test_io_end_of_file)
{
    for (size_t i = 0; i < OPENERS; i++) {
        run_tasks(RUN_PROCS[_i], read_to_end, &openers[i]);
    }
}
END_TEST

static atomic_int signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

static int write_to_closed(void *arg)
{
    struct iovec piece = text_piece("x");
    int ends[2];
    (*(open_fn *)arg)(ends);
    expect_eq(sy_io_close(ends[0]), 0);
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_write(ends[1], "x", 1), -EPIPE);
        expect_eq(sy_write_until(ends[1], "x", 1, SY_FOREVER), -EPIPE);
        expect_eq(sy_writev(ends[1], &piece, 1), -EPIPE);
        expect_eq(sy_writev_until(ends[1], &piece, 1, 0), -EPIPE);
    }
    expect_eq(sy_io_close(ends[1]), 0);
    return 0;
}

/* Goal: the writer is told -EPIPE; no SIGPIPE kills the process, nor reaches a handler. */
START_TEST(test_io_broken_pipe_raises_no_signal)
{
    signal(SIGPIPE, SIG_DFL);
    for (size_t i = 0; i < OPENERS; i++) {
        run_tasks(RUN_PROCS[_i], write_to_closed, &openers[i]);
    }
    signal(SIGPIPE, count_signal);
    for (size_t i = 0; i < OPENERS; i++) {
        run_tasks(RUN_PROCS[_i], write_to_closed, &openers[i]);
    }
    ck_assert_int_eq(signals, 0);
}
END_TEST

/* Every call on a descriptor that is none. */
static void expect_bad(int fd)
{
    char buffer[4] = "";
    struct iovec piece = {buffer, sizeof buffer};
    struct sockaddr address = {.sa_family = AF_UNIX};
    sy_time deadlines[] = {0, SY_FOREVER};
    expect_eq(sy_read(fd, buffer, sizeof buffer), -EBADF);
    expect_eq(sy_write(fd, buffer, sizeof buffer), -EBADF);
    expect_eq(sy_readv(fd, &piece, 1), -EBADF);
    expect_eq(sy_writev(fd, &piece, 1), -EBADF);
    expect_eq(sy_accept(fd, NULL, NULL), -EBADF);
    expect_eq(sy_connect(fd, &address, sizeof address), -EBADF);
    for (size_t i = 0; i < 2; i++) {
        expect_eq(sy_read_until(fd, buffer, sizeof buffer, deadlines[i]), -EBADF);
        expect_eq(sy_write_until(fd, buffer, sizeof buffer, deadlines[i]), -EBADF);
        expect_eq(sy_readv_until(fd, &piece, 1, deadlines[i]), -EBADF);
        expect_eq(sy_writev_until(fd, &piece, 1, deadlines[i]), -EBADF);
        expect_eq(sy_accept_until(fd, NULL, NULL, deadlines[i]), -EBADF);
        expect_eq(sy_connect_until(fd, &address, sizeof address, deadlines[i]), -EBADF);
    }
    expect_eq(sy_io_cancel(fd), -EBADF);
    expect_eq(sy_io_close(fd), -EBADF);
}

static int use_bad_descriptors(void *arg)
{
    int ends[2];
    (void)arg;
    expect_bad(-1);
    expect_bad(INT_MIN);
    expect_bad(INT_MAX);
    expect_bad(1 << 24);
    open_pipe(ends);
    close_both(ends); /* never used by the runtime before */
    expect_bad(ends[0]);
    open_sockets(ends);
    expect_eq(sy_write(ends[0], "x", 1), 1);
    close_both(ends);
    expect_bad(ends[0]);
    expect_bad(ends[1]);
    return 0;
}

START_TEST(test_io_bad_descriptors)
{
    run_tasks(RUN_PROCS[_i], use_bad_descriptors, NULL);
}
END_TEST

static int use_wrong_descriptors(void *arg)
{
    char buffer[4] = "";
    int ends[2];
    (void)arg;
    open_pipe(ends);
    expect_eq(sy_read(ends[1], buffer, 1), -EBADF);
    expect_eq(sy_write(ends[0], buffer, 1), -EBADF);
    expect_eq(sy_accept(ends[0], NULL, NULL), -ENOTSOCK);
    expect_eq(sy_connect(ends[0], &(struct sockaddr){0}, sizeof(struct sockaddr)), -ENOTSOCK);
    close_both(ends);
    int directory = open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    expect_eq(sy_read(directory, buffer, sizeof buffer), -EISDIR);
    expect_eq(sy_read_until(directory, buffer, sizeof buffer, 0), -EISDIR);
    expect_eq(sy_write(directory, buffer, sizeof buffer), -EBADF);
    expect_eq(sy_io_close(directory), 0);
    int path = open("/", O_PATH | O_CLOEXEC);
    expect_eq(sy_read(path, buffer, sizeof buffer), -EBADF);
    expect_eq(sy_io_close(path), 0);
    return 0;
}

/* Goal: descriptors of the wrong kind answer what the system call answers. */
START_TEST(test_io_wrong_descriptors)
{
    run_tasks(RUN_PROCS[_i], use_wrong_descriptors, NULL);
}
END_TEST

static int use_bad_buffers(void *arg)
{
    struct iovec piece = {NULL, 3};
    int ends[2];
    (*(open_fn *)arg)(ends);
    expect_eq(sy_read(ends[0], NULL, 3), -EFAULT); /* nothing to read: it must not wait first */
    expect_eq(sy_read_until(ends[0], NULL, 3, SY_FOREVER), -EFAULT);
    expect_eq(sy_write(ends[1], NULL, 3), -EFAULT);
    expect_eq(sy_write_until(ends[1], NULL, 3, SY_FOREVER), -EFAULT);
    expect_eq(sy_readv(ends[0], NULL, 1), -EFAULT);
    expect_eq(sy_writev(ends[1], NULL, 1), -EFAULT);
    expect_eq(sy_readv_until(ends[0], &piece, 1, SY_FOREVER), -EFAULT);
    expect_eq(sy_writev_until(ends[1], &piece, 1, SY_FOREVER), -EFAULT);
    expect_eq(sy_read(-1, NULL, 3), -EFAULT); /* before anything else */
    expect_eq(sy_write(-1, NULL, 3), -EFAULT);
    expect_eq(sy_write(ends[1], "kept", 4), 4);
    expect_eq(sy_read(ends[0], NULL, 4), -EFAULT);
    expect_eq(sy_read(ends[0], (void *)8, 4), -EFAULT); /* no memory there: the kernel finds out */
    expect_eq(sy_write(ends[1], (void *)8, 4), -EFAULT);
    drain(ends[0], 4); /* no error took anything */
    close_both(ends);
    return 0;
}

START_TEST(test_io_bad_buffers)
{
    for (size_t i = 0; i < OPENERS; i++) {
        run_tasks(RUN_PROCS[_i], use_bad_buffers, &openers[i]);
    }
}
END_TEST

static int use_file(void *arg)
{
    char buffer[16] = "";
    char path[] = "/tmp/switchyard_io_XXXXXX";
    struct iovec out[] = {text_piece("two"), text_piece("three")};
    struct iovec in[] = {{buffer, 3}, {buffer + 3, sizeof buffer - 3}};
    (void)arg;
    int file = mkostemp(path, O_CLOEXEC);
    expect_ge(file, 0);
    expect_eq(sy_write(file, "one", 3), 3);
    expect_eq(sy_writev(file, out, 2), 8);
    expect_eq(sy_read(file, buffer, sizeof buffer), 0); /* at the end */
    expect_eq(lseek(file, 0, SEEK_SET), 0);
    expect_eq(sy_readv_until(file, in, 2, 0), 11); /* a deadline that has passed: tries once */
    expect_eq(memcmp(buffer, "onetwothree", 11), 0);
    expect_eq(lseek(file, 3, SEEK_SET), 3);
    expect_eq(sy_write_until(file, "TWO", 3, 0), 3);
    expect_eq(sy_read_until(file, buffer, sizeof buffer, SY_FOREVER), 5);
    expect_eq(memcmp(buffer, "three", 5), 0);
    expect_eq(sy_io_cancel(file), 0);
    expect_eq(sy_read(file, NULL, 1), -EFAULT);
    int reader = open(path, O_RDONLY | O_CLOEXEC);
    expect_eq(sy_write(reader, "x", 1), -EBADF);
    expect_eq(sy_read(reader, buffer, 6), 6);
    expect_eq(memcmp(buffer, "oneTWO", 6), 0);
    expect_eq(sy_io_close(reader), 0);
    expect_eq(sy_io_close(file), 0);
    expect_bad(file);
    expect_eq(unlink(path), 0);
    return 0;
}

/* Goal: regular files, which never wait for a descriptor to become ready. */
START_TEST(test_io_regular_files)
{
    run_tasks(RUN_PROCS[_i], use_file, NULL);
}
END_TEST

static int use_devices(void *arg)
{
    char buffer[16];
    (void)arg;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    expect_eq(sy_write(null, buffer, 0), 0);
    expect_eq(sy_write(null, "gone", 4), 4);
    expect_eq(sy_read(null, buffer, sizeof buffer), 0);
    expect_eq(sy_io_close(null), 0);
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    memset(buffer, 1, sizeof buffer);
    expect_eq(sy_read(zero, buffer, sizeof buffer), sizeof buffer);
    expect_true(memchr(buffer, 1, sizeof buffer) == NULL);
    expect_eq(sy_io_close(zero), 0);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    expect_eq(sy_write(full, "x", 1), -ENOSPC);
    expect_eq(sy_io_close(full), 0);
    return 0;
}

START_TEST(test_io_devices)
{
    run_tasks(RUN_PROCS[_i], use_devices, NULL);
}
END_TEST

static int look_at_flags(void *arg)
{
    int ends[2];
    (*(open_fn *)arg)(ends);
    drain(ends[0], (size_t)sy_write(ends[1], "x", 1));
    for (int i = 0; i < 2 && run_is_green(); i++) {
        expect_eq(fcntl(ends[i], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    }
    close_both(ends);
    return 0;
}

/* Goal: the first use makes a pipe or socket non-blocking (green; threads may well block). */
START_TEST(test_io_first_use_makes_non_blocking)
{
    for (size_t i = 0; i < OPENERS; i++) {
        run_tasks(RUN_PROCS[_i], look_at_flags, &openers[i]);
    }
}
END_TEST

Suite *suite_io(void)
{
    Suite *suite = suite_create("io");
    TCase *tests = tcase_create("io");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_io_transfers_bytes, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_transfers_pieces, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_io_counts_of_pieces);
    tcase_add_loop_test(tests, test_io_end_of_file, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_broken_pipe_raises_no_signal, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_bad_descriptors, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_wrong_descriptors, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_bad_buffers, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_regular_files, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_devices, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_first_use_makes_non_blocking, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
