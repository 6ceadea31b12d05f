/* cpus.c - see cpus.h. */
#include "cpus.h"

#include <errno.h>
#include <stdlib.h>

#include "alloc.h"

/* Appends the CPU of each core that is number `sibling` among the core's CPUs that we may use. */
static void add_siblings(struct cpus *cpus, hwloc_const_cpuset_t usable, int sibling)
{
    int cores = hwloc_get_nbobjs_by_type(cpus->topology, HWLOC_OBJ_CORE);
    for (int i = cores - 1; i >= 0; i--) {
        hwloc_obj_t core = hwloc_get_obj_by_type(cpus->topology, HWLOC_OBJ_CORE, (unsigned)i);
        hwloc_bitmap_t here = hwloc_bitmap_dup(core->cpuset);
        hwloc_bitmap_and(here, here, usable);
        int cpu = hwloc_bitmap_first(here);
        for (int k = 0; k < sibling && cpu >= 0; k++) {
            cpu = hwloc_bitmap_next(here, cpu);
        }
        if (cpu >= 0) {
            cpus->order[cpus->count++] = (unsigned)cpu;
        }
        hwloc_bitmap_free(here);
    }
}

/* Machines where hwloc sees no cores: the CPUs from the last to the first. */
static void add_without_cores(struct cpus *cpus, hwloc_const_cpuset_t usable)
{
    for (int cpu = hwloc_bitmap_last(usable); cpu >= 0; cpu--) {
        if (hwloc_bitmap_isset(usable, (unsigned)cpu)) {
            cpus->order[cpus->count++] = (unsigned)cpu;
        }
    }
}

static void order_cpus(struct cpus *cpus, hwloc_const_cpuset_t usable)
{
    size_t total = (size_t)hwloc_bitmap_weight(usable);
    cpus->order = alloc_array(total, sizeof *cpus->order);
    for (int sibling = 0; cpus->count < total; sibling++) {
        size_t before = cpus->count;
        add_siblings(cpus, usable, sibling);
        if (cpus->count == before) {
            cpus->count = 0;
            add_without_cores(cpus, usable);
            return;
        }
    }
}

int cpus_init(struct cpus *cpus)
{
    *cpus = (struct cpus){.count = 0};
    hwloc_bitmap_t usable = hwloc_bitmap_alloc();
    if (usable == NULL || hwloc_topology_init(&cpus->topology) != 0) {
        hwloc_bitmap_free(usable);
        return -ENOMEM;
    }
    int status = hwloc_topology_load(cpus->topology) == 0 ? 0 : -errno;
    if (status == 0 && hwloc_get_cpubind(cpus->topology, usable, HWLOC_CPUBIND_PROCESS) != 0) {
        hwloc_bitmap_copy(usable, hwloc_topology_get_allowed_cpuset(cpus->topology));
    }
    if (status == 0) {
        order_cpus(cpus, usable);
    } else {
        hwloc_topology_destroy(cpus->topology);
    }
    hwloc_bitmap_free(usable);
    return status;
}

hwloc_cpuset_t cpus_take(const struct cpus *cpus, size_t procs)
{
    hwloc_cpuset_t set = hwloc_bitmap_alloc();
    size_t wanted = procs == 0 ? cpus->count : procs;
    for (size_t i = 0; i < wanted && i < cpus->count; i++) {
        hwloc_bitmap_set(set, cpus->order[i]);
    }
    return set;
}

void cpus_destroy(struct cpus *cpus)
{
    hwloc_topology_destroy(cpus->topology);
    free(cpus->order);
    *cpus = (struct cpus){.count = 0};
}
