/* preempt_fill.S - see preempt_state.h. On the stack while the registers are filled:
 *   (%rsp) rounds left    8(%rsp) out    16(%rsp) vectors
 */
#define FX 0
#define VECTOR 512
#define MASK (VECTOR + 32 * 64)
#define GENERAL (MASK + 8 * 8)

        .text

/* rdi: in; ecx: vectors. */
        .macro  fill
        fxrstor64 FX(%rdi)
        testl   %ecx, %ecx
        jz      2f
        cmpl    $2, %ecx
        je      1f
        vmovdqu VECTOR + 64 * 0(%rdi), %ymm0
        vmovdqu VECTOR + 64 * 1(%rdi), %ymm1
        vmovdqu VECTOR + 64 * 2(%rdi), %ymm2
        vmovdqu VECTOR + 64 * 3(%rdi), %ymm3
        vmovdqu VECTOR + 64 * 4(%rdi), %ymm4
        vmovdqu VECTOR + 64 * 5(%rdi), %ymm5
        vmovdqu VECTOR + 64 * 6(%rdi), %ymm6
        vmovdqu VECTOR + 64 * 7(%rdi), %ymm7
        vmovdqu VECTOR + 64 * 8(%rdi), %ymm8
        vmovdqu VECTOR + 64 * 9(%rdi), %ymm9
        vmovdqu VECTOR + 64 * 10(%rdi), %ymm10
        vmovdqu VECTOR + 64 * 11(%rdi), %ymm11
        vmovdqu VECTOR + 64 * 12(%rdi), %ymm12
        vmovdqu VECTOR + 64 * 13(%rdi), %ymm13
        vmovdqu VECTOR + 64 * 14(%rdi), %ymm14
        vmovdqu VECTOR + 64 * 15(%rdi), %ymm15
        jmp     2f
1:
        vmovdqu64 VECTOR + 64 * 0(%rdi), %zmm0
        vmovdqu64 VECTOR + 64 * 1(%rdi), %zmm1
        vmovdqu64 VECTOR + 64 * 2(%rdi), %zmm2
        vmovdqu64 VECTOR + 64 * 3(%rdi), %zmm3
        vmovdqu64 VECTOR + 64 * 4(%rdi), %zmm4
        vmovdqu64 VECTOR + 64 * 5(%rdi), %zmm5
        vmovdqu64 VECTOR + 64 * 6(%rdi), %zmm6
        vmovdqu64 VECTOR + 64 * 7(%rdi), %zmm7
        vmovdqu64 VECTOR + 64 * 8(%rdi), %zmm8
        vmovdqu64 VECTOR + 64 * 9(%rdi), %zmm9
        vmovdqu64 VECTOR + 64 * 10(%rdi), %zmm10
        vmovdqu64 VECTOR + 64 * 11(%rdi), %zmm11
        vmovdqu64 VECTOR + 64 * 12(%rdi), %zmm12
        vmovdqu64 VECTOR + 64 * 13(%rdi), %zmm13
        vmovdqu64 VECTOR + 64 * 14(%rdi), %zmm14
        vmovdqu64 VECTOR + 64 * 15(%rdi), %zmm15
        vmovdqu64 VECTOR + 64 * 16(%rdi), %zmm16
        vmovdqu64 VECTOR + 64 * 17(%rdi), %zmm17
        vmovdqu64 VECTOR + 64 * 18(%rdi), %zmm18
        vmovdqu64 VECTOR + 64 * 19(%rdi), %zmm19
        vmovdqu64 VECTOR + 64 * 20(%rdi), %zmm20
        vmovdqu64 VECTOR + 64 * 21(%rdi), %zmm21
        vmovdqu64 VECTOR + 64 * 22(%rdi), %zmm22
        vmovdqu64 VECTOR + 64 * 23(%rdi), %zmm23
        vmovdqu64 VECTOR + 64 * 24(%rdi), %zmm24
        vmovdqu64 VECTOR + 64 * 25(%rdi), %zmm25
        vmovdqu64 VECTOR + 64 * 26(%rdi), %zmm26
        vmovdqu64 VECTOR + 64 * 27(%rdi), %zmm27
        vmovdqu64 VECTOR + 64 * 28(%rdi), %zmm28
        vmovdqu64 VECTOR + 64 * 29(%rdi), %zmm29
        vmovdqu64 VECTOR + 64 * 30(%rdi), %zmm30
        vmovdqu64 VECTOR + 64 * 31(%rdi), %zmm31
        kmovw   MASK + 8 * 0(%rdi), %k0
        kmovw   MASK + 8 * 1(%rdi), %k1
        kmovw   MASK + 8 * 2(%rdi), %k2
        kmovw   MASK + 8 * 3(%rdi), %k3
        kmovw   MASK + 8 * 4(%rdi), %k4
        kmovw   MASK + 8 * 5(%rdi), %k5
        kmovw   MASK + 8 * 6(%rdi), %k6
        kmovw   MASK + 8 * 7(%rdi), %k7
2:
        movq    GENERAL + 8 * 0(%rdi), %rax
        movq    GENERAL + 8 * 1(%rdi), %rbx
        movq    GENERAL + 8 * 2(%rdi), %rcx
        movq    GENERAL + 8 * 3(%rdi), %rdx
        movq    GENERAL + 8 * 4(%rdi), %rsi
        movq    GENERAL + 8 * 6(%rdi), %rbp
        movq    GENERAL + 8 * 7(%rdi), %r8
        movq    GENERAL + 8 * 8(%rdi), %r9
        movq    GENERAL + 8 * 9(%rdi), %r10
        movq    GENERAL + 8 * 10(%rdi), %r11
        movq    GENERAL + 8 * 11(%rdi), %r12
        movq    GENERAL + 8 * 12(%rdi), %r13
        movq    GENERAL + 8 * 13(%rdi), %r14
        movq    GENERAL + 8 * 14(%rdi), %r15
        movq    GENERAL + 8 * 5(%rdi), %rdi
        .endm

/* Into out, which is at 8(%rsp). */
        .macro  store
        pushq   %rdi
        movq    16(%rsp), %rdi
        movq    %rax, GENERAL + 8 * 0(%rdi)
        movq    %rbx, GENERAL + 8 * 1(%rdi)
        movq    %rcx, GENERAL + 8 * 2(%rdi)
        movq    %rdx, GENERAL + 8 * 3(%rdi)
        movq    %rsi, GENERAL + 8 * 4(%rdi)
        movq    %rbp, GENERAL + 8 * 6(%rdi)
        movq    %r8, GENERAL + 8 * 7(%rdi)
        movq    %r9, GENERAL + 8 * 8(%rdi)
        movq    %r10, GENERAL + 8 * 9(%rdi)
        movq    %r11, GENERAL + 8 * 10(%rdi)
        movq    %r12, GENERAL + 8 * 11(%rdi)
        movq    %r13, GENERAL + 8 * 12(%rdi)
        movq    %r14, GENERAL + 8 * 13(%rdi)
        movq    %r15, GENERAL + 8 * 14(%rdi)
        popq    %rax
        movq    %rax, GENERAL + 8 * 5(%rdi)
        fxsave64 FX(%rdi)
        movl    16(%rsp), %ecx
        testl   %ecx, %ecx
        jz      2f
        cmpl    $2, %ecx
        je      1f
        vmovdqu %ymm0, VECTOR + 64 * 0(%rdi)
        vmovdqu %ymm1, VECTOR + 64 * 1(%rdi)
        vmovdqu %ymm2, VECTOR + 64 * 2(%rdi)
        vmovdqu %ymm3, VECTOR + 64 * 3(%rdi)
        vmovdqu %ymm4, VECTOR + 64 * 4(%rdi)
        vmovdqu %ymm5, VECTOR + 64 * 5(%rdi)
        vmovdqu %ymm6, VECTOR + 64 * 6(%rdi)
        vmovdqu %ymm7, VECTOR + 64 * 7(%rdi)
        vmovdqu %ymm8, VECTOR + 64 * 8(%rdi)
        vmovdqu %ymm9, VECTOR + 64 * 9(%rdi)
        vmovdqu %ymm10, VECTOR + 64 * 10(%rdi)
        vmovdqu %ymm11, VECTOR + 64 * 11(%rdi)
        vmovdqu %ymm12, VECTOR + 64 * 12(%rdi)
        vmovdqu %ymm13, VECTOR + 64 * 13(%rdi)
        vmovdqu %ymm14, VECTOR + 64 * 14(%rdi)
        vmovdqu %ymm15, VECTOR + 64 * 15(%rdi)
        jmp     2f
1:
        vmovdqu64 %zmm0, VECTOR + 64 * 0(%rdi)
        vmovdqu64 %zmm1, VECTOR + 64 * 1(%rdi)
        vmovdqu64 %zmm2, VECTOR + 64 * 2(%rdi)
        vmovdqu64 %zmm3, VECTOR + 64 * 3(%rdi)
        vmovdqu64 %zmm4, VECTOR + 64 * 4(%rdi)
        vmovdqu64 %zmm5, VECTOR + 64 * 5(%rdi)
        vmovdqu64 %zmm6, VECTOR + 64 * 6(%rdi)
        vmovdqu64 %zmm7, VECTOR + 64 * 7(%rdi)
        vmovdqu64 %zmm8, VECTOR + 64 * 8(%rdi)
        vmovdqu64 %zmm9, VECTOR + 64 * 9(%rdi)
        vmovdqu64 %zmm10, VECTOR + 64 * 10(%rdi)
        vmovdqu64 %zmm11, VECTOR + 64 * 11(%rdi)
        vmovdqu64 %zmm12, VECTOR + 64 * 12(%rdi)
        vmovdqu64 %zmm13, VECTOR + 64 * 13(%rdi)
        vmovdqu64 %zmm14, VECTOR + 64 * 14(%rdi)
        vmovdqu64 %zmm15, VECTOR + 64 * 15(%rdi)
        vmovdqu64 %zmm16, VECTOR + 64 * 16(%rdi)
        vmovdqu64 %zmm17, VECTOR + 64 * 17(%rdi)
        vmovdqu64 %zmm18, VECTOR + 64 * 18(%rdi)
        vmovdqu64 %zmm19, VECTOR + 64 * 19(%rdi)
        vmovdqu64 %zmm20, VECTOR + 64 * 20(%rdi)
        vmovdqu64 %zmm21, VECTOR + 64 * 21(%rdi)
        vmovdqu64 %zmm22, VECTOR + 64 * 22(%rdi)
        vmovdqu64 %zmm23, VECTOR + 64 * 23(%rdi)
        vmovdqu64 %zmm24, VECTOR + 64 * 24(%rdi)
        vmovdqu64 %zmm25, VECTOR + 64 * 25(%rdi)
        vmovdqu64 %zmm26, VECTOR + 64 * 26(%rdi)
        vmovdqu64 %zmm27, VECTOR + 64 * 27(%rdi)
        vmovdqu64 %zmm28, VECTOR + 64 * 28(%rdi)
        vmovdqu64 %zmm29, VECTOR + 64 * 29(%rdi)
        vmovdqu64 %zmm30, VECTOR + 64 * 30(%rdi)
        vmovdqu64 %zmm31, VECTOR + 64 * 31(%rdi)
        kmovw   %k0, MASK + 8 * 0(%rdi)
        kmovw   %k1, MASK + 8 * 1(%rdi)
        kmovw   %k2, MASK + 8 * 2(%rdi)
        kmovw   %k3, MASK + 8 * 3(%rdi)
        kmovw   %k4, MASK + 8 * 4(%rdi)
        kmovw   %k5, MASK + 8 * 5(%rdi)
        kmovw   %k6, MASK + 8 * 6(%rdi)
        kmovw   %k7, MASK + 8 * 7(%rdi)
2:
        .endm

        .macro  begin
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        subq    $32, %rsp
        stmxcsr 24(%rsp)
        fnstcw  28(%rsp)
        movq    %rdx, (%rsp)
        movq    %rsi, 8(%rsp)
        movl    %ecx, 16(%rsp)
        .endm

        .macro  end
        cmpl    $0, 16(%rsp)
        je      1f
        vzeroupper
1:      fninit
        ldmxcsr 24(%rsp)
        fldcw   28(%rsp)
        addq    $32, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret
        .endm

        .globl  state_loop
        .type   state_loop, @function
state_loop:
        begin
        fill
3:      subq    $1, (%rsp)
        jnz     3b
        store
        end
        .size   state_loop, . - state_loop

        .globl  state_prologues
        .type   state_prologues, @function
state_prologues:
        begin
        fill
3:      call    with_prologue
        subq    $1, (%rsp)
        jnz     3b
        store
        end
        .size   state_prologues, . - state_prologues

/* As gcc -fsplit-stack makes it. */
        .type   with_prologue, @function
with_prologue:
        cmpq    %fs:0x70, %rsp
        jae     1f
        movq    $8, %r10
        movq    $0, %r11
        call    __morestack
        ret
1:      ret
        .size   with_prologue, . - with_prologue

        .section .note.GNU-stack, "", @progbits
