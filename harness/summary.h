/* summary.h - the rows of one cell from the reports of its trials. */
#ifndef SWITCHYARD_HARNESS_SUMMARY_H
#define SWITCHYARD_HARNESS_SUMMARY_H

#include "plan.h"
#include "result.h"
#include "trial.h"

struct numbered_report {
    int number; /* of the trial */
    struct trial_report report;
};

struct report_list {
    struct numbered_report *reports; /* to be freed by free */
    size_t count;
};

/* One row for each metric that any report has, or a single row without metric if none has any.
 * The rows own what they hold. */
struct result_row *summary_rows(const struct cell *cell, const struct numbered_report *reports,
                                size_t reports_count, uint64_t seed, size_t *rows_count);

/* Shows rejected trials in the rows of their cell; no number of a row depends on them. */
void summary_show_rejected(const struct numbered_report *rejected, size_t rejected_count,
                           struct result_row *rows, size_t rows_count);

#endif
