/* restore.h - the finished trials of an interrupted run, back from its results file into the
 * recorder.
 *
 * The file keeps each process's samples, medians, work and memory, but only the sum of the
 * histograms and the first counters. That is all that a row is made of, so what is restored and
 * what follows give the same rows as a run without interruption.
 */
#ifndef SWITCHYARD_HARNESS_RESTORE_H
#define SWITCHYARD_HARNESS_RESTORE_H

#include "plan.h"
#include "recorder.h"
#include "result.h"

/* 0, or -EINVAL and what is wrong in error: a row that the plan does not have, or rows of a cell
 * that do not belong together. */
int restore_trials(const struct results *before, const struct plan *plan, struct recorder *recorder,
                   char error[RESULT_ERROR_BYTES]);

#endif
