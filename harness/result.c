/* result.c - the model of results.json: names, queries, ratio. See result.h. */
#include "result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "result_parts.h"

/* Intervals of ratios are drawn anew by whoever shows them; all must get the same. */
#define RATIO_SEED 20260722

static const char *const status_names[] = {
    [TRIAL_OK] = "ok",           [TRIAL_FAILED] = "failed", [TRIAL_SIGNAL] = "signal",
    [TRIAL_TIMEOUT] = "timeout", [TRIAL_OOM] = "oom",       [TRIAL_BAD_OUTPUT] = "bad_output",
    [TRIAL_SKIPPED] = "skipped",
};

const char *trial_status_name(enum trial_status status)
{
    return status_names[status];
}

int trial_status_parse(const char *name, enum trial_status *status)
{
    for (size_t i = 0; i < sizeof status_names / sizeof status_names[0]; i++) {
        if (strcmp(name, status_names[i]) == 0) {
            *status = (enum trial_status)i;
            return 0;
        }
    }
    return -EINVAL;
}

struct param_value *params_copy(const struct param_value *params, size_t count)
{
    struct param_value *copy = alloc_array(count, sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        copy[i] = (struct param_value){alloc_copy(params[i].name), params[i].value};
    }
    return copy;
}

void params_free(struct param_value *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(params[i].name);
    }
    free(params);
}

void result_trial_destroy(struct result_trial *trial)
{
    free(trial->reason);
    free(trial->note);
    free(trial->samples);
    json_decref(trial->work);
    json_decref(trial->memory);
}

void result_row_destroy(struct result_row *row)
{
    free(row->workload);
    free(row->backend);
    free(row->tune);
    params_free(row->params, row->params_count);
    free(row->metric);
    free(row->unit);
    free(row->reason);
    free(row->note);
    for (size_t i = 0; i < row->trials_count; i++) {
        result_trial_destroy(&row->trials[i]);
    }
    free(row->trials);
    for (size_t i = 0; i < row->rejected_count; i++) {
        result_trial_destroy(&row->rejected[i]);
    }
    free(row->rejected);
    free(row->histogram);
    free(row->text);
    json_decref(row->work);
    json_decref(row->counters);
    json_decref(row->rusage);
    json_decref(row->memory);
}

void results_free(struct results *results)
{
    if (results == NULL) {
        return;
    }
    for (size_t i = 0; i < results->rows_count; i++) {
        result_row_destroy(&results->rows[i]);
    }
    free(results->rows);
    json_decref(results->context);
    json_decref(results->trace);
    free(results);
}

bool result_param(const struct result_row *row, const char *name, int64_t *value)
{
    for (size_t i = 0; i < row->params_count; i++) {
        if (strcmp(row->params[i].name, name) == 0) {
            if (value != NULL) {
                *value = row->params[i].value;
            }
            return true;
        }
    }
    return false;
}

bool text_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool result_same_cell(const struct result_row *a, const struct result_row *b)
{
    int64_t value = 0;
    if (!text_same(a->workload, b->workload) || a->procs != b->procs ||
        !text_same(a->tune, b->tune) || !text_same(a->metric, b->metric) ||
        a->params_count != b->params_count) {
        return false;
    }
    for (size_t i = 0; i < a->params_count; i++) {
        if (!result_param(b, a->params[i].name, &value) || value != a->params[i].value) {
            return false;
        }
    }
    return true;
}

const struct result_row *results_partner(const struct results *results,
                                         const struct result_row *row, const char *backend)
{
    for (size_t i = 0; i < results->rows_count; i++) {
        const struct result_row *other = &results->rows[i];
        if (strcmp(other->backend, backend) == 0 && result_same_cell(row, other)) {
            return other;
        }
    }
    return NULL;
}

static bool matches(const char *wanted, const char *actual)
{
    return wanted == NULL || text_same(wanted, actual);
}

const struct result_row *results_next_tuned(const struct results *results, size_t *position,
                                            const char *workload, const char *backend, int procs,
                                            const char *metric, const char *tune)
{
    while (*position < results->rows_count) {
        const struct result_row *row = &results->rows[(*position)++];
        if (matches(workload, row->workload) && matches(backend, row->backend) &&
            (procs == 0 || procs == row->procs) && matches(metric, row->metric) &&
            matches(tune, row->tune)) {
            return row;
        }
    }
    return NULL;
}

const struct result_row *results_next(const struct results *results, size_t *position,
                                      const char *workload, const char *backend, int procs,
                                      const char *metric)
{
    const struct result_row *row;
    do {
        row = results_next_tuned(results, position, workload, backend, procs, metric, NULL);
    } while (row != NULL && (row->tune != NULL || row->procs == 0));
    return row;
}

bool result_same_work(const struct result_row *a, const struct result_row *b)
{
    return a->work != NULL && b->work != NULL && json_equal(a->work, b->work);
}

size_t result_medians(const struct result_row *row, double *medians)
{
    size_t count = 0;
    for (size_t i = 0; i < row->trials_count; i++) {
        if (row->trials[i].status == TRIAL_OK && isfinite(row->trials[i].median)) {
            medians[count++] = row->trials[i].median;
        }
    }
    return count;
}

static double trial_median(const struct result_row *row, int number)
{
    for (size_t i = 0; i < row->trials_count; i++) {
        if (row->trials[i].number == number) {
            return row->trials[i].median;
        }
    }
    return NAN;
}

/* The ratios of the trials that both rows have. Returns how many, or 0 if one of them has no
 * meaning: where a median is 0 or below, as with differences of memory, leaving it out would be a
 * bias. */
static size_t trial_ratios(const struct result_row *numerator, const struct result_row *denominator,
                           double *ratios)
{
    size_t count = 0;
    for (size_t i = 0; i < numerator->trials_count; i++) {
        double above = numerator->trials[i].median;
        double below = trial_median(denominator, numerator->trials[i].number);
        if (above <= 0 || below <= 0) {
            return 0;
        }
        if (isfinite(above) && isfinite(below)) {
            ratios[count++] = above / below;
        }
    }
    return count;
}

struct interval result_ratio(const struct result_row *numerator,
                             const struct result_row *denominator)
{
    if (numerator->status != TRIAL_OK || denominator->status != TRIAL_OK ||
        !result_same_work(numerator, denominator)) {
        return (struct interval){NAN, NAN, NAN};
    }
    double *ratios = alloc_array(numerator->trials_count, sizeof *ratios);
    size_t count = trial_ratios(numerator, denominator, ratios);
    struct interval interval = stats_bootstrap_median(ratios, count, RATIO_SEED);
    free(ratios);
    return interval;
}
