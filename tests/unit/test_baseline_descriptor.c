/* test_baseline_descriptor.c - how the baseline gets threads out of system calls, at the moments
 * that the conformance suite cannot choose, and what it does with the program's signals. Method:
 * read and mmap of the baseline go through the functions here (--wrap). */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "descriptor.h"
#include "support/expect.h"

void *__real_mmap(void *address, size_t bytes, int access, int flags, int fd, off_t offset);
void *__wrap_mmap(void *address, size_t bytes, int access, int flags, int fd, off_t offset);

ssize_t __real_read(int fd, void *buffer, size_t bytes);
ssize_t __wrap_read(int fd, void *buffer, size_t bytes);

static atomic_bool refuse_memory;

void *__wrap_mmap(void *address, size_t bytes, int access, int flags, int fd, off_t offset)
{
    return refuse_memory ? MAP_FAILED : __real_mmap(address, bytes, access, flags, fd, offset);
}

enum { ROUNDS = 300, HELD_ROUNDS = 30 };

static struct descriptor *record_of(int fd)
{
    struct caller caller;
    struct descriptor *record = NULL;
    expect_eq(descriptor_enter(fd, &caller, &record), 0);
    descriptor_leave(record, &caller);
    return record;
}

static bool has(struct descriptor *record, bool cancelled)
{
    pthread_mutex_lock(&record->lock);
    bool has = cancelled ? record->cancelled_callers > 0 : record->callers != NULL;
    pthread_mutex_unlock(&record->lock);
    return has;
}

/* The reader that is held between its look at the mark and read(2): */
static struct descriptor *_Atomic held_on; /* NULL: reads are not held */
static atomic_bool released;

/* Until it is cancelled and the signal has come and gone: it makes system calls meanwhile. Then a
 * little longer, so that whoever does not wait for it has gone on. */
ssize_t __wrap_read(int fd, void *buffer, size_t bytes)
{
    struct descriptor *record = held_on;
    while (record != NULL && !has(record, true)) {
        sched_yield();
    }
    for (int i = 0; record != NULL && !released && i < 1000; i++) {
        sched_yield();
    }
    return __real_read(fd, buffer, bytes);
}

static void *read_byte(void *arg)
{
    char byte;
    return (void *)(intptr_t)sy_read(*(int *)arg, &byte, 1);
}

/* Starts a reader and waits until it has entered; where in the calls it is then is up to chance. */
static sy_task start_reader(const int *fd, struct descriptor *record)
{
    sy_task reader;
    expect_eq(sy_spawn(&reader, read_byte, (void *)(uintptr_t)fd), 0);
    while (!has(record, false)) {
        sy_yield();
    }
    return reader;
}

/* Joins the reader, which is to have been cancelled. */
static void expect_cancelled(sy_task reader)
{
    void *result = NULL;
    expect_eq(sy_join(reader, &result), 0);
    expect_eq((intptr_t)result, -ECANCELED);
}

static int cancel_readers(void *arg)
{
    bool held = *(bool *)arg;
    int ends[2];
    expect_eq(pipe(ends), 0);
    struct descriptor *record = record_of(ends[0]);
    held_on = held ? record : NULL;
    for (int i = 0; i < (held ? HELD_ROUNDS : ROUNDS); i++) {
        sy_task reader = start_reader(&ends[0], record);
        expect_eq(sy_io_cancel(ends[0]), 0);
        expect_cancelled(reader);
    }
    expect_eq(sy_io_close(ends[0]), 0);
    expect_eq(sy_io_close(ends[1]), 0);
    return 0;
}

/* Goal: no cancellation is lost. Method: the reader is anywhere, or always just before read(2) when
 * the first signal comes. */
START_TEST(test_descriptor_cancel_is_not_lost)
{
    bool held = _i == 1;
    ck_assert_int_eq(sy_run(NULL, cancel_readers, &held), 0);
    expect_assert_all();
}
END_TEST

static int close_and_reuse(void *arg)
{
    bool held = *(bool *)arg;
    int ends[2];
    int later[2];
    char byte;
    expect_eq(pipe(ends), 0);
    struct descriptor *record = record_of(ends[0]);
    for (int i = 0; i < (held ? HELD_ROUNDS : ROUNDS); i++) {
        int number = ends[0];
        released = false;
        held_on = held ? record : NULL;
        sy_task reader = start_reader(&number, record);
        expect_eq(sy_io_close(ends[0]), 0);
        expect_eq(pipe(later), 0);
        expect_eq(later[0], number); /* the lowest that is free */
        expect_eq(sy_write(later[1], "x", 1), 1);
        released = true;
        expect_cancelled(reader);
        held_on = NULL;
        expect_eq(sy_read(later[0], &byte, 1), 1);
        expect_eq(sy_io_close(ends[1]), 0);
        ends[0] = later[0];
        ends[1] = later[1];
    }
    expect_eq(sy_io_close(ends[0]), 0);
    expect_eq(sy_io_close(ends[1]), 0);
    return 0;
}

/* Goal: who waited on a closed descriptor does not read from a later one with its number. */
START_TEST(test_descriptor_number_used_again)
{
    bool held = _i == 1;
    ck_assert_int_eq(sy_run(NULL, close_and_reuse, &held), 0);
    expect_assert_all();
}
END_TEST

static int use_wild_numbers(void *arg)
{
    char byte;
    int wild[] = {INT_MAX, INT_MAX - 1, 1 << 30, -1, INT_MIN};
    (void)arg;
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
        expect_eq(sy_read(wild[i], &byte, 1), -EBADF);
        expect_eq(sy_write_until(wild[i], &byte, 1, 0), -EBADF);
        expect_eq(sy_io_cancel(wild[i]), -EBADF);
        expect_eq(sy_io_close(wild[i]), -EBADF);
    }
    return 0;
}

/* Goal: numbers that are not open cost no memory, the largest neither. */
START_TEST(test_descriptor_wild_numbers)
{
    refuse_memory = true;
    ck_assert_int_eq(sy_run(NULL, use_wild_numbers, NULL), 0);
    refuse_memory = false;
    expect_assert_all();
}
END_TEST

static int use_without_memory(void *arg)
{
    int ends[2];
    char byte;
    (void)arg;
    expect_eq(pipe(ends), 0);
    refuse_memory = true;
    expect_eq(sy_write(ends[1], "x", 1), -ENOMEM);
    expect_eq(sy_io_cancel(ends[1]), 0);
    refuse_memory = false;
    expect_eq(sy_write(ends[1], "x", 1), 1);
    expect_eq(sy_read(ends[0], &byte, 1), 1);
    expect_eq(sy_io_close(ends[0]), 0);
    expect_eq(sy_io_close(ends[1]), 0);
    return 0;
}

/* Goal: without memory for its record a descriptor is refused, and works later. */
START_TEST(test_descriptor_without_memory)
{
    ck_assert_int_eq(sy_run(NULL, use_without_memory, NULL), 0);
    expect_assert_all();
}
END_TEST

static atomic_int handled;

static void count_signal(int signal)
{
    (void)signal;
    handled++;
}

static int write_to_closed_pipe(void *arg)
{
    int ends[2];
    expect_eq(pipe(ends), 0);
    expect_eq(sy_io_close(ends[0]), 0);
    expect_eq(sy_write(ends[1], "x", 1), -EPIPE);
    expect_eq(sy_io_close(ends[1]), 0);
    return cancel_readers(arg);
}

/* Goal: the program's handlers of SIGPIPE and SIGURG are not called during the run, and are in
 * place after it, with the caller's mask as it was. */
START_TEST(test_descriptor_leaves_signals_alone)
{
    struct sigaction action = {.sa_handler = count_signal};
    struct sigaction now;
    sigset_t before;
    sigset_t after;
    bool held = false;
    sigaction(SIGURG, &action, NULL);
    sigaction(SIGPIPE, &action, NULL);
    sigemptyset(&before);
    sigaddset(&before, SIGURG); /* blocked by the caller: its tasks are interrupted all the same */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    ck_assert_int_eq(sy_run(NULL, write_to_closed_pipe, &held), 0);
    expect_assert_all();
    ck_assert_int_eq(handled, 0);
    sigaction(SIGURG, NULL, &now);
    ck_assert(now.sa_handler == count_signal);
    sigaction(SIGPIPE, NULL, &now);
    ck_assert(now.sa_handler == count_signal);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    ck_assert_int_eq(sigismember(&after, SIGURG), 1);
    ck_assert_int_eq(sigismember(&after, SIGPIPE), 0);
    raise(SIGPIPE);
    ck_assert_int_eq(handled, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("baseline_descriptor");
    TCase *tests = tcase_create("descriptor");
    tcase_set_timeout(tests, 60); /* held readers yield 1,000 times */
    tcase_add_loop_test(tests, test_descriptor_cancel_is_not_lost, 0, 2);
    tcase_add_loop_test(tests, test_descriptor_number_used_again, 0, 2);
    tcase_add_test(tests, test_descriptor_wild_numbers);
    tcase_add_test(tests, test_descriptor_without_memory);
    tcase_add_test(tests, test_descriptor_leaves_signals_alone);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
