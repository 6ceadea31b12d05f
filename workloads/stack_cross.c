/* stack.cross - a call in a loop, at the place of the stack where it is dearest: where each call of
 * it crosses from one stack segment to the next one, if stacks have such.
 *
 * Method: the loop runs at DEPTHS places, STEP bytes apart, a few times each; then, for the sample,
 * at the dearest and at the cheapest of them.
 * Metric: `cross`, ns = one call at the dearest place; `plain`, ns = one at the cheapest. Where no
 *         boundary is, both are the same call, and differ by chance only.
 * Work:   messages = calls of the two samples.
 * Proof:  the calls add up.
 */
#include <errno.h>

#include "trial.h"

#define STEP 480   /* less than the callee's frame: a place that crosses is not missed */
#define DEPTHS 256 /* 120 KiB: the end of a slot of 64 KiB is between them */
#define TRY_CALLS 2000
#define TRIES 3

struct cross {
    int64_t calls;
    int64_t sum;
    double ns[DEPTHS];
};

/* A frame that is checked, and hardly used. */
static __attribute__((noinline)) int64_t callee(int64_t number)
{
    volatile int64_t frame[128];
    frame[number % 128] = number;
    return frame[number % 128];
}

static __attribute__((noinline)) double time_calls(struct cross *cross, int64_t calls)
{
    sy_time begin = sy_now();
    for (int64_t i = 0; i < calls; i++) {
        cross->sum += callee(i);
    }
    return (double)(sy_now() - begin) / (double)calls;
}

/* The best of a few tries: a try may be interrupted. */
static __attribute__((noinline)) double try_calls(struct cross *cross, int64_t calls, int tries)
{
    double best = time_calls(cross, calls);
    for (int i = 1; i < tries; i++) {
        double again = time_calls(cross, calls);
        best = again < best ? again : best;
    }
    return best;
}

/* Measures here, and at all places below. */
static __attribute__((noinline)) int explore(struct cross *cross, int depth)
{
    volatile char step[STEP - 64];
    step[depth % (STEP - 64)] = 0;
    cross->ns[depth] = try_calls(cross, TRY_CALLS, TRIES);
    int explored = depth + 1 < DEPTHS ? explore(cross, depth + 1) : 0;
    return explored + 1 + step[depth % (STEP - 64)];
}

/* The same frames as explore's, down to that depth only. */
static __attribute__((noinline)) double time_at(struct cross *cross, int depth, int wanted)
{
    volatile char step[STEP - 64];
    step[depth % (STEP - 64)] = 0;
    double ns =
        depth < wanted ? time_at(cross, depth + 1, wanted) : try_calls(cross, cross->calls, 1);
    return ns + step[depth % (STEP - 64)];
}

static int run_epoch(struct trial *trial, void *state)
{
    struct cross *cross = state;
    int dearest = 0;
    int cheapest = 0;
    cross->sum = 0;
    explore(cross, 0);
    for (int i = 1; i < DEPTHS; i++) {
        dearest = cross->ns[i] > cross->ns[dearest] ? i : dearest;
        cheapest = cross->ns[i] < cross->ns[cheapest] ? i : cheapest;
    }
    trial_sample(trial, "cross", "ns", time_at(cross, 0, dearest));
    trial_sample(trial, "plain", "ns", time_at(cross, 0, cheapest));
    int64_t expected = DEPTHS * TRIES * (TRY_CALLS * (int64_t)(TRY_CALLS - 1) / 2) +
                       2 * (cross->calls * (cross->calls - 1) / 2);
    if (cross->sum != expected) {
        return trial_fail(trial, -EPROTO, "the calls add up to %lld, not to %lld",
                          (long long)cross->sum, (long long)expected);
    }
    trial_work(trial, &(struct workload_work){.messages = 2 * (uint64_t)cross->calls,
                                              .checksum = (uint64_t)cross->sum});
    return 0;
}

static int run(struct trial *trial)
{
    static struct cross cross;
    cross.calls = trial_param(trial, "calls");
    return trial_each_epoch(trial, run_epoch, &cross);
}

static const struct workload_param params[] = {
    {"calls", 1000000, 1000, INT64_C(1) << 30, "calls", "calls of a sample"}, {0}};

const struct workload stack_cross = {
    .name = "stack.cross",
    .summary = "A call that crosses the boundary of a stack segment each time",
    .params = params,
    .run = run,
};
