/* no_morestack.c - for builds with a sanitizer. The linker takes this in only if there is code that
 * was compiled with -fsplit-stack, which no sanitizer follows from stack to stack. */
#include "base/fatal.h"

_Noreturn void __morestack(void);
_Noreturn void __morestack_allocate_stack_space(void);

static __attribute__((constructor)) void refuse(void)
{
    sy_fatal("this program has code compiled with -fsplit-stack, and a runtime with a sanitizer");
}

_Noreturn void __morestack(void)
{
    sy_fatal("a stack limit beside a sanitizer");
}

_Noreturn void __morestack_allocate_stack_space(void)
{
    sy_fatal("a stack limit beside a sanitizer");
}
