/* fill.S - see fill.h. */

        .text
        .globl  fill_call
        .type   fill_call, @function
fill_call:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushq   %rsi                    /* after: kept on the stack, all registers are filled */
        movq    %rdx, %rax
        movq    0(%rdi), %rbx
        movq    8(%rdi), %rbp
        movq    16(%rdi), %r12
        movq    24(%rdi), %r13
        movq    32(%rdi), %r14
        movq    40(%rdi), %r15
        movq    %rcx, %rdi
        movq    %r8, %rsi
        movq    %r9, %rdx
        call    *%rax
        popq    %rcx
        movq    %rbx, 0(%rcx)
        movq    %rbp, 8(%rcx)
        movq    %r12, 16(%rcx)
        movq    %r13, 24(%rcx)
        movq    %r14, 32(%rcx)
        movq    %r15, 40(%rcx)
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret
        .size   fill_call, . - fill_call

        .globl  fill_control_words
        .type   fill_control_words, @function
fill_control_words:
        pushq   %rdi
        ldmxcsr (%rsp)
        fldcw   4(%rsp)
        popq    %rdi
        ret
        .size   fill_control_words, . - fill_control_words

        .section .note.GNU-stack, "", @progbits
