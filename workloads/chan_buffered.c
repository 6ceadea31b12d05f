/* chan.buffered - one producer and one consumer on a buffered channel.
 *
 * Metric: `item`, ns = time from when both started to when both were done / items. With a buffer
 *         the tasks need to switch only when it is full or empty.
 * Work:   tasks; messages = items an epoch.
 * Proof:  the items are numbered, and the consumer must get them in order; the checksum is over
 *         their sum.
 */
#include <errno.h>
#include <string.h>

#include "crew.h"

struct belt {
    uint64_t items;
    uint64_t capacity;
    SY_CHAN(uint64_t) chan;
    uint64_t sum; /* the consumer's */
};

static void produce(struct belt *belt)
{
    for (uint64_t item = 1; item <= belt->items; item++) {
        sy_send(belt->chan, item);
    }
}

static int consume(struct belt *belt)
{
    uint64_t sum = 0;
    int status = 0;
    for (uint64_t expected = 1; expected <= belt->items; expected++) {
        uint64_t item = 0;
        sy_recv(belt->chan, &item);
        status = item == expected ? status : -EPROTO;
        sum += item;
    }
    belt->sum = sum;
    return status;
}

static int work(struct crew_member *self)
{
    struct belt *belt = self->shared;
    if (!crew_ready(self)) {
        return 0;
    }
    if (self->index == 1) {
        return consume(belt);
    }
    produce(belt);
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct belt *belt = state;
    sy_time elapsed = 0;
    belt->sum = 0;
    int status = crew_run(trial, 2, work, belt, &elapsed);
    if (status < 0) {
        return status;
    }
    if (belt->sum != belt->items * (belt->items + 1) / 2) {
        return trial_fail(trial, -EPROTO, "the items add up to %llu",
                          (unsigned long long)belt->sum);
    }
    trial_sample(trial, "item", "ns", (double)elapsed / (double)belt->items);
    trial_work(trial,
               &(struct workload_work){.tasks = 2, .messages = belt->items, .checksum = belt->sum});
    return 0;
}

static int run(struct trial *trial)
{
    struct belt belt = {.items = (uint64_t)trial_param(trial, "items"),
                        .capacity = (uint64_t)trial_param(trial, "capacity")};
    int status = sy_make(&belt.chan, belt.capacity);
    if (status < 0) {
        return trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    }
    status = trial_each_epoch(trial, run_epoch, &belt);
    sy_free(belt.chan);
    return status;
}

static const struct workload_param params[] = {
    {"items", 100000, 1, 1000000000, "items", "items an epoch"},
    {"capacity", 128, 0, 1 << 20, "items", "items that the channel buffers"},
    {0}};

const struct workload chan_buffered = {
    .name = "chan.buffered",
    .summary = "One producer and one consumer on a buffered channel",
    .params = params,
    .run = run,
};
