/* handoff_pair.c - the workload handoff.pair: what it costs to hand the turn from one CPU to
 * another.
 *
 * Two OS threads, each pinned to a CPU of its own or both to the same, hand the turn to and fro; on
 * either back end, for they are no tasks. `first` and `second` count the CPUs that the process may
 * use, by their numbers: with --procs P there are P.
 *
 * Metrics: `futex`, ns a hop: the turn is a number in memory, and two system calls (anatomy.futex).
 *          `line`, ns a hop: the other thread spins on the number, so that only the cache line goes
 *          to and fro. Only if the CPUs differ: on one the kernel's time slice would be measured.
 * Work:    messages = switches = 2 * rounds for each of the metrics.
 * Proof:   turns are numbered, and each thread expects the next one; the checksum is over the last.
 */
#include <errno.h>

#include "base/atomic.h"
#include "duel.h"

static int line_pass(void *state, int player, uint64_t turn)
{
    duel_word *word = state;
    (void)player;
    store_release(word, (uint32_t)turn); // release: pairs with the acquire in line_await
    return 0;
}

static int line_await(void *state, int player, uint64_t turn)
{
    duel_word *word = state;
    uint32_t seen;
    (void)player;
    while ((seen = load_acquire(word)) != turn) { // acquire: pairs with the release in line_pass
        if (seen == DUEL_OVER) {
            return -ECANCELED;
        }
    }
    return 0;
}

static void line_give_up(void *state, int player)
{
    duel_word *word = state;
    (void)player;
    store_release(word, DUEL_OVER); // release: pairs with the acquire in line_await
}

static const struct duel_means by_line = {line_pass, line_await, line_give_up};

struct pair {
    uint64_t rounds;
    int cpus[2];
};

static int measure(struct trial *trial, const struct pair *pair, const struct duel_means *means,
                   const char *metric)
{
    duel_word word = 0;
    struct duel duel = {.means = means,
                        .state = &word,
                        .rounds = pair->rounds,
                        .cpus = {pair->cpus[0], pair->cpus[1]}};
    int status = duel_run(trial, &duel);
    if (status < 0) {
        return status;
    }
    uint64_t hops = 2 * pair->rounds;
    trial_sample(trial, metric, "ns", (double)duel.elapsed / (double)hops);
    trial_work(trial,
               &(struct workload_work){.messages = hops, .switches = hops, .checksum = duel.turns});
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    const struct pair *pair = state;
    int status = measure(trial, pair, &duel_by_futex, "futex");
    if (status == 0 && pair->cpus[0] != pair->cpus[1]) {
        status = measure(trial, pair, &by_line, "line");
    }
    return status;
}

static int run(struct trial *trial)
{
    struct pair pair = {
        .rounds = (uint64_t)trial_param(trial, "rounds"),
        .cpus = {(int)trial_param(trial, "first"), (int)trial_param(trial, "second")}};
    return trial_each_epoch(trial, run_epoch, &pair);
}

static const struct workload_param params[] = {
    {"rounds", 2000, 1, 1000000000, "round trips", "round trips an epoch, two hops each"},
    {"first", 0, 0, 1023, "CPU", "where one thread runs: which of the process's CPUs, from 0"},
    {"second", 0, 0, 1023, "CPU", "where the other runs"},
    {0}};

const struct workload handoff_pair = {
    .name = "handoff.pair",
    .summary = "Two OS threads on two given CPUs that hand the turn to and fro",
    .params = params,
    .run = run,
};
