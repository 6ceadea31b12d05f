/* anatomy.c - bare swaps between two stacks: the baseline's is in the kernel, out of reach. */
#include <switchyard/stats.h>

#include <errno.h>

int sy_anatomy_swap(enum sy_swap swap, uint64_t rounds, sy_time *elapsed_ns)
{
    (void)swap;
    (void)rounds;
    (void)elapsed_ns;
    return -ENOTSUP;
}
