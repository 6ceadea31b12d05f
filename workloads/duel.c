/* duel.c - see duel.h. */
#include "duel.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

/* One thread. Its fields are its own until it has been joined. */
struct player {
    struct duel *duel;
    int index;
    int status;
    uint64_t turn; /* player 0: the last that it had */
    pthread_t thread;
};

/* Goes to the index-th of the CPUs that the process may use. Not inlined: errno belongs to a
 * thread, and to those who look at the machine code any function that makes indirect calls may
 * switch. */
static __attribute__((noinline)) int pin(int index)
{
    cpu_set_t allowed;
    cpu_set_t one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) < 0) {
        return -errno;
    }
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &allowed) && index-- == 0) {
            CPU_SET(cpu, &one);
            return sched_setaffinity(0, sizeof one, &one) < 0 ? -errno : 0;
        }
    }
    return -ENODEV;
}

/* From turn `first` on: player 0 gives the odd turns away, player 1 the even ones. */
static int play_rounds(struct player *player, uint64_t first, uint64_t rounds)
{
    const struct duel *duel = player->duel;
    int status = 0;
    for (uint64_t turn = first; status == 0 && turn < first + 2 * rounds; turn += 2) {
        if (player->index == 0) {
            status = duel->means->pass(duel->state, 0, turn);
            status = status < 0 ? status : duel->means->await(duel->state, 0, turn + 1);
            player->turn = turn + 1;
        } else {
            status = duel->means->await(duel->state, 1, turn);
            status = status < 0 ? status : duel->means->pass(duel->state, 1, turn + 1);
        }
    }
    return status;
}

static void *play(void *arg)
{
    struct player *player = arg;
    struct duel *duel = player->duel;
    int cpu = duel->cpus[player->index];
    player->status = cpu == DUEL_UNPINNED ? 0 : pin(cpu);
    if (player->status == 0) {
        player->status = play_rounds(player, 1, 1);
    }
    sy_time begin = sy_now();
    if (player->status == 0) {
        player->status = play_rounds(player, 3, duel->rounds);
    }
    if (player->index == 0) {
        duel->elapsed = sy_now() - begin;
        duel->turns = player->turn;
    }
    if (player->status < 0) {
        duel->means->give_up(duel->state, player->index);
    }
    return NULL;
}

/* Two threads from the first to the last; in sy_blocking, so outside of the runtime. */
static void *fight(void *arg)
{
    struct player *players = arg;
    for (int i = 0; i < 2; i++) {
        int status = -pthread_create(&players[i].thread, NULL, play, &players[i]);
        if (status < 0) {
            players[i].status = status;
            players[i].duel->means->give_up(players[i].duel->state, i);
            if (i == 1) {
                pthread_join(players[0].thread, NULL);
            }
            return NULL;
        }
    }
    pthread_join(players[0].thread, NULL);
    pthread_join(players[1].thread, NULL);
    return NULL;
}

int duel_run(struct trial *trial, struct duel *duel)
{
    struct player players[2] = {{.duel = duel, .index = 0}, {.duel = duel, .index = 1}};
    sy_blocking(fight, players);
    for (int i = 0; i < 2; i++) {
        if (players[i].status == -ENODEV) {
            return trial_fail(trial, -ENODEV, "the process may use %d CPUs or fewer",
                              duel->cpus[i]);
        }
        if (players[i].status < 0 && players[i].status != -ECANCELED) {
            return trial_fail(trial, players[i].status, "player %d: %s", i,
                              strerrorname_np(-players[i].status));
        }
    }
    return 0;
}
