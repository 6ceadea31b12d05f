/* duel_futex.c - the turn is a number in memory, and two system calls: wake the other, sleep. */
#include <errno.h>

#include "base/futex.h"
#include "duel.h"

static int futex_pass(void *state, int player, uint64_t turn)
{
    duel_word *word = state;
    uint32_t expected = (uint32_t)(turn - 1);
    (void)player;
    // acq_rel: the release pairs with the acquire in futex_await; DUEL_OVER makes it fail
    if (!cas_acq_rel(word, &expected, (uint32_t)turn)) {
        return expected == DUEL_OVER ? -ECANCELED : -EPROTO;
    }
    futex_wake(word, 1);
    return 0;
}

static int futex_await(void *state, int player, uint64_t turn)
{
    duel_word *word = state;
    uint32_t seen;
    (void)player;
    while ((seen = load_acquire(word)) != turn) { // acquire: pairs with the CAS in futex_pass
        if (seen != (uint32_t)(turn - 1)) {
            return seen == DUEL_OVER ? -ECANCELED : -EPROTO;
        }
        futex_wait(word, seen, SY_FOREVER);
    }
    return 0;
}

static void futex_give_up(void *state, int player)
{
    duel_word *word = state;
    (void)player;
    store_release(word, DUEL_OVER); // release: pairs with the acquire in futex_await
    futex_wake(word, 2);
}

const struct duel_means duel_by_futex = {futex_pass, futex_await, futex_give_up};
