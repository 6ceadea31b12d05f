/* go.CreateGoroutines, CreateGoroutinesParallel, CreateGoroutinesCapture, StackGrowth,
 * StackGrowthDeep - tasks and their stacks (go_bench.h).
 *
 * CreateGoroutines: a task starts the next one and ends, n of them; the last one says so over a
 *                   channel. An operation is one task. ...Parallel: as many such chains at once as
 *                   tasks side by side. ...Capture: an operation starts four tasks with arguments
 *                   of their own and waits for them.
 * StackGrowth:      each task calls itself ten deep, with frames of 1 KiB, and returns; an
 *                   operation is one such descent. Go clears each frame, as its language demands,
 *                   and that is most of its time: this one compares languages more than runtimes.
 *                   ...Deep: 1,024 deep, a MiB. The stacks are made to hold that: nobody knows
 *                   here whether they could grow.
 *
 * Metric: `op`, ns. Work: tasks; messages. Proof: each of the n tasks, or descents, must have been
 * made; how many is the checksum.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"
#include "go_bench.h"
#include "refusal.h"

/* A chain of tasks; only its youngest task touches it. */
struct chain {
    sy_chan done;
    uint64_t left;
    uint64_t made;
};

static void *start_next(void *arg)
{
    struct chain *chain = arg;
    chain->made++;
    if (chain->left > 0) {
        chain->left--;
        int status = sy_go(start_next, chain);
        if (status == 0) {
            return NULL;
        }
        refusal_note(status);
    }
    sy_chan_send(chain->done, NULL);
    return NULL;
}

static int run_chains(struct go_bench *bench, struct chain *chains, uint32_t count, sy_chan done)
{
    uint32_t started = 0;
    for (; started < count; started++) {
        chains[started] = (struct chain){.done = done, .left = bench->n / count};
        int status = sy_go(start_next, &chains[started]);
        if (status < 0) {
            refusal_note(status);
            break;
        }
    }
    for (uint32_t i = 0; i < started; i++) {
        sy_chan_recv(done, NULL);
    }
    for (uint32_t i = 0; i < started; i++) {
        bench->work.checksum += chains[i].made;
    }
    bench->work.tasks = bench->work.checksum;
    bench->work.messages = count;
    return refusal_report(bench->trial);
}

static int body_chains(struct go_bench *bench)
{
    uint32_t count = bench->variant == 1 ? 1 : bench->parallel;
    struct chain *chains = calloc(count, sizeof *chains);
    sy_chan done;
    int status = chains != NULL ? sy_chan_new(&done, 0, 0) : -ENOMEM;
    if (status < 0) {
        free(chains);
        return trial_fail(bench->trial, status, "no chains: %s", strerrorname_np(-status));
    }
    refusal_reset(bench->trial);
    status = run_chains(bench, chains, count, done);
    while (sy_chan_free(done) == -EBUSY) {
        sy_yield(); /* a chain's last task has sent, but not yet left the call */
    }
    free(chains);
    return status < 0 ? status : go_expect(bench, (bench->n / count + 1) * count);
}

#define CAPTURES 4

struct capture {
    sy_waitgroup *group;
    _Atomic uint64_t *made;
    int number;
};

/* As in Go, the argument is looked at. */
static void *use_capture(void *arg)
{
    struct capture *capture = arg;
    if (capture->number < CAPTURES) {
        fetch_add_relaxed(capture->made, 1); /* relaxed: the waitgroup publishes it */
    }
    sy_waitgroup_done(capture->group);
    return NULL;
}

static int body_capture(struct go_bench *bench)
{
    _Atomic uint64_t made = 0;
    for (uint64_t op = 0; op < bench->n; op++) {
        struct capture captures[CAPTURES];
        sy_waitgroup group = SY_WAITGROUP_INIT;
        sy_waitgroup_add(&group, CAPTURES);
        for (int i = 0; i < CAPTURES; i++) {
            captures[i] = (struct capture){.group = &group, .made = &made, .number = i};
            int status = sy_go(use_capture, &captures[i]);
            if (status < 0) {
                trial_refused(bench->trial, op * CAPTURES + (uint64_t)i, status);
                sy_waitgroup_add(&group, i - CAPTURES);
                sy_waitgroup_wait(&group);
                return status;
            }
        }
        sy_waitgroup_wait(&group);
    }
    bench->work.tasks = CAPTURES * bench->n;
    bench->work.checksum = load_relaxed(&made); /* relaxed: after the last wait */
    return go_expect(bench, CAPTURES * bench->n);
}

#define FRAME_WORDS 128
#define DEPTH 10
#define DEEP 1024
#define DEEP_BYTES ((size_t)3 << 19) /* 1 KiB and some words each, and what is above */

/* Two words of the frame are written and read. Go's language clears the rest, too; C's does not. */
static uint64_t descend(uint64_t depth)
{
    volatile uint64_t frame[FRAME_WORDS];
    frame[0] = depth;
    frame[FRAME_WORDS - 1] = 1;
    if (depth > 0) {
        descend(depth - 1);
    }
    return frame[FRAME_WORDS - 1] + frame[0] - depth;
}

static void *descend_often(void *arg)
{
    struct go_share *share = arg;
    for (uint64_t op = 0; op < share->n; op++) {
        share->sum += descend(share->bench->variant);
    }
    return NULL;
}

static int body_stack(struct go_bench *bench)
{
    int status = go_parallel(bench, descend_often, NULL);
    return status < 0 ? status : go_expect(bench, bench->n);
}

static int run_serial(struct trial *trial)
{
    return go_bench_run(trial, body_chains, 1);
}

static int run_parallel(struct trial *trial)
{
    return go_bench_run(trial, body_chains, 0);
}

static int run_capture(struct trial *trial)
{
    return go_bench_run(trial, body_capture, 0);
}

static int run_stack(struct trial *trial)
{
    return go_bench_run(trial, body_stack, DEPTH);
}

static int run_deep(struct trial *trial)
{
    return go_bench_run(trial, body_stack, DEEP);
}

static void configure_deep(const struct trial *trial, struct sy_config *config)
{
    (void)trial;
    config->stack_bytes = config->stack_bytes == 0 ? DEEP_BYTES : config->stack_bytes;
}

static const struct workload_param params[] = {GO_PARAMS(20000)};
static const struct workload_param capture_params[] = {GO_PARAMS(5000)};
static const struct workload_param deep_params[] = {GO_PARAMS(1000)};

const struct workload go_create = {
    .name = "go.CreateGoroutines",
    .summary = "Go's benchmark: each task starts the next one and ends",
    .params = params,
    .run = run_serial,
};

const struct workload go_create_parallel = {
    .name = "go.CreateGoroutinesParallel",
    .summary = "Go's benchmark: chains of tasks, side by side",
    .params = params,
    .run = run_parallel,
};

const struct workload go_create_capture = {
    .name = "go.CreateGoroutinesCapture",
    .summary = "Go's benchmark: four tasks with arguments, and a wait for them",
    .params = capture_params,
    .run = run_capture,
};

const struct workload go_stack_growth = {
    .name = "go.StackGrowth",
    .summary = "Go's benchmark: calls of ten frames of 1 KiB",
    .params = params,
    .run = run_stack,
};

const struct workload go_stack_growth_deep = {
    .name = "go.StackGrowthDeep",
    .summary = "Go's benchmark: calls of 1,024 frames of 1 KiB",
    .params = deep_params,
    .configure = configure_deep,
    .run = run_deep,
};
