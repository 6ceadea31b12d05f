/* chan.c - channels without waiting: making, freeing, values, order, capacity, stale handles. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/run.h"

static int new_errors(void *arg)
{
    sy_chan chan;
    (void)arg;
    expect_eq(sy_chan_new(NULL, 8, 0), -EINVAL);
    expect_eq(sy_chan_new(&chan, SY_CHAN_ELEMENT_BYTES_MAX + 1, 0), -EINVAL);
    expect_eq(sy_chan_new(&chan, SIZE_MAX, 1), -EINVAL);
    expect_eq(sy_chan_new(&chan, 1, (size_t)PTRDIFF_MAX + 1), -EOVERFLOW);
    expect_eq(sy_chan_new(&chan, 2, SIZE_MAX), -EOVERFLOW);
    expect_eq(sy_chan_new(&chan, 8, (size_t)1 << 61), -EOVERFLOW);
    expect_eq(sy_chan_new(&chan, SY_CHAN_ELEMENT_BYTES_MAX, (size_t)1 << 44), -ENOMEM);
    return 0;
}

START_TEST(test_chan_new_refuses)
{
    run_tasks(0, new_errors, NULL);
}
END_TEST

static int expect_stale(sy_chan chan)
{
    char element[16] = "";
    expect_eq(sy_chan_send(chan, element), -ESRCH);
    expect_eq(sy_chan_recv(chan, element), -ESRCH);
    expect_eq(sy_chan_try_send(chan, element), -ESRCH);
    expect_eq(sy_chan_try_recv(chan, element), -ESRCH);
    expect_eq(sy_chan_send_until(chan, element, SY_FOREVER), -ESRCH);
    expect_eq(sy_chan_recv_until(chan, element, SY_FOREVER), -ESRCH);
    expect_eq(sy_chan_send_until(chan, element, 0), -ESRCH);
    expect_eq(sy_chan_recv_until(chan, element, 0), -ESRCH);
    expect_eq(sy_chan_close(chan), -ESRCH);
    expect_eq(sy_chan_len(chan), -ESRCH);
    expect_eq(sy_chan_cap(chan), -ESRCH);
    expect_eq(sy_chan_free(chan), -ESRCH);
    return 0;
}

static int use_stale(void *arg)
{
    enum { GENERATIONS = 200 };
    static sy_chan old[GENERATIONS];
    (void)arg;
    expect_stale((sy_chan){.id = 0});
    expect_stale((sy_chan){.id = UINT64_MAX});
    expect_stale((sy_chan){.id = 1});
    for (int i = 0; i < GENERATIONS; i++) {
        expect_eq(sy_chan_new(&old[i], 16, 1), 0);
        expect_eq(sy_chan_free(old[i]), 0);
    }
    for (int i = 0; i < GENERATIONS; i++) {
        expect_stale(old[i]);
    }
    return 0;
}

/* Goal: a freed or invented handle answers -ESRCH in every call, also when its slot is reused. */
START_TEST(test_chan_stale_handle)
{
    run_tasks(0, use_stale, NULL);
}
END_TEST

static int free_in_each_state(void *arg)
{
    sy_chan chan;
    int value = 1;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof value, 2), 0);
    expect_eq(sy_chan_send(chan, &value), 0);
    expect_eq(sy_chan_free(chan), 0); /* with an element in it */
    expect_eq(sy_chan_new(&chan, sizeof value, 2), 0);
    expect_eq(sy_chan_send(chan, &value), 0);
    expect_eq(sy_chan_close(chan), 0);
    expect_eq(sy_chan_free(chan), 0); /* closed, with an element in it */
    expect_eq(sy_chan_new(&chan, sizeof value, 2), 0);
    expect_eq(sy_chan_len(chan), 0); /* a new one starts empty and open */
    expect_eq(sy_chan_try_recv(chan, &value), -EAGAIN);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

START_TEST(test_chan_free_in_each_state)
{
    run_tasks(0, free_in_each_state, NULL);
}
END_TEST

static int fill_and_drain(void *arg)
{
    enum { CAPACITY = 5 };
    sy_chan chan;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(int), CAPACITY), 0);
    expect_eq(sy_chan_cap(chan), CAPACITY);
    for (int lap = 0; lap < 7; lap++) { /* more laps than slots: the ring wraps at each place */
        for (int i = 0; i < CAPACITY; i++) {
            int value = 100 * lap + i;
            expect_eq(sy_chan_len(chan), i);
            expect_eq(sy_chan_send(chan, &value), 0);
        }
        int one_more = -1;
        expect_eq(sy_chan_try_send(chan, &one_more), -EAGAIN);
        for (int i = 0; i < CAPACITY - lap % 2; i++) {
            int value = 0;
            expect_eq(sy_chan_recv(chan, &value), 1);
            expect_eq(value, 100 * lap + i);
        }
        int value = 0;
        expect_eq(sy_chan_try_recv(chan, &value), lap % 2 == 0 ? -EAGAIN : 1);
        expect_eq(sy_chan_len(chan), 0);
    }
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: a buffered channel keeps the order, holds exactly its capacity, and counts right. */
START_TEST(test_chan_buffer_is_fifo)
{
    run_tasks(0, fill_and_drain, NULL);
}
END_TEST

static int try_unbuffered(void *arg)
{
    sy_chan chan;
    int value = 1;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof value, 0), 0);
    expect_eq(sy_chan_cap(chan), 0);
    expect_eq(sy_chan_len(chan), 0);
    expect_eq(sy_chan_try_send(chan, &value), -EAGAIN);
    expect_eq(sy_chan_try_recv(chan, &value), -EAGAIN);
    expect_eq(sy_chan_send_until(chan, &value, 0), -ETIMEDOUT);
    expect_eq(sy_chan_recv_until(chan, &value, INT64_MIN), -ETIMEDOUT);
    expect_eq(sy_chan_len(chan), 0);
    expect_eq(value, 1);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

START_TEST(test_chan_unbuffered_alone)
{
    run_tasks(0, try_unbuffered, NULL);
}
END_TEST

static int past_deadlines(void *arg)
{
    sy_chan chan;
    int value = 5;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof value, 1), 0);
    expect_eq(sy_chan_send_until(chan, &value, 0), 0);
    value = 6;
    expect_eq(sy_chan_send_until(chan, &value, sy_now()), -ETIMEDOUT);
    expect_eq(sy_chan_recv_until(chan, &value, sy_now()), 1);
    expect_eq(value, 5);
    expect_eq(sy_chan_recv_until(chan, &value, 0), -ETIMEDOUT);
    expect_eq(value, 5);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: a deadline that has passed still tries once. */
START_TEST(test_chan_until_past_tries_once)
{
    run_tasks(0, past_deadlines, NULL);
}
END_TEST

static const size_t sizes[] = {1,
                               2,
                               3,
                               4,
                               5,
                               7,
                               8,
                               9,
                               12,
                               15,
                               16,
                               17,
                               24,
                               63,
                               64,
                               65,
                               100,
                               4095,
                               4096,
                               4097,
                               32768,
                               65535,
                               SY_CHAN_ELEMENT_BYTES_MAX};

struct sized {
    size_t bytes;
    size_t capacity;
    sy_chan chan;
};

enum { SIZED_ELEMENTS = 10 };

static void fill(unsigned char *element, size_t bytes, unsigned seed)
{
    for (size_t i = 0; i < bytes; i++) {
        element[i] = (unsigned char)(seed * 31 + i * 7 + 1);
    }
}

static void *send_sized(void *arg)
{
    struct sized *sized = arg;
    unsigned char *element = malloc(sized->bytes);
    for (unsigned i = 0; i < SIZED_ELEMENTS; i++) {
        fill(element, sized->bytes, i);
        expect_eq(sy_chan_send(sized->chan, element), 0);
        memset(element, 0, sized->bytes); /* the channel has its own copy */
    }
    free(element);
    return NULL;
}

static int pass_sized(void *arg)
{
    struct sized *sized = arg;
    unsigned char *expected = malloc(sized->bytes);
    unsigned char *got = malloc(sized->bytes + 1);
    sy_task sender;
    expect_eq(sy_chan_new(&sized->chan, sized->bytes, sized->capacity), 0);
    expect_eq(sy_spawn(&sender, send_sized, sized), 0);
    for (unsigned i = 0; i < SIZED_ELEMENTS; i++) {
        got[sized->bytes] = 0xa5;
        fill(expected, sized->bytes, i);
        expect_eq(sy_chan_recv(sized->chan, got), 1);
        expect_eq(memcmp(got, expected, sized->bytes), 0);
        expect_eq(got[sized->bytes], 0xa5); /* nothing was written behind it */
    }
    expect_eq(sy_join(sender, NULL), 0);
    expect_eq(sy_chan_free(sized->chan), 0);
    free(expected);
    free(got);
    return 0;
}

/* Goal: elements of all sizes arrive whole, and nothing beside them is touched. */
START_TEST(test_chan_element_sizes)
{
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t capacity = 0; capacity < 3; capacity++) {
            struct sized sized = {.bytes = sizes[i], .capacity = capacity};
            run_tasks(RUN_PROCS[_i], pass_sized, &sized);
        }
    }
}
END_TEST

static void *signal_thrice(void *arg)
{
    sy_chan chan = *(sy_chan *)arg;
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_chan_send(chan, NULL), 0);
    }
    return NULL;
}

static int pass_signals(void *arg)
{
    size_t capacity = *(size_t *)arg;
    sy_chan chan;
    sy_task sender;
    char untouched = 'x';
    expect_eq(sy_chan_new(&chan, 0, capacity), 0);
    expect_eq(sy_chan_cap(chan), capacity);
    expect_eq(sy_spawn(&sender, signal_thrice, &chan), 0);
    expect_eq(sy_chan_recv(chan, NULL), 1);
    expect_eq(sy_chan_recv(chan, &untouched), 1);
    expect_eq(sy_chan_recv_until(chan, &untouched, SY_FOREVER), 1);
    expect_eq(sy_join(sender, NULL), 0);
    expect_eq(sy_chan_try_recv(chan, NULL), -EAGAIN);
    expect_eq(sy_chan_close(chan), 0);
    expect_eq(sy_chan_recv(chan, &untouched), 0);
    expect_eq(untouched, 'x');
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: elements of zero bytes are counted like others, and their pointers never used. */
START_TEST(test_chan_zero_element_size)
{
    size_t capacities[] = {0, 1, 3, 1000000};
    for (size_t i = 0; i < sizeof capacities / sizeof capacities[0]; i++) {
        run_tasks(RUN_PROCS[_i], pass_signals, &capacities[i]);
    }
}
END_TEST

static int drop_values(void *arg)
{
    sy_chan chan;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(int), 4), 0);
    for (int i = 0; i < 4; i++) {
        expect_eq(sy_chan_try_send(chan, &i), 0);
    }
    int value = 0;
    expect_eq(sy_chan_recv(chan, NULL), 1);
    expect_eq(sy_chan_try_recv(chan, NULL), 1);
    expect_eq(sy_chan_recv_until(chan, NULL, 0), 1);
    expect_eq(sy_chan_recv(chan, &value), 1);
    expect_eq(value, 3);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: a receive into NULL takes the element and drops it. */
START_TEST(test_chan_recv_into_null_drops)
{
    run_tasks(0, drop_values, NULL);
}
END_TEST

Suite *suite_chan(void)
{
    Suite *suite = suite_create("chan");
    TCase *tests = tcase_create("chan");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_chan_new_refuses);
    tcase_add_test(tests, test_chan_stale_handle);
    tcase_add_test(tests, test_chan_free_in_each_state);
    tcase_add_test(tests, test_chan_buffer_is_fifo);
    tcase_add_test(tests, test_chan_unbuffered_alone);
    tcase_add_test(tests, test_chan_until_past_tries_once);
    tcase_add_loop_test(tests, test_chan_element_sizes, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_chan_zero_element_size, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_chan_recv_into_null_drops);
    suite_add_tcase(suite, tests);
    return suite;
}
