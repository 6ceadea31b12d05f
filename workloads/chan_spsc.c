/* chan.spsc - one producer and one consumer, for elements of any size.
 *
 * chan.buffered passes words; here the element may be as large as a channel takes, so that copying
 * it, once into the buffer and once out of it (or straight to a receiver that waits), shows.
 *
 * Metric: `item`, ns = time from when both started to when both were done / items;
 *         `throughput`, MB/s = the bytes of all items / that time.
 * Work:   tasks; messages = items an epoch; checksum over the sum of what came.
 * Proof:  the first and the last word of an element hold its number, and the consumer must find
 *         both, in order.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"

#define WORD_BYTES sizeof(uint64_t)

struct parcel_belt {
    uint64_t items;
    size_t bytes; /* of an element; at least a word */
    sy_chan chan;
    unsigned char *sent; /* the producer's element */
    unsigned char *got;  /* the consumer's */
    uint64_t sum;        /* the consumer's */
};

static void produce(struct parcel_belt *belt)
{
    for (uint64_t item = 1; item <= belt->items; item++) {
        memcpy(belt->sent, &item, WORD_BYTES);
        memcpy(belt->sent + belt->bytes - WORD_BYTES, &item, WORD_BYTES);
        sy_chan_send(belt->chan, belt->sent);
    }
}

static int consume(struct parcel_belt *belt)
{
    uint64_t sum = 0;
    int status = 0;
    for (uint64_t expected = 1; expected <= belt->items; expected++) {
        uint64_t first = 0;
        uint64_t last = 0;
        sy_chan_recv(belt->chan, belt->got);
        memcpy(&first, belt->got, WORD_BYTES);
        memcpy(&last, belt->got + belt->bytes - WORD_BYTES, WORD_BYTES);
        status = first == expected && last == expected ? status : -EPROTO;
        sum += first;
    }
    belt->sum = sum;
    return status;
}

static int work(struct crew_member *self)
{
    struct parcel_belt *belt = self->shared;
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
    struct parcel_belt *belt = state;
    sy_time elapsed = 0;
    int status = crew_run(trial, 2, work, belt, &elapsed);
    if (status < 0) {
        return status;
    }
    double megabytes = (double)belt->items * (double)belt->bytes / 1e6;
    trial_sample(trial, "item", "ns", (double)elapsed / (double)belt->items);
    trial_sample(trial, "throughput", "MB/s", megabytes / ((double)elapsed / (double)SY_SECOND));
    trial_work(trial,
               &(struct workload_work){.tasks = 2, .messages = belt->items, .checksum = belt->sum});
    return 0;
}

static int run_with_chan(struct trial *trial, struct parcel_belt *belt)
{
    int status = sy_chan_new(&belt->chan, belt->bytes, (size_t)trial_param(trial, "capacity"));
    if (status < 0) {
        return trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    }
    status = trial_each_epoch(trial, run_epoch, belt);
    sy_chan_free(belt->chan);
    return status;
}

static int run(struct trial *trial)
{
    struct parcel_belt belt = {.items = (uint64_t)trial_param(trial, "items"),
                               .bytes = (size_t)trial_param(trial, "bytes")};
    belt.sent = calloc(1, belt.bytes);
    belt.got = calloc(1, belt.bytes);
    int status = belt.sent != NULL && belt.got != NULL
                     ? run_with_chan(trial, &belt)
                     : trial_fail(trial, -ENOMEM, "no memory for the elements");
    free(belt.got);
    free(belt.sent);
    return status;
}

static const struct workload_param params[] = {
    {"items", 50000, 1, 1000000000, "items", "items an epoch"},
    {"bytes", 256, WORD_BYTES, SY_CHAN_ELEMENT_BYTES_MAX, "B", "size of an item"},
    {"capacity", 128, 0, 4096, "items", "items that the channel buffers"},
    {0}};

const struct workload chan_spsc = {
    .name = "chan.spsc",
    .summary = "One producer and one consumer, for elements of any size",
    .params = params,
    .run = run,
};
