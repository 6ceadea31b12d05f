/* test_poison.c - a stack limit that another thread poisons, as sysmon does to preempt: the next
 * check calls preempt_at_prologue if the end of this turn is wanted, and nothing is lost. The
 * runtime's own preemption is off. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <switchyard/switchyard.h>

#include "calls.h"
#include "crossing.h"
#include "preempt.h"
#include "scheduler.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"
#include "worker.h"

enum { ROUNDS = 300 };

void __wrap_preempt_at_prologue(void);

static _Atomic uint64_t preemptions;
static _Atomic bool over;

static void set_limit(uintptr_t limit)
{
    __asm__ volatile("movq %0, %%fs:%c1" : : "r"(limit), "i"(STACK_LIMIT_TLS) : "memory");
}

/* In place of the runtime's own: lets others run, and leaves no register that it need not. It has
 * no check, as the runtime has none: a poison would lead from there to here again. */
__attribute__((no_split_stack)) void __wrap_preempt_at_prologue(void)
{
    preemptions++;
    sy_yield();
    __asm__ volatile("pxor %%xmm0, %%xmm0\n\tpxor %%xmm1, %%xmm1\n\tpxor %%xmm2, %%xmm2\n\t"
                     "pxor %%xmm3, %%xmm3\n\tpxor %%xmm4, %%xmm4\n\tpxor %%xmm5, %%xmm5\n\t"
                     "pxor %%xmm6, %%xmm6\n\tpxor %%xmm7, %%xmm7\n\txorl %%eax, %%eax\n\t"
                     "xorl %%ecx, %%ecx\n\txorl %%edx, %%edx\n\txorl %%esi, %%esi\n\t"
                     "xorl %%edi, %%edi\n\txorl %%r8d, %%r8d\n\txorl %%r9d, %%r9d\n\t"
                     "xorl %%r10d, %%r10d\n\txorl %%r11d, %%r11d"
                     :
                     :
                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "rax", "rcx",
                       "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
    if (__builtin_cpu_supports("avx")) {
        __asm__ volatile("vzeroall"
                         :
                         :
                         : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
                           "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    }
}

/* --- late poison ------------------------------------------------------------------------------ */

static int meet_late_poison(void *arg)
{
    uintptr_t limit = crossing_limit();
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        set_limit(STACK_LIMIT_POISON);
        expect_eq(calls_check_all(i), i);
        expect_eq(crossing_limit(), limit);
        set_limit(STACK_LIMIT_POISON);
        expect_eq(crossing_at((uint32_t)i % CROSSING_OFFSETS, calls_check_all, i), i);
    }
    expect_eq(preemptions, 0);
    return 0;
}

/* Goal: a poison that was meant for a task that runs no more is nobody's, and goes away. */
START_TEST(test_poison_without_a_wish)
{
    run_tasks(1, meet_late_poison, NULL);
}
END_TEST

/* --- wanted turns ----------------------------------------------------------------------------- */

struct victim {
    _Atomic uintptr_t *limit; /* of its thread */
    sy_task other;
};

/* As sysmon does, ten thousand times a second. */
static void *poison(void *arg)
{
    struct victim *victim = arg;
    while (!over) {
        struct timespec pause = {.tv_nsec = 100000};
        struct proc *proc = &scheduler.all[0];
        /* relaxed, both: hints, see preempt.h */
        store_relaxed(&proc->wanted_turn, load_relaxed(&proc->switches) + 1);
        *victim->limit = STACK_LIMIT_POISON;
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void *compute(void *arg)
{
    for (uint32_t i = 0; preemptions < 2000; i++) {
        expect_eq(calls_check_all((long)i), i);
        expect_eq(crossing_at(i % CROSSING_OFFSETS, calls_check_all, (long)i), i);
    }
    return arg;
}

static int compute_poisoned(void *arg)
{
    struct victim victim = {.limit = (_Atomic uintptr_t *)(pthread_self() + STACK_LIMIT_TLS)};
    pthread_t thread;
    sy_task tasks[3];
    expect_eq(pthread_create(&thread, NULL, poison, &victim), 0);
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_spawn(&tasks[i], compute, arg), 0);
    }
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    over = true;
    expect_eq(pthread_join(thread, NULL), 0);
    return 0;
}

/* Goal: all arguments, those in vector registers too, survive that the task yields in the prologue
 * of the function that gets them, thousands of times. */
START_TEST(test_poison_of_wanted_turns)
{
    run_tasks(1, compute_poisoned, NULL);
    ck_assert_uint_ge(preemptions, 2000);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("poison");
    setenv("SWITCHYARD_TUNE", "nopreemptcall,nopreemptprologue,nopreemptsignal", 1);
    tcase_set_timeout(tests, 100);
    tcase_add_test(tests, test_poison_without_a_wish);
    tcase_add_test(tests, test_poison_of_wanted_turns);
    return suite_main("poison", tests);
}
