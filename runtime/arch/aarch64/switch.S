/* switch.S - the switch of AArch64 (AAPCS64).
 *
 * int sy_switch(struct task *from, struct task *to, struct proc *proc);
 *     Saves what a call must preserve (x19-x30, d8-d15, the control word FPCR) on the stack of
 *     `from`, leaves proc's critical section (and the one shared lock that it may hold) only then,
 *     and goes on in `to` as if its own call of sy_switch had returned to->result. Callers may end
 *     in a jump to it: the task then resumes in their caller.
 *
 * void sy_resume(NULL, struct task *to, struct proc *proc);
 *     The same without saving: for a task that has ended.
 *
 * It resumes by an indirect jump (br), not by ret: the return predictor still holds the addresses
 * of the task that was left and would be wrong each time. The place that it jumps to follows a call
 * and is no landing pad, so this file carries no BTI mark, and the linker then leaves branch
 * targets unguarded in the whole program. Signed return addresses and shadow call stacks (the
 * guarded control stack) are not supported either.
 * FPCR is written only if it differs, because a write may drain the pipeline. FPSR, the status
 * flags, is not preserved over calls.
 *
 * The frame, from the saved stack pointer up, in bytes:
 *     0 x29, x30   16 x19 ... x28   96 d8 ... d15   160 FPCR and padding: not for the two
 *     raw swaps without it
 */
#include "offsets.h"

#define RAW_FRAME 160
#define FRAME 176
#define FRAME_FPCR 160

        .text

        .macro  save_pair first, second, offset
        stp     \first, \second, [sp, #\offset]
        .cfi_rel_offset \first, \offset
        .cfi_rel_offset \second, \offset + 8
        .endm

        .macro  restore_pair first, second, offset
        ldp     \first, \second, [sp, #\offset]
        .cfi_restore \first
        .cfi_restore \second
        .endm

        .macro  save_registers bytes
        .cfi_startproc
        stp     x29, x30, [sp, #-\bytes]!
        .cfi_adjust_cfa_offset \bytes
        .cfi_rel_offset x29, 0
        .cfi_rel_offset x30, 8
        save_pair x19, x20, 16
        save_pair x21, x22, 32
        save_pair x23, x24, 48
        save_pair x25, x26, 64
        save_pair x27, x28, 80
        save_pair d8, d9, 96
        save_pair d10, d11, 112
        save_pair d12, d13, 128
        save_pair d14, d15, 144
        .endm

        .macro  load_registers bytes
        restore_pair d14, d15, 144
        restore_pair d12, d13, 128
        restore_pair d10, d11, 112
        restore_pair d8, d9, 96
        restore_pair x27, x28, 80
        restore_pair x25, x26, 64
        restore_pair x23, x24, 48
        restore_pair x21, x22, 32
        restore_pair x19, x20, 16
        ldp     x29, x30, [sp], #\bytes
        .cfi_adjust_cfa_offset -\bytes
        .cfi_restore x29
        .cfi_restore x30
        .endm

        .macro  restore_registers bytes
        load_registers \bytes
        br      x30
        .endm

        .p2align 4
        .globl  sy_switch
        .type   sy_switch, %function
sy_switch:
        save_registers FRAME
        mrs     x10, fpcr
        mov     x9, sp
        str     x10, [sp, #FRAME_FPCR]
        str     x9, [x0, #TASK_SP]
        ldr     x9, [x1, #TASK_SP]
        mov     sp, x9                  /* from here on we are `to` */
sy_resume_common:
        ldr     x11, [x2, #PROC_RELEASE]
        ldr     w0, [x1, #TASK_RESULT]
        add     x12, x2, #PROC_IN_SECTION
        stlr    wzr, [x11]              /* release: from is published here */
        str     x12, [x2, #PROC_RELEASE]
        stlr    wzr, [x12]              /* release: pairs with step c in proc.h */
        adrp    x13, tune_off
        ldr     w13, [x13, :lo12:tune_off]
        tbnz    w13, #TUNE_NOFPSAVE_LOG2, 1f
        ldr     x11, [sp, #FRAME_FPCR]
        cmp     x10, x11
        b.ne    2f
1:      .cfi_remember_state
        restore_registers FRAME
        .cfi_restore_state
2:      msr     fpcr, x11
        b       1b
        .cfi_endproc
        .size   sy_switch, . - sy_switch

        .p2align 4
        .globl  sy_resume
        .type   sy_resume, %function
sy_resume:
        .cfi_startproc
        .cfi_undefined x30              /* the ended task has no caller any more */
        mrs     x10, fpcr
        ldr     x9, [x1, #TASK_SP]
        mov     sp, x9
        b       sy_resume_common
        .cfi_endproc
        .size   sy_resume, . - sy_resume

/* First instructions of a task: x19, x20 and x21 hold what task_main wants (arch_frame), the stack is
 * aligned. */
        .p2align 4
        .globl  sy_task_entry
        .type   sy_task_entry, %function
sy_task_entry:
        .cfi_startproc
        .cfi_undefined x30              /* outermost frame: unwinders stop here */
        mov     x0, x19
        mov     x1, x20
        mov     x2, x21
        bl      task_main
        brk     #0
        .cfi_endproc
        .size   sy_task_entry, . - sy_task_entry

        .macro  saved_pair first, second, offset
        .cfi_offset \first, \offset - FRAME
        .cfi_offset \second, \offset - FRAME + 8
        .endm

/* void arch_call_on(void *sp, void (*fn)(void *arg), void *arg): see arch.h. x19 leads unwinders from
 * fn's frame, which is on the caller's stack, to the frame that sy_switch has saved at sp. */
        .p2align 4
        .globl  arch_call_on
        .type   arch_call_on, %function
arch_call_on:
        .cfi_startproc
        stp     x29, x30, [sp, #-32]!
        .cfi_adjust_cfa_offset 32
        .cfi_rel_offset x29, 0
        .cfi_rel_offset x30, 8
        str     x19, [sp, #16]
        .cfi_rel_offset x19, 16
        mov     x19, x0
        .cfi_remember_state
        .cfi_def_cfa x19, FRAME         /* the frame of sy_switch */
        saved_pair x29, x30, 0
        saved_pair x19, x20, 16
        saved_pair x21, x22, 32
        saved_pair x23, x24, 48
        saved_pair x25, x26, 64
        saved_pair x27, x28, 80
        saved_pair d8, d9, 96
        saved_pair d10, d11, 112
        saved_pair d12, d13, 128
        saved_pair d14, d15, 144
        mov     x0, x2
        blr     x1
        .cfi_restore_state
        ldr     x19, [sp, #16]
        .cfi_restore x19
        ldp     x29, x30, [sp], #32
        .cfi_adjust_cfa_offset -32
        .cfi_restore x29
        .cfi_restore x30
        ret
        .cfi_endproc
        .size   arch_call_on, . - arch_call_on

/* void sy_raw_swap(void **save, void *to): the bare swap that anatomy.swap times: the registers of
 * the ABI, the stack pointer and the program counter, and nothing else. */
        .p2align 4
        .globl  sy_raw_swap
        .type   sy_raw_swap, %function
sy_raw_swap:
        save_registers RAW_FRAME
        mov     x9, sp
        str     x9, [x0]
        mov     sp, x1
        restore_registers RAW_FRAME
        .cfi_endproc
        .size   sy_raw_swap, . - sy_raw_swap

/* The same, but it resumes by a return: what anatomy.swap_return times. */
        .p2align 4
        .globl  sy_raw_swap_return
        .type   sy_raw_swap_return, %function
sy_raw_swap_return:
        save_registers RAW_FRAME
        mov     x9, sp
        str     x9, [x0]
        mov     sp, x1
        load_registers RAW_FRAME
        ret
        .cfi_endproc
        .size   sy_raw_swap_return, . - sy_raw_swap_return

/* As sy_raw_swap, with the control word, as sy_switch does it: what anatomy.swap_control times. */
        .p2align 4
        .globl  sy_raw_swap_control
        .type   sy_raw_swap_control, %function
sy_raw_swap_control:
        save_registers FRAME
        mrs     x10, fpcr
        mov     x9, sp
        str     x10, [sp, #FRAME_FPCR]
        str     x9, [x0]
        mov     sp, x1
        ldr     x11, [sp, #FRAME_FPCR]
        cmp     x10, x11
        b.ne    2f
1:      .cfi_remember_state
        restore_registers FRAME
        .cfi_restore_state
2:      msr     fpcr, x11
        b       1b
        .cfi_endproc
        .size   sy_raw_swap_control, . - sy_raw_swap_control

        .section .note.GNU-stack, "", %progbits
