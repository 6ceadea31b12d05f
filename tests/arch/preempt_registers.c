/* preempt_registers.c MECHANISM CHECKS - preemption changes no register of a task.
 * Method: two tasks on one proc fill all registers with patterns of their own, again and again, and
 * compare what is in them a little later, while the runtime preempts them at 10 kHz and more
 * through one MECHANISM: signal, prologue or call. With signal and prologue: all general registers,
 * x87 with its control word, MXCSR, the vector registers (SSE, AVX, AVX-512 as the processor has
 * them) and masks. With call: what a call must preserve. Prints the rate that was reached, and in
 * brackets that of a second of CPU time. Exit status 0 if all were right: CHECKS, and once more as
 * many until there were PREEMPTIONS_MIN preemptions. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <switchyard/switchyard.h>

#include "arch_test.h"
#include "fill.h"
#include "preempt_state.h"

#define TASKS 2
#define ROUNDS 1000 /* of a loop or of prologues between filling and comparing: about 1 us */
#define PREEMPTIONS_MIN 20000 /* as many as 10 kHz make in 2 s, which 10^6 checks take */
#define REPEATS_MAX 50        /* of all checks, until there were as many preemptions */

/* Sysmon begins to wait when it has asked, and wakes up some 20 us late. Asked every 100 us, tasks
 * were preempted at 5 to 9 kHz; every 30 us at 12 to 26, and less where the machine has much else
 * to do (virtual machine, 2 CPUs, 2026-11). */
#define PERIOD_US "30"

#define MXCSR_OFFSET 24 /* in the image of fxsave */
#define MXCSR_FLAGS 0x3f
#define X87_VALUES 32
#define XMM_VALUES 160
#define XMM_END 416

enum mechanism { BY_SIGNAL, BY_PROLOGUE, BY_CALL, MECHANISMS };

static const struct {
    const char *name;
    const char *tune;
} mechanisms[MECHANISMS] = {
    {"signal", "nopreemptcall,nopreemptprologue"},
    {"prologue", "nopreemptcall,nopreemptsignal"},
    {"call", "nopreemptsignal,nopreemptprologue"},
};

static enum mechanism mechanism;
static uint64_t checks;
static uint64_t wrong;
static enum vectors vectors;

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13; /* xorshift64: Marsaglia (2003) */
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void fill_random(void *memory, size_t bytes, uint64_t *seed)
{
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t value = next_random(seed);
        memcpy((char *)memory + i, &value, 8);
    }
}

/* Any values, but control words that mask all exceptions, and full x87 registers. */
static void make_state(struct state *state, uint64_t *seed)
{
    uint16_t x87 = (uint16_t)(0x37f | (next_random(seed) & 0xc00));     /* rounding */
    uint32_t mxcsr = (uint32_t)(0x1f80 | (next_random(seed) & 0xe040)); /* rounding, FTZ, DAZ */
    fill_random(state, sizeof *state, seed);
    memset(state->fx, 0, X87_VALUES);
    memcpy(state->fx, &x87, 2);
    state->fx[4] = 0xff; /* no register is empty */
    memcpy(state->fx + MXCSR_OFFSET, &mxcsr, 4);
    for (size_t i = 0; i < 8; i++) { /* 80 bits in 128, which must be zero */
        memset(state->fx + X87_VALUES + 16 * i + 10, 0, 6);
    }
    for (size_t i = 0; i < MASKS; i++) {
        state->mask[i] &= 0xffff;
    }
    for (size_t i = 0; i < 16; i++) { /* the vectors hold the xmm registers, too */
        memcpy(state->fx + XMM_VALUES + 16 * i, state->vector[i], 16);
    }
}

static bool same_vectors(const struct state *a, const struct state *b)
{
    size_t bytes = vectors == AVX512 ? 64 : vectors == AVX ? 32 : 0;
    size_t count = vectors == AVX512 ? VECTORS : 16;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(a->vector[i], b->vector[i], bytes) != 0) {
            return false;
        }
    }
    return vectors != AVX512 || memcmp(a->mask, b->mask, sizeof a->mask) == 0;
}

static bool same_general(const struct state *a, const struct state *b)
{
    for (size_t i = 0; i < GENERAL; i++) {
        bool undefined = mechanism == BY_PROLOGUE && (i == 9 || i == 10); /* r10, r11 */
        if (!undefined && a->general[i] != b->general[i]) {
            return false;
        }
    }
    return true;
}

static bool same(const struct state *a, const struct state *b)
{
    return same_general(a, b) && same_vectors(a, b) && memcmp(a->fx, b->fx, 2) == 0 &&
           memcmp(a->fx + MXCSR_OFFSET, b->fx + MXCSR_OFFSET, 4) == 0 &&
           memcmp(a->fx + X87_VALUES, b->fx + X87_VALUES, 8 * 16) == 0 &&
           memcmp(a->fx + XMM_VALUES, b->fx + XMM_VALUES, XMM_END - XMM_VALUES) == 0;
}

static bool check_all(uint64_t *seed)
{
    struct state in;
    struct state out;
    make_state(&in, seed);
    memset(&out, 0, sizeof out);
    if (mechanism == BY_SIGNAL) {
        state_loop(&in, &out, ROUNDS, vectors);
    } else {
        state_prologues(&in, &out, ROUNDS / 2, vectors);
    }
    return same(&in, &out);
}

static int call_often(void *sem, void *unused, void *unused_too)
{
    (void)unused;
    (void)unused_too;
    for (int i = 0; i < 10; i++) {
        sy_sem_post(sem);
        sy_sem_trywait(sem);
    }
    return 0;
}

static bool check_call(uint64_t *seed)
{
    uint64_t before[CALLEE_SAVED];
    uint64_t after[CALLEE_SAVED];
    sy_sem sem;
    sy_sem_init(&sem, 0);
    fill_random(before, sizeof before, seed);
    fill_call(before, after, call_often, &sem, NULL, NULL);
    return memcmp(before, after, sizeof before) == 0;
}

static void *check(void *number)
{
    uint64_t seed = (uint64_t)(uintptr_t)number * UINT64_C(0x9e3779b97f4a7c15);
    for (uint64_t i = 0; i < checks / TASKS; i++) {
        bool right = mechanism == BY_CALL ? check_call(&seed) : check_all(&seed);
        wrong += !right; /* one proc, and no call between the load and the store */
    }
    return NULL;
}

static uint64_t preemptions(void)
{
    struct sy_stats stats;
    sy_stats_read(&stats);
    uint64_t counts[MECHANISMS] = {stats.preempts_signal, stats.preempts_prologue,
                                   stats.preempts_call};
    return counts[mechanism];
}

static void check_in_tasks(void)
{
    sy_task tasks[TASKS];
    for (uintptr_t i = 0; i < TASKS; i++) {
        sy_spawn(&tasks[i], check, (void *)(i + 1));
    }
    for (size_t i = 0; i < TASKS; i++) {
        sy_join(tasks[i], NULL);
    }
}

static int run(void *arg)
{
    uint64_t often = 0;
    uint64_t repeats = 0;
    sy_time begin = sy_now();
    clock_t cpu = clock();
    (void)arg;
    do {
        check_in_tasks();
        repeats++;
        often = preemptions();
    } while (often < PREEMPTIONS_MIN && repeats < REPEATS_MAX);
    double seconds = (double)(sy_now() - begin) / (double)SY_SECOND;
    double cpu_seconds = (double)(clock() - cpu) / CLOCKS_PER_SEC;
    printf("%llu checks, %llu wrong; preempted %llu times in %.2f s (%.2f s of CPU): %.1f kHz "
           "(%.1f)\n",
           (unsigned long long)(repeats * checks), (unsigned long long)wrong,
           (unsigned long long)often, seconds, cpu_seconds, (double)often / seconds / 1000,
           (double)often / cpu_seconds / 1000);
    return wrong == 0 && often >= PREEMPTIONS_MIN ? 0 : 1;
}

int main(int count, char **arguments)
{
    struct sy_config config = {.procs = 1};
    while (count == 3 && mechanism < MECHANISMS &&
           strcmp(arguments[1], mechanisms[mechanism].name) != 0) {
        mechanism++;
    }
    if (count != 3 || mechanism == MECHANISMS) {
        fprintf(stderr, "usage: %s signal|prologue|call CHECKS\n", arguments[0]);
        return 2;
    }
    checks = strtoull(arguments[2], NULL, 10);
    vectors = __builtin_cpu_supports("avx512f") ? AVX512
              : __builtin_cpu_supports("avx2")  ? AVX
                                                : ONLY_SSE;
    setenv("SWITCHYARD_TUNE", mechanisms[mechanism].tune, 1);
    setenv("SWITCHYARD_DEBUG", "preempt=" PERIOD_US, 1);
    return sy_run(&config, run, NULL);
}
