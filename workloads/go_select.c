/* go.SelectUncontended, SelectSyncContended, SelectProdCons, ChanPopular - select (go_bench.h).
 *
 * SelectUncontended:   a task passes a number between two channels of its own, and takes it from
 *                      whichever has it.
 * SelectSyncContended: each task takes from one of three unbuffered channels that all share; as
 *                      many others send to one of the three, until they are told to stop.
 * SelectProdCons:      a producer and a consumer whose every send and receive also looks at a
 *                      channel that would end them.
 * ChanPopular:         1,000 tasks wait for one popular channel or for their own; an operation is a
 *                      message to each one's own.
 *
 * Metric: `op`, ns. Work: tasks; messages. Proof: all messages must have come, whose count is the
 * checksum.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "go_bench.h"

typedef SY_CHAN(int64_t) go_int_chan;

/* Makes count channels; frees those made if one is refused. */
static int make_chans(go_int_chan *chans, size_t count, size_t capacity)
{
    for (size_t i = 0; i < count; i++) {
        int status = sy_make(&chans[i], capacity);
        if (status < 0) {
            while (i > 0) {
                sy_free(chans[--i]);
            }
            return status;
        }
    }
    return 0;
}

static void free_chans(go_int_chan *chans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sy_free(chans[i]);
    }
}

/* --- SelectUncontended ----------------------------------------------------------------------- */

static void *pass_to_itself(void *arg)
{
    struct go_share *share = arg;
    go_int_chan chans[2];
    int64_t number = 1;
    share->status = make_chans(chans, 2, 1);
    if (share->status < 0) {
        return NULL;
    }
    sy_send(chans[0], number);
    for (uint64_t op = 0; op < share->n; op++) {
        struct sy_case cases[] = {sy_case_recv(chans[0], &number), sy_case_recv(chans[1], &number)};
        int chosen = sy_select(cases, 2);
        share->sum += (uint64_t)number;
        sy_send(chans[1 - chosen], number);
    }
    free_chans(chans, 2);
    return NULL;
}

static int body_uncontended(struct go_bench *bench)
{
    int status = go_parallel(bench, pass_to_itself, NULL);
    bench->work.messages = bench->n;
    return status < 0 ? status : go_expect(bench, bench->n);
}

/* --- SelectSyncContended --------------------------------------------------------------------- */

#define SHARED 3

struct exchange {
    go_int_chan chans[SHARED];
    sy_chan stop;
    sy_waitgroup senders;
};

/* Ends when the channel to stop is closed. */
static void *send_anywhere(void *arg)
{
    struct exchange *exchange = arg;
    int64_t one = 1;
    for (;;) {
        struct sy_case cases[] = {sy_case_send(exchange->chans[0], &one),
                                  sy_case_send(exchange->chans[1], &one),
                                  sy_case_send(exchange->chans[2], &one),
                                  {.chan = exchange->stop, .op = SY_SELECT_RECV}};
        if (sy_select(cases, SHARED + 1) == SHARED) {
            break;
        }
    }
    sy_waitgroup_done(&exchange->senders);
    return NULL;
}

/* Each brings a sender of its own. */
static void *take_anywhere(void *arg)
{
    struct go_share *share = arg;
    struct exchange *exchange = share->shared;
    sy_waitgroup_add(&exchange->senders, 1);
    share->status = sy_go(send_anywhere, exchange);
    if (share->status < 0) {
        sy_waitgroup_done(&exchange->senders);
    }
    for (uint64_t op = 0; op < share->n && share->status == 0; op++) {
        int64_t number = 0;
        struct sy_case cases[] = {sy_case_recv(exchange->chans[0], &number),
                                  sy_case_recv(exchange->chans[1], &number),
                                  sy_case_recv(exchange->chans[2], &number)};
        sy_select(cases, SHARED);
        share->sum += (uint64_t)number;
    }
    return NULL;
}

static int body_contended(struct go_bench *bench)
{
    struct exchange exchange = {.senders = SY_WAITGROUP_INIT};
    int status = make_chans(exchange.chans, SHARED, 0);
    status = status < 0 ? status : sy_chan_new(&exchange.stop, 0, 0);
    if (status < 0) {
        return trial_fail(bench->trial, status, "no channels: %s", strerrorname_np(-status));
    }
    status = go_parallel(bench, take_anywhere, &exchange);
    bench->work.tasks += bench->parallel; /* the senders */
    bench->work.messages = bench->n;
    sy_chan_close(exchange.stop);
    sy_waitgroup_wait(&exchange.senders); /* nobody uses the channels any more */
    free_chans(exchange.chans, SHARED);
    sy_chan_free(exchange.stop);
    return status < 0 ? status : go_expect(bench, bench->n);
}

/* --- SelectProdCons -------------------------------------------------------------------------- */

#define BELT 128

struct belt {
    go_int_chan chan;
    sy_chan never; /* nobody sends or closes */
    uint64_t n;
};

static void *produce(void *arg)
{
    struct belt *belt = arg;
    for (uint64_t i = 0; i <= belt->n; i++) {
        int64_t number = i < belt->n;
        struct sy_case cases[] = {sy_case_send(belt->chan, &number),
                                  {.chan = belt->never, .op = SY_SELECT_RECV}};
        sy_select(cases, 2);
    }
    return NULL;
}

static uint64_t consume_all(struct belt *belt)
{
    uint64_t sum = 0;
    int64_t number = 1;
    while (number != 0) {
        struct sy_case cases[] = {sy_case_recv(belt->chan, &number),
                                  {.chan = belt->never, .op = SY_SELECT_RECV}};
        sy_select(cases, 2);
        sum += (uint64_t)number;
    }
    return sum;
}

static void *consume(void *arg)
{
    struct go_share *share = arg;
    struct belt belt = {.n = share->n};
    sy_task producer;
    share->status = make_chans(&belt.chan, 1, BELT);
    if (share->status < 0) {
        return NULL;
    }
    share->status = sy_chan_new(&belt.never, 0, 0);
    share->status = share->status < 0 ? share->status : sy_spawn(&producer, produce, &belt);
    if (share->status == 0) {
        share->sum = consume_all(&belt);
        sy_join(producer, NULL);
    }
    sy_chan_free(belt.never);
    sy_free(belt.chan);
    return NULL;
}

static int body_prodcons(struct go_bench *bench)
{
    int status = go_parallel(bench, consume, NULL);
    bench->work.tasks += bench->parallel; /* the producers */
    bench->work.messages = bench->n + bench->parallel;
    return status < 0 ? status : go_expect(bench, bench->n);
}

/* --- ChanPopular ----------------------------------------------------------------------------- */

#define FANS 1000

struct fan {
    go_int_chan popular;
    go_int_chan own;
    uint64_t n;
    uint64_t received;
    sy_task task;
};

static void *wait_for_either(void *arg)
{
    struct fan *fan = arg;
    uint64_t received = 0; /* not in fan while others read its neighbours (go_bench.h) */
    for (uint64_t i = 0; i < fan->n; i++) {
        int64_t number = 0;
        struct sy_case cases[] = {sy_case_recv(fan->popular, &number),
                                  sy_case_recv(fan->own, &number)};
        sy_select(cases, 2);
        received += (uint64_t)number;
    }
    fan->received = received;
    return NULL;
}

/* Sends to those that were made, and joins them. */
static int please_fans(struct go_bench *bench, struct fan *fans, const go_int_chan *owns,
                       go_int_chan popular)
{
    uint32_t made = 0;
    int64_t one = 1;
    int status = 0;
    for (; made < FANS && status == 0; made += status == 0) {
        fans[made] = (struct fan){.popular = popular, .own = owns[made], .n = bench->n};
        status = sy_spawn(&fans[made].task, wait_for_either, &fans[made]);
    }
    if (status < 0) {
        trial_refused(bench->trial, made, status);
    }
    for (uint64_t op = 0; op < bench->n; op++) {
        for (uint32_t i = 0; i < made; i++) {
            sy_send(fans[i].own, one);
        }
    }
    for (uint32_t i = 0; i < made; i++) {
        sy_join(fans[i].task, NULL);
        bench->work.checksum += fans[i].received;
    }
    bench->work.tasks = made;
    bench->work.messages = bench->work.checksum;
    return status;
}

static int body_popular(struct go_bench *bench)
{
    struct fan *fans = calloc(FANS, sizeof *fans);
    go_int_chan *chans = calloc(FANS + 1, sizeof *chans); /* the last one is the popular one */
    int status = fans != NULL && chans != NULL ? make_chans(chans, FANS + 1, 0) : -ENOMEM;
    if (status < 0) {
        trial_fail(bench->trial, status, "no channels: %s", strerrorname_np(-status));
    } else {
        status = please_fans(bench, fans, chans, chans[FANS]);
        free_chans(chans, FANS + 1);
    }
    free(chans);
    free(fans);
    return status < 0 ? status : go_expect(bench, FANS * bench->n);
}

static int run_uncontended(struct trial *trial)
{
    return go_bench_run(trial, body_uncontended, 0);
}

static int run_contended(struct trial *trial)
{
    return go_bench_run(trial, body_contended, 0);
}

static int run_prodcons(struct trial *trial)
{
    return go_bench_run(trial, body_prodcons, 0);
}

static int run_popular(struct trial *trial)
{
    return go_bench_run(trial, body_popular, 0);
}

static const struct workload_param params[] = {GO_PARAMS(50000)};
static const struct workload_param popular_params[] = {GO_PARAMS(20)};

const struct workload go_select_uncontended = {
    .name = "go.SelectUncontended",
    .summary = "Go's benchmark: a select over two channels of the task's own",
    .params = params,
    .run = run_uncontended,
};

const struct workload go_select_contended = {
    .name = "go.SelectSyncContended",
    .summary = "Go's benchmark: selects of many tasks over three unbuffered channels",
    .params = params,
    .run = run_contended,
};

const struct workload go_select_prodcons = {
    .name = "go.SelectProdCons",
    .summary = "Go's benchmark: a producer and a consumer that select",
    .params = params,
    .run = run_prodcons,
};

const struct workload go_chan_popular = {
    .name = "go.ChanPopular",
    .summary = "Go's benchmark: 1,000 tasks select from one channel and from their own",
    .params = popular_params,
    .run = run_popular,
};
