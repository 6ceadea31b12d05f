/* preempt_state.h - all registers that a task may use, filled and read back; by assembly. */
#ifndef SWITCHYARD_TESTS_PREEMPT_STATE_H
#define SWITCHYARD_TESTS_PREEMPT_STATE_H

#include <stdint.h>

#define GENERAL 15 /* all but the stack pointer */
#define VECTORS 32
#define MASKS 8

enum vectors { ONLY_SSE, AVX, AVX512 };

/* Offsets are known to preempt_fill.S. */
struct state {
    _Alignas(64) uint8_t fx[512]; /* fxsave64: x87, MXCSR, xmm0 ... xmm15 */
    uint8_t vector[VECTORS][64];  /* AVX: the low halves of the first 16 */
    uint64_t mask[MASKS];
    uint64_t general[GENERAL]; /* rax, rbx, rcx, rdx, rsi, rdi, rbp, r8 ... r15 */
};

/* Fills all registers from `in`, runs a loop of `rounds` without calls, and stores all of them in
 * `out`. */
void state_loop(const struct state *in, struct state *out, uint64_t rounds, enum vectors vectors);

/* The same, but each round calls an empty function with a prologue as of -fsplit-stack, which
 * leaves r10 and r11 undefined. */
void state_prologues(const struct state *in, struct state *out, uint64_t rounds,
                     enum vectors vectors);

#endif
