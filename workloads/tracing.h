/* tracing.h - the trace of the measured epochs, for --trace. */
#ifndef SWITCHYARD_WORKER_TRACING_H
#define SWITCHYARD_WORKER_TRACING_H

#include "trial_state.h"

/* Around the measured epochs. Nothing without --trace. Start fails the trial if the runtime cannot
 * record: then it returns what trial_fail returned, else 0. */
int tracing_start(struct trial *trial);
void tracing_stop(struct trial *trial);

/* Writes what was recorded, after the workload has ended but still from its first task, so that
 * writing disturbs nothing. Fails the trial if it cannot, or if there was no epoch to record. */
void tracing_write(struct trial *trial);

#endif
