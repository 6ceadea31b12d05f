/* experiment.h - the experiments that `switchyard run` knows by heart. */
#ifndef SWITCHYARD_HARNESS_EXPERIMENT_H
#define SWITCHYARD_HARNESS_EXPERIMENT_H

#include "selection.h"

struct experiment_item;

struct experiment {
    const char *name;
    int64_t budget_ns; /* further trials that would exceed it are left out (allotment.h) */
    const struct experiment_item *items;
    size_t items_count;
};

/* "quick", "default"; NULL if there is none of that name. */
const struct experiment *experiment_find(const char *name);

/* A guess how long a trial of the workload with so many epochs takes: from the default experiment,
 * or otherwise_ns if it is not part of that. */
int64_t experiment_estimate_ns(const char *workload, int epochs, int64_t otherwise_ns);

/* Its selections, one for each item, each to be destroyed by selection_destroy, then freed.
 * Numbers of procs above cpus_count are left out, but for workloads that only wait. */
struct selection *experiment_selections(const struct experiment *experiment, size_t cpus_count,
                                        size_t *count);

#endif
