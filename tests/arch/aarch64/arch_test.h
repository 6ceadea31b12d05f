/* arch_test.h - what the tests must know of AArch64. */
#ifndef SWITCHYARD_TESTS_ARCH_TEST_H
#define SWITCHYARD_TESTS_ARCH_TEST_H

#define CALLEE_SAVED 19 /* x19 ... x29, d8 ... d15 */

/* Bits of FPCR that fesetround does not reach: flush to zero, default NaN. */
#define CONTROL_BIT_X ((uint64_t)1 << 24)
#define CONTROL_BIT_Y ((uint64_t)1 << 25)
#define CONTROL_MASK (~(uint64_t)0) /* the status flags are elsewhere */

#endif
