/* vector_state.c - how many bytes morestack.S needs for the registers that hold arguments besides
 * the general ones: those of x87, SSE, AVX and AVX-512. */
#include <cpuid.h>
#include <stdint.h>

#define STATES 0xe7u /* bits of XCR0: x87, SSE, AVX, the mask registers, both halves of AVX-512 */
#define LEGACY_BYTES 512
#define HEADER_BYTES 64
#define HAS_XSAVE (1u << 27) /* enabled by the system, CPUID 1 in ecx */
#define ALIGNMENT 64

/* For morestack.S; written before main. */
uint64_t vector_state_bytes = LEGACY_BYTES + ALIGNMENT; /* with what alignment takes */
uint32_t vector_state_mask;                             /* of xsave; 0: fxsave only */

static uint32_t end_of_state(uint32_t state)
{
    uint32_t bytes = 0;
    uint32_t offset = 0;
    uint32_t flags = 0;
    uint32_t none = 0;
    __cpuid_count(0xd, state, bytes, offset, flags, none);
    return offset + bytes;
}

static __attribute__((constructor)) void measure(void)
{
    uint32_t a = 0;
    uint32_t b = 0;
    uint32_t c = 0;
    uint32_t d = 0;
    uint32_t end = LEGACY_BYTES + HEADER_BYTES;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & HAS_XSAVE) == 0) {
        return;
    }
    if (__get_cpuid_count(0xd, 0, &a, &b, &c, &d) == 0) {
        return;
    }
    vector_state_mask = a & STATES;
    for (uint32_t state = 2; state < 8; state++) {
        if ((vector_state_mask >> state & 1) != 0 && end_of_state(state) > end) {
            end = end_of_state(state);
        }
    }
    vector_state_bytes = end + ALIGNMENT;
}
