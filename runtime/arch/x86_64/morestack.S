/* morestack.S - what gcc's -fsplit-stack calls when a frame does not fit. See segment.h.
 *
 * The prologue of a function F of such code, and what it expects (gcc 12, x86-64):
 *
 *         cmp   %fs:0x70, %rsp            or, of a frame of 256 bytes and more,
 *         jb    1f                        lea -frame(%rsp), %r11; cmp %fs:0x70, %r11
 *     2:  the body
 *     1:  mov   $frame, %r10d             bytes of its frame
 *         mov   $arguments, %r11d         bytes of its arguments on the stack
 *         call  __morestack
 *         ret
 *         jmp   2b                        with variable arguments: lea 24(%rbp), %r11; jmp ...
 *
 * __morestack calls the place behind that ret, on another stack, and returns to the ret. All
 * registers that hold arguments are live, the vector registers, rax (their number, or what r10 is
 * to be: the static chain of a nested function) and rbp too: for variable arguments it is to be
 * __morestack's own frame pointer, 24 bytes below the arguments that were pushed.
 *
 * Three things bring it here:
 *   1. the frame does not fit: the body runs on the next segment;
 *   2. sysmon has poisoned the limit: the task may have to yield; then the body runs where it is;
 *   3. a signal handler runs split code on its own stack, which the limit has nothing to do with:
 *      as 2, without the yield.
 *
 * For unwinders there is no frame of F below __morestack's: that F consists of one ret.
 */
#include "offsets.h"

/* The frame, from rbp down. A quick crossing stores the first two only, and does not move rsp down:
 * they are in the red zone. */
#define SAVED_RBX -8
#define SAVED_RCX -16
#define SAVED_RDX -24
#define SAVED_RSI -32
#define SAVED_RDI -40
#define SAVED_RAX -48
#define SAVED_R8 -56
#define SAVED_R9 -64
#define SAVED_R10 -72
#define SAVED_R11 -80
#define FRAME 88                        /* keeps rsp aligned to 16 for calls */
#define ARGUMENTS 24                    /* above rbp: rbp itself and two return addresses */

#define LEA_24_RBP_R11 0x185d8d4c       /* the four bytes of that instruction */

        .text

/* Makes the limit of the segment that of the task in rcx, and of its thread; the register is lost.
 * The segment must be the task's current one before anything else looks: nothing does from outside,
 * as the code here is not preempted. */
        .macro  use_limit_of segment
        movq    SEGMENT_LIMIT(\segment), \segment
        movq    \segment, TASK_STACK_LIMIT(%rcx)
        movq    \segment, %fs:STACK_LIMIT_TLS
        .endm

        .p2align 5
        .globl  __morestack
        .type   __morestack, @function
__morestack:
        .cfi_startproc
        .cfi_def_cfa_offset 16          /* F's return address is the one that counts */
        pushq   %rbp
        .cfi_def_cfa_offset 24
        .cfi_offset %rbp, -24
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        movq    %rbx, SAVED_RBX(%rbp)
        .cfi_offset %rbx, -32
        movq    %rcx, SAVED_RCX(%rbp)
        movq    %fs:proc_current@tpoff, %rcx
        movq    PROC_CURRENT(%rcx), %rcx /* the task, if one runs here */
        testq   %rcx, %rcx
        jz      .Lslow
        movq    %fs:STACK_LIMIT_TLS, %rbx
        cmpq    TASK_STACK_LIMIT(%rcx), %rbx
        jne     .Lslow                  /* poison */
        movq    TASK_SEGMENTS(%rcx), %rbx
        testq   %rbx, %rbx
        jz      .Lslow
        cmpq    SEGMENT_BOTTOM(%rbx), %rbp
        jb      .Lslow                  /* on another stack */
        cmpq    SEGMENT_TOP(%rbx), %rbp
        jae     .Lslow
        addq    %r11, %r10
        cmpq    SEGMENT_ROOM(%rbx), %r10
        jae     .Lslow_sum
        movq    %rbp, SEGMENT_LEFT_AT(%rbx)
        movq    SEGMENT_NEXT(%rbx), %r10
        movq    SEGMENT_TOP(%r10), %rsp
        movq    %r10, TASK_SEGMENTS(%rcx)
        use_limit_of %r10
.Lenter:                                /* rbx: to come back to */
        testq   %r11, %r11
        jnz     .Lcopy
.Lcall: movq    8(%rbp), %r10
        movq    SAVED_RCX(%rbp), %rcx
        incq    %r10
        call    *%r10
        /* Results are in rax, rdx, xmm0, xmm1, st0 and st1. The thread may be another one. A poison
         * that came since the last check is lost: sysmon makes it again. */
        cmpq    $0, SEGMENT_BEYOND(%rbx)
        jne     .Lleave_slow            /* one too many is kept */
        movq    SEGMENT_TASK(%rbx), %rcx
        movq    %rbx, TASK_SEGMENTS(%rcx)
        use_limit_of %rbx
.Lleave:
        .cfi_remember_state
        movq    SAVED_RBX(%rbp), %rbx
        .cfi_restore %rbx
        leave
        .cfi_restore %rbp
        .cfi_def_cfa %rsp, 16
        ret
        .cfi_restore_state

/* r11 bytes of arguments go to the top, aligned as the original may be at most. */
.Lcopy: addq    $7, %r11
        andq    $-8, %r11
        subq    %r11, %rsp
        andq    $-64, %rsp
1:      movq    ARGUMENTS-8(%rbp,%r11), %r10
        movq    %r10, -8(%rsp,%r11)
        subq    $8, %r11
        jnz     1b
        jmp     .Lcall

.Lslow_sum:
        subq    %r11, %r10
.Lslow: leaq    -FRAME(%rbp), %rsp
        movq    %rdx, SAVED_RDX(%rbp)
        movq    %rsi, SAVED_RSI(%rbp)
        movq    %rdi, SAVED_RDI(%rbp)
        movq    %rax, SAVED_RAX(%rbp)
        movq    %r8, SAVED_R8(%rbp)
        movq    %r9, SAVED_R9(%rbp)
        movq    %r10, SAVED_R10(%rbp)
        movq    %r11, SAVED_R11(%rbp)
.Lgrow: movq    %rbp, %rdi
        movq    SAVED_R10(%rbp), %rsi
        movq    SAVED_R11(%rbp), %rdx
        call    segment_grow
        cmpq    $1, %rax
        jb      .Lstay
        je      .Lpreempt
        movq    SEGMENT_PREVIOUS(%rax), %rbx
        movq    SEGMENT_TOP(%rax), %r10
        movq    SAVED_RAX(%rbp), %rax
        movq    SAVED_RDX(%rbp), %rdx
        movq    SAVED_RSI(%rbp), %rsi
        movq    SAVED_RDI(%rbp), %rdi
        movq    SAVED_R8(%rbp), %r8
        movq    SAVED_R9(%rbp), %r9
        movq    SAVED_R11(%rbp), %r11
        movq    %r10, %rsp
        jmp     .Lenter

/* As if the check had succeeded. What stands behind the ret for variable arguments is for a frame
 * of __morestack that is there no more, so it is done here and skipped. */
.Lstay: movq    8(%rbp), %r10
        incq    8(%rbp)
        cmpl    $LEA_24_RBP_R11, 1(%r10)
        jne     1f
        addq    $4, 8(%rbp)
1:      movq    SAVED_RAX(%rbp), %rax
        movq    SAVED_RCX(%rbp), %rcx
        movq    SAVED_RDX(%rbp), %rdx
        movq    SAVED_RSI(%rbp), %rsi
        movq    SAVED_RDI(%rbp), %rdi
        movq    SAVED_R8(%rbp), %r8
        movq    SAVED_R9(%rbp), %r9
        leaq    ARGUMENTS(%rbp), %r11
        jmp     .Lleave

/* The vector registers, whole, onto the stack; xsave's header must be zero where xsave does not
 * write it. Another task may run meanwhile, and this one go on in another thread. */
.Lpreempt:
        subq    vector_state_bytes(%rip), %rsp
        andq    $-64, %rsp
        movl    vector_state_mask(%rip), %eax
        xorl    %edx, %edx
        testl   %eax, %eax
        jz      1f
        movq    %rdx, 512(%rsp)
        movq    %rdx, 520(%rsp)
        movq    %rdx, 528(%rsp)
        xsave64 (%rsp)
        jmp     2f
1:      fxsave64 (%rsp)
2:      call    preempt_at_prologue
        movl    vector_state_mask(%rip), %eax
        xorl    %edx, %edx
        testl   %eax, %eax
        jz      3f
        xrstor64 (%rsp)
        jmp     4f
3:      fxrstor64 (%rsp)
4:      leaq    -FRAME(%rbp), %rsp
        jmp     .Lgrow

.Lleave_slow:
        leaq    -FRAME(%rbp), %rsp
        movq    %rax, SAVED_RAX(%rbp)
        movq    %rdx, SAVED_RDX(%rbp)
        movq    %rbx, %rdi
        call    segment_leave
        movq    SAVED_RAX(%rbp), %rax
        movq    SAVED_RDX(%rbp), %rdx
        jmp     .Lleave
        .cfi_endproc
        .size   __morestack, . - __morestack

/* void *__morestack_allocate_stack_space(size_t bytes): alloca does not fit. */
        .p2align 4
        .globl  __morestack_allocate_stack_space
        .type   __morestack_allocate_stack_space, @function
__morestack_allocate_stack_space:
        .cfi_startproc
        leaq    8(%rsp), %rsi
        jmp     segment_allocate
        .cfi_endproc
        .size   __morestack_allocate_stack_space, . - __morestack_allocate_stack_space

/* arch_call_at(top, end, task, value): see growth.h. */
        .p2align 4
        .globl  arch_call_at
        .type   arch_call_at, @function
arch_call_at:
        .cfi_startproc
        .cfi_undefined %rip
        movq    %rdi, %rsp
        movq    %rsi, %rax
        movq    %rdx, %rdi
        movq    %rcx, %rsi
        call    *%rax
        ud2
        .cfi_endproc
        .size   arch_call_at, . - arch_call_at

        .section .note.GNU-stack, "", @progbits
