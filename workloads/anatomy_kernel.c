/* anatomy_kernel.c - the workloads anatomy.futex and anatomy.pipe: what a hop costs that the kernel
 * makes, with nothing above it. Two OS threads hand the turn to and fro, on either back end.
 *
 *     anatomy.futex  a number in memory and two system calls: wake the other, sleep
 *     anatomy.pipe   a number through a pipe: write it, read the answer
 *
 * Metric: `hop`, ns = time of `rounds` round trips / (2 * rounds). The clock starts after one round
 *         trip that is not counted. On one CPU each hop is a switch of the kernel.
 * Work:   messages = switches = 2 * rounds an epoch (the uncounted round trip not included). The
 *         threads are no tasks.
 * Proof:  turns are numbered, and each thread expects the next one; the checksum is over the last.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "duel.h"

/* --- pipe ------------------------------------------------------------------------------------ */

struct pipes {
    int in[2];  /* each player reads its own */
    int out[2]; /* and writes its own; a player that gives up closes it, and the other sees that */
};

static int pipe_pass(void *state, int player, uint64_t turn)
{
    const struct pipes *pipes = state;
    ssize_t count = write(pipes->out[player], &turn, sizeof turn);
    return count == sizeof turn ? 0 : count < 0 ? -errno : -EIO;
}

static int pipe_await(void *state, int player, uint64_t turn)
{
    const struct pipes *pipes = state;
    uint64_t seen = 0;
    ssize_t count = read(pipes->in[player], &seen, sizeof seen);
    if (count < 0) {
        return -errno;
    }
    return count == sizeof seen && seen == turn ? 0 : -EPROTO;
}

static void pipe_give_up(void *state, int player)
{
    struct pipes *pipes = state;
    close(pipes->out[player]);
    pipes->out[player] = -1;
}

static const struct duel_means pipe_means = {pipe_pass, pipe_await, pipe_give_up};

/* A pipe from one player to the other. Not inlined: errno belongs to a thread. */
static __attribute__((noinline)) int connect_players(struct pipes *pipes, int from, int to)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return -errno;
    }
    pipes->in[to] = ends[0];
    pipes->out[from] = ends[1];
    return 0;
}

static void close_all(struct pipes *pipes)
{
    for (int i = 0; i < 2; i++) {
        close(pipes->in[i]); /* EBADF if it was never made, or is closed already */
        close(pipes->out[i]);
    }
}

/* --- the workloads --------------------------------------------------------------------------- */

static int fight(struct trial *trial, const struct duel_means *means, void *state, uint64_t rounds)
{
    struct duel duel = {
        .means = means, .state = state, .rounds = rounds, .cpus = {DUEL_UNPINNED, DUEL_UNPINNED}};
    int status = duel_run(trial, &duel);
    if (status < 0) {
        return status;
    }
    uint64_t hops = 2 * rounds;
    trial_sample(trial, "hop", "ns", (double)duel.elapsed / (double)hops);
    trial_work(trial,
               &(struct workload_work){.messages = hops, .switches = hops, .checksum = duel.turns});
    return 0;
}

static int futex_epoch(struct trial *trial, void *state)
{
    duel_word word = 0;
    return fight(trial, &duel_by_futex, &word, *(const uint64_t *)state);
}

static int pipe_epoch(struct trial *trial, void *state)
{
    struct pipes pipes = {{-1, -1}, {-1, -1}};
    int status = connect_players(&pipes, 0, 1);
    status = status < 0 ? status : connect_players(&pipes, 1, 0);
    if (status < 0) {
        trial_fail(trial, status, "no pipe: %s", strerrorname_np(-status));
    } else {
        status = fight(trial, &pipe_means, &pipes, *(const uint64_t *)state);
    }
    close_all(&pipes);
    return status;
}

static int run_futex(struct trial *trial)
{
    uint64_t rounds = (uint64_t)trial_param(trial, "rounds");
    return trial_each_epoch(trial, futex_epoch, &rounds);
}

static int run_pipe(struct trial *trial)
{
    uint64_t rounds = (uint64_t)trial_param(trial, "rounds");
    return trial_each_epoch(trial, pipe_epoch, &rounds);
}

static const struct workload_param params[] = {
    {"rounds", 5000, 1, 1000000000, "round trips", "round trips an epoch, two hops each"}, {0}};

const struct workload anatomy_futex = {
    .name = "anatomy.futex",
    .summary = "Two OS threads that wake each other by futex",
    .params = params,
    .run = run_futex,
};

const struct workload anatomy_pipe = {
    .name = "anatomy.pipe",
    .summary = "Two OS threads that play ping-pong over two pipes",
    .params = params,
    .run = run_pipe,
};
