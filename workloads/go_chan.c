/* go.ChanUncontended, ChanContended, ChanCreation, ChanSem - channels that never make a task wait
 * for long (go_bench.h).
 *
 * ChanUncontended: each task fills a buffered channel of its own with 100 numbers and empties it.
 * ChanContended:   the same, all with one channel, which has room for everybody's 100.
 * ChanCreation:    an operation makes a channel, sends one number, receives it, and is done with
 * it. ChanSem:         a channel of nothing, with room for one signal a task, serves as a
 * semaphore.
 *
 * Metric: `op`, ns. Work: tasks; messages. Proof: the numbers received must have the sum of those
 * sent, which is the checksum.
 */
#include <errno.h>
#include <string.h>

#include "go_bench.h"

#define BATCH 100
#define BATCH_SUM (BATCH * (BATCH - 1) / 2)

typedef SY_CHAN(int64_t) go_int_chan;

static int make_chan(struct go_bench *bench, go_int_chan *chan, size_t capacity)
{
    int status = sy_make(chan, capacity);
    return status < 0 ? trial_fail(bench->trial, status, "no channel: %s", strerrorname_np(-status))
                      : 0;
}

/* n times 100 numbers in, and 100 out: of a shared channel perhaps those of others. */
static uint64_t fill_and_empty(go_int_chan chan, uint64_t n)
{
    uint64_t sum = 0;
    for (uint64_t op = 0; op < n; op++) {
        for (int64_t number = 0; number < BATCH; number++) {
            sy_send(chan, number);
        }
        for (int i = 0; i < BATCH; i++) {
            int64_t number = 0;
            sy_recv(chan, &number);
            sum += (uint64_t)number;
        }
    }
    return sum;
}

static void *use_own_chan(void *arg)
{
    struct go_share *share = arg;
    go_int_chan chan;
    share->status = sy_make(&chan, BATCH);
    if (share->status == 0) {
        share->sum = fill_and_empty(chan, share->n);
        sy_free(chan);
    }
    return NULL;
}

static int body_uncontended(struct go_bench *bench)
{
    int status = go_parallel(bench, use_own_chan, NULL);
    bench->work.messages = BATCH * bench->n;
    return status < 0 ? status : go_expect(bench, BATCH_SUM * bench->n);
}

static void *use_shared_chan(void *arg)
{
    struct go_share *share = arg;
    share->sum = fill_and_empty(*(const go_int_chan *)share->shared, share->n);
    return NULL;
}

static int body_contended(struct go_bench *bench)
{
    go_int_chan chan;
    int status = make_chan(bench, &chan, (size_t)BATCH * bench->parallel);
    if (status < 0) {
        return status;
    }
    status = go_parallel(bench, use_shared_chan, &chan);
    sy_free(chan);
    bench->work.messages = BATCH * bench->n;
    return status < 0 ? status : go_expect(bench, BATCH_SUM * bench->n);
}

static void *make_chans(void *arg)
{
    struct go_share *share = arg;
    for (uint64_t op = 0; op < share->n && share->status == 0; op++) {
        int64_t number = 1;
        go_int_chan chan;
        share->status = sy_make(&chan, 1);
        if (share->status == 0) {
            sy_send(chan, number);
            sy_recv(chan, &number);
            share->sum += (uint64_t)number;
            sy_free(chan);
        }
    }
    return NULL;
}

static int body_creation(struct go_bench *bench)
{
    int status = go_parallel(bench, make_chans, NULL);
    bench->work.messages = bench->n;
    return status < 0 ? status : go_expect(bench, bench->n);
}

static void *take_and_give(void *arg)
{
    struct go_share *share = arg;
    sy_chan permits = *(const sy_chan *)share->shared;
    for (uint64_t op = 0; op < share->n; op++) {
        sy_chan_send(permits, NULL);
        share->sum += sy_chan_recv(permits, NULL) == 1;
    }
    return NULL;
}

static int body_sem(struct go_bench *bench)
{
    sy_chan permits;
    int status = sy_chan_new(&permits, 0, bench->parallel);
    if (status < 0) {
        return trial_fail(bench->trial, status, "no channel: %s", strerrorname_np(-status));
    }
    status = go_parallel(bench, take_and_give, &permits);
    sy_chan_free(permits);
    bench->work.messages = bench->n;
    return status < 0 ? status : go_expect(bench, bench->n);
}

static int run_uncontended(struct trial *trial)
{
    return go_bench_run(trial, body_uncontended, 0);
}

static int run_contended(struct trial *trial)
{
    return go_bench_run(trial, body_contended, 0);
}

static int run_creation(struct trial *trial)
{
    return go_bench_run(trial, body_creation, 0);
}

static int run_sem(struct trial *trial)
{
    return go_bench_run(trial, body_sem, 0);
}

static const struct workload_param batch_params[] = {GO_PARAMS(2000)};
static const struct workload_param params[] = {GO_PARAMS(50000)};

const struct workload go_chan_uncontended = {
    .name = "go.ChanUncontended",
    .summary = "Go's benchmark: each task fills and empties a channel of its own",
    .params = batch_params,
    .run = run_uncontended,
};

const struct workload go_chan_contended = {
    .name = "go.ChanContended",
    .summary = "Go's benchmark: all tasks fill and empty one channel",
    .params = batch_params,
    .run = run_contended,
};

const struct workload go_chan_creation = {
    .name = "go.ChanCreation",
    .summary = "Go's benchmark: a channel for one message",
    .params = params,
    .run = run_creation,
};

const struct workload go_chan_sem = {
    .name = "go.ChanSem",
    .summary = "Go's benchmark: a channel of nothing as a semaphore",
    .params = params,
    .run = run_sem,
};
