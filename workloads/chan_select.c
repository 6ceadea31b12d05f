/* chan.select - a select over channels that are all ready.
 *
 * Metric: `select`, ns = time of `rounds` selects / rounds. Each receives from one of `channels`
 *         buffered channels; a send into the same channel makes it ready again, and its time counts
 *         too: it is the cheapest call there is on a channel.
 * Work:   tasks; messages = rounds an epoch.
 * Proof:  the elements are numbered by their channels, and each select must get what its channel
 *         has; at most as many rounds as there are may choose one channel. The checksum is over the
 *         sum of the elements, which do not depend on the choices.
 */
#include <errno.h>
#include <string.h>

#include "trial.h"

#define CHANNELS_MAX 64

struct board {
    uint64_t rounds;
    uint32_t channels;
    sy_chan chans[CHANNELS_MAX];
    uint64_t counts[CHANNELS_MAX]; /* how often each was chosen */
    uint64_t value;                /* where the selects receive */
    struct sy_case cases[CHANNELS_MAX];
};

static int select_and_refill(struct board *board)
{
    for (uint64_t i = 0; i < board->rounds; i++) {
        int index = sy_select(board->cases, board->channels);
        if (index < 0 || board->value != (uint64_t)index) {
            return -EPROTO;
        }
        board->counts[index]++;
        sy_chan_send(board->chans[index], &board->value);
    }
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct board *board = state;
    uint64_t sum = 0;
    memset(board->counts, 0, sizeof board->counts);
    sy_time begin = sy_now();
    int status = select_and_refill(board);
    sy_time elapsed = sy_now() - begin;
    for (uint32_t i = 0; i < board->channels; i++) {
        sum += board->counts[i];
    }
    if (status != 0 || sum != board->rounds) {
        return trial_fail(trial, -EPROTO, "%llu elements of their channels instead of %llu",
                          (unsigned long long)sum, (unsigned long long)board->rounds);
    }
    trial_sample(trial, "select", "ns", (double)elapsed / (double)board->rounds);
    trial_work(trial, &(struct workload_work){.messages = board->rounds, .checksum = sum});
    return 0;
}

/* Channel i holds the element i. */
static int fill(struct board *board)
{
    for (uint64_t i = 0; i < board->channels; i++) {
        int status = sy_chan_new(&board->chans[i], sizeof(uint64_t), 1);
        if (status < 0) {
            return status;
        }
        sy_chan_send(board->chans[i], &i);
        board->cases[i] = (struct sy_case){board->chans[i], SY_SELECT_RECV, &board->value, 0};
    }
    return 0;
}

static int run(struct trial *trial)
{
    struct board board = {.rounds = (uint64_t)trial_param(trial, "rounds"),
                          .channels = (uint32_t)trial_param(trial, "channels")};
    int status = fill(&board);
    if (status < 0) {
        return trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    }
    status = trial_each_epoch(trial, run_epoch, &board);
    for (uint32_t i = 0; i < board.channels; i++) {
        sy_chan_free(board.chans[i]);
    }
    return status;
}

static const struct workload_param params[] = {
    {"rounds", 100000, 1, 1000000000, "selects", "selects an epoch"},
    {"channels", 2, 1, CHANNELS_MAX, "channels", "channels that are ready"},
    {0}};

const struct workload chan_select = {
    .name = "chan.select",
    .summary = "A select over channels that are all ready",
    .params = params,
    .run = run,
};
