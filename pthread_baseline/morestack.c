/* morestack.c - what code compiled with -fsplit-stack calls when its stack is too small. The
 * objects of the workloads are the same in both workers, so the name must be there; but the kernel
 * gives each thread its whole stack, the limit stays 0, and nobody comes here. */
#include "base/fatal.h"

_Noreturn void __morestack(void);
_Noreturn void __morestack_allocate_stack_space(void);

_Noreturn void __morestack(void)
{
    sy_fatal("a thread of the baseline has a stack limit");
}

_Noreturn void __morestack_allocate_stack_space(void)
{
    sy_fatal("a thread of the baseline has a stack limit");
}
