/* sysinfo.h - the machine, its kernel and this build: the context of every result. */
#ifndef SWITCHYARD_HARNESS_SYSINFO_H
#define SWITCHYARD_HARNESS_SYSINFO_H

#include <jansson.h>

#include "cpus.h"

/* A new object with time, host, cpu, hwloc, kernel, mitigations, governor, turbo, thp, load,
 * cgroup, limits, compiler, flags, revision and warnings (docs/protocol.md). */
json_t *sysinfo_collect(const struct cpus *cpus);

#endif
