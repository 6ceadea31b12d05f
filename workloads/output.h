/* output.h - the worker's two JSON objects (docs/protocol.md). */
#ifndef SWITCHYARD_WORKER_OUTPUT_H
#define SWITCHYARD_WORKER_OUTPUT_H

#include <sys/resource.h>

#include "trial_state.h"

/* Print to stdout, whole or (by the return value) not: 0, or -ENOMEM, or -EIO. */
int output_list(void);

/* skipped: the trial was not run, and its reason says why. before and after: the resources that
 * the process had used when the runtime started and when it had ended. */
int output_trial(const struct trial *trial, bool skipped, const struct rusage *before,
                 const struct rusage *after);

#endif
