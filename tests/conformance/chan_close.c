/* chan_close.c - closed channels; misuse of them is in misuse.c. */
#include <errno.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

static int drain_closed(void *arg)
{
    sy_chan chan;
    int value = 0;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(int), 3), 0);
    for (int i = 1; i <= 3; i++) {
        expect_eq(sy_chan_send(chan, &i), 0);
    }
    expect_eq(sy_chan_close(chan), 0);
    expect_eq(sy_chan_len(chan), 3);
    expect_eq(sy_chan_cap(chan), 3);
    expect_eq(sy_chan_recv(chan, &value), 1);
    expect_eq(value, 1);
    expect_eq(sy_chan_try_recv(chan, &value), 1);
    expect_eq(value, 2);
    expect_eq(sy_chan_recv_until(chan, &value, 0), 1);
    expect_eq(value, 3);
    expect_eq(sy_chan_len(chan), 0);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: what was buffered before the close can still be received, in order. */
START_TEST(test_chan_close_keeps_buffered)
{
    run_tasks(0, drain_closed, NULL);
}
END_TEST

static int receive_from_closed(void *arg)
{
    char element[8];
    char zeros[8] = {0};
    sy_chan chan;
    expect_eq(sy_chan_new(&chan, sizeof element, *(size_t *)arg), 0);
    expect_eq(sy_chan_close(chan), 0);
    for (int i = 0; i < 3; i++) {
        memset(element, 'x', sizeof element);
        expect_eq(sy_chan_recv(chan, element), 0);
        expect_eq(memcmp(element, zeros, sizeof element), 0);
        memset(element, 'x', sizeof element);
        expect_eq(sy_chan_try_recv(chan, element), 0);
        expect_eq(memcmp(element, zeros, sizeof element), 0);
        memset(element, 'x', sizeof element);
        expect_eq(sy_chan_recv_until(chan, element, 0), 0);
        expect_eq(memcmp(element, zeros, sizeof element), 0);
        expect_eq(sy_chan_recv(chan, NULL), 0);
    }
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: a closed and drained channel answers 0 for ever, and zeroes the element. */
START_TEST(test_chan_close_then_recv_gives_zero)
{
    size_t capacities[] = {0, 4};
    for (size_t i = 0; i < 2; i++) {
        run_tasks(0, receive_from_closed, &capacities[i]);
    }
}
END_TEST

enum { RECEIVERS = 4 };

struct receiver {
    sy_chan chan;
    int value;
    int result;
    sy_time deadline;
    sy_task task;
};

static void *wait_to_receive(void *arg)
{
    struct receiver *receiver = arg;
    blocked_soon();
    receiver->result = sy_chan_recv_until(receiver->chan, &receiver->value, receiver->deadline);
    return NULL;
}

static int close_over_receivers(void *arg)
{
    struct receiver receivers[RECEIVERS];
    sy_chan chan;
    expect_eq(sy_chan_new(&chan, sizeof(int), *(size_t *)arg), 0);
    blocked_begin();
    for (int i = 0; i < RECEIVERS; i++) {
        receivers[i] = (struct receiver){.chan = chan, .value = -1, .result = -1};
        receivers[i].deadline = i % 2 == 0 ? SY_FOREVER : sy_now() + 1000 * SY_SECOND;
        expect_eq(sy_spawn(&receivers[i].task, wait_to_receive, &receivers[i]), 0);
    }
    blocked_await(RECEIVERS);
    expect_eq(sy_chan_close(chan), 0);
    for (int i = 0; i < RECEIVERS; i++) {
        expect_eq(sy_join(receivers[i].task, NULL), 0);
        expect_eq(receivers[i].result, 0);
        expect_eq(receivers[i].value, 0);
    }
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: close wakes all that wait to receive, with or without a deadline. */
START_TEST(test_chan_close_wakes_receivers)
{
    size_t capacities[] = {0, 2};
    for (size_t i = 0; i < 2; i++) {
        run_tasks(RUN_PROCS[_i], close_over_receivers, &capacities[i]);
    }
}
END_TEST

struct stream {
    sy_chan chan;
    int count;
};

static void *receive_all(void *arg)
{
    struct stream *stream = arg;
    int value = 0;
    while (sy_chan_recv(stream->chan, &value) == 1) {
        stream->count++;
    }
    return NULL;
}

static int close_races(void *arg)
{
    (void)arg;
    for (int i = 0; i < 300; i++) {
        struct stream streams[2] = {0};
        sy_task tasks[2];
        sy_chan chan;
        expect_eq(sy_chan_new(&chan, sizeof(int), (size_t)(i % 3)), 0);
        for (int k = 0; k < 2; k++) {
            streams[k].chan = chan;
            expect_eq(sy_spawn(&tasks[k], receive_all, &streams[k]), 0);
        }
        for (int sent = 0; sent < i % 7; sent++) {
            expect_eq(sy_chan_send(chan, &sent), 0);
        }
        expect_eq(sy_chan_close(chan), 0);
        expect_eq(sy_join(tasks[0], NULL), 0);
        expect_eq(sy_join(tasks[1], NULL), 0);
        expect_eq(streams[0].count + streams[1].count, i % 7);
        expect_eq(sy_chan_free(chan), 0);
    }
    return 0;
}

/* Goal: whatever was sent before the close is received, whenever the receivers come. */
START_TEST(test_chan_close_races_with_receivers)
{
    run_tasks(RUN_PROCS[_i], close_races, NULL);
}
END_TEST

Suite *suite_chan_close(void)
{
    Suite *suite = suite_create("chan_close");
    TCase *tests = tcase_create("chan_close");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_chan_close_keeps_buffered);
    tcase_add_test(tests, test_chan_close_then_recv_gives_zero);
    tcase_add_loop_test(tests, test_chan_close_wakes_receivers, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_chan_close_races_with_receivers, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
