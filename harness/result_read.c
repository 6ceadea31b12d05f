/* result_read.c - results.json into the model, strictly (docs/protocol.md). */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "json_fields.h"
#include "json_text.h"
#include "result.h"
#include "result_parts.h"
#include "result_quality.h"
#include "samples_cut.h"

static json_t *borrowed(json_t *value)
{
    return value != NULL ? json_incref(value) : NULL;
}

static void read_params(struct fields *fields, json_t *object, struct result_row *row)
{
    const char *name;
    json_t *value;
    json_t *params = fields_object(fields, object, "params");
    row->params = alloc_array(json_object_size(params), sizeof *row->params);
    json_object_foreach(params, name, value)
    {
        if (!json_is_integer(value)) {
            fields_fail(fields, "params", "\"%s\" must be an integer", name);
        }
        row->params[row->params_count++] =
            (struct param_value){alloc_copy(name), json_integer_value(value)};
    }
}

static enum trial_status read_status(struct fields *fields, const json_t *object, char **reason)
{
    enum trial_status status = TRIAL_OK;
    const char *name = fields_string(fields, object, "status");
    if (trial_status_parse(name, &status) < 0) {
        fields_fail(fields, "status", "\"%s\" is no status", name);
    }
    *reason = alloc_copy(fields_string_or_null(fields, object, "reason"));
    if (status != TRIAL_OK && *reason == NULL) {
        fields_fail(fields, "reason", "must say why the status is not ok");
    }
    return status;
}

static void read_samples(struct fields *fields, const json_t *object, const struct samples_cut *cut,
                         struct result_trial *trial)
{
    const json_t *samples = fields_array(fields, object, "samples");
    trial->samples = samples_cut_take(cut, samples, &trial->samples_count);
    if (trial->samples != NULL) {
        return;
    }
    trial->samples = alloc_array(json_array_size(samples), sizeof *trial->samples);
    for (size_t i = 0; i < json_array_size(samples); i++) {
        const json_t *sample = json_array_get(samples, i);
        if (!json_is_number(sample)) {
            fields_fail(fields, "samples", "number %zu is not a number", i);
        }
        trial->samples[trial->samples_count++] = json_number_value(sample);
    }
}

static char *read_note(const json_t *object)
{
    return alloc_copy(json_string_value(fields_optional(object, "note")));
}

static void read_trial(struct fields *fields, const json_t *object, const struct samples_cut *cut,
                       struct result_trial *trial)
{
    trial->number = (int)fields_integer(fields, object, "trial", 0, INT_MAX);
    trial->status = read_status(fields, object, &trial->reason);
    trial->note = read_note(object);
    trial->disturbances = quality_disturbed_read(fields, object);
    trial->median = fields_number_or_null(fields, object, "median");
    read_samples(fields, object, cut, trial);
    trial->work = borrowed(fields_optional(object, "work"));
    trial->memory = borrowed(fields_optional(object, "memory"));
}

static void read_trials(struct fields *fields, const json_t *object, size_t index,
                        const struct samples_cut *cut, struct result_row *row)
{
    const json_t *trials = fields_array(fields, object, "trials");
    row->trials = alloc_array(json_array_size(trials), sizeof *row->trials);
    for (size_t i = 0; i < json_array_size(trials); i++) {
        fields_at(fields, "results[%zu].trials[%zu]", index, i);
        read_trial(fields, json_array_get(trials, i), cut, &row->trials[row->trials_count++]);
    }
    fields_at(fields, "results[%zu]", index);
}

/* Rows without rejected trials have no such member. */
static void read_rejected(struct fields *fields, const json_t *object, size_t index,
                          const struct samples_cut *cut, struct result_row *row)
{
    const json_t *rejected = fields_optional(object, "rejected");
    if (rejected != NULL && !json_is_array(rejected)) {
        fields_fail(fields, "rejected", "must be an array or null");
    }
    row->rejected = alloc_array(json_array_size(rejected), sizeof *row->rejected);
    for (size_t i = 0; i < json_array_size(rejected); i++) {
        fields_at(fields, "results[%zu].rejected[%zu]", index, i);
        read_trial(fields, json_array_get(rejected, i), cut, &row->rejected[row->rejected_count++]);
    }
    fields_at(fields, "results[%zu]", index);
}

static void read_interval(struct fields *fields, const json_t *object, struct result_row *row)
{
    const json_t *interval = fields_optional(object, "ci95");
    row->ci_low = NAN;
    row->ci_high = NAN;
    if (interval == NULL) {
        return;
    }
    const json_t *low = json_array_get(interval, 0);
    const json_t *high = json_array_get(interval, 1);
    if (json_array_size(interval) != 2 || !json_is_number(low) || !json_is_number(high)) {
        fields_fail(fields, "ci95", "must be [low, high] or null");
        return;
    }
    row->ci_low = json_number_value(low);
    row->ci_high = json_number_value(high);
}

static void read_numbers(struct fields *fields, const json_t *object, struct result_row *row)
{
    row->median = fields_number_or_null(fields, object, "median");
    row->min = fields_number_or_null(fields, object, "min");
    row->max = fields_number_or_null(fields, object, "max");
    row->p50 = fields_number_or_null(fields, object, "p50");
    row->p90 = fields_number_or_null(fields, object, "p90");
    row->p99 = fields_number_or_null(fields, object, "p99");
    row->p999 = fields_number_or_null(fields, object, "p999");
    const json_t *p9999 = fields_optional(object, "p9999");
    row->p9999 = json_is_number(p9999) ? json_number_value(p9999) : NAN;
    read_interval(fields, object, row);
    bool known = isfinite(row->median) && isfinite(row->ci_low) && isfinite(row->min);
    if ((row->status == TRIAL_OK) != known) {
        fields_fail(fields, "median", "must be there if, and only if, the status is ok");
    }
}

static void read_histogram(struct fields *fields, const json_t *object, struct result_row *row)
{
    const json_t *pairs = fields_optional(object, "histogram");
    row->histogram = alloc_array(json_array_size(pairs), sizeof *row->histogram);
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *low = json_array_get(json_array_get(pairs, i), 0);
        const json_t *count = json_array_get(json_array_get(pairs, i), 1);
        if (!json_is_integer(low) || !json_is_integer(count) || json_integer_value(low) < 0 ||
            json_integer_value(count) < 1) {
            fields_fail(fields, "histogram", "pair %zu is not [lowest value, count]", i);
        }
        row->histogram[row->histogram_count++] =
            (struct bucket){(uint64_t)json_integer_value(low), (uint64_t)json_integer_value(count)};
    }
}

/* Files from before there were settings have no such member. */
static char *read_tune(struct fields *fields, const json_t *object)
{
    const json_t *tune = fields_optional(object, "tune");
    if (tune != NULL && (!json_is_string(tune) || json_string_length(tune) == 0)) {
        fields_fail(fields, "tune", "must be words or null");
    }
    return alloc_copy(json_string_value(tune));
}

static void read_row(struct fields *fields, json_t *object, size_t index,
                     const struct samples_cut *cut, struct result_row *row)
{
    fields_at(fields, "results[%zu]", index);
    row->workload = alloc_copy(fields_string(fields, object, "workload"));
    row->backend = alloc_copy(fields_string(fields, object, "backend"));
    row->procs = (int)fields_integer(fields, object, "procs", 0, INT_MAX);
    row->tune = read_tune(fields, object);
    row->metric = alloc_copy(fields_string_or_null(fields, object, "metric"));
    row->unit = alloc_copy(fields_string_or_null(fields, object, "unit"));
    row->status = read_status(fields, object, &row->reason);
    row->note = read_note(object);
    read_params(fields, object, row);
    read_numbers(fields, object, row);
    read_histogram(fields, object, row);
    read_trials(fields, object, index, cut, row);
    read_rejected(fields, object, index, cut, row);
    row->work = borrowed(fields_optional(object, "work"));
    row->counters = borrowed(fields_optional(object, "counters"));
    row->rusage = borrowed(fields_optional(object, "rusage"));
    row->memory = borrowed(fields_optional(object, "memory"));
    if (row->status == TRIAL_OK && row->metric == NULL) {
        fields_fail(fields, "metric", "must be there when the status is ok");
    }
}

static void read_root(struct fields *fields, json_t *root, const struct samples_cut *cut,
                      struct results *results)
{
    if (!json_is_object(root)) {
        fields_fail(fields, NULL, "is not a JSON object");
        return;
    }
    fields_schema(fields, root, RESULTS_SCHEMA);
    results->context = borrowed(fields_object(fields, root, "context"));
    results->complete = fields_boolean(fields, root, "complete");
    const json_t *rows = fields_array(fields, root, "results");
    results->rows = alloc_array(json_array_size(rows), sizeof *results->rows);
    for (size_t i = 0; i < json_array_size(rows) && fields_ok(fields); i++) {
        read_row(fields, json_array_get(rows, i), i, cut, &results->rows[results->rows_count++]);
    }
}

static struct results *read_results(struct fields *fields, json_t *root,
                                    const struct samples_cut *cut)
{
    struct results *results = alloc_array(1, sizeof *results);
    read_root(fields, root, cut, results);
    if (!fields_ok(fields)) {
        results_free(results);
        return NULL;
    }
    return results;
}

int results_from_json(json_t *root, const char *source, struct results **results,
                      char error[RESULT_ERROR_BYTES])
{
    struct fields fields = {.path = ""};
    const struct samples_cut none = {.cuts = NULL};
    *results = read_results(&fields, root, &none);
    if (*results == NULL) {
        snprintf(error, RESULT_ERROR_BYTES, "%.200s: %s", source, fields.error);
        return -EINVAL;
    }
    return 0;
}

int results_from_text(const struct json_text *text, const char *source, struct results **results,
                      char error[RESULT_ERROR_BYTES])
{
    struct samples_cut cut;
    struct fields fields = {.path = ""};
    json_error_t problem;
    *results = NULL;
    samples_cut(text, &cut);
    json_t *root = json_loadb(cut.rest.bytes, cut.rest.count, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        size_t position = problem.position > 0 ? (size_t)problem.position - 1 : 0;
        json_text_refuse_at(text, source, samples_cut_position(&cut, position), problem.text,
                            error);
    } else {
        *results = read_results(&fields, root, &cut);
        if (*results == NULL) {
            json_text_refuse(text, source, &fields, error);
        }
    }
    json_decref(root);
    samples_cut_destroy(&cut);
    return *results != NULL ? 0 : -EINVAL;
}

int results_load(const char *path, struct results **results, char error[RESULT_ERROR_BYTES])
{
    struct json_text text;
    *results = NULL;
    int status = json_text_load(path, &text, error);
    if (status == 0) {
        status = results_from_text(&text, path, results, error);
    }
    json_text_destroy(&text);
    return status;
}
