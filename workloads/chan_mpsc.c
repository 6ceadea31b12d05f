/* chan.mpsc - many producers and one consumer on a buffered channel: a log, or an actor's mailbox.
 *
 * Metric: `item`, ns = time from when the first task started to when the last was done / items.
 * Work:   tasks = producers + 1; messages = producers * items an epoch.
 * Proof:  an item holds its producer's number and its own; of each producer all must come, in the
 *         order in which they were sent. The order between producers depends on the schedule, so
 *         the checksum is over the numbers' sum.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"

struct letter {
    uint32_t producer;
    uint32_t number; /* from 1 */
};

struct mailbox {
    uint32_t producers;
    uint32_t items; /* of each producer */
    SY_CHAN(struct letter) chan;
    uint32_t *last; /* the consumer's: the last number that came, by producer */
    uint64_t sum;   /* the consumer's */
};

static void produce(struct mailbox *box, uint32_t producer)
{
    for (uint32_t number = 1; number <= box->items; number++) {
        struct letter letter = {producer, number};
        sy_send(box->chan, letter);
    }
}

static int consume(struct mailbox *box)
{
    uint64_t total = (uint64_t)box->producers * box->items;
    int status = 0;
    for (uint64_t i = 0; i < total; i++) {
        struct letter letter = {0, 0};
        sy_recv(box->chan, &letter);
        if (letter.producer >= box->producers || letter.number != box->last[letter.producer] + 1) {
            status = -EPROTO;
            continue;
        }
        box->last[letter.producer] = letter.number;
        box->sum += letter.number;
    }
    return status;
}

static int work(struct crew_member *self)
{
    struct mailbox *box = self->shared;
    if (!crew_ready(self)) {
        return 0;
    }
    if (self->index == box->producers) {
        return consume(box);
    }
    produce(box, self->index);
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct mailbox *box = state;
    uint64_t total = (uint64_t)box->producers * box->items;
    sy_time elapsed = 0;
    box->sum = 0;
    memset(box->last, 0, box->producers * sizeof *box->last);
    int status = crew_run(trial, box->producers + 1, work, box, &elapsed);
    if (status < 0) {
        return status;
    }
    if (box->sum != total * (box->items + 1) / 2) {
        return trial_fail(trial, -EPROTO, "the items add up to %llu", (unsigned long long)box->sum);
    }
    trial_sample(trial, "item", "ns", (double)elapsed / (double)total);
    trial_work(trial, &(struct workload_work){
                          .tasks = box->producers + 1, .messages = total, .checksum = box->sum});
    return 0;
}

static int run_with_memory(struct trial *trial, struct mailbox *box)
{
    int status = sy_make(&box->chan, (size_t)trial_param(trial, "capacity"));
    if (status < 0) {
        return trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    }
    status = trial_each_epoch(trial, run_epoch, box);
    sy_free(box->chan);
    return status;
}

static int run(struct trial *trial)
{
    struct mailbox box = {.producers = (uint32_t)trial_param(trial, "producers"),
                          .items = (uint32_t)trial_param(trial, "items")};
    box.last = calloc(box.producers, sizeof *box.last);
    if (box.last == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %u producers", box.producers);
    }
    int status = run_with_memory(trial, &box);
    free(box.last);
    return status;
}

static const struct workload_param params[] = {
    {"producers", 8, 1, 65536, "tasks", "tasks that send"},
    {"items", 5000, 1, 1 << 30, "items", "items of each producer an epoch"},
    {"capacity", 128, 0, 1 << 20, "items", "items that the channel buffers"},
    {0}};

const struct workload chan_mpsc = {
    .name = "chan.mpsc",
    .summary = "Many producers and one consumer on a buffered channel",
    .params = params,
    .run = run,
};
