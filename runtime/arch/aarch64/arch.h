/* arch.h - what only AArch64 knows. The other half is switch.S. */
#ifndef SWITCHYARD_ARCH_H
#define SWITCHYARD_ARCH_H

#include <stdint.h>
#include <ucontext.h>

#include "task.h"

/* This thread's proc. The compiler can neither keep it over a switch nor move it: after a switch
 * the task may be on another thread. Local-exec addressing: for position-dependent programs. */
static inline struct proc *proc_self(void)
{
    struct proc *proc;
    __asm__ volatile("mrs %0, tpidr_el0\n\t"
                     "add %0, %0, #:tprel_hi12:proc_current, lsl #12\n\t"
                     "ldr %0, [%0, #:tprel_lo12_nc:proc_current]"
                     : "=r"(proc)
                     :
                     : "memory");
    return proc;
}

/* The floating-point control word of this thread, in the layout of the frame. The status flags
 * have a register of their own (FPSR), which no switch touches. */
static inline uint64_t arch_control_words(void)
{
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    return fpcr;
}

/* Where the stack pointed when a signal came. */
static inline const void *arch_stack_pointer(const ucontext_t *machine)
{
    return (const void *)(uintptr_t)machine->uc_mcontext.sp;
}

/* Lays out a new task's frame below top (16-byte aligned), so that switching to it enters
 * sy_task_entry, which calls task_main(task, fn, arg): they wait in callee-saved registers. Returns
 * the stack pointer to save. */
static inline void *arch_frame(void *top, void (*entry)(void), uint64_t control_words,
                               struct task *task, sy_task_fn fn, void *arg)
{
    uint64_t *sp = (uint64_t *)top - 22;
    sp[0] = 0;                          /* x29: ends frame-pointer walks */
    sp[1] = (uint64_t)(uintptr_t)entry; /* x30 */
    sp[2] = (uint64_t)(uintptr_t)task;  /* x19 */
    sp[3] = (uint64_t)(uintptr_t)fn;    /* x20 */
    sp[4] = (uint64_t)(uintptr_t)arg;   /* x21; x22 ... x28 and d8 ... d15: any values */
    sp[20] = control_words;
    return sp;
}

/* The same for sy_raw_swap, which knows no control words: enters entry(), which must not return. */
static inline void *arch_raw_frame(void *top, void (*entry)(void))
{
    uint64_t *sp = (uint64_t *)top - 20;
    sp[1] = (uint64_t)(uintptr_t)entry; /* the others: any values, and fresh memory is zero */
    return sp;
}

/* The same for sy_raw_swap_control. */
static inline void *arch_control_frame(void *top, void (*entry)(void))
{
    uint64_t *sp = (uint64_t *)top - 22;
    sp[1] = (uint64_t)(uintptr_t)entry;
    sp[20] = arch_control_words();
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
    return (struct arch_place){.sp = top, .pc = (void *)entry};
}

/* Saves this place and goes on in the other: the swap of anatomy.swap_inline. The compiler is told
 * that all other registers are lost, so it saves those that hold something, and only those. (Not
 * x18, which the ABI keeps for the system.) */
static inline __attribute__((always_inline)) void arch_swap_inline(struct arch_place *save,
                                                                   const struct arch_place *to)
{
    register struct arch_place *from __asm__("x0") = save;
    register const struct arch_place *next __asm__("x1") = to;
    __asm__ volatile("adr x3, 1f\n\t"
                     "mov x2, sp\n\t"
                     "stp x2, x3, [%0]\n\t"
                     "str x29, [%0, #16]\n\t"
                     "ldp x2, x3, [%1]\n\t"
                     "ldr x29, [%1, #16]\n\t"
                     "mov sp, x2\n\t"
                     "br x3\n"
                     "1:"
                     : "+r"(from), "+r"(next)
                     :
                     : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
                       "x14", "x15", "x16", "x17", "x19", "x20", "x21", "x22", "x23", "x24", "x25",
                       "x26", "x27", "x28", "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7",
                       "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18",
                       "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29",
                       "v30", "v31", "memory", "cc");
}

/* Calls fn(arg) so that, for unwinders, the code of a task that sy_switch has saved at sp has
 * called it; for backtraces. It runs on the caller's stack, and the task's is only read. */
void arch_call_on(void *sp, void (*fn)(void *arg), void *arg);

#endif
