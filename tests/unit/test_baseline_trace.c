/* test_baseline_trace.c - the rings that traces are recorded in, which both runtimes share; here
 * with plain threads. Method for lack of memory: mmap goes through a function that can refuse. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/trace.h"

void *__real_mmap(void *address, size_t bytes, int access, int flags, int fd, off_t offset);
void *__wrap_mmap(void *address, size_t bytes, int access, int flags, int fd, off_t offset);

static atomic_bool refuse_memory;

void *__wrap_mmap(void *address, size_t bytes, int access, int flags, int fd, off_t offset)
{
    return refuse_memory ? MAP_FAILED : __real_mmap(address, bytes, access, flags, fd, offset);
}

enum { TEXT_MAX = 1 << 20 };

static char text[TEXT_MAX];

/* Writes the trace into `text`; returns what trace_write answered. */
static ssize_t write_to_text(void)
{
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    ssize_t events = trace_write(fileno(file), "test");
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return events;
}

/* Replaces the times, which no test can know, by T. They do not decrease within a worker. */
static void hide_times(char *into, size_t bytes)
{
    unsigned long long last = 0;
    size_t used = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *rest = line;
        unsigned long long when = strtoull(line, &rest, 10);
        ck_assert(rest == line || when >= last);
        last = rest == line ? 0 : when;
        used +=
            (size_t)snprintf(into + used, bytes - used, "%s%s\n", rest == line ? "" : "T", rest);
    }
}

#define assert_text(expected)                                                                      \
    do {                                                                                           \
        char hidden[4096] = "";                                                                    \
        hide_times(hidden, sizeof hidden);                                                         \
        ck_assert_str_eq(hidden, (expected));                                                      \
    } while (0)

/* Goal: what every call answers in every state. */
START_TEST(test_trace_states)
{
    ck_assert_int_eq(trace_start(0), -EINVAL);
    ck_assert_int_eq(trace_start(TRACE_EVENTS_MAX + 1), -EINVAL);
    ck_assert_int_eq(trace_stop(), -EINVAL);
    ck_assert_int_eq(trace_write(STDOUT_FILENO, "test"), -EINVAL);
    ck_assert(!trace_is_on());
    ck_assert_int_eq(trace_start(TRACE_EVENTS_MAX), 0);
    ck_assert(trace_is_on());
    ck_assert_int_eq(trace_start(1), -EBUSY);
    ck_assert_int_eq(trace_write(STDOUT_FILENO, "test"), -EBUSY);
    ck_assert_int_eq(trace_stop(), 0);
    ck_assert(!trace_is_on());
    ck_assert_int_eq(trace_stop(), -EINVAL);
    ck_assert_int_eq(write_to_text(), 0);
    ck_assert_int_eq(trace_start(1), 0);
    trace_reset();
    ck_assert(!trace_is_on());
    ck_assert_int_eq(trace_write(STDOUT_FILENO, "test"), -EINVAL);
}
END_TEST

/* Goal: the text, line by line, with each kind of event; twice the same. */
START_TEST(test_trace_text)
{
    static const char expected[] = "switchyard-trace/1 test\nworker 1\n"
                                   "T create 2 1\nT start 2 0\nT stop 2 0 recv\nT ready 2 0\n"
                                   "T steal 31 4294967295\nT block 2 0\nT unblock 2 0\n"
                                   "T poll 0 7\nT timer 0 1\n";
    trace_event(TRACE_START, 9, 9, NULL); /* before the start: not recorded */
    ck_assert_int_eq(trace_start(100), 0);
    trace_event(TRACE_CREATE, 2, 1, NULL);
    trace_event(TRACE_START, 2, 0, NULL);
    trace_event(TRACE_STOP, 2, 0, TRACE_WORD_RECV);
    trace_event(TRACE_READY, 2, 0, NULL);
    trace_event(TRACE_STEAL, 31, UINT32_MAX, NULL);
    trace_event(TRACE_BLOCK, 2, 0, NULL);
    trace_event(TRACE_UNBLOCK, 2, 0, NULL);
    trace_event(TRACE_POLL, 0, 7, NULL);
    trace_event(TRACE_TIMER, 0, 1, NULL);
    ck_assert_int_eq(trace_stop(), 0);
    trace_event(TRACE_START, 9, 9, NULL); /* after the end */
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(write_to_text(), 9);
        assert_text(expected);
    }
    trace_reset();
}
END_TEST

/* Goal: of a ring that is too small the newest events are kept, exactly as many as asked for. */
START_TEST(test_trace_keeps_the_newest)
{
    ck_assert_int_eq(trace_start(3), 0);
    for (uint32_t i = 1; i <= 3; i++) {
        trace_event(TRACE_START, i, 0, NULL);
    }
    ck_assert_int_eq(trace_stop(), 0);
    ck_assert_int_eq(write_to_text(), 3);
    assert_text("switchyard-trace/1 test\nworker 1\nT start 1 0\nT start 2 0\nT start 3 0\n");
    ck_assert_int_eq(trace_start(3), 0);
    for (uint32_t i = 1; i <= 100; i++) {
        trace_event(TRACE_START, i, 0, NULL);
    }
    ck_assert_int_eq(trace_stop(), 0);
    ck_assert_int_eq(write_to_text(), 3);
    assert_text("switchyard-trace/1 test\nworker 1\n"
                "T start 98 0\nT start 99 0\nT start 100 0\nlost 97\n");
    trace_reset();
}
END_TEST

static void *record_once(void *arg)
{
    trace_event(TRACE_START, (uint32_t)(uintptr_t)arg, 0, NULL);
    trace_thread_ends();
    return NULL;
}

static void record_in_thread(uint32_t task)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, record_once, (void *)(uintptr_t)task), 0);
    pthread_join(thread, NULL);
}

/* Goal: what a thread recorded outlives it, but not the next start; other sizes and runs of the
 * same thread do not disturb each other. */
START_TEST(test_trace_of_threads_that_ended)
{
    for (uint32_t run = 0; run < 3; run++) {
        ck_assert_int_eq(trace_start(10 + run), 0);
        record_in_thread(5);
        record_in_thread(6);
        ck_assert_int_eq(trace_stop(), 0);
        ck_assert_int_eq(write_to_text(), 2);
        assert_text("switchyard-trace/1 test\nworker 3\nT start 6 0\nworker 2\nT start 5 0\n"
                    "worker 1\n");
        ck_assert_int_eq(trace_start(1000), 0);
        trace_event(TRACE_START, 7, 0, NULL);
        ck_assert_int_eq(trace_stop(), 0);
        ck_assert_int_eq(write_to_text(), 1);
        assert_text("switchyard-trace/1 test\nworker 1\nT start 7 0\n");
        trace_reset();
    }
}
END_TEST

/* Goal: without memory nothing starts; a thread without a ring loses its events, and they are
 * counted. */
START_TEST(test_trace_without_memory)
{
    refuse_memory = true;
    ck_assert_int_eq(trace_start(10), -ENOMEM);
    ck_assert(!trace_is_on());
    ck_assert_int_eq(trace_stop(), -EINVAL);
    refuse_memory = false;
    ck_assert_int_eq(trace_start(10), 0);
    refuse_memory = true;
    record_in_thread(5);
    refuse_memory = false;
    ck_assert_int_eq(trace_stop(), 0);
    ck_assert_int_eq(write_to_text(), 0);
    assert_text("switchyard-trace/1 test\nlost 1\nworker 1\n");
    trace_reset();
}
END_TEST

static void *read_slowly(void *arg)
{
    static char block[4096];
    size_t used = 0;
    ssize_t got = 0;
    while ((got = read(*(int *)arg, block, sizeof block)) > 0) {
        memcpy(text + used, block, (size_t)got);
        used += (size_t)got;
    }
    text[used] = '\0';
    return NULL;
}

/* Goal: a pipe much smaller than the text, which does not wait, gets all of it; errors of write(2)
 * are answered, and the trace can be written again. */
START_TEST(test_trace_write_short_and_failing)
{
    enum { EVENTS = 20000 };
    int ends[2];
    pthread_t reader;
    ck_assert_int_eq(trace_start(EVENTS), 0);
    for (uint32_t i = 0; i < EVENTS; i++) {
        trace_event(TRACE_STOP, i, 0, TRACE_WORD_END);
    }
    ck_assert_int_eq(trace_stop(), 0);
    int full = open("/dev/full", O_WRONLY);
    ck_assert_int_eq(trace_write(full, "test"), -ENOSPC);
    close(full);
    ck_assert_int_eq(trace_write(full, "test"), -EBADF);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_ge(fcntl(ends[1], F_SETPIPE_SZ, 4096), 0);
    ck_assert_int_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    ck_assert_int_eq(pthread_create(&reader, NULL, read_slowly, &ends[0]), 0);
    ck_assert_int_eq(trace_write(ends[1], "test"), EVENTS);
    close(ends[1]);
    pthread_join(reader, NULL);
    close(ends[0]);
    const char *last = strstr(text, " stop 19999 0 end\n");
    ck_assert_ptr_nonnull(last);
    ck_assert_int_eq(strlen(last), strlen(" stop 19999 0 end\n"));
    trace_reset();
}
END_TEST

static atomic_bool over;
static atomic_uint recorded;

/* Does not look whether the trace is on: as late as a writer can be, and all the time. */
static void *record_late(void *arg)
{
    for (uint32_t i = 1; !over; i++) {
        trace_record(TRACE_START, i, ~i, NULL);
        recorded++;
    }
    trace_thread_ends();
    return arg;
}

/* Events that belong together, in order, with nothing of another in them. */
static void check_late_text(void)
{
    unsigned last = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        unsigned long long when = 0;
        unsigned task = 0;
        unsigned other = 0;
        if (sscanf(line, "%llu start %u %u", &when, &task, &other) == 3) {
            ck_assert_uint_eq(other, ~task);
            ck_assert_uint_gt(task, last);
            last = task;
        }
    }
}

/* Goal: a trace that is written while a thread still records shows whole events, in order. */
START_TEST(test_trace_late_writers)
{
    enum { ROUNDS = 100 };
    pthread_t thread;
    ssize_t shown = 0;
    ck_assert_int_eq(pthread_create(&thread, NULL, record_late, NULL), 0);
    for (int i = 0; i < ROUNDS || shown == 0; i++) {
        ck_assert_int_eq(trace_start((size_t)(i % 7 * 100 + 1)), 0);
        for (unsigned before = recorded; recorded - before < 1000;) {
            /* until its ring is full */
        }
        ck_assert_int_eq(trace_stop(), 0);
        ssize_t events = write_to_text();
        ck_assert_int_ge(events, 0);
        shown += events;
        check_late_text();
    }
    over = true;
    pthread_join(thread, NULL);
    trace_reset();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("baseline_trace");
    TCase *tests = tcase_create("trace");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_trace_states);
    tcase_add_test(tests, test_trace_text);
    tcase_add_test(tests, test_trace_keeps_the_newest);
    tcase_add_test(tests, test_trace_of_threads_that_ended);
    tcase_add_test(tests, test_trace_without_memory);
    tcase_add_test(tests, test_trace_write_short_and_failing);
    tcase_add_test(tests, test_trace_late_writers);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
