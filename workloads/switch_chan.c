/* switch.chan - two tasks that hand a message to and fro through two unbuffered channels.
 *
 * Metric: `switch`, ns a hop = time of `rounds` round trips / (2 * rounds). A hop is one message
 *         sent and received by the other task, which must run for it: neither can go on before the
 *         other answered. The clock starts after one round trip that is not counted.
 *         `hop_latency`, ns: in a pass of its own each message carries the time at which it was
 *         sent, and the receiver reads how long ago that was. It includes one reading of the clock
 *         (`clock.read_ns`).
 * Work:   tasks; messages = switches = 2 * rounds an epoch (the uncounted round trip and the
 *         latency pass not included).
 * Proof:  messages are numbered, and each receiver expects the next number; the checksum is over
 *         the numbers received.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"

typedef SY_CHAN(uint64_t) number_chan;

struct ping_pong {
    uint64_t rounds;
    uint64_t latency_rounds;
    number_chan ping;
    number_chan pong;
    uint64_t sums[2];    /* of the numbers received, by task */
    sy_time elapsed;     /* task 0's */
    uint64_t *latencies; /* of 2 * latency_rounds hops: first task 0's, then task 1's */
};

/* Task 0 sends the even numbers and receives the odd ones. */
static int serve(struct ping_pong *game, uint64_t first, uint64_t rounds)
{
    uint64_t sum = 0;
    for (uint64_t number = first; number < first + 2 * rounds; number += 2) {
        uint64_t answer = 0;
        sy_send(game->ping, number);
        sy_recv(game->pong, &answer);
        if (answer != number + 1) {
            return -EPROTO;
        }
        sum += answer;
    }
    game->sums[0] += sum;
    return 0;
}

static int answer_all(struct ping_pong *game, uint64_t rounds)
{
    uint64_t sum = 0;
    int status = 0;
    for (uint64_t i = 0; i < rounds; i++) {
        uint64_t number = 0;
        sy_recv(game->ping, &number);
        status = number == 2 * i ? status : -EPROTO;
        sum += number;
        sy_send(game->pong, number + 1);
    }
    game->sums[1] += sum;
    return status;
}

static int play(struct crew_member *self)
{
    struct ping_pong *game = self->shared;
    if (!crew_ready(self)) {
        return 0;
    }
    if (self->index == 1) {
        return answer_all(game, game->rounds + 1);
    }
    int status = serve(game, 0, 1);
    sy_time begin = sy_now();
    status = status < 0 ? status : serve(game, 2, game->rounds);
    game->elapsed = sy_now() - begin;
    return status;
}

static void send_stamp(number_chan chan)
{
    uint64_t now = (uint64_t)sy_now();
    sy_send(chan, now);
}

static uint64_t recv_stamp(number_chan chan)
{
    uint64_t sent = 0;
    sy_recv(chan, &sent);
    return (uint64_t)sy_now() - sent;
}

static int play_stamped(struct crew_member *self)
{
    struct ping_pong *game = self->shared;
    if (!crew_ready(self)) {
        return 0;
    }
    for (uint64_t i = 0; i < game->latency_rounds; i++) {
        if (self->index == 0) {
            send_stamp(game->ping);
            game->latencies[i] = recv_stamp(game->pong);
        } else {
            game->latencies[game->latency_rounds + i] = recv_stamp(game->ping);
            send_stamp(game->pong);
        }
    }
    return 0;
}

static int run_latency_pass(struct trial *trial, struct ping_pong *game)
{
    int status = crew_run(trial, 2, play_stamped, game, NULL);
    for (uint64_t i = 0; status == 0 && i < 2 * game->latency_rounds; i++) {
        trial_latency(trial, "hop_latency", game->latencies[i]);
    }
    return status;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct ping_pong *game = state;
    game->sums[0] = 0;
    game->sums[1] = 0;
    int status = crew_run(trial, 2, play, game, NULL);
    if (status < 0) {
        return status;
    }
    uint64_t hops = 2 * game->rounds;
    trial_sample(trial, "switch", "ns", (double)game->elapsed / (double)hops);
    trial_work(trial, &(struct workload_work){.tasks = 2,
                                              .messages = hops,
                                              .switches = hops,
                                              .checksum = game->sums[0] * 3 + game->sums[1]});
    return game->latency_rounds > 0 ? run_latency_pass(trial, game) : 0;
}

static int run(struct trial *trial)
{
    struct ping_pong game = {.rounds = (uint64_t)trial_param(trial, "rounds"),
                             .latency_rounds = (uint64_t)trial_param(trial, "latency_rounds")};
    game.latencies = calloc(2 * game.latency_rounds + 1, sizeof *game.latencies);
    if (game.latencies == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for the latencies");
    }
    int status = sy_make(&game.ping, 0);
    status = status < 0 ? status : sy_make(&game.pong, 0);
    if (status < 0) {
        trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    } else {
        status = trial_each_epoch(trial, run_epoch, &game);
        sy_free(game.pong);
    }
    sy_free(game.ping); /* -ESRCH if it was never made */
    free(game.latencies);
    return status;
}

static const struct workload_param params[] = {
    {"rounds", 5000, 1, 1000000000, "round trips", "round trips an epoch, two hops each"},
    {"latency_rounds", 500, 0, 1000000, "round trips", "timed hop by hop, an epoch"},
    {0}};

const struct workload switch_chan = {
    .name = "switch.chan",
    .summary = "Two tasks that play ping-pong over unbuffered channels",
    .params = params,
    .run = run,
};
