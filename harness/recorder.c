/* recorder.c - see recorder.h. Keeps every report of a cell and builds the cell's rows anew when
 * one is added. */
#include "recorder.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "result_parts.h"
#include "row_text.h"

struct cell_record {
    struct numbered_report *reports;
    size_t reports_count;
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

void recorder_free(struct recorder *recorder)
{
    for (size_t i = 0; i < recorder->plan->cells_count; i++) {
        struct cell_record *record = &recorder->records[i];
        free_rows(record);
        for (size_t k = 0; k < record->reports_count; k++) {
            trial_report_destroy(&record->reports[k].report);
        }
        free(record->reports);
    }
    free(recorder->records);
    free(recorder->results.rows);
    free(recorder);
}

static void build_rows(struct recorder *recorder, size_t cell)
{
    struct cell_record *record = &recorder->records[cell];
    free_rows(record);
    record->rows = summary_rows(&recorder->plan->cells[cell], record->reports,
                                record->reports_count, recorder->seed, &record->rows_count);
    for (size_t i = 0; i < record->rows_count; i++) {
        record->rows[i].text = row_text(&record->rows[i]); /* saved after each trial of any cell */
    }
}

void recorder_add(struct recorder *recorder, const struct step *step, struct trial_report *report)
{
    struct cell_record *record = &recorder->records[step->cell];
    record->reports = alloc_append(record->reports, record->reports_count, sizeof *record->reports);
    record->reports[record->reports_count++] =
        (struct numbered_report){.number = step->trial, .report = *report};
    *report = (struct trial_report){.status = TRIAL_OK};
    build_rows(recorder, step->cell);
}

void recorder_restore(struct recorder *recorder, size_t cell, struct numbered_report *reports,
                      size_t count)
{
    struct cell_record *record = &recorder->records[cell];
    record->reports = reports;
    record->reports_count = count;
    build_rows(recorder, cell);
}

bool recorder_has(const struct recorder *recorder, const struct step *step)
{
    const struct cell_record *record = &recorder->records[step->cell];
    for (size_t i = 0; i < record->reports_count; i++) {
        if (record->reports[i].number == step->trial) {
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
        trials += recorder->records[i].reports_count;
    }
    return trials;
}

static size_t count_in(const struct cell_record *record, enum trial_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < record->reports_count; i++) {
        count += record->reports[i].report.status == status;
    }
    return count;
}

size_t recorder_count(const struct recorder *recorder, enum trial_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < recorder->plan->cells_count; i++) {
        count += count_in(&recorder->records[i], status);
    }
    return count;
}
