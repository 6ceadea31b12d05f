/* go.PingPongHog - two tasks that exchange messages beside one that never waits (go_bench.h).
 *
 * All on one proc. The hog polls a channel that is closed when the others are done; how much of the
 * proc the two get beside it is up to the runtime. Go interrupts the hog after 10 ms, and so do the
 * runtimes here; so that the workload also ends where that is switched off (SWITCHYARD_TUNE), the
 * hog itself gives up the processor once in ten times as long.
 *
 * Metric: `op`, ns: one message there and one back. Work: tasks; messages. Proof: the numbers must
 * come back, whose sum is the checksum.
 */
#include <errno.h>
#include <string.h>

#include "go_bench.h"

#define POLLS 256 /* between two looks at the clock */
#define PATIENCE (100 * SY_MILLISECOND)

typedef SY_CHAN(int64_t) go_int_chan;

struct match {
    uint64_t rounds;
    go_int_chan ping;
    go_int_chan pong;
    sy_chan stop; /* closed when the match is over */
    uint64_t sum; /* the first player's */
};

static void *hog(void *arg)
{
    const struct match *match = arg;
    sy_time begin = sy_now();
    for (uint64_t polls = 1; sy_chan_try_recv(match->stop, NULL) == -EAGAIN; polls++) {
        if (polls % POLLS == 0 && sy_now() - begin >= PATIENCE) {
            sy_yield();
            begin = sy_now();
        }
    }
    return NULL;
}

static void *play_back(void *arg)
{
    const struct match *match = arg;
    for (uint64_t round = 0; round < match->rounds; round++) {
        int64_t number = 0;
        if (sy_recv(match->ping, &number) != 1) {
            break; /* nobody plays */
        }
        sy_send(match->pong, number);
    }
    return NULL;
}

static void *play(void *arg)
{
    struct match *match = arg;
    for (uint64_t round = 0; round < match->rounds; round++) {
        int64_t number = (int64_t)(round % 2 + 1);
        sy_send(match->ping, number);
        sy_recv(match->pong, &number);
        match->sum += (uint64_t)number;
    }
    sy_chan_close(match->stop);
    return NULL;
}

/* Nobody is left waiting if not all three can be made. */
static int play_match(struct go_bench *bench, struct match *match)
{
    static const sy_task_fn bodies[] = {hog, play_back, play};
    enum { TASKS = sizeof bodies / sizeof *bodies };
    sy_task tasks[TASKS];
    uint32_t made = 0;
    int status = 0;
    for (; made < TASKS; made++) {
        status = sy_spawn(&tasks[made], bodies[made], match);
        if (status < 0) {
            trial_refused(bench->trial, made, status);
            break;
        }
    }
    if (status < 0) {
        sy_chan_close(match->stop);
        sy_close(match->ping);
    }
    for (uint32_t i = 0; i < made; i++) {
        sy_join(tasks[i], NULL);
    }
    bench->work = (struct workload_work){
        .tasks = made, .messages = 2 * match->rounds, .checksum = match->sum};
    return status;
}

static int body_hog(struct go_bench *bench)
{
    struct match match = {.rounds = bench->n};
    int status = sy_make(&match.ping, 0);
    status = status < 0 ? status : sy_make(&match.pong, 0);
    status = status < 0 ? status : sy_chan_new(&match.stop, 0, 0);
    if (status < 0) {
        status = trial_fail(bench->trial, status, "no channels: %s", strerrorname_np(-status));
    } else {
        int procs = sy_set_procs(1);
        status = play_match(bench, &match);
        sy_set_procs((uint32_t)procs);
    }
    sy_chan_free(match.stop);
    sy_free(match.pong);
    sy_free(match.ping);
    return status < 0 ? status : go_expect(bench, bench->n + bench->n / 2);
}

static int run_hog(struct trial *trial)
{
    return go_bench_run(trial, body_hog, 0);
}

static const struct workload_param params[] = {GO_PARAMS(100000)};

const struct workload go_hog = {
    .name = "go.PingPongHog",
    .summary = "Go's benchmark: two tasks exchange messages beside one that never waits",
    .params = params,
    .run = run_hog,
};
