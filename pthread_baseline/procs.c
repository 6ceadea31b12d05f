/* procs.c - how many tasks may run at once: the kernel decides, by the CPUs that it gives. */
#include <switchyard/task.h>

#include <errno.h>

#include "base/topology.h"
#include "task.h"

#define PROCS_MAX 256

int sy_set_procs(uint32_t procs)
{
    task_require("sy_set_procs");
    if (procs < 1 || procs > PROCS_MAX) {
        return -EINVAL;
    }
    return (int)topology_usable_cpus();
}
