/* summary.c - see summary.h. Each process gives one median; the row's median and interval are over
 * these (the process is the unit of independence), its percentiles over everything measured. */
#include "summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "result_parts.h"

static const struct metric_report *find_metric(const struct trial_report *report, const char *name)
{
    for (size_t i = 0; name != NULL && i < report->metrics_count; i++) {
        if (strcmp(report->metrics[i].name, name) == 0) {
            return &report->metrics[i];
        }
    }
    return NULL;
}

static double metric_median(const struct metric_report *metric)
{
    if (metric->restored) {
        return metric->median;
    }
    return metric->histogram_count > 0
               ? stats_histogram_percentile(metric->histogram, metric->histogram_count, 50)
               : stats_median(metric->samples, metric->samples_count);
}

static void copy_samples(const struct metric_report *metric, struct result_trial *trial)
{
    trial->samples_count = metric->samples_count;
    trial->samples = alloc_array(metric->samples_count, sizeof *trial->samples);
    for (size_t i = 0; i < metric->samples_count; i++) {
        trial->samples[i] = metric->samples[i];
    }
}

static void fill_trial(const struct numbered_report *numbered, const char *name,
                       struct result_trial *trial)
{
    const struct trial_report *report = &numbered->report;
    const struct metric_report *metric = find_metric(report, name);
    trial->number = numbered->number;
    trial->status = report->status;
    trial->disturbances = report->disturbances;
    trial->reason = alloc_copy(report->reason);
    trial->note = alloc_copy(report->note);
    trial->median = NAN;
    if (report->status == TRIAL_OK && metric == NULL) {
        trial->status = TRIAL_BAD_OUTPUT;
        trial->reason = alloc_format("the metric %s of other trials is missing", name);
    }
    if (metric != NULL) {
        copy_samples(metric, trial);
    }
    if (trial->status == TRIAL_OK) {
        trial->median = metric_median(metric);
        trial->work = json_incref(report->work);
        trial->memory = json_incref(report->memory);
    }
}

static int compare_buckets(const void *left, const void *right)
{
    const struct bucket *a = left;
    const struct bucket *b = right;
    return (a->low > b->low) - (a->low < b->low);
}

static void add_buckets(struct result_row *row, const struct metric_report *metric)
{
    if (metric == NULL || metric->histogram_count == 0) {
        return;
    }
    struct bucket *merged =
        alloc_array(row->histogram_count + metric->histogram_count, sizeof *merged);
    size_t count = 0;
    for (size_t i = 0; i < row->histogram_count; i++) {
        merged[count++] = row->histogram[i];
    }
    for (size_t i = 0; i < metric->histogram_count; i++) {
        merged[count++] = metric->histogram[i];
    }
    qsort(merged, count, sizeof *merged, compare_buckets);
    size_t kept = 0;
    for (size_t i = 1; i < count; i++) {
        if (merged[i].low == merged[kept].low) {
            merged[kept].count += merged[i].count;
        } else {
            merged[++kept] = merged[i];
        }
    }
    free(row->histogram);
    row->histogram = merged;
    row->histogram_count = kept + 1;
}

static void summarise_histogram(struct result_row *row)
{
    const struct bucket *buckets = row->histogram;
    size_t count = row->histogram_count;
    row->min = (double)buckets[0].low;
    row->max = (double)buckets[count - 1].low;
    row->p50 = stats_histogram_percentile(buckets, count, 50);
    row->p90 = stats_histogram_percentile(buckets, count, 90);
    row->p99 = stats_histogram_percentile(buckets, count, 99);
    row->p999 = stats_histogram_percentile(buckets, count, 99.9);
    row->p9999 = stats_histogram_percentile(buckets, count, 99.99);
}

/* All samples of all trials, sorted. */
static double *pool_samples(const struct result_row *row, size_t *pooled)
{
    size_t total = 0;
    for (size_t i = 0; i < row->trials_count; i++) {
        total += row->trials[i].samples_count;
    }
    double *pool = alloc_array(total, sizeof *pool);
    *pooled = 0;
    for (size_t i = 0; i < row->trials_count; i++) {
        for (size_t k = 0; k < row->trials[i].samples_count; k++) {
            pool[(*pooled)++] = row->trials[i].samples[k];
        }
    }
    stats_sort(pool, total);
    return pool;
}

static void summarise_samples(struct result_row *row)
{
    size_t count = 0;
    double *pool = pool_samples(row, &count);
    row->min = stats_percentile(pool, count, 0);
    row->max = stats_percentile(pool, count, 100);
    row->p50 = stats_percentile(pool, count, 50);
    row->p90 = stats_percentile(pool, count, 90);
    row->p99 = stats_percentile(pool, count, 99);
    row->p999 = stats_percentile(pool, count, 99.9);
    row->p9999 = stats_percentile(pool, count, 99.99);
    free(pool);
}

static void summarise(struct result_row *row, uint64_t seed)
{
    double *medians = alloc_array(row->trials_count, sizeof *medians);
    size_t count = result_medians(row, medians);
    struct interval interval = stats_bootstrap_median(medians, count, seed);
    row->median = interval.value;
    row->ci_low = interval.low;
    row->ci_high = interval.high;
    if (row->histogram_count > 0) {
        summarise_histogram(row);
    } else {
        summarise_samples(row);
    }
    free(medians);
}

static void forget_numbers(struct result_row *row)
{
    row->median = row->ci_low = row->ci_high = row->min = row->max = NAN;
    row->p50 = row->p90 = row->p99 = row->p999 = row->p9999 = NAN;
}

/* The row's status is that of its first trial that was not ok. */
static void judge_row(struct result_row *row)
{
    row->status = TRIAL_OK;
    for (size_t i = 0; i < row->trials_count && row->status == TRIAL_OK; i++) {
        row->status = row->trials[i].status;
        row->reason = alloc_copy(row->trials[i].reason);
    }
}

static bool same_work_in_all_trials(const struct result_row *row)
{
    for (size_t i = 1; i < row->trials_count; i++) {
        if (row->trials[i].status == TRIAL_OK && row->trials[0].status == TRIAL_OK &&
            !json_equal(row->trials[i].work, row->trials[0].work)) {
            return false;
        }
    }
    return true;
}

/* What is told once for the row comes from its first good trial. */
static void copy_specimen(const struct numbered_report *reports, size_t count,
                          struct result_row *row)
{
    for (size_t i = 0; i < count; i++) {
        const struct trial_report *report = &reports[i].report;
        if (report->status != TRIAL_OK) {
            continue;
        }
        row->note = alloc_copy(report->note);
        row->work = same_work_in_all_trials(row) ? json_incref(report->work) : NULL;
        row->counters = json_incref(report->counters);
        row->rusage = json_incref(report->rusage);
        row->memory = json_incref(report->memory);
        return;
    }
}

static void fill_row(const struct cell *cell, const struct numbered_report *reports, size_t count,
                     const struct metric_report *metric, uint64_t seed, struct result_row *row)
{
    const char *name = metric != NULL ? metric->name : NULL;
    row->workload = alloc_copy(cell->workload->name);
    row->backend = alloc_copy(cell->catalogue->backend);
    row->procs = cell->procs;
    row->tune = alloc_copy(cell->tune);
    row->params = params_copy(cell->params, cell->params_count);
    row->params_count = cell->params_count;
    row->metric = alloc_copy(name);
    row->unit = metric != NULL ? alloc_copy(metric->unit) : NULL;
    row->trials = alloc_array(count, sizeof *row->trials);
    row->trials_count = count;
    for (size_t i = 0; i < count; i++) {
        fill_trial(&reports[i], name, &row->trials[i]);
        add_buckets(row, find_metric(&reports[i].report, name));
    }
    judge_row(row);
    copy_specimen(reports, count, row);
    if (row->status == TRIAL_OK) {
        summarise(row, seed);
    } else {
        forget_numbers(row);
    }
}

static bool has_row(const struct result_row *rows, size_t count, const char *metric)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].metric, metric) == 0) {
            return true;
        }
    }
    return false;
}

struct result_row *summary_rows(const struct cell *cell, const struct numbered_report *reports,
                                size_t reports_count, uint64_t seed, size_t *rows_count)
{
    struct result_row *rows = alloc_array(0, sizeof *rows);
    size_t count = 0;
    for (size_t i = 0; i < reports_count; i++) {
        const struct trial_report *report = &reports[i].report;
        for (size_t k = 0; k < report->metrics_count; k++) {
            const struct metric_report *metric = &report->metrics[k];
            if (!has_row(rows, count, metric->name)) {
                rows = alloc_append(rows, count, sizeof *rows);
                fill_row(cell, reports, reports_count, metric, seed, &rows[count++]);
            }
        }
    }
    if (count == 0) {
        fill_row(cell, reports, reports_count, NULL, seed, &rows[count++]);
    }
    *rows_count = count;
    return rows;
}

void summary_show_rejected(const struct numbered_report *rejected, size_t rejected_count,
                           struct result_row *rows, size_t rows_count)
{
    for (size_t i = 0; i < rows_count && rejected_count > 0; i++) {
        if (rows[i].metric == NULL) {
            continue;
        }
        rows[i].rejected = alloc_array(rejected_count, sizeof *rows[i].rejected);
        rows[i].rejected_count = rejected_count;
        for (size_t k = 0; k < rejected_count; k++) {
            fill_trial(&rejected[k], rows[i].metric, &rows[i].rejected[k]);
        }
    }
}
