/* switch.pipe - two tasks that hand a message to and fro through two pipes.
 *
 * What switch.chan does with channels, with the kernel in between: sy_write to a pipe, sy_read from
 * the other. Each number is 8 bytes, which a pipe never splits.
 *
 * Metric: `switch`, ns a hop = time of `rounds` round trips / (2 * rounds). A hop is one number
 *         written, and read by the other task, which must run for it: neither can go on before the
 *         other answered. The clock starts after one round trip that is not counted.
 * Work:   tasks; messages = switches = 2 * rounds an epoch (the uncounted round trip not included).
 * Proof:  numbers follow each other, and each reader expects the next; the checksum is over the
 *         numbers read.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "crew.h"

/* What one task uses. Task 0 writes even numbers, and expects each to come back plus one. */
struct player {
    int in;       /* reads here */
    int out;      /* writes here; the task closes it if it fails, so that the other sees the end */
    uint64_t sum; /* of the numbers read */
};

struct ping_pong {
    uint64_t rounds;
    struct player players[2];
    sy_time elapsed; /* task 0's */
};

static int put(const struct player *player, uint64_t number)
{
    ssize_t count = sy_write(player->out, &number, sizeof number);
    if (count < 0) {
        return (int)count;
    }
    return count == sizeof number ? 0 : -EIO;
}

static int get(struct player *player, uint64_t wanted)
{
    uint64_t number = 0;
    ssize_t count = sy_read(player->in, &number, sizeof number);
    if (count < 0) {
        return (int)count;
    }
    player->sum += number;
    return count == sizeof number && number == wanted ? 0 : -EPROTO;
}

static int serve(struct player *player, uint64_t first, uint64_t rounds)
{
    int status = 0;
    for (uint64_t number = first; status == 0 && number < first + 2 * rounds; number += 2) {
        status = put(player, number);
        status = status < 0 ? status : get(player, number + 1);
    }
    return status;
}

static int answer(struct player *player, uint64_t rounds)
{
    int status = 0;
    for (uint64_t i = 0; status == 0 && i < rounds; i++) {
        status = get(player, 2 * i);
        status = status < 0 ? status : put(player, 2 * i + 1);
    }
    return status;
}

static int play(struct crew_member *self)
{
    struct ping_pong *game = self->shared;
    struct player *player = &game->players[self->index];
    int status = 0;
    if (!crew_ready(self)) {
        return 0;
    }
    if (self->index == 1) {
        status = answer(player, game->rounds + 1);
    } else {
        status = serve(player, 0, 1);
        sy_time begin = sy_now();
        status = status < 0 ? status : serve(player, 2, game->rounds);
        game->elapsed = sy_now() - begin;
    }
    if (status < 0) {
        sy_io_close(player->out);
        player->out = -1;
    }
    return status;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct ping_pong *game = state;
    game->players[0].sum = 0;
    game->players[1].sum = 0;
    int status = crew_run(trial, 2, play, game, NULL);
    if (status < 0) {
        return status;
    }
    uint64_t hops = 2 * game->rounds;
    uint64_t checksum = game->players[0].sum * 3 + game->players[1].sum;
    trial_sample(trial, "switch", "ns", (double)game->elapsed / (double)hops);
    trial_work(trial, &(struct workload_work){
                          .tasks = 2, .messages = hops, .switches = hops, .checksum = checksum});
    return 0;
}

/* A pipe from one player to the other. Not inlined: errno belongs to a thread, and the caller may
 * go on in another one after it has switched. */
static __attribute__((noinline)) int connect_players(struct player *from, struct player *to)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return -errno;
    }
    to->in = ends[0];
    from->out = ends[1];
    return 0;
}

static int run(struct trial *trial)
{
    struct ping_pong game = {.rounds = (uint64_t)trial_param(trial, "rounds"),
                             .players = {{.in = -1, .out = -1}, {.in = -1, .out = -1}}};
    struct player *players = game.players;
    int status = connect_players(&players[0], &players[1]);
    status = status < 0 ? status : connect_players(&players[1], &players[0]);
    if (status < 0) {
        trial_fail(trial, status, "no pipe: %s", strerrorname_np(-status));
    } else {
        status = trial_each_epoch(trial, run_epoch, &game);
    }
    for (int i = 0; i < 2; i++) {
        sy_io_close(players[i].in); /* -EBADF if it was never made, or is closed already */
        sy_io_close(players[i].out);
    }
    return status;
}

static const struct workload_param params[] = {
    {"rounds", 5000, 1, 1000000000, "round trips", "round trips an epoch, two hops each"}, {0}};

const struct workload switch_pipe = {
    .name = "switch.pipe",
    .summary = "Two tasks that play ping-pong over two pipes",
    .params = params,
    .run = run,
};
