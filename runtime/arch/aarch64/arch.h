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

/* Which instruction it interrupted. */
static inline const void *arch_program_counter(const ucontext_t *machine)
{
    return (const void *)(uintptr_t)machine->uc_mcontext.pc;
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

/* Calls fn(arg) so that, for unwinders, the code of a task that sy_switch has saved at sp has
 * called it; for backtraces. It runs on the caller's stack, and the task's is only read. */
void arch_call_on(void *sp, void (*fn)(void *arg), void *arg);

#endif
