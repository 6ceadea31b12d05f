/* chan.mpmc - several producers and several consumers on one buffered channel.
 *
 * Metric: `item`, ns = time from when the first task started to when the last was done / items.
 * Work:   tasks = producers + consumers; messages = items an epoch.
 * Proof:  producer p of P sends p + 1, p + 1 + P, … up to `items`, the last producer to be done
 *         closes the channel, and the consumers count and add until it is drained: all numbers
 *         1 … items must have come once (count, sum and sum of squares). Who got which item
 *         depends on the schedule, so the checksum is over the totals only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"
#include "crew.h"

struct totals {
    uint64_t count;
    uint64_t sum;
    uint64_t squares; /* modulo 2^64 */
};

struct market {
    uint64_t items;
    uint32_t producers;
    uint32_t consumers;
    SY_CHAN(uint64_t) chan;
    struct totals *totals;        /* by consumer */
    _Atomic uint32_t still_there; /* producers that are not done */
};

static void add(struct totals *totals, uint64_t item)
{
    totals->count++;
    totals->sum += item;
    totals->squares += item * item;
}

static void produce(struct market *market, uint32_t producer)
{
    for (uint64_t item = producer + 1; item <= market->items; item += market->producers) {
        sy_send(market->chan, item);
    }
    /* acq_rel: the last one's close comes after everybody's sends */
    if (fetch_add_acq_rel(&market->still_there, -1u) == 1) {
        sy_close(market->chan);
    }
}

static void consume(struct market *market, uint32_t consumer)
{
    struct totals totals = {0};
    uint64_t item = 0;
    while (sy_recv(market->chan, &item) == 1) {
        add(&totals, item);
    }
    market->totals[consumer] = totals;
}

static int trade(struct crew_member *self)
{
    struct market *market = self->shared;
    if (!crew_ready(self)) {
        return 0;
    }
    if (self->index < market->producers) {
        produce(market, self->index);
    } else {
        consume(market, self->index - market->producers);
    }
    return 0;
}

static int verify(struct trial *trial, const struct market *market, struct totals *got)
{
    struct totals expected = {0};
    *got = (struct totals){0};
    for (uint64_t item = 1; item <= market->items; item++) {
        add(&expected, item);
    }
    for (uint32_t i = 0; i < market->consumers; i++) {
        got->count += market->totals[i].count;
        got->sum += market->totals[i].sum;
        got->squares += market->totals[i].squares;
    }
    if (memcmp(got, &expected, sizeof expected) != 0) {
        return trial_fail(trial, -EPROTO, "%llu items came, which add up to %llu",
                          (unsigned long long)got->count, (unsigned long long)got->sum);
    }
    return 0;
}

static int trade_once(struct trial *trial, struct market *market)
{
    struct totals got;
    sy_time elapsed = 0;
    store_relaxed(&market->still_there, market->producers); /* relaxed: before the crew exists */
    int status = crew_run(trial, market->producers + market->consumers, trade, market, &elapsed);
    status = status < 0 ? status : verify(trial, market, &got);
    if (status < 0) {
        return status;
    }
    trial_sample(trial, "item", "ns", (double)elapsed / (double)market->items);
    trial_work(trial, &(struct workload_work){.tasks = market->producers + market->consumers,
                                              .messages = market->items,
                                              .checksum = got.sum ^ got.squares});
    return 0;
}

/* A channel is closed once, so each epoch has its own. */
static int run_epoch(struct trial *trial, void *state)
{
    struct market *market = state;
    int status = sy_make(&market->chan, (size_t)trial_param(trial, "capacity"));
    if (status < 0) {
        return trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    }
    status = trade_once(trial, market);
    sy_free(market->chan);
    return status;
}

static int run(struct trial *trial)
{
    struct market market = {.items = (uint64_t)trial_param(trial, "items"),
                            .producers = (uint32_t)trial_param(trial, "producers"),
                            .consumers = (uint32_t)trial_param(trial, "consumers")};
    market.totals = calloc(market.consumers, sizeof *market.totals);
    if (market.totals == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for the totals");
    }
    int status = trial_each_epoch(trial, run_epoch, &market);
    free(market.totals);
    return status;
}

static const struct workload_param params[] = {
    {"items", 100000, 1, 1000000000, "items", "items an epoch, from all producers together"},
    {"producers", 4, 1, 1024, "tasks", "tasks that send"},
    {"consumers", 4, 1, 1024, "tasks", "tasks that receive"},
    {"capacity", 128, 0, 1 << 20, "items", "items that the channel buffers"},
    {0}};

const struct workload chan_mpmc = {
    .name = "chan.mpmc",
    .summary = "Several producers and consumers on one buffered channel",
    .params = params,
    .run = run,
};
