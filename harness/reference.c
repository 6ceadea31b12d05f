/* reference.c - see reference.h.
 *
 * Frozen: do not change the loop, or past figures cannot be compared. Each step needs the result
 * of the one before (a multiplication and an addition), so its time is a number of clock cycles
 * that no compiler option changes, and it touches no memory.
 */
#include "reference.h"

#include <stdint.h>
#include <time.h>

#define STEPS 1000000

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double reference_step_ns(const struct cpus *cpus)
{
    hwloc_bitmap_t before = hwloc_bitmap_alloc();
    hwloc_cpuset_t one = cpus_take(cpus, 1);
    volatile uint64_t sink;
    uint64_t value = 1;
    hwloc_get_cpubind(cpus->topology, before, HWLOC_CPUBIND_THREAD);
    hwloc_set_cpubind(cpus->topology, one, HWLOC_CPUBIND_THREAD);
    double begin = now_ns();
    for (int i = 0; i < STEPS; i++) {
        value = value * 0x9e3779b97f4a7c15u + 1;
    }
    sink = value;
    double elapsed = now_ns() - begin;
    (void)sink;
    hwloc_set_cpubind(cpus->topology, before, HWLOC_CPUBIND_THREAD);
    hwloc_bitmap_free(one);
    hwloc_bitmap_free(before);
    return elapsed / STEPS;
}
