/* topology.h - how many CPUs this process may use. */
#ifndef SWITCHYARD_BASE_TOPOLOGY_H
#define SWITCHYARD_BASE_TOPOLOGY_H

#include <stdint.h>

/* CPUs in the affinity mask, lowered to the cgroup v2 CPU quota rounded up; at least 1. */
uint32_t topology_usable_cpus(void);

#endif
