/* linear.c - histories of channels (with select), and of mutexes, are linearizable. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/linear.h"
#include "support/run.h"

enum { PLAYERS = 4, OPS = 12, HISTORIES = 60, CHANS = 2 };

/* One round: the players begin together and do OPS operations each. */
struct round {
    sy_barrier begin;
    sy_chan chans[CHANS];
    sy_mutex mutex;
    uint32_t seed;
    struct linear_history histories[CHANS]; /* one for each channel; the first for the mutex */
};

static struct round rounds[HISTORIES]; /* checked when the runtime has ended */

struct player {
    struct round *round;
    uint32_t index;
    uint32_t random;
    int64_t next; /* to send: each number once in a round */
    sy_task task;
};

/* A linear congruential generator, its upper bits: Knuth, "The art of computer programming", 3.2.1.
 */
static uint32_t draw(struct player *player, uint32_t limit)
{
    player->random = player->random * 1664525 + 1013904223;
    return (player->random >> 16) % limit;
}

static int64_t as_refusal(int result)
{
    return result == -ETIMEDOUT ? -EAGAIN : result;
}

static sy_time soon(void)
{
    return sy_now() + 20 * SY_MICROSECOND;
}

static void send_one(struct player *player, uint32_t chan)
{
    struct round *round = player->round;
    int64_t value = ++player->next;
    struct sy_case one = {round->chans[chan], SY_SELECT_SEND, &value, 0};
    struct linear_op *op = linear_begin(&round->histories[chan], player->index, LINEAR_SEND, value);
    int result = 0;
    switch (draw(player, 4)) {
    case 0:
        result = sy_chan_try_send(round->chans[chan], &value);
        break;
    case 1:
        result = sy_chan_send_until(round->chans[chan], &value, soon());
        break;
    case 2:
        result = sy_try_select(&one, 1);
        break;
    default:
        result = sy_select_until(&one, 1, soon());
    }
    linear_end(&round->histories[chan], op, as_refusal(result));
}

static void receive_one(struct player *player, uint32_t chan)
{
    struct round *round = player->round;
    int64_t value = 0;
    struct sy_case one = {round->chans[chan], SY_SELECT_RECV, &value, 0};
    struct linear_op *op = linear_begin(&round->histories[chan], player->index, LINEAR_RECV, 0);
    int result = 0;
    switch (draw(player, 4)) {
    case 0:
        result = sy_chan_try_recv(round->chans[chan], &value);
        break;
    case 1:
        result = sy_chan_recv_until(round->chans[chan], &value, soon());
        break;
    case 2:
        result = sy_try_select(&one, 1);
        break;
    default:
        result = sy_select_until(&one, 1, soon());
    }
    op->argument = value;
    result = result == 0 && one.result == 1 ? 1 : result;
    linear_end(&round->histories[chan], op, as_refusal(result));
}

/* A receive from either: it counts as one where it was done. */
static void receive_any(struct player *player)
{
    struct round *round = player->round;
    int64_t value = 0;
    struct sy_case cases[CHANS];
    for (int i = 0; i < CHANS; i++) {
        cases[i] = (struct sy_case){round->chans[i], SY_SELECT_RECV, &value, 0};
    }
    unsigned long long begin = atomic_fetch_add(&round->histories[0].clock, 1);
    unsigned long long other = atomic_fetch_add(&round->histories[1].clock, 1);
    int index = sy_select_until(cases, CHANS, soon());
    if (index >= 0) {
        struct linear_history *history = &round->histories[index];
        struct linear_op *op = linear_begin(history, player->index, LINEAR_RECV, value);
        op->begin = index == 0 ? begin : other;
        linear_end(history, op, cases[index].result);
    }
}

static void *play_channels(void *arg)
{
    struct player *player = arg;
    (void)sy_barrier_wait(&player->round->begin);
    for (int i = 0; i < OPS; i++) {
        uint32_t kind = draw(player, 7);
        if (kind < 3) {
            send_one(player, kind % CHANS);
        } else if (kind < 6) {
            receive_one(player, kind % CHANS);
        } else {
            receive_any(player);
        }
    }
    return NULL;
}

static void *play_mutex(void *arg)
{
    struct player *player = arg;
    struct linear_history *history = &player->round->histories[0];
    sy_mutex *mutex = &player->round->mutex;
    (void)sy_barrier_wait(&player->round->begin);
    for (int i = 0; i < OPS / 2; i++) {
        struct linear_op *op = linear_begin(history, player->index, LINEAR_LOCK, 0);
        uint32_t how = draw(player, 3);
        int result = how == 0   ? sy_mutex_trylock(mutex)
                     : how == 1 ? sy_mutex_lock_until(mutex, soon())
                                : sy_mutex_lock(mutex);
        linear_end(history, op, result == -ETIMEDOUT ? -EBUSY : result);
        if (draw(player, 3) == 0) {
            sy_yield();
        }
        if (result == 0) {
            op = linear_begin(history, player->index, LINEAR_UNLOCK, 0);
            sy_mutex_unlock(mutex);
            linear_end(history, op, 0);
        }
    }
    return NULL;
}

static void play_round(struct round *round, sy_task_fn body)
{
    struct player players[PLAYERS];
    expect_eq(sy_barrier_init(&round->begin, PLAYERS), 0);
    for (uint32_t i = 0; i < PLAYERS; i++) {
        players[i] = (struct player){.round = round,
                                     .index = i,
                                     .random = round->seed * 97 + i * 7919,
                                     .next = (int64_t)i * 1000};
        expect_eq(sy_spawn(&players[i].task, body, &players[i]), 0);
    }
    for (uint32_t i = 0; i < PLAYERS; i++) {
        expect_eq(sy_join(players[i].task, NULL), 0);
    }
    expect_eq(sy_barrier_destroy(&round->begin), 0);
}

static int play_all_channels(void *arg)
{
    memset(rounds, 0, sizeof rounds);
    for (uint32_t i = 0; i < HISTORIES; i++) {
        rounds[i].seed = *(uint32_t *)arg + i;
        for (int k = 0; k < CHANS; k++) {
            expect_eq(sy_chan_new(&rounds[i].chans[k], sizeof(int64_t), i % 3 + 1), 0);
        }
        play_round(&rounds[i], play_channels);
        for (int k = 0; k < CHANS; k++) {
            expect_eq(sy_chan_free(rounds[i].chans[k]), 0);
        }
    }
    return 0;
}

/* Goal: every history of a buffered channel is that of a bounded queue: sends and receives, tries,
 * deadlines, and cases of selects. */
START_TEST(test_linear_channels)
{
    uint32_t seed = 1 + (uint32_t)_i * 1000;
    run_tasks(RUN_PROCS[_i], play_all_channels, &seed);
    for (uint32_t i = 0; i < HISTORIES; i++) {
        struct linear_state initial = {{(int64_t)(i % 3 + 1)}};
        for (int k = 0; k < CHANS; k++) {
            ck_assert_msg(linear_check(&rounds[i].histories[k], &initial, linear_channel),
                          "history %u of channel %d, seed %u", i, k, rounds[i].seed);
        }
    }
}
END_TEST

static int play_all_mutexes(void *arg)
{
    memset(rounds, 0, sizeof rounds);
    for (uint32_t i = 0; i < HISTORIES; i++) {
        rounds[i].seed = *(uint32_t *)arg + i;
        play_round(&rounds[i], play_mutex);
        expect_eq(sy_mutex_destroy(&rounds[i].mutex), 0);
    }
    return 0;
}

START_TEST(test_linear_mutexes)
{
    uint32_t seed = 5 + (uint32_t)_i * 1000;
    run_tasks(RUN_PROCS[_i], play_all_mutexes, &seed);
    for (uint32_t i = 0; i < HISTORIES; i++) {
        struct linear_state initial = {{0}};
        ck_assert_msg(linear_check(&rounds[i].histories[0], &initial, linear_mutex),
                      "history %u, seed %u", i, rounds[i].seed);
    }
}
END_TEST

Suite *suite_linear(void)
{
    Suite *suite = suite_create("linear");
    TCase *tests = tcase_create("linear");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_linear_channels, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_linear_mutexes, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
