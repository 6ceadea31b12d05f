/* arch_test.h - what the tests must know of x86-64. */
#ifndef SWITCHYARD_TESTS_ARCH_TEST_H
#define SWITCHYARD_TESTS_ARCH_TEST_H

#define CALLEE_SAVED 6 /* rbx, rbp, r12 ... r15 */

/* Bits of arch_control_words() that fesetround does not reach: x87 precision, MXCSR flush to
 * zero. */
#define CONTROL_BIT_X ((uint64_t)1 << 40)
#define CONTROL_BIT_Y ((uint64_t)1 << 15)
#define CONTROL_MASK (~(uint64_t)0x3f) /* all but the status flags of MXCSR */

#endif
