/* cpus.h - which CPUs a trial is pinned to. */
#ifndef SWITCHYARD_HARNESS_CPUS_H
#define SWITCHYARD_HARNESS_CPUS_H

#include <stddef.h>

#include <hwloc.h>

struct cpus {
    hwloc_topology_t topology;
    unsigned *order; /* OS numbers of the CPUs we may use, the quietest first */
    size_t count;
};

/* Looks at the machine. The order: one CPU of each core from the last core to the first, then
 * their SMT siblings, so that CPU 0, where the kernel's own work gathers, comes as late as
 * possible. -errno. */
int cpus_init(struct cpus *cpus);

/* A new set of the `procs` quietest CPUs (1 ... count; 0: all), to be freed by hwloc_bitmap_free.
 */
hwloc_cpuset_t cpus_take(const struct cpus *cpus, size_t procs);

void cpus_destroy(struct cpus *cpus);

#endif
