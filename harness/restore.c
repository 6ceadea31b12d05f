/* restore.c - see restore.h. Rows of one cell are one table turned on its side: their trials are
 * the same processes in the same order. */
#include "restore.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

/* The rows of a cell, in the order of the file. */
struct cell_rows {
    const struct result_row **rows;
    size_t count;
};

static bool same_params(const struct result_row *row, const struct cell *cell)
{
    int64_t value = 0;
    for (size_t i = 0; i < cell->params_count; i++) {
        if (!result_param(row, cell->params[i].name, &value) || value != cell->params[i].value) {
            return false;
        }
    }
    return row->params_count == cell->params_count;
}

static bool belongs(const struct result_row *row, const struct cell *cell)
{
    return strcmp(row->workload, cell->workload->name) == 0 &&
           strcmp(row->backend, cell->catalogue->backend) == 0 && row->procs == cell->procs &&
           text_same(row->tune, cell->tune) && same_params(row, cell);
}

static struct cell_rows find_rows(const struct results *before, const struct cell *cell)
{
    struct cell_rows found = {.rows = alloc_array(before->rows_count, sizeof(void *))};
    for (size_t i = 0; i < before->rows_count; i++) {
        if (belongs(&before->rows[i], cell)) {
            found.rows[found.count++] = &before->rows[i];
        }
    }
    return found;
}

/* --- What must hold of the file -------------------------------------------------------------- */

static int refuse(const struct result_row *row, const char *what, char *error)
{
    snprintf(error, RESULT_ERROR_BYTES, "%.100s on %.60s %s", row->workload, row->backend, what);
    return -EINVAL;
}

static int check_rejected(const struct result_row *row, const struct cell *cell, char *error)
{
    for (size_t i = 0; i < row->rejected_count; i++) {
        if (row->rejected[i].number >= cell->trials || row->metric == NULL) {
            return refuse(row, "has rejected trials that the plan has not", error);
        }
    }
    return 0;
}

static int check_numbers(const struct result_row *row, const struct cell *cell, char *error)
{
    for (size_t i = 0; i < row->trials_count; i++) {
        int number = row->trials[i].number;
        if (number >= cell->trials) {
            return refuse(row, "has more trials than the plan", error);
        }
        if (i > 0 && number <= row->trials[i - 1].number) {
            return refuse(row, "has trials that are not in order", error);
        }
    }
    return 0;
}

static bool same_numbers(const struct result_trial *a, size_t a_count, const struct result_trial *b,
                         size_t b_count)
{
    for (size_t i = 0; i < a_count && a_count == b_count; i++) {
        if (a[i].number != b[i].number) {
            return false;
        }
    }
    return a_count == b_count;
}

static bool same_trials(const struct result_row *a, const struct result_row *b)
{
    return same_numbers(a->trials, a->trials_count, b->trials, b->trials_count) &&
           same_numbers(a->rejected, a->rejected_count, b->rejected, b->rejected_count);
}

static int check_rows(const struct cell_rows *found, const struct cell *cell, char *error)
{
    const struct result_row *first = found->rows[0];
    int status = check_numbers(first, cell, error);
    status = status == 0 ? check_rejected(first, cell, error) : status;
    for (size_t i = 1; i < found->count && status == 0; i++) {
        const struct result_row *row = found->rows[i];
        if (!same_trials(first, row)) {
            status = refuse(row, "has rows with different trials", error);
        }
        for (size_t k = 0; k < i && status == 0; k++) {
            if (row->metric == NULL || text_same(row->metric, found->rows[k]->metric)) {
                status = refuse(row, "has the same row twice", error);
            }
        }
    }
    return status;
}

/* --- One process again ----------------------------------------------------------------------- */

/* The row that tells how the trial ended: one where it is ok if there is any, for it may only
 * lack the metric of another. */
static const struct result_trial *telling_trial(const struct cell_rows *found, size_t index)
{
    for (size_t i = 0; i < found->count; i++) {
        if (found->rows[i]->trials[index].status == TRIAL_OK) {
            return &found->rows[i]->trials[index];
        }
    }
    return &found->rows[0]->trials[index];
}

static bool measured(const struct result_trial *trial)
{
    return trial->status == TRIAL_OK || trial->samples_count > 0;
}

/* The trial that gets the row's histogram, the sum over all: one that has the metric, or else one
 * that failed half-way. */
static size_t histogram_holder(const struct cell_rows *found, const struct result_row *row)
{
    for (size_t i = 0; i < row->trials_count; i++) {
        if (measured(&row->trials[i])) {
            return i;
        }
    }
    for (size_t i = 0; i < row->trials_count; i++) {
        if (telling_trial(found, i)->status != TRIAL_OK) {
            return i;
        }
    }
    return row->trials_count;
}

static void restore_metric(const struct cell_rows *found, const struct result_row *row,
                           size_t index, struct trial_report *report)
{
    const struct result_trial *trial = &row->trials[index];
    bool holder = row->histogram_count > 0 && histogram_holder(found, row) == index;
    if (row->metric == NULL || (!measured(trial) && !holder)) {
        return;
    }
    struct metric_report *metric = &report->metrics[report->metrics_count++];
    *metric = (struct metric_report){.name = alloc_copy(row->metric),
                                     .unit = alloc_copy(row->unit),
                                     .samples = alloc_array(trial->samples_count, sizeof(double)),
                                     .samples_count = trial->samples_count,
                                     .restored = true,
                                     .median = trial->median};
    for (size_t i = 0; i < trial->samples_count; i++) {
        metric->samples[i] = trial->samples[i];
    }
    if (holder) {
        metric->histogram = alloc_array(row->histogram_count, sizeof *metric->histogram);
        metric->histogram_count = row->histogram_count;
        memcpy(metric->histogram, row->histogram, row->histogram_count * sizeof *row->histogram);
    }
}

static void restore_report(const struct cell_rows *found, size_t index, struct trial_report *report)
{
    const struct result_trial *trial = telling_trial(found, index);
    *report = (struct trial_report){.status = trial->status,
                                    .reason = alloc_copy(trial->reason),
                                    .note = alloc_copy(trial->note),
                                    .disturbances = trial->disturbances,
                                    .metrics = alloc_array(found->count, sizeof *report->metrics),
                                    .work = json_incref(trial->work),
                                    .memory = json_incref(trial->memory)};
    for (size_t i = 0; i < found->count; i++) {
        restore_metric(found, found->rows[i], index, report);
    }
}

/* What a row tells once is that of its first good trial. */
static void restore_specimen(const struct result_row *row, struct numbered_report *reports,
                             size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct trial_report *report = &reports[i].report;
        if (report->status == TRIAL_OK) {
            report->counters = json_incref(row->counters);
            report->rusage = json_incref(row->rusage);
            return;
        }
    }
}

static struct report_list restore_done(const struct cell_rows *found)
{
    size_t count = found->rows[0]->trials_count;
    struct report_list done = {alloc_array(count, sizeof *done.reports), count};
    for (size_t i = 0; i < count; i++) {
        done.reports[i].number = found->rows[0]->trials[i].number;
        restore_report(found, i, &done.reports[i].report);
    }
    restore_specimen(found->rows[0], done.reports, count);
    return done;
}

/* A cell as if its rejected trials were all that it has: their histograms are not known. */
static struct report_list restore_rejected(const struct cell_rows *found)
{
    struct result_row *rows = alloc_array(found->count, sizeof *rows);
    const struct result_row **places = alloc_array(found->count, sizeof(void *));
    for (size_t i = 0; i < found->count; i++) {
        rows[i] = (struct result_row){.metric = found->rows[i]->metric,
                                      .unit = found->rows[i]->unit,
                                      .trials = found->rows[i]->rejected,
                                      .trials_count = found->rows[i]->rejected_count};
        places[i] = &rows[i];
    }
    struct report_list rejected =
        restore_done(&(struct cell_rows){.rows = places, .count = found->count});
    free(places);
    free(rows);
    return rejected;
}

static void restore_cell(const struct cell_rows *found, size_t cell, struct recorder *recorder)
{
    struct report_list done = restore_done(found);
    struct report_list rejected = restore_rejected(found);
    recorder_restore(recorder, cell, &done, &rejected);
}

int restore_trials(const struct results *before, const struct plan *plan, struct recorder *recorder,
                   char error[RESULT_ERROR_BYTES])
{
    size_t rows = 0;
    int status = 0;
    for (size_t i = 0; i < plan->cells_count && status == 0; i++) {
        struct cell_rows found = find_rows(before, &plan->cells[i]);
        status = found.count > 0 ? check_rows(&found, &plan->cells[i], error) : 0;
        if (found.count > 0 && status == 0) {
            restore_cell(&found, i, recorder);
        }
        rows += found.count;
        free(found.rows);
    }
    if (status == 0 && rows != before->rows_count) {
        snprintf(error, RESULT_ERROR_BYTES, "%zu of its %zu rows are of no cell of the plan",
                 before->rows_count - rows, before->rows_count);
        status = -EINVAL;
    }
    return status;
}
