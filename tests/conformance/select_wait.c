/* select_wait.c - select that waits: who serves it, what it leaves behind, many against many. */
#include <errno.h>
#include <stdatomic.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

enum { CHANS = 6 };

/* A task that selects over all channels, sending or receiving by the bits of `sends`. */
struct chooser {
    sy_chan chans[CHANS];
    unsigned sends;
    sy_time deadline;
    int values[CHANS];
    struct sy_case cases[CHANS];
    int index;
    sy_task task;
};

static void *choose(void *arg)
{
    struct chooser *chooser = arg;
    for (int i = 0; i < CHANS; i++) {
        bool sends = (chooser->sends >> i & 1) != 0;
        chooser->cases[i] = (struct sy_case){.chan = chooser->chans[i],
                                             .op = sends ? SY_SELECT_SEND : SY_SELECT_RECV,
                                             .element = &chooser->values[i]};
    }
    blocked_soon();
    chooser->index = sy_select_until(chooser->cases, CHANS, chooser->deadline);
    return NULL;
}

static void begin(struct chooser *chooser, unsigned sends)
{
    *chooser = (struct chooser){.sends = sends, .deadline = SY_FOREVER};
    for (int i = 0; i < CHANS; i++) {
        chooser->values[i] = 100 + i;
        expect_eq(sy_chan_new(&chooser->chans[i], sizeof(int), 0), 0);
    }
}

static void start(struct chooser *chooser)
{
    blocked_begin();
    expect_eq(sy_spawn(&chooser->task, choose, chooser), 0);
    blocked_await(1);
}

static void end(struct chooser *chooser)
{
    for (int i = 0; i < CHANS; i++) {
        expect_eq(sy_chan_free(chooser->chans[i]), 0); /* -EBUSY if a stand-in were left */
    }
}

static int serve_each(void *arg)
{
    (void)arg;
    for (int i = 0; i < CHANS; i++) {
        struct chooser chooser;
        int value = i;
        begin(&chooser, 0x2a);
        start(&chooser);
        expect_eq(sy_chan_free(chooser.chans[0]), -EBUSY);
        bool sends = (chooser.sends >> i & 1) != 0;
        int result = sends ? sy_chan_try_recv(chooser.chans[i], &value)
                           : sy_chan_try_send(chooser.chans[i], &value);
        expect_eq(result, sends);
        /* Served once: no other case of it may be done now. */
        expect_eq(sy_chan_try_send(chooser.chans[(i + 2) % CHANS], &value), -EAGAIN);
        expect_eq(sy_chan_try_recv(chooser.chans[(i + 1) % CHANS], &value), -EAGAIN);
        expect_eq(sy_join(chooser.task, NULL), 0);
        expect_eq(chooser.index, i);
        expect_eq(chooser.cases[i].result, sends ? 0 : 1);
        expect_eq(sends ? value : chooser.values[i], sends ? 100 + i : i);
        end(&chooser);
    }
    return 0;
}

/* Goal: whichever channel moves first is the case that is done, and no other. */
START_TEST(test_select_waits_for_each_case)
{
    run_tasks(RUN_PROCS[_i], serve_each, NULL);
}
END_TEST

static void *receive(void *chan)
{
    int value = 0;
    blocked_soon();
    expect_eq(sy_chan_recv(*(sy_chan *)chan, &value), 1);
    expect_eq(value, 7);
    return NULL;
}

/* All but the last channel are freed, and made anew in their slots, while the chooser may not have
 * returned yet; on one proc it has not. */
static int free_at_once(void *arg)
{
    struct chooser chooser;
    sy_chan fresh[CHANS];
    sy_task receiver;
    int value = 7;
    (void)arg;
    begin(&chooser, 0x2a);
    start(&chooser);
    expect_eq(sy_spawn(&receiver, receive, &chooser.chans[2]), 0);
    blocked_await(2);
    expect_eq(sy_chan_try_recv(chooser.chans[CHANS - 1], NULL), 1);
    expect_eq(sy_chan_free(chooser.chans[2]), -EBUSY);
    for (int i = 0; i < CHANS - 1; i++) {
        expect_eq(sy_chan_free(chooser.chans[i]), i == 2 ? -EBUSY : 0);
        expect_eq(sy_chan_new(&fresh[i], sizeof(int), 1), 0);
    }
    expect_eq(sy_chan_send(fresh[0], &value), 0);
    expect_eq(sy_join(chooser.task, NULL), 0);
    expect_eq(chooser.index, CHANS - 1);
    expect_eq(sy_chan_send(chooser.chans[2], &value), 0);
    expect_eq(sy_join(receiver, NULL), 0);
    expect_eq(sy_chan_recv(fresh[0], &value), 1);
    for (int i = 0; i < CHANS - 1; i++) {
        expect_eq(sy_chan_free(fresh[i]), 0);
    }
    expect_eq(sy_chan_free(chooser.chans[2]), 0);
    expect_eq(sy_chan_free(chooser.chans[CHANS - 1]), 0);
    return 0;
}

/* Goal: a select that was served does not wait: its other channels can be freed at once. */
START_TEST(test_select_served_waits_no_more)
{
    run_tasks(RUN_PROCS[_i], free_at_once, NULL);
}
END_TEST

static int close_under_it(void *arg)
{
    struct chooser chooser;
    (void)arg;
    begin(&chooser, 0);
    start(&chooser);
    expect_eq(sy_chan_close(chooser.chans[4]), 0);
    expect_eq(sy_join(chooser.task, NULL), 0);
    expect_eq(chooser.index, 4);
    expect_eq(chooser.cases[4].result, 0);
    expect_eq(chooser.values[4], 0);
    end(&chooser);
    return 0;
}

START_TEST(test_select_wakes_when_closed)
{
    run_tasks(RUN_PROCS[_i], close_under_it, NULL);
}
END_TEST

static int pair_selects(void *arg)
{
    struct chooser receiver;
    struct chooser sender;
    (void)arg;
    begin(&receiver, 0);
    start(&receiver);
    sender = receiver;
    sender.sends = 0x3f;
    sender.values[2] = 52;
    for (int i = 0; i < CHANS; i++) {
        sender.values[i] = 50 + i;
    }
    expect_eq(sy_spawn(&sender.task, choose, &sender), 0);
    expect_eq(sy_join(sender.task, NULL), 0);
    expect_eq(sy_join(receiver.task, NULL), 0);
    expect_ge(sender.index, 0);
    expect_eq(sender.index, receiver.index);
    expect_eq(receiver.values[receiver.index], 50 + sender.index);
    end(&receiver);
    return 0;
}

/* Goal: two selects meet in one of their channels. */
START_TEST(test_select_meets_select)
{
    run_tasks(RUN_PROCS[_i], pair_selects, NULL);
}
END_TEST

static int same_channel_twice(void *arg)
{
    struct chooser chooser;
    int value = 3;
    (void)arg;
    begin(&chooser, 0x2a);
    for (int i = 1; i < CHANS; i++) {
        expect_eq(sy_chan_free(chooser.chans[i]), 0);
        chooser.chans[i] = chooser.chans[0]; /* three times to send, three times to receive */
    }
    start(&chooser);
    expect_eq(sy_chan_send(chooser.chans[0], &value), 0);
    expect_eq(sy_chan_try_send(chooser.chans[0], &value), -EAGAIN);
    expect_eq(sy_join(chooser.task, NULL), 0);
    expect_eq(chooser.index % 2, 0);
    expect_eq(chooser.values[chooser.index], 3);
    start(&chooser);
    expect_eq(sy_chan_recv(chooser.chans[0], &value), 1);
    expect_eq(sy_join(chooser.task, NULL), 0);
    expect_eq(chooser.index % 2, 1);
    expect_eq(value, 100 + chooser.index);
    expect_eq(sy_chan_free(chooser.chans[0]), 0);
    return 0;
}

/* Goal: one channel in all cases, in both directions: others meet it, it does not meet itself. */
START_TEST(test_select_same_channel_twice)
{
    run_tasks(RUN_PROCS[_i], same_channel_twice, NULL);
}
END_TEST

/* --- many against many ----------------------------------------------------------------------- */

enum { PLAYERS = 4, MOVES = 3000 };

struct game {
    sy_chan chans[3];
    sy_chan stop; /* closed at the end */
    atomic_llong sent;
    atomic_llong received;
    atomic_llong sum_sent;
    atomic_llong sum_received;
};

/* Sends MOVES numbers, each wherever it can. */
static void *send_anywhere(void *arg)
{
    struct game *game = arg;
    for (int i = 1; i <= MOVES; i++) {
        struct sy_case cases[3];
        for (int k = 0; k < 3; k++) {
            cases[k] = (struct sy_case){game->chans[k], SY_SELECT_SEND, &i, 0};
        }
        int index =
            sy_select_until(cases, 3, i % 7 == 0 ? sy_now() + 20 * SY_MICROSECOND : SY_FOREVER);
        if (index >= 0) {
            game->sent++;
            game->sum_sent += i;
        }
    }
    return NULL;
}

/* Receives by select until stopped. */
static void *receive_anywhere(void *arg)
{
    struct game *game = arg;
    for (int index = 0; index != 3;) {
        int value = 0;
        struct sy_case cases[4] = {{game->chans[0], SY_SELECT_RECV, &value, 0},
                                   {game->chans[1], SY_SELECT_RECV, &value, 0},
                                   {game->chans[2], SY_SELECT_RECV, &value, 0},
                                   {game->stop, SY_SELECT_RECV, NULL, 0}};
        index = sy_select(cases, 4);
        if (index >= 0 && index < 3) {
            game->received++;
            game->sum_received += value;
        }
    }
    return NULL;
}

/* The same without select, from one channel. */
static void *receive_plainly(void *arg)
{
    struct game *game = arg;
    int value = 0;
    while (sy_chan_recv(game->chans[1], &value) == 1) {
        game->received++;
        game->sum_received += value;
    }
    return NULL;
}

static int play(void *arg)
{
    struct game game = {.sent = 0};
    sy_task tasks[2 * PLAYERS + 1];
    size_t capacity = *(size_t *)arg;
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_chan_new(&game.chans[i], sizeof(int), i == 0 ? 0 : capacity), 0);
    }
    expect_eq(sy_chan_new(&game.stop, 0, 0), 0);
    for (int i = 0; i < PLAYERS; i++) {
        expect_eq(sy_spawn(&tasks[i], send_anywhere, &game), 0);
        expect_eq(sy_spawn(&tasks[PLAYERS + i], receive_anywhere, &game), 0);
    }
    expect_eq(sy_spawn(&tasks[2 * PLAYERS], receive_plainly, &game), 0);
    for (int i = 0; i < PLAYERS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    while (game.received < game.sent) {
        sy_yield();
    }
    expect_eq(sy_chan_close(game.stop), 0);
    for (int i = 0; i < PLAYERS; i++) {
        expect_eq(sy_join(tasks[PLAYERS + i], NULL), 0);
    }
    expect_eq(sy_chan_close(game.chans[1]), 0);
    expect_eq(sy_join(tasks[2 * PLAYERS], NULL), 0);
    expect_eq(game.received, game.sent);
    expect_eq(game.sum_received, game.sum_sent);
    expect_ge(game.sent, PLAYERS * MOVES * 6 / 7);
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_chan_free(game.chans[i]), 0);
    }
    expect_eq(sy_chan_free(game.stop), 0);
    return 0;
}

/* Goal: senders and receivers, with select and without, with deadlines: each element that was sent
 * arrives once, and nobody waits for ever. */
START_TEST(test_select_many_against_many)
{
    size_t capacities[] = {0, 2};
    run_tasks(RUN_PROCS[_i], play, &capacities[0]);
    run_tasks(RUN_PROCS[_i], play, &capacities[1]);
}
END_TEST

Suite *suite_select_wait(void)
{
    Suite *suite = suite_create("select_wait");
    TCase *tests = tcase_create("select_wait");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_select_waits_for_each_case, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_select_served_waits_no_more, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_select_wakes_when_closed, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_select_meets_select, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_select_same_channel_twice, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_select_many_against_many, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
