/* recorder.h - collects trials as they finish and turns them into the rows of results.json. */
#ifndef SWITCHYARD_HARNESS_RECORDER_H
#define SWITCHYARD_HARNESS_RECORDER_H

#include "plan.h"
#include "result.h"
#include "summary.h"
#include "trial.h"

struct recorder;

/* The plan and the context must outlive it; seed is that of the intervals. */
struct recorder *recorder_new(const struct plan *plan, json_t *context, uint64_t seed);
void recorder_free(struct recorder *recorder);

/* Takes over the report. */
void recorder_add(struct recorder *recorder, const struct step *step, struct trial_report *report);

/* Takes over the report of a trial that is rejected; to be followed by the one that counts. */
void recorder_reject(struct recorder *recorder, const struct step *step,
                     struct trial_report *report);

/* Takes over the finished and the rejected trials of a cell that has none yet. */
void recorder_restore(struct recorder *recorder, size_t cell, const struct report_list *reports,
                      const struct report_list *rejected);

/* Has the trial been added? */
bool recorder_has(const struct recorder *recorder, const struct step *step);

/* All rows so far, in the plan's order of cells; valid until the next call. */
const struct results *recorder_results(struct recorder *recorder, bool complete);

/* How many trials were added, and how many of them had the status. */
size_t recorder_trials(const struct recorder *recorder);
size_t recorder_count(const struct recorder *recorder, enum trial_status status);

#endif
