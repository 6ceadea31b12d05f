/* stack_fib.h - the nth Fibonacci number by about fib(n) calls, with and without stack checks. */
#ifndef SWITCHYARD_STACK_FIB_H
#define SWITCHYARD_STACK_FIB_H

#include <stdint.h>

#define STACK_FIB_PLACES 4

/* The same function, at each place in a cache line where one may begin. */
typedef uint64_t (*stack_fib_fn)(uint64_t n);
extern const stack_fib_fn stack_fib_checked[STACK_FIB_PLACES];
extern const stack_fib_fn stack_fib_plain[STACK_FIB_PLACES];

#endif
