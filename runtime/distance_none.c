/* distance_none.c - see distance.h; for builds without hwloc. */
#include "distance.h"

#include <sched.h>

void distance_init(void)
{
}

void distance_destroy(void)
{
}

uint32_t distance_between(uint32_t cpu, uint32_t other)
{
    (void)cpu;
    (void)other;
    return 0;
}

uint32_t distance_levels(void)
{
    return 1;
}

uint32_t distance_cpu(void)
{
    int cpu = sched_getcpu();
    return cpu < 0 ? 0 : (uint32_t)cpu;
}
