/* run_plan.h - from the options of `switchyard run` to the trials that it will make. */
#ifndef SWITCHYARD_RUN_PLAN_H
#define SWITCHYARD_RUN_PLAN_H

#include "cpus.h"
#include "options.h"
#include "plan.h"
#include "workers.h"

/* Plans the experiment or the selection that the options name, with the back ends that there are
 * workers of. Completes the selection with its default back ends. 0, or a negative errno with the
 * reason in error[RESULT_ERROR_BYTES]. */
int run_plan(struct run_options *options, const struct cpus *cpus, const struct workers *workers,
             struct plan *plan, char *error);

/* How long it may take: what the options say, else what the experiment allows; 0: no limit. */
int64_t run_budget_ns(const struct run_options *options);

#endif
