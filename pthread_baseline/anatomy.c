/* anatomy.c - the bare register swap: the baseline's is in the kernel, out of reach. */
#include <switchyard/stats.h>

#include <errno.h>

int sy_anatomy_swap(uint64_t rounds, sy_time *elapsed_ns)
{
    (void)rounds;
    (void)elapsed_ns;
    return -ENOTSUP;
}
