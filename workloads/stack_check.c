/* stack.check - what the check of the stack in each function's prologue costs a program that does
 * nothing but call: fib(n), from the same source compiled with and without checks.
 *
 * Metric: `checked`, ms, and `plain`, ms = time of fib(n) of each kind, one after the other, the
 *         first one by turns.
 * Work:   messages = calls of both.
 * Proof:  both results must be fib(n), computed here by adding.
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

static uint64_t time_fib(struct trial *trial, const char *metric, uint64_t (*fib)(uint64_t n),
                         uint64_t n)
{
    sy_time begin = sy_now();
    uint64_t result = fib(n);
    trial_sample(trial, metric, "ms", (double)(sy_now() - begin) / (double)SY_MILLISECOND);
    return result;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct check *check = state;
    uint64_t results[2] = {0, 0};
    for (uint64_t turn = 0; turn < 2; turn++) {
        bool checked = (check->rounds + turn) % 2 == 0;
        results[turn] = time_fib(trial, checked ? "checked" : "plain",
                                 checked ? stack_fib_checked : stack_fib_plain, check->n);
    }
    check->rounds++;
    if (results[0] != fib_by_adding(check->n) || results[1] != results[0]) {
        return trial_fail(trial, -EPROTO, "fib(%llu) is %llu and %llu",
                          (unsigned long long)check->n, (unsigned long long)results[0],
                          (unsigned long long)results[1]);
    }
    trial_work(trial, &(struct workload_work){.messages = 2 * (2 * fib_by_adding(check->n + 1) - 1),
                                              .checksum = results[0]});
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
