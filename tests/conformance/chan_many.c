/* chan_many.c - many tasks on channels: nothing is lost, doubled or reordered. */
#include <stdatomic.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/run.h"

enum { SENDERS = 4, RECEIVERS = 4, PER_SENDER = 1000 };

struct item {
    uint32_t sender;
    uint32_t number; /* 1 ... PER_SENDER */
};

struct market {
    sy_chan chan;
    sy_waitgroup senders;
    atomic_uint next_sender;
    atomic_ullong sum;
    atomic_uint count;
};

static void *send_items(void *arg)
{
    struct market *market = arg;
    struct item item = {.sender = atomic_fetch_add(&market->next_sender, 1)};
    for (item.number = 1; item.number <= PER_SENDER; item.number++) {
        expect_eq(sy_chan_send(market->chan, &item), 0);
    }
    sy_waitgroup_done(&market->senders);
    return NULL;
}

/* Each receiver sees the items of one sender in the order in which they were sent. */
static void *receive_items(void *arg)
{
    struct market *market = arg;
    uint32_t last[SENDERS] = {0};
    struct item item;
    while (sy_chan_recv(market->chan, &item) == 1) {
        expect_true(item.sender < SENDERS && item.number > last[item.sender]);
        last[item.sender] = item.number;
        market->sum += item.number;
        market->count++;
    }
    return NULL;
}

static int trade(void *arg)
{
    struct market market = {.senders = SY_WAITGROUP_INIT};
    sy_task senders[SENDERS];
    sy_task receivers[RECEIVERS];
    expect_eq(sy_chan_new(&market.chan, sizeof(struct item), *(size_t *)arg), 0);
    sy_waitgroup_add(&market.senders, SENDERS);
    for (int i = 0; i < RECEIVERS; i++) {
        expect_eq(sy_spawn(&receivers[i], receive_items, &market), 0);
    }
    for (int i = 0; i < SENDERS; i++) {
        expect_eq(sy_spawn(&senders[i], send_items, &market), 0);
    }
    expect_eq(sy_waitgroup_wait(&market.senders), 0);
    expect_eq(sy_chan_close(market.chan), 0);
    for (int i = 0; i < RECEIVERS; i++) {
        expect_eq(sy_join(receivers[i], NULL), 0);
    }
    for (int i = 0; i < SENDERS; i++) {
        expect_eq(sy_join(senders[i], NULL), 0);
    }
    expect_eq(market.count, SENDERS * PER_SENDER);
    expect_eq(market.sum, (uint64_t)SENDERS * PER_SENDER * (PER_SENDER + 1) / 2);
    expect_eq(sy_chan_free(market.chan), 0);
    return 0;
}

START_TEST(test_chan_many_to_many)
{
    size_t capacities[] = {0, 1, 16, 10000};
    for (size_t i = 0; i < sizeof capacities / sizeof capacities[0]; i++) {
        run_tasks(RUN_PROCS[_i], trade, &capacities[i]);
    }
}
END_TEST

struct link {
    sy_chan from;
    sy_chan to;
};

static void *add_one_and_pass_on(void *arg)
{
    struct link *link = arg;
    uint64_t value = 0;
    while (sy_chan_recv(link->from, &value) == 1) {
        value++;
        expect_eq(sy_chan_send(link->to, &value), 0);
    }
    expect_eq(sy_chan_close(link->to), 0);
    return NULL;
}

static int run_chain(void *arg)
{
    uint32_t length = run_is_green() ? 1000 : 100;
    struct link *links = calloc(length, sizeof *links);
    sy_chan *chans = calloc(length + 1, sizeof *chans);
    uint64_t value = 0;
    (void)arg;
    expect_eq(sy_chan_new(&chans[0], sizeof value, 0), 0);
    for (uint32_t i = 0; i < length; i++) {
        expect_eq(sy_chan_new(&chans[i + 1], sizeof value, 0), 0);
        links[i] = (struct link){.from = chans[i], .to = chans[i + 1]};
        expect_eq(sy_go(add_one_and_pass_on, &links[i]), 0);
    }
    for (uint64_t i = 0; i < 5; i++) {
        expect_eq(sy_chan_send(chans[0], &i), 0);
        expect_eq(sy_chan_recv(chans[length], &value), 1);
        expect_eq(value, i + length);
    }
    expect_eq(sy_chan_close(chans[0]), 0);
    expect_eq(sy_chan_recv(chans[length], &value), 0); /* the close has gone all the way */
    for (uint32_t i = 0; i <= length; i++) {
        expect_eq(sy_chan_free(chans[i]), 0);
    }
    free(links);
    free(chans);
    return 0;
}

/* Goal: a daisy chain of tasks passes values and the close from end to end. */
START_TEST(test_chan_daisy_chain)
{
    run_tasks(RUN_PROCS[_i], run_chain, NULL);
}
END_TEST

static void *echo(void *arg)
{
    struct link *link = arg;
    int value = 0;
    while (sy_chan_recv(link->from, &value) == 1) {
        expect_eq(sy_chan_send(link->to, &value), 0);
    }
    return NULL;
}

static int ping_pong(void *arg)
{
    struct link link;
    sy_task other;
    int got = 0;
    expect_eq(sy_chan_new(&link.from, sizeof(int), *(size_t *)arg), 0);
    expect_eq(sy_chan_new(&link.to, sizeof(int), *(size_t *)arg), 0);
    expect_eq(sy_spawn(&other, echo, &link), 0);
    for (int i = 0; i < 5000; i++) {
        expect_eq(sy_chan_send(link.from, &i), 0);
        expect_eq(sy_chan_recv(link.to, &got), 1);
        expect_eq(got, i);
    }
    expect_eq(sy_chan_close(link.from), 0);
    expect_eq(sy_join(other, NULL), 0);
    expect_eq(sy_chan_free(link.from), 0);
    expect_eq(sy_chan_free(link.to), 0);
    return 0;
}

/* Goal: no wake-up is lost in thousands of hand-overs in both directions. */
START_TEST(test_chan_ping_pong)
{
    size_t capacities[] = {0, 1};
    for (size_t i = 0; i < 2; i++) {
        run_tasks(RUN_PROCS[_i], ping_pong, &capacities[i]);
    }
}
END_TEST

Suite *suite_chan_many(void)
{
    Suite *suite = suite_create("chan_many");
    TCase *tests = tcase_create("chan_many");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_chan_many_to_many, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_chan_daisy_chain, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_chan_ping_pong, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
