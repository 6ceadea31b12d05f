/* nested.c - see nested.h. */
#include "nested.h"

/* The nested function finds base through a register, which -fsplit-stack needs itself. */
__attribute__((noinline, noclone)) long nested_sum(long base)
{
    __attribute__((noinline, noclone)) auto long add(long to);
    long add(long to)
    {
        volatile long copy[40];
        copy[to % 40] = to;
        return base + copy[to % 40];
    }
    return add(1) + add(2);
}
