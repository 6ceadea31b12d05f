/* go.ChanSync, ChanProdCons0, 10, 100 - channels that make tasks wait for each other (go_bench.h).
 *
 * ChanSync:     two tasks and one unbuffered channel; each in turn sends and receives, the one in
 *               the opposite order of the other. An operation is one message.
 * ChanProdCons: pairs of a producer and a consumer, with a channel of capacity 0, 10 or 100
 *               between them; a zero ends the consumer. An operation is one message.
 *
 * Metric: `op`, ns. Work: tasks; messages. Proof: all messages must have come, whose count is the
 * checksum.
 */
#include <errno.h>
#include <string.h>

#include "go_bench.h"

typedef SY_CHAN(int64_t) go_int_chan;

static const int64_t zero = 0;
static const int64_t one = 1;

/* Half of the operations are messages of this task, the other half are the other's. */
static void *exchange(void *arg)
{
    struct go_share *share = arg;
    go_int_chan chan = *(const go_int_chan *)share->shared;
    int64_t number = 0;
    for (uint64_t i = 0; i < share->n; i++) {
        if (share->index == 0) {
            share->sum += sy_recv(chan, &number) == 1;
            sy_send(chan, zero);
        } else {
            sy_send(chan, zero);
            share->sum += sy_recv(chan, &number) == 1;
        }
    }
    return NULL;
}

/* Always two tasks, and an even number of messages. */
static int body_sync(struct go_bench *bench)
{
    go_int_chan chan;
    int status = sy_make(&chan, 0);
    if (status < 0) {
        return trial_fail(bench->trial, status, "no channel: %s", strerrorname_np(-status));
    }
    bench->n -= bench->n % 2;
    bench->parallel = 2;
    status = go_parallel(bench, exchange, &chan);
    sy_free(chan);
    bench->work.messages = bench->n;
    return status < 0 ? status : go_expect(bench, bench->n);
}

struct belt_end {
    go_int_chan chan;
    uint64_t n;
};

static void *produce(void *arg)
{
    const struct belt_end *end = arg;
    for (uint64_t i = 0; i < end->n; i++) {
        sy_send(end->chan, one);
    }
    sy_send(end->chan, zero);
    return NULL;
}

static void *consume(void *arg)
{
    struct go_share *share = arg;
    struct belt_end end = {.n = share->n};
    sy_task producer;
    int64_t number = 1;
    share->status = sy_make(&end.chan, share->bench->variant);
    if (share->status < 0) {
        return NULL;
    }
    share->status = sy_spawn(&producer, produce, &end);
    while (share->status == 0 && number != 0) {
        sy_recv(end.chan, &number);
        share->sum += (uint64_t)number;
    }
    if (share->status == 0) {
        sy_join(producer, NULL);
    }
    sy_free(end.chan);
    return NULL;
}

static int body_prodcons(struct go_bench *bench)
{
    int status = go_parallel(bench, consume, NULL);
    bench->work.tasks += bench->parallel; /* the producers */
    bench->work.messages = bench->n + bench->parallel;
    return status < 0 ? status : go_expect(bench, bench->n);
}

static int run_sync(struct trial *trial)
{
    return go_bench_run(trial, body_sync, 0);
}

static int run_prodcons_0(struct trial *trial)
{
    return go_bench_run(trial, body_prodcons, 0);
}

static int run_prodcons_10(struct trial *trial)
{
    return go_bench_run(trial, body_prodcons, 10);
}

static int run_prodcons_100(struct trial *trial)
{
    return go_bench_run(trial, body_prodcons, 100);
}

static const struct workload_param params[] = {GO_PARAMS(50000)};

const struct workload go_chan_sync = {
    .name = "go.ChanSync",
    .summary = "Go's benchmark: two tasks exchange messages over an unbuffered channel",
    .params = params,
    .run = run_sync,
};

const struct workload go_chan_prodcons0 = {
    .name = "go.ChanProdCons0",
    .summary = "Go's benchmark: producers and consumers over unbuffered channels",
    .params = params,
    .run = run_prodcons_0,
};

const struct workload go_chan_prodcons10 = {
    .name = "go.ChanProdCons10",
    .summary = "Go's benchmark: producers and consumers over channels of 10",
    .params = params,
    .run = run_prodcons_10,
};

const struct workload go_chan_prodcons100 = {
    .name = "go.ChanProdCons100",
    .summary = "Go's benchmark: producers and consumers over channels of 100",
    .params = params,
    .run = run_prodcons_100,
};
