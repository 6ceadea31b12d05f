/* stack.check - what the check of the stack in each function's prologue costs a program that does
 * nothing but call: fib(n), from the same source compiled with and without checks.
 *
 * Metric: `checked`, ms, and `plain`, ms = time of fib(n) of each kind: the mean over the places in
 * a cache line where a function may begin, which matter more than the check (stack_fib.c). The two
 * kinds take turns, and who is first changes. Work:   messages = calls of both. Proof:  all results
 * must be fib(n), computed here by adding.
 */
#include <errno.h>

#include "stack_fib.h"
#include "trial.h"

struct check {
    uint64_t n;
    uint64_t rounds;
};

static uint64_t fib_by_adding(uint64_t n)
{
    uint64_t now = 0;
    uint64_t next = 1;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t sum = now + next;
        now = next;
        next = sum;
    }
    return now;
}

/* Adds up time; false if the result is wrong. */
static bool time_fib(stack_fib_fn fib, uint64_t n, double *ms)
{
    sy_time begin = sy_now();
    uint64_t result = fib(n);
    *ms += (double)(sy_now() - begin) / (double)SY_MILLISECOND;
    return result == fib_by_adding(n);
}

static int run_epoch(struct trial *trial, void *state)
{
    struct check *check = state;
    double ms[2] = {0, 0};
    for (uint64_t turn = 0; turn < 2 * STACK_FIB_PLACES; turn++) {
        bool checked = (check->rounds + turn) % 2 == 0;
        const stack_fib_fn *fibs = checked ? stack_fib_checked : stack_fib_plain;
        if (!time_fib(fibs[turn / 2], check->n, &ms[checked])) {
            return trial_fail(trial, -EPROTO, "fib(%llu) is wrong", (unsigned long long)check->n);
        }
    }
    check->rounds++;
    trial_sample(trial, "checked", "ms", ms[1] / STACK_FIB_PLACES);
    trial_sample(trial, "plain", "ms", ms[0] / STACK_FIB_PLACES);
    uint64_t calls = 2 * fib_by_adding(check->n + 1) - 1;
    trial_work(trial, &(struct workload_work){.messages = 2 * STACK_FIB_PLACES * calls,
                                              .checksum = fib_by_adding(check->n)});
    return 0;
}

static int run(struct trial *trial)
{
    struct check check = {.n = (uint64_t)trial_param(trial, "n")};
    return trial_each_epoch(trial, run_epoch, &check);
}

static const struct workload_param params[] = {{"n", 30, 1, 45, "", "which Fibonacci number"}, {0}};

const struct workload stack_check = {
    .name = "stack.check",
    .summary = "Calls with and without a check of the stack",
    .params = params,
    .run = run,
};
