/* stack.cross - a call in a loop, at the place of the stack where it is dearest: where each call of
 * it crosses from one stack segment to the next one, if stacks have such.
 *
 * Method: the place is found by addresses, not by time, for a busy machine makes any call dear:
 *         down the stack, STEP bytes at a time, until the frame of the callee is not right below
 *         that of its caller.
 * Metric: `cross`, ns = one call there; `plain`, ns = one at the first place. Where no boundary is,
 *         both are the same call, and differ by chance only.
 * Work:   messages = calls of the two samples.
 * Proof:  the calls add up.
 */
#include <errno.h>

#include "trial.h"

#define STEP 480   /* less than the callee's frame: a place that crosses is not missed */
#define DEPTHS 256 /* 120 KiB: the end of a slot of 64 KiB is between them */
#define NEAR 4096  /* frames that are on the same piece of the stack are closer than this */

struct cross {
    int64_t calls;
    int64_t sum;
    uintptr_t caller; /* where the frames of the last call were */
    uintptr_t callee;
};

/* A frame that is checked, and hardly used. */
static __attribute__((noinline)) int64_t callee(struct cross *cross, int64_t number)
{
    volatile int64_t frame[128];
    cross->callee = (uintptr_t)&frame[0];
    frame[number % 128] = number;
    return frame[number % 128];
}

static __attribute__((noinline)) double time_calls(struct cross *cross, int64_t calls)
{
    volatile char here = 0;
    cross->caller = (uintptr_t)&here;
    sy_time begin = sy_now();
    for (int64_t i = 0; i < calls; i++) {
        cross->sum += callee(cross, i);
    }
    return (double)(sy_now() - begin) / (double)calls + here;
}

static bool is_crossing(struct cross *cross)
{
    time_calls(cross, 1);
    return cross->caller - cross->callee > NEAR; /* also if the callee is above */
}

/* The sample at the first place, from here down, that crosses or that does not; else at the last
 * one. */
static __attribute__((noinline)) double time_at(struct cross *cross, int depth, bool crossing)
{
    volatile char step[STEP - 64];
    step[depth % (STEP - 64)] = 0;
    bool here = depth == DEPTHS || is_crossing(cross) == crossing;
    double ns = here ? time_calls(cross, cross->calls) : time_at(cross, depth + 1, crossing);
    return ns + step[depth % (STEP - 64)];
}

static int run_epoch(struct trial *trial, void *state)
{
    struct cross *cross = state;
    cross->sum = 0;
    trial_sample(trial, "cross", "ns", time_at(cross, 0, true));
    trial_sample(trial, "plain", "ns", time_at(cross, 0, false));
    int64_t expected = cross->calls * (cross->calls - 1); /* twice; those to find out add 0 */
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
