/* stats.c - what the baseline counts: tasks, each of which is a thread. */
#include <switchyard/stats.h>

#include <errno.h>

#include "base/topology.h"
#include "run.h"
#include "task.h"

int sy_stats_read(struct sy_stats *stats)
{
    if (stats == NULL) {
        return -EINVAL;
    }
    if (task_current() == NULL) {
        return -ESRCH;
    }
    uint64_t ended = run_tasks_ended(); /* first, so that it does not exceed those spawned */
    uint64_t spawned = run_tasks_spawned();
    *stats = (struct sy_stats){
        .tasks_spawned = spawned,
        .tasks_ended = ended,
        .workers_started = spawned,
        .procs = topology_usable_cpus(),
    };
    return 0;
}

const char *sy_backend(void)
{
    return "pthread";
}
