/* recorder.c - see recorder.h. Keeps every report of a cell and builds the cell's rows anew when
 * one is added. */
#include "recorder.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "result_parts.h"
#include "row_text.h"

struct cell_record {
    struct report_list done;
    struct report_list rejected;
    struct result_row *rows;
    size_t rows_count;
};

struct recorder {
    const struct plan *plan;
    uint64_t seed;
    struct cell_record *records; /* one for each cell */
    struct results results;      /* its rows are shallow copies of those in records */
};

struct recorder *recorder_new(const struct plan *plan, json_t *context, uint64_t seed)
{
    struct recorder *recorder = alloc_array(1, sizeof *recorder);
    recorder->plan = plan;
    recorder->seed = seed;
    recorder->records = alloc_array(plan->cells_count, sizeof *recorder->records);
    recorder->results.context = context;
    return recorder;
}

static void free_rows(struct cell_record *record)
{
    for (size_t i = 0; i < record->rows_count; i++) {
        result_row_destroy(&record->rows[i]);
    }
    free(record->rows);
    record->rows = NULL;
    record->rows_count = 0;
}

static void free_reports(struct report_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        trial_report_destroy(&list->reports[i].report);
    }
    free(list->reports);
}

void recorder_free(struct recorder *recorder)
{
    for (size_t i = 0; i < recorder->plan->cells_count; i++) {
        struct cell_record *record = &recorder->records[i];
        free_rows(record);
        free_reports(&record->done);
        free_reports(&record->rejected);
    }
    free(recorder->records);
    free(recorder->results.rows);
    free(recorder);
}

static void build_rows(struct recorder *recorder, size_t cell)
{
    struct cell_record *record = &recorder->records[cell];
    free_rows(record);
    record->rows = summary_rows(&recorder->plan->cells[cell], record->done.reports,
                                record->done.count, recorder->seed, &record->rows_count);
    summary_show_rejected(record->rejected.reports, record->rejected.count, record->rows,
                          record->rows_count);
    for (size_t i = 0; i < record->rows_count; i++) {
        record->rows[i].text = row_text(&record->rows[i]); /* saved after each trial of any cell */
    }
}

/* Takes over the report. */
static void append(struct report_list *list, int number, struct trial_report *report)
{
    list->reports = alloc_append(list->reports, list->count, sizeof *list->reports);
    list->reports[list->count++] = (struct numbered_report){.number = number, .report = *report};
    *report = (struct trial_report){.status = TRIAL_OK};
}

void recorder_add(struct recorder *recorder, const struct step *step, struct trial_report *report)
{
    append(&recorder->records[step->cell].done, step->trial, report);
    build_rows(recorder, step->cell);
}

void recorder_reject(struct recorder *recorder, const struct step *step,
                     struct trial_report *report)
{
    append(&recorder->records[step->cell].rejected, step->trial, report);
}

void recorder_restore(struct recorder *recorder, size_t cell, const struct report_list *reports,
                      const struct report_list *rejected)
{
    struct cell_record *record = &recorder->records[cell];
    record->done = *reports;
    record->rejected = *rejected;
    build_rows(recorder, cell);
}

bool recorder_has(const struct recorder *recorder, const struct step *step)
{
    const struct report_list *done = &recorder->records[step->cell].done;
    for (size_t i = 0; i < done->count; i++) {
        if (done->reports[i].number == step->trial) {
            return true;
        }
    }
    return false;
}

const struct results *recorder_results(struct recorder *recorder, bool complete)
{
    struct results *results = &recorder->results;
    size_t total = 0;
    for (size_t i = 0; i < recorder->plan->cells_count; i++) {
        total += recorder->records[i].rows_count;
    }
    free(results->rows);
    results->rows = alloc_array(total, sizeof *results->rows);
    results->rows_count = 0;
    results->complete = complete;
    for (size_t i = 0; i < recorder->plan->cells_count; i++) {
        const struct cell_record *record = &recorder->records[i];
        for (size_t k = 0; k < record->rows_count; k++) {
            results->rows[results->rows_count++] = record->rows[k];
        }
    }
    return results;
}

size_t recorder_trials(const struct recorder *recorder)
{
    size_t trials = 0;
    for (size_t i = 0; i < recorder->plan->cells_count; i++) {
        trials += recorder->records[i].done.count;
    }
    return trials;
}

static size_t count_in(const struct report_list *done, enum trial_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < done->count; i++) {
        count += done->reports[i].report.status == status;
    }
    return count;
}

size_t recorder_count(const struct recorder *recorder, enum trial_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < recorder->plan->cells_count; i++) {
        count += count_in(&recorder->records[i].done, status);
    }
    return count;
}
