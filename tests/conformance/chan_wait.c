/* chan_wait.c - channels whose senders or receivers wait: hand-over, order, deadlines. */
#include <errno.h>
#include <stdatomic.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

enum { WAITERS = 5 };

struct waiter {
    sy_chan chan;
    int value;
    int result;
    sy_time deadline;
    sy_task task;
};

static void *wait_to_send(void *arg)
{
    struct waiter *waiter = arg;
    blocked_soon();
    waiter->result = sy_chan_send_until(waiter->chan, &waiter->value, waiter->deadline);
    return NULL;
}

static void *wait_to_receive(void *arg)
{
    struct waiter *waiter = arg;
    blocked_soon();
    waiter->result = sy_chan_recv_until(waiter->chan, &waiter->value, waiter->deadline);
    return NULL;
}

/* Starts WAITERS tasks, each after the one before it waits. */
static void start_waiters(struct waiter *waiters, sy_chan chan, sy_task_fn body)
{
    blocked_begin();
    for (uint32_t i = 0; i < WAITERS; i++) {
        waiters[i] = (struct waiter){.chan = chan, .value = (int)i, .deadline = SY_FOREVER};
        expect_eq(sy_spawn(&waiters[i].task, body, &waiters[i]), 0);
        blocked_await(i + 1);
    }
}

static void join_waiters(struct waiter *waiters, int result)
{
    for (int i = 0; i < WAITERS; i++) {
        expect_eq(sy_join(waiters[i].task, NULL), 0);
        expect_eq(waiters[i].result, result);
    }
}

static int serve_senders(void *arg)
{
    struct waiter waiters[WAITERS];
    int capacity = *(int *)arg;
    sy_chan chan;
    int value = 0;
    expect_eq(sy_chan_new(&chan, sizeof(int), (size_t)capacity), 0);
    for (int i = -capacity; i < 0; i++) {
        expect_eq(sy_chan_send(chan, &i), 0);
    }
    start_waiters(waiters, chan, wait_to_send);
    expect_eq(sy_chan_len(chan), capacity);
    expect_eq(sy_chan_free(chan), -EBUSY);
    for (int i = -capacity; i < WAITERS; i++) {
        expect_eq(sy_chan_try_recv(chan, &value), 1);
        expect_eq(value, i);
    }
    join_waiters(waiters, 0);
    expect_eq(sy_chan_try_recv(chan, &value), -EAGAIN);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: senders that wait are served first come, first served, after what is buffered. */
START_TEST(test_chan_waiting_senders_are_fifo)
{
    int capacities[] = {0, 1, 3};
    for (size_t i = 0; i < 3; i++) {
        run_tasks(RUN_PROCS[_i], serve_senders, &capacities[i]);
    }
}
END_TEST

static int serve_receivers(void *arg)
{
    struct waiter waiters[WAITERS];
    sy_chan chan;
    expect_eq(sy_chan_new(&chan, sizeof(int), *(size_t *)arg), 0);
    start_waiters(waiters, chan, wait_to_receive);
    expect_eq(sy_chan_free(chan), -EBUSY);
    for (int i = 0; i < WAITERS; i++) {
        int value = 100 + i;
        expect_eq(sy_chan_try_send(chan, &value), 0); /* a receiver waits: no need to */
    }
    join_waiters(waiters, 1);
    for (int i = 0; i < WAITERS; i++) {
        expect_eq(waiters[i].value, 100 + i);
    }
    expect_eq(sy_chan_len(chan), 0);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: receivers that wait are served first come, first served.
 * Method: unbuffered, so that each send meets the first of those that wait. */
START_TEST(test_chan_waiting_receivers_are_fifo)
{
    size_t capacity = 0;
    run_tasks(RUN_PROCS[_i], serve_receivers, &capacity);
}
END_TEST

static int send_then_wait(void *arg)
{
    struct waiter waiter = {.deadline = SY_FOREVER};
    int value = 77;
    (void)arg;
    expect_eq(sy_chan_new(&waiter.chan, sizeof(int), 3), 0);
    blocked_begin();
    expect_eq(sy_spawn(&waiter.task, wait_to_receive, &waiter), 0);
    blocked_await(1);
    expect_eq(sy_chan_send(waiter.chan, &value), 0);
    expect_eq(sy_join(waiter.task, NULL), 0);
    expect_eq(waiter.result, 1);
    expect_eq(waiter.value, 77);
    expect_eq(sy_chan_free(waiter.chan), 0);
    return 0;
}

/* Goal: a receiver that waits on an empty buffered channel gets the next element. */
START_TEST(test_chan_receiver_waits_on_empty_buffer)
{
    run_tasks(RUN_PROCS[_i], send_then_wait, NULL);
}
END_TEST

static int time_out(void *arg)
{
    sy_chan chan;
    int value = 1;
    int kept = 5;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(int), 1), 0);
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_chan_recv_until(chan, &kept, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    expect_eq(kept, 5);
    expect_eq(sy_chan_send(chan, &value), 0);
    value = 2;
    deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_chan_send_until(chan, &value, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    expect_eq(sy_chan_len(chan), 1);
    expect_eq(sy_chan_recv(chan, &value), 1);
    expect_eq(value, 1);
    expect_eq(sy_chan_try_recv(chan, &value), -EAGAIN); /* nothing was sent */
    expect_eq(sy_chan_free(chan), 0);                   /* nobody waits any more */
    return 0;
}

/* Goal: a send that timed out sent nothing, a receive that timed out took nothing. */
START_TEST(test_chan_until_times_out)
{
    run_tasks(RUN_PROCS[_i], time_out, NULL);
}
END_TEST

/* Waiter 1 of three gives up; 0 and 2 are served in order. */
static int give_up_in_the_middle(void *arg)
{
    struct waiter waiters[3];
    sy_chan chan;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(int), 0), 0);
    blocked_begin();
    for (uint32_t i = 0; i < 3; i++) {
        waiters[i] = (struct waiter){.chan = chan, .value = (int)i, .deadline = SY_FOREVER};
    }
    waiters[1].deadline = sy_now() + 100 * SY_MILLISECOND;
    for (uint32_t i = 0; i < 3; i++) {
        expect_eq(sy_spawn(&waiters[i].task, wait_to_send, &waiters[i]), 0);
        blocked_await(i + 1);
    }
    expect_eq(sy_join(waiters[1].task, NULL), 0);
    expect_eq(waiters[1].result, -ETIMEDOUT);
    int first = -1;
    int second = -1;
    int none = -1;
    expect_eq(sy_chan_recv(chan, &first), 1);
    expect_eq(sy_chan_recv(chan, &second), 1);
    expect_eq(sy_chan_try_recv(chan, &none), -EAGAIN);
    expect_eq(first, 0);
    expect_eq(second, 2);
    expect_eq(sy_join(waiters[0].task, NULL), 0);
    expect_eq(sy_join(waiters[2].task, NULL), 0);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

START_TEST(test_chan_until_leaves_the_queue)
{
    run_tasks(RUN_PROCS[_i], give_up_in_the_middle, NULL);
}
END_TEST

struct ledger {
    sy_chan chan;
    atomic_llong sent;
    atomic_llong received;
    atomic_int senders_left;
};

/* Deadlines a few microseconds away, so that many pass while the partner comes. */
static void *send_hastily(void *arg)
{
    struct ledger *ledger = arg;
    for (int i = 1; i <= 1000; i++) {
        if (sy_chan_send_until(ledger->chan, &i, sy_now() + i % 20 * SY_MICROSECOND) == 0) {
            ledger->sent += i;
        }
    }
    ledger->senders_left--;
    return NULL;
}

static void *receive_hastily(void *arg)
{
    struct ledger *ledger = arg;
    int value = 0;
    for (;;) {
        bool all_sent = ledger->senders_left == 0; /* before the attempt that may find nothing */
        int got = sy_chan_recv_until(ledger->chan, &value, sy_now() + 10 * SY_MICROSECOND);
        if (got == 1) {
            ledger->received += value;
        } else if (all_sent) {
            return NULL;
        }
    }
}

static int race_deadlines(void *arg)
{
    struct ledger *ledger = arg;
    sy_task tasks[6];
    ledger->senders_left = 3;
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_spawn(&tasks[i], send_hastily, ledger), 0);
        expect_eq(sy_spawn(&tasks[i + 3], receive_hastily, ledger), 0);
    }
    for (int i = 0; i < 6; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(ledger->sent, ledger->received);
    return 0;
}

static int race_deadlines_on(void *arg)
{
    struct ledger ledger = {0};
    expect_eq(sy_chan_new(&ledger.chan, sizeof(int), *(size_t *)arg), 0);
    race_deadlines(&ledger);
    expect_eq(sy_chan_free(ledger.chan), 0);
    return 0;
}

/* Goal: when deadlines race with partners, what senders believe to have sent is exactly what
 * receivers got. */
START_TEST(test_chan_until_races)
{
    size_t capacities[] = {0, 2};
    for (size_t i = 0; i < 2; i++) {
        run_tasks(RUN_PROCS[_i], race_deadlines_on, &capacities[i]);
    }
}
END_TEST

Suite *suite_chan_wait(void)
{
    Suite *suite = suite_create("chan_wait");
    TCase *tests = tcase_create("chan_wait");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_chan_waiting_senders_are_fifo, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_chan_waiting_receivers_are_fifo, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_chan_receiver_waits_on_empty_buffer, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_chan_until_times_out, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_chan_until_leaves_the_queue, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_chan_until_races, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
