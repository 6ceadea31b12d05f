/* anatomy.c - bare swaps between two stacks, timed: what a switch is made of.
 *
 * For each kind of swap, a partner swaps back for ever on a stack of its own, and a loop swaps to
 * it on the caller's. All calls of a swap are direct, as in the runtime.
 */
#include <errno.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <switchyard/stats.h>
#include <switchyard/time.h>

#include "proc.h"

#define STACK_BYTES ((size_t)64 << 10)
#define ROUNDS_MAX ((uint64_t)1 << 40)

void sy_raw_swap(void **save, void *to); /* switch.S, as the next two */
void sy_raw_swap_return(void **save, void *to);
void sy_raw_swap_control(void **save, void *to);

/* One pair at a time: guarded by the caller, which is a task and does not switch. */
static __thread void *here;
static __thread void *there;
static __thread struct arch_place place_here;
static __thread struct arch_place place_there;
static __thread ucontext_t *contexts; /* here and there */

static void jump_back(void)
{
    for (;;) {
        sy_raw_swap(&there, here);
    }
}

static void jump_prepare(char *stack)
{
    there = arch_raw_frame(stack + STACK_BYTES, jump_back);
}

static void jump_rounds(uint64_t rounds)
{
    for (uint64_t round = 0; round < rounds; round++) {
        sy_raw_swap(&here, there);
    }
}

static void return_back(void)
{
    for (;;) {
        sy_raw_swap_return(&there, here);
    }
}

static void return_prepare(char *stack)
{
    there = arch_raw_frame(stack + STACK_BYTES, return_back);
}

static void return_rounds(uint64_t rounds)
{
    for (uint64_t round = 0; round < rounds; round++) {
        sy_raw_swap_return(&here, there);
    }
}

static void control_back(void)
{
    for (;;) {
        sy_raw_swap_control(&there, here);
    }
}

static void control_prepare(char *stack)
{
    there = arch_control_frame(stack + STACK_BYTES, control_back);
}

static void control_rounds(uint64_t rounds)
{
    for (uint64_t round = 0; round < rounds; round++) {
        sy_raw_swap_control(&here, there);
    }
}

static void inline_back(void)
{
    for (;;) {
        arch_swap_inline(&place_there, &place_here);
    }
}

static void inline_prepare(char *stack)
{
    place_there = arch_place_of(stack + STACK_BYTES, inline_back);
}

static void inline_rounds(uint64_t rounds)
{
    for (uint64_t round = 0; round < rounds; round++) {
        arch_swap_inline(&place_here, &place_there);
    }
}

static void context_back(void)
{
    for (;;) {
        swapcontext(&contexts[1], &contexts[0]);
    }
}

/* The contexts themselves lie at the far end of the stack. */
static void context_prepare(char *stack)
{
    contexts = (ucontext_t *)stack;
    getcontext(&contexts[1]);
    contexts[1].uc_stack.ss_sp = &contexts[2];
    contexts[1].uc_stack.ss_size = STACK_BYTES - 2 * sizeof *contexts;
    makecontext(&contexts[1], context_back, 0);
}

static void context_rounds(uint64_t rounds)
{
    for (uint64_t round = 0; round < rounds; round++) {
        swapcontext(&contexts[0], &contexts[1]);
    }
}

static const struct {
    void (*prepare)(char *stack);
    void (*rounds)(uint64_t rounds);
} kinds[] = {
    [SY_SWAP_INLINE] = {inline_prepare, inline_rounds},
    [SY_SWAP_JUMP] = {jump_prepare, jump_rounds},
    [SY_SWAP_RETURN] = {return_prepare, return_rounds},
    [SY_SWAP_CONTROL] = {control_prepare, control_rounds},
    [SY_SWAP_CONTEXT] = {context_prepare, context_rounds},
};

int sy_anatomy_swap(enum sy_swap swap, uint64_t rounds, sy_time *elapsed_ns)
{
    size_t kind = (size_t)swap;
    if (kind >= sizeof kinds / sizeof kinds[0] || rounds == 0 || rounds > ROUNDS_MAX ||
        elapsed_ns == NULL) {
        return -EINVAL;
    }
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
        return -ENOMEM;
    }
    kinds[kind].prepare(stack);
    sy_time begin = sy_now();
    kinds[kind].rounds(rounds);
    *elapsed_ns = sy_now() - begin;
    munmap(stack, STACK_BYTES);
    return 0;
}
