/* arch.h - what only x86-64 knows. The other half is switch.S. */
#ifndef SWITCHYARD_ARCH_H
#define SWITCHYARD_ARCH_H

#include <stdint.h>
#include <ucontext.h>

#include "task.h"

/* This thread's proc. One load that the compiler can neither keep over a switch nor move: after a
 * switch the task may be on another thread. */
static inline struct proc *proc_self(void)
{
    struct proc *proc;
    __asm__ volatile("movq %%fs:proc_current@tpoff, %0" : "=r"(proc) : : "memory");
    return proc;
}

/* The floating-point control words of this thread, in the layout of the frame. */
static inline uint64_t arch_control_words(void)
{
    uint32_t mxcsr;
    uint16_t x87;
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    __asm__ volatile("fnstcw %0" : "=m"(x87));
    return mxcsr | (uint64_t)x87 << 32;
}

/* Where the stack pointed when a signal came. */
static inline const void *arch_stack_pointer(const ucontext_t *machine)
{
    return (const void *)(uintptr_t)machine->uc_mcontext.gregs[REG_RSP];
}

/* Lays out a new task's frame below top (16-byte aligned), so that switching to it enters
 * sy_task_entry, which calls task_main(task, fn, arg): they wait in callee-saved registers. Returns
 * the stack pointer to save. */
static inline void *arch_frame(void *top, void (*entry)(void), uint64_t control_words,
                               struct task *task, sy_task_fn fn, void *arg)
{
    uint64_t *sp = top;
    *--sp = (uint64_t)(uintptr_t)entry;
    *--sp = 0;                         /* rbp: ends frame-pointer walks */
    *--sp = (uint64_t)(uintptr_t)task; /* rbx */
    *--sp = (uint64_t)(uintptr_t)fn;   /* r12 */
    *--sp = (uint64_t)(uintptr_t)arg;  /* r13 */
    sp -= 2;                           /* r14, r15: any values */
    *--sp = control_words;
    return sp;
}

/* The same for sy_raw_swap, which knows no control words: enters entry(), which must not return. */
static inline void *arch_raw_frame(void *top, void (*entry)(void))
{
    uint64_t *sp = top;
    *--sp = 0; /* where a return address would be: entry starts as if called */
    *--sp = (uint64_t)(uintptr_t)entry;
    sp -= 6; /* rbp, rbx, r12 ... r15: any values, and fresh memory is zero */
    return sp;
}

/* The same for sy_raw_swap_control. */
static inline void *arch_control_frame(void *top, void (*entry)(void))
{
    uint64_t *sp = arch_raw_frame(top, entry);
    *--sp = arch_control_words();
    return sp;
}

/* Where to go on: all that a swap without a call has to save. */
struct arch_place {
    void *sp;
    void *pc;
    void *fp;
};

/* The place at which entry() starts as if called on the stack below top; it must not return. */
static inline struct arch_place arch_place_of(void *top, void (*entry)(void))
{
    return (struct arch_place){.sp = (uint64_t *)top - 1, .pc = (void *)entry};
}

/* Saves this place and goes on in the other: the swap of anatomy.swap_inline. The compiler is told
 * that all other registers are lost, so it saves those that hold something, and only those. Nothing
 * is pushed: below the stack pointer may be what a leaf function keeps there. */
static inline __attribute__((always_inline)) void arch_swap_inline(struct arch_place *save,
                                                                   const struct arch_place *to)
{
    __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
                     "movq %%rsp, (%0)\n\t"
                     "movq %%rax, 8(%0)\n\t"
                     "movq %%rbp, 16(%0)\n\t"
                     "movq (%1), %%rsp\n\t"
                     "movq 16(%1), %%rbp\n\t"
                     "jmpq *8(%1)\n"
                     "1:"
                     : "+D"(save), "+S"(to)
                     :
                     : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                       "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                       "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
                       "memory", "cc");
}

/* Calls fn(arg) so that, for unwinders, the code of a task that sy_switch has saved at sp has
 * called it; for backtraces. It runs on the caller's stack, and the task's is only read. */
void arch_call_on(void *sp, void (*fn)(void *arg), void *arg);

#endif
