/* switch.S - the switch of x86-64 (System V ABI).
 *
 * int sy_switch(struct task *from, struct task *to, struct proc *proc);
 *     Saves what a call must preserve (rbx, rbp, r12-r15, the control bits of MXCSR and the x87
 *     control word) on the stack of `from`, makes the stack limit of `to` that of this thread (at
 *     %fs:0x70, where gcc's -fsplit-stack looks for it), leaves proc's critical section (and the
 *     one shared lock that it may hold) only then, and goes on in `to` as if its own call of
 *     sy_switch had returned to->result. Callers may end in a jump to it: the task then resumes in
 *     their caller.
 *
 * void sy_resume(NULL, struct task *to, struct proc *proc);
 *     The same without saving: for a task that has ended.
 *
 * It resumes by an indirect jump, not by ret: the return predictor still holds the addresses of
 * the task that was left and would be wrong each time. Measured on a Xeon (Sapphire Rapids class,
 * 2026-11) in a minimal scheduler: a yield of 3.3 ns with jmp against 15.3 with ret.
 * The control words are written only if they differ: ldmxcsr costs more than the compare. The six
 * status flags of MXCSR are not preserved over calls, and must not count: any inexact sum sets one.
 */
#include "offsets.h"

#define MXCSR_CONTROL 0xffc0

        .text

        .macro  save_registers
        .cfi_startproc
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbp, 0
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbx, 0
        pushq   %r12
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r12, 0
        pushq   %r13
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r13, 0
        pushq   %r14
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r14, 0
        pushq   %r15
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r15, 0
        .endm

        .macro  pop_registers
        popq    %r15
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r15
        popq    %r14
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r14
        popq    %r13
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r13
        popq    %r12
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r12
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rbx
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rbp
        .endm

        .macro  restore_registers
        pop_registers
        popq    %rcx
        .cfi_adjust_cfa_offset -8
        .cfi_register %rip, %rcx
        jmpq    *%rcx
        .cfi_endproc
        .endm

        .p2align 4
        .globl  sy_switch
        .type   sy_switch, @function
sy_switch:
        save_registers
        leaq    -8(%rsp), %rax          /* where the control words go */
        movq    %rax, TASK_SP(%rdi)
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
sy_resume_common:
        testb   $TUNE_NOFPSAVE_BIT, tune_off(%rip)
        jnz     4f
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        movl    (%rsp), %r8d
        movzwl  4(%rsp), %r9d
        movq    TASK_SP(%rsi), %rsp     /* from here on we are `to` */
        movq    TASK_STACK_LIMIT(%rsi), %r11
        movq    %r11, %fs:STACK_LIMIT_TLS
        movl    TASK_RESULT(%rsi), %eax
        movq    PROC_RELEASE(%rdx), %rcx
        leaq    PROC_IN_SECTION(%rdx), %r10
        movl    $0, (%rcx)              /* stores are releases on x86: from is published here */
        movq    %r10, PROC_RELEASE(%rdx)
        movl    $0, (%r10)
        xorl    (%rsp), %r8d
        testl   $MXCSR_CONTROL, %r8d
        jnz     2f
        cmpw    4(%rsp), %r9w
        jne     3f
1:      addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        restore_registers
        .cfi_startproc
        .cfi_def_cfa_offset 64          /* rsp + frame: only for the few instructions below */
2:      ldmxcsr (%rsp)
3:      fldcw   4(%rsp)
        jmp     1b
4:      movq    TASK_SP(%rsi), %rsp     /* the same without the control words */
        movq    TASK_STACK_LIMIT(%rsi), %r11
        movq    %r11, %fs:STACK_LIMIT_TLS
        movl    TASK_RESULT(%rsi), %eax
        movq    PROC_RELEASE(%rdx), %rcx
        leaq    PROC_IN_SECTION(%rdx), %r10
        movl    $0, (%rcx)
        movq    %r10, PROC_RELEASE(%rdx)
        movl    $0, (%r10)
        jmp     1b
        .cfi_endproc
        .size   sy_switch, . - sy_switch

        .p2align 4
        .globl  sy_resume
        .type   sy_resume, @function
sy_resume:
        .cfi_startproc
        .cfi_undefined %rip             /* the ended task has no caller any more */
        subq    $8, %rsp
        jmp     sy_resume_common
        .cfi_endproc
        .size   sy_resume, . - sy_resume

/* First instructions of a task: rbx, r12 and r13 hold what task_main wants (arch_frame), the stack is
 * aligned for a call. */
        .p2align 4
        .globl  sy_task_entry
        .type   sy_task_entry, @function
sy_task_entry:
        .cfi_startproc
        .cfi_undefined %rip             /* outermost frame: unwinders stop here */
        movq    %rbx, %rdi
        movq    %r12, %rsi
        movq    %r13, %rdx
        call    task_main
        ud2
        .cfi_endproc
        .size   sy_task_entry, . - sy_task_entry

/* void arch_call_on(void *sp, void (*fn)(void *arg), void *arg): see arch.h. rbx leads unwinders from
 * fn's frame, which is on the caller's stack, to the frame that sy_switch has saved at sp. */
        .p2align 4
        .globl  arch_call_on
        .type   arch_call_on, @function
arch_call_on:
        .cfi_startproc
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbx, 0
        movq    %rdi, %rbx
        .cfi_remember_state
        .cfi_def_cfa %rbx, 64           /* the frame of sy_switch: eight words */
        .cfi_offset %rip, -8
        .cfi_offset %rbp, -16
        .cfi_offset %rbx, -24
        .cfi_offset %r12, -32
        .cfi_offset %r13, -40
        .cfi_offset %r14, -48
        .cfi_offset %r15, -56
        movq    %rdx, %rdi
        call    *%rsi
        .cfi_restore_state
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rbx
        ret
        .cfi_endproc
        .size   arch_call_on, . - arch_call_on

/* void sy_raw_swap(void **save, void *to): the bare swap that anatomy.swap times: six registers,
 * the stack pointer and the program counter, and nothing else. */
        .p2align 4
        .globl  sy_raw_swap
        .type   sy_raw_swap, @function
sy_raw_swap:
        save_registers
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        restore_registers
        .size   sy_raw_swap, . - sy_raw_swap

/* The same, but it resumes by a return: what anatomy.swap_return times. */
        .p2align 4
        .globl  sy_raw_swap_return
        .type   sy_raw_swap_return, @function
sy_raw_swap_return:
        save_registers
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        pop_registers
        ret
        .cfi_endproc
        .size   sy_raw_swap_return, . - sy_raw_swap_return

/* As sy_raw_swap, with the control words, as sy_switch does it: what anatomy.swap_control times. */
        .p2align 4
        .globl  sy_raw_swap_control
        .type   sy_raw_swap_control, @function
sy_raw_swap_control:
        save_registers
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        movl    (%rsp), %r8d
        movzwl  4(%rsp), %r9d
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        xorl    (%rsp), %r8d
        testl   $MXCSR_CONTROL, %r8d
        jnz     2f
        cmpw    4(%rsp), %r9w
        jne     3f
1:      addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        restore_registers
        .cfi_startproc
        .cfi_def_cfa_offset 64
2:      ldmxcsr (%rsp)
3:      fldcw   4(%rsp)
        jmp     1b
        .cfi_endproc
        .size   sy_raw_swap_control, . - sy_raw_swap_control

        .section .note.GNU-stack, "", @progbits
