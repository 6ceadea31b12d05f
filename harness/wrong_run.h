/* wrong_run.h - makes the mistakes. */
#ifndef SWITCHYARD_HARNESS_WRONG_RUN_H
#define SWITCHYARD_HARNESS_WRONG_RUN_H

#include "cpus.h"
#include "rng.h"
#include "runner.h"
#include "workers.h"
#include "wrong.h"

struct wrong_session {
    const struct cpus *cpus;
    const struct workers *workers; /* of both back ends */
    struct run_limits limits;      /* of a trial */
    struct rng rng;
    int trials; /* of each side and way; 0: as the kind says */
};

/* Makes one mistake, and measures the right way beside it. A new object, one lesson of wrong.json;
 * a trial that failed is its problem. NULL if the user interrupted it or a worker could not be
 * started, told on stderr. */
json_t *wrong_make(struct wrong_session *session, const struct wrong_kind *kind);

/* How many processes that takes. */
int wrong_processes(const struct wrong_session *session, const struct wrong_kind *kind);

#endif
