/* stack_fib.c - Fibonacci numbers by plain calls; see stack_fib.h. Compiled twice: with the checks
 * of the stack that the workloads have, and without them under the other name.
 *
 * How fast such a small function runs depends on where in a cache line it begins: by up to a third
 * here, many times what a check costs. gcc lets it begin at any multiple of 16, and the checks move
 * all code behind them. So there are four of each kind, one for each such place in a line of 64
 * bytes. patchable_function_entry puts nops in front of a function, which nobody executes. Each is
 * kept out of line, so that both kinds make the same calls. */
#include "stack_fib.h"

#ifndef STACK_FIB
#define STACK_FIB stack_fib_checked
#endif

#if __has_attribute(noclone)
#define AS_WRITTEN noinline, noclone
#else
#define AS_WRITTEN noinline /* clang, which makes no clones */
#endif

/* Nothing but calls: as large a share of checks as a program can have. */
#define FIB_AT(NAME, PLACE)                                                                        \
    __attribute__((AS_WRITTEN, aligned(64),                                                        \
                   patchable_function_entry(PLACE, PLACE))) static uint64_t                        \
    NAME(uint64_t n)                                                                               \
    {                                                                                              \
        return n < 2 ? n : NAME(n - 1) + NAME(n - 2);                                              \
    }

FIB_AT(fib_at_0, 0)
FIB_AT(fib_at_16, 16)
FIB_AT(fib_at_32, 32)
FIB_AT(fib_at_48, 48)

const stack_fib_fn STACK_FIB[STACK_FIB_PLACES] = {fib_at_0, fib_at_16, fib_at_32, fib_at_48};
