/* duel.h - two OS threads that hand the turn to and fro by means of the kernel, on either back end.
 *
 * The threads are no tasks and know nothing of the runtime: what they measure is the kernel's. The
 * calling task waits for them in sy_blocking.
 */
#ifndef SWITCHYARD_DUEL_H
#define SWITCHYARD_DUEL_H

#include "trial.h"

enum {
    DUEL_UNPINNED = -1,
};

/* How the turn is handed over. Turns are numbered from 1: player 1 waits for the odd ones, player 0
 * for the even ones. Both return 0 or a negative errno. */
struct duel_means {
    int (*pass)(void *state, int player, uint64_t turn);  /* the player gives this turn away */
    int (*await)(void *state, int player, uint64_t turn); /* returns once it has this turn */
    void (*give_up)(void *state, int player);             /* after a failure: wakes the other */
};

struct duel {
    const struct duel_means *means;
    void *state;
    uint64_t rounds; /* round trips: two turns each */
    int cpus[2];     /* where the players run, as an index of the process's CPUs; DUEL_UNPINNED */
    sy_time elapsed; /* out: of all rounds; the clock starts after one round trip more */
    uint64_t turns;  /* out: the number of the last turn that player 0 had */
};

/* By a number in memory and two system calls: the state is a duel_word, 0 at first. At most 10^9
 * rounds. */
typedef _Atomic uint32_t duel_word;
extern const struct duel_means duel_by_futex;

#define DUEL_OVER UINT32_MAX /* in place of a turn: somebody gave up */

/* Runs one duel. Returns 0, or what trial_fail returned. */
int duel_run(struct trial *trial, struct duel *duel);

#endif
