/* anatomy_swap.c - the workloads anatomy.swap and anatomy.swap_*: bare swaps between two stacks,
 * without a scheduler: the floor under every switch of the green runtime.
 *
 *     anatomy.swap          a function that saves what a call must preserve; resumes by a jump
 *     anatomy.swap_return   the same, but it resumes by a return
 *     anatomy.swap_control  as anatomy.swap, with the floating-point control words
 *     anatomy.swap_inline   no call: the compiler saves what it needs, and only that
 *     anatomy.swap_context  swapcontext of the C library: a system call for the signal mask
 *
 * Metric: `swap`, ns = time of `rounds` round trips / (2 * rounds). A round trip is two swaps.
 * Work:   switches = 2 * rounds an epoch.
 * Proof:  the runtime's own: a swap that went wrong does not come back. The checksum is over the
 *         rounds asked for, for the swap computes nothing.
 */
#include "trial.h"

#include <string.h>

struct swaps {
    enum sy_swap swap;
    uint64_t rounds;
};

static int run_epoch(struct trial *trial, void *state)
{
    const struct swaps *swaps = state;
    sy_time elapsed = 0;
    int status = sy_anatomy_swap(swaps->swap, swaps->rounds, &elapsed);
    if (status < 0) {
        return trial_fail(trial, status, "sy_anatomy_swap: %s", strerrorname_np(-status));
    }
    trial_sample(trial, "swap", "ns", (double)elapsed / (2.0 * (double)swaps->rounds));
    trial_work(trial,
               &(struct workload_work){.switches = 2 * swaps->rounds, .checksum = swaps->rounds});
    return 0;
}

static int run(struct trial *trial, enum sy_swap swap)
{
    struct swaps swaps = {swap, (uint64_t)trial_param(trial, "rounds")};
    return trial_each_epoch(trial, run_epoch, &swaps);
}

static int run_jump(struct trial *trial)
{
    return run(trial, SY_SWAP_JUMP);
}

static int run_return(struct trial *trial)
{
    return run(trial, SY_SWAP_RETURN);
}

static int run_control(struct trial *trial)
{
    return run(trial, SY_SWAP_CONTROL);
}

static int run_inline(struct trial *trial)
{
    return run(trial, SY_SWAP_INLINE);
}

static int run_context(struct trial *trial)
{
    return run(trial, SY_SWAP_CONTEXT);
}

#define ROUNDS(count)                                                                              \
    {                                                                                              \
        "rounds", count, 1, INT64_C(1) << 40, "round trips",                                       \
            "round trips an epoch, two swaps each"                                                 \
    }

static const struct workload_param params[] = {ROUNDS(1000000), {0}};
static const struct workload_param params_of_calls[] = {ROUNDS(20000), {0}};

const struct workload anatomy_swap = {
    .name = "anatomy.swap",
    .summary = "The bare register swap of the green runtime, without a scheduler",
    .params = params,
    .green_only = true,
    .run = run_jump,
};

const struct workload anatomy_swap_return = {
    .name = "anatomy.swap_return",
    .summary = "The bare swap, resuming by a return that the processor foresees wrongly",
    .params = params,
    .green_only = true,
    .run = run_return,
};

const struct workload anatomy_swap_control = {
    .name = "anatomy.swap_control",
    .summary = "The bare swap with the floating-point control words",
    .params = params,
    .green_only = true,
    .run = run_control,
};

const struct workload anatomy_swap_inline = {
    .name = "anatomy.swap_inline",
    .summary = "A swap without a call: stack pointer, program counter and frame pointer",
    .params = params,
    .green_only = true,
    .run = run_inline,
};

const struct workload anatomy_swap_context = {
    .name = "anatomy.swap_context",
    .summary = "swapcontext of the C library, with the signal mask",
    .params = params_of_calls,
    .green_only = true,
    .run = run_context,
};
