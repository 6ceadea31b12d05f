/* growth.h - what the growth of stacks needs of x86-64. For code that must leave the vector
 * registers alone (segment.c): libc's wrappers promise nothing of that kind. */
#ifndef SWITCHYARD_ARCH_GROWTH_H
#define SWITCHYARD_ARCH_GROWTH_H

#include <stdint.h>

#include "task.h"

/* What this thread's checks compare the stack pointer with. */
static inline uintptr_t arch_stack_limit(void)
{
    uintptr_t limit;
    __asm__ volatile("movq %%fs:0x70, %0" : "=r"(limit) : : "memory");
    return limit;
}

static inline void arch_set_stack_limit(uintptr_t limit)
{
    __asm__ volatile("movq %0, %%fs:0x70" : : "r"(limit) : "memory");
}

/* Returns what the kernel returns: a negative errno value on failure. */
static inline long arch_syscall6(long number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d,
                                 uintptr_t e, uintptr_t f)
{
    long result;
    register uintptr_t r10 __asm__("r10") = d;
    register uintptr_t r8 __asm__("r8") = e;
    register uintptr_t r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long arch_syscall3(long number, uintptr_t a, uintptr_t b, uintptr_t c)
{
    return arch_syscall6(number, a, b, c, 0, 0, 0);
}

/* Calls end(task, value) with the stack pointer at top; what is there is overwritten. */
_Noreturn void arch_call_at(void *top, void (*end)(struct task *task, void *value),
                            struct task *task, void *value);

#endif
