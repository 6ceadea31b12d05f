/* stack_fib.h - the nth Fibonacci number by about fib(n) calls, with and without stack checks. */
#ifndef SWITCHYARD_STACK_FIB_H
#define SWITCHYARD_STACK_FIB_H

#include <stdint.h>

uint64_t stack_fib_checked(uint64_t n);
uint64_t stack_fib_plain(uint64_t n);

#endif
