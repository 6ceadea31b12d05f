/* workers.h - finding the workers and loading their catalogues. */
#ifndef SWITCHYARD_HARNESS_WORKERS_H
#define SWITCHYARD_HARNESS_WORKERS_H

#include "catalogue.h"
#include "options.h"

struct workers {
    struct catalogue *catalogues;
    size_t count;
};

/* Loads the catalogues of the back ends, or of all if backends_count is 0. -EINVAL for a back end
 * that does not exist, -errno if a worker does not answer; error says it in one line. */
int workers_load(const struct worker_paths *paths, char *const *backends, size_t backends_count,
                 struct workers *workers, char error[RESULT_ERROR_BYTES]);

/* Builds Go's worker beside this program and loads its catalogue, which has the workloads go.*
 * only. On failure -errno, and error says in one line why there is none: -ENOENT without a go
 * command. */
int workers_add_go(struct workers *workers, char error[RESULT_ERROR_BYTES]);

void workers_destroy(struct workers *workers);

#endif
