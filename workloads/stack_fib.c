/* stack_fib.c - Fibonacci numbers by plain calls; see stack_fib.h. Compiled twice: with the checks
 * of the stack that the workloads have, and without them under the other name. */
#include "stack_fib.h"

#ifndef STACK_FIB
#define STACK_FIB stack_fib_checked
#endif

#if __has_attribute(noclone)
#define AS_WRITTEN __attribute__((noinline, noclone))
#else
#define AS_WRITTEN __attribute__((noinline)) /* clang, which makes no clones */
#endif

/* Nothing but calls: as large a share of checks as a program can have. */
AS_WRITTEN uint64_t STACK_FIB(uint64_t n)
{
    return n < 2 ? n : STACK_FIB(n - 1) + STACK_FIB(n - 2);
}
