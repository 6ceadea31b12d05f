/* distance.c - see distance.h. The distance of two CPUs is how many levels of hwloc's tree lie
 * between the deepest object and their common ancestor, counting only levels where some pair meets.
 */
#include "distance.h"

#include <hwloc.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#define CPUS_MAX 1024u

static struct {
    uint32_t cpus;   /* 0: unknown */
    uint32_t levels; /* different distances */
    uint8_t *table;  /* [cpus * cpus] */
} map;

/* The depth at which the two CPUs meet; deeper is nearer. 0 if one of them is unknown. */
static int meeting_depth(hwloc_topology_t topology, uint32_t cpu, uint32_t other)
{
    hwloc_obj_t first = hwloc_get_pu_obj_by_os_index(topology, cpu);
    hwloc_obj_t second = hwloc_get_pu_obj_by_os_index(topology, other);
    if (first == NULL || second == NULL) {
        return 0;
    }
    return hwloc_get_common_ancestor_obj(topology, first, second)->depth;
}

/* Numbers the depths at which pairs meet, deepest first. Fills rank[depth]. */
static uint32_t rank_depths(hwloc_topology_t topology, uint8_t *rank, int depths)
{
    bool met[UINT8_MAX + 1] = {false};
    uint32_t levels = 0;
    for (uint32_t cpu = 0; cpu < map.cpus; cpu++) {
        for (uint32_t other = 0; other < cpu; other++) {
            met[meeting_depth(topology, cpu, other)] = true;
        }
    }
    for (int depth = depths - 1; depth >= 0; depth--) {
        rank[depth] = (uint8_t)levels;
        levels += met[depth];
    }
    return levels > 0 ? levels : 1;
}

static void fill(hwloc_topology_t topology)
{
    uint8_t rank[UINT8_MAX + 1] = {0};
    int depths = hwloc_topology_get_depth(topology);
    int last = hwloc_bitmap_last(hwloc_topology_get_topology_cpuset(topology));
    if (last < 0 || (uint32_t)last >= CPUS_MAX || depths > UINT8_MAX) {
        return;
    }
    map.cpus = (uint32_t)last + 1;
    map.levels = rank_depths(topology, rank, depths);
    map.table = malloc((size_t)map.cpus * map.cpus);
    if (map.table == NULL || map.levels == 1) {
        distance_destroy();
        return;
    }
    for (uint32_t cpu = 0; cpu < map.cpus; cpu++) {
        for (uint32_t other = 0; other < map.cpus; other++) {
            int depth = cpu == other ? depths - 1 : meeting_depth(topology, cpu, other);
            map.table[cpu * map.cpus + other] = rank[depth];
        }
    }
}

void distance_init(void)
{
    hwloc_topology_t topology;
    distance_destroy();
    if (hwloc_topology_init(&topology) != 0) {
        return;
    }
    if (hwloc_topology_load(topology) == 0) {
        fill(topology);
    }
    hwloc_topology_destroy(topology);
}

void distance_destroy(void)
{
    free(map.table);
    map.table = NULL;
    map.cpus = 0;
    map.levels = 1;
}

uint32_t distance_between(uint32_t cpu, uint32_t other)
{
    return cpu < map.cpus && other < map.cpus ? map.table[cpu * map.cpus + other] : 0;
}

uint32_t distance_levels(void)
{
    return map.cpus > 0 ? map.levels : 1;
}

uint32_t distance_cpu(void)
{
    int cpu = sched_getcpu();
    return cpu < 0 ? 0 : (uint32_t)cpu;
}
