/* trial_parse.c - a worker's JSON into a trial_report (docs/protocol.md). */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "json_fields.h"
#include "trial.h"

static const char worker_schema[] = "switchyard-worker/1";

void trial_report_destroy(struct trial_report *report)
{
    for (size_t i = 0; i < report->metrics_count; i++) {
        free(report->metrics[i].name);
        free(report->metrics[i].unit);
        free(report->metrics[i].samples);
        free(report->metrics[i].histogram);
    }
    free(report->metrics);
    free(report->reason);
    free(report->note);
    json_decref(report->work);
    json_decref(report->counters);
    json_decref(report->rusage);
    json_decref(report->memory);
    *report = (struct trial_report){.status = TRIAL_OK};
}

static void expect_string(struct fields *fields, const json_t *root, const char *name,
                          const char *expected)
{
    const char *actual = fields_string(fields, root, name);
    if (strcmp(actual, expected) != 0) {
        fields_fail(fields, name, "is not \"%s\"", expected);
    }
}

static void expect_integer(struct fields *fields, const json_t *root, const char *name,
                           int64_t expected)
{
    if (fields_integer(fields, root, name, INT64_MIN, INT64_MAX) != expected) {
        fields_fail(fields, name, "is not %lld", (long long)expected);
    }
}

/* A trial that was not tuned need not say so. */
static void check_tune(struct fields *fields, const json_t *root, const char *expected)
{
    const char *actual = json_string_value(fields_optional(root, "tune"));
    if (!text_same(actual, expected)) {
        fields_fail(fields, "tune", "is %s, not %s (is SWITCHYARD_TUNE set?)",
                    actual != NULL ? actual : "null", expected != NULL ? expected : "null");
    }
}

/* It must be the trial that was asked for. */
static void check_identity(struct fields *fields, const json_t *root,
                           const struct trial_request *request)
{
    expect_string(fields, root, "schema", worker_schema);
    expect_string(fields, root, "backend", request->backend);
    expect_string(fields, root, "workload", request->workload);
    expect_integer(fields, root, "procs", request->procs);
    expect_integer(fields, root, "epochs", request->epochs);
    expect_integer(fields, root, "warmup", request->warmup);
    check_tune(fields, root, request->tune);
    const json_t *params = fields_object(fields, root, "params");
    fields_at(fields, "params");
    if (params != NULL && json_object_size(params) != request->params_count) {
        fields_fail(fields, NULL, "has other members than asked for");
    }
    for (size_t i = 0; i < request->params_count; i++) {
        expect_integer(fields, params, request->params[i].name, request->params[i].value);
    }
    fields_at(fields, "%s", "");
}

static void parse_status(struct fields *fields, const json_t *root, struct trial_report *report)
{
    const char *status = fields_string(fields, root, "status");
    const char *reason = fields_string_or_null(fields, root, "reason");
    fields_integer(fields, root, "error", INT_MIN, 0);
    if (trial_status_parse(status, &report->status) < 0 ||
        (report->status != TRIAL_OK && report->status != TRIAL_FAILED &&
         report->status != TRIAL_SKIPPED)) {
        fields_fail(fields, "status", "must be ok, failed or skipped");
    }
    if (report->status != TRIAL_OK && (reason == NULL || reason[0] == '\0')) {
        fields_fail(fields, "reason", "must say why the trial is not ok");
    }
    report->note = alloc_copy(json_string_value(fields_optional(root, "note")));
    report->reason = report->status == TRIAL_OK ? NULL : alloc_copy(reason);
}

static void parse_samples(struct fields *fields, const json_t *array, struct metric_report *metric)
{
    size_t count = json_array_size(array);
    metric->samples = alloc_array(count, sizeof *metric->samples);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array, i);
        if (!json_is_number(value) || !isfinite(json_number_value(value))) {
            fields_fail(fields, "samples", "number %zu is not a number", i);
            return;
        }
        metric->samples[i] = json_number_value(value);
    }
    metric->samples_count = count;
}

static bool parse_bucket(const json_t *pair, struct bucket *bucket)
{
    const json_t *low = json_array_get(pair, 0);
    const json_t *count = json_array_get(pair, 1);
    if (json_array_size(pair) != 2 || !json_is_integer(low) || !json_is_integer(count) ||
        json_integer_value(low) < 0 || json_integer_value(count) < 1) {
        return false;
    }
    bucket->low = (uint64_t)json_integer_value(low);
    bucket->count = (uint64_t)json_integer_value(count);
    return true;
}

static void parse_histogram(struct fields *fields, const json_t *array,
                            struct metric_report *metric)
{
    size_t count = json_array_size(array);
    metric->histogram = alloc_array(count, sizeof *metric->histogram);
    for (size_t i = 0; i < count; i++) {
        struct bucket *bucket = &metric->histogram[i];
        if (!parse_bucket(json_array_get(array, i), bucket) ||
            (i > 0 && bucket->low <= bucket[-1].low)) {
            fields_fail(fields, "histogram", "pair %zu is not [lowest value, count], ascending", i);
            return;
        }
    }
    metric->histogram_count = count;
}

static void parse_metric(struct fields *fields, const json_t *object, struct metric_report *metric)
{
    const json_t *samples = fields_optional(object, "samples");
    const json_t *histogram = fields_optional(object, "histogram");
    metric->name = alloc_copy(fields_string(fields, object, "name"));
    metric->unit = alloc_copy(fields_string(fields, object, "unit"));
    if ((samples == NULL) == (histogram == NULL)) {
        fields_fail(fields, NULL, "must have either samples or a histogram");
    } else if (samples != NULL) {
        parse_samples(fields, fields_array(fields, object, "samples"), metric);
    } else {
        parse_histogram(fields, fields_array(fields, object, "histogram"), metric);
    }
    if (metric->samples_count + metric->histogram_count == 0) {
        fields_fail(fields, NULL, "has no values");
    }
}

static bool has_metric(const struct trial_report *report, const char *name)
{
    for (size_t i = 0; i < report->metrics_count; i++) {
        if (strcmp(report->metrics[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void parse_metrics(struct fields *fields, const json_t *root, struct trial_report *report)
{
    const json_t *array = fields_array(fields, root, "metrics");
    size_t count = json_array_size(array);
    report->metrics = alloc_array(count, sizeof *report->metrics);
    for (size_t i = 0; i < count && fields_ok(fields); i++) {
        struct metric_report metric = {.name = NULL};
        fields_at(fields, "metrics[%zu]", i);
        parse_metric(fields, json_array_get(array, i), &metric);
        if (has_metric(report, metric.name)) {
            fields_fail(fields, "name", "\"%s\" is there twice", metric.name);
        }
        report->metrics[report->metrics_count++] = metric;
    }
    fields_at(fields, "%s", "");
    if (report->status == TRIAL_OK && count == 0) {
        fields_fail(fields, "metrics", "is empty, but the trial is ok");
    }
}

static void parse_work(struct fields *fields, const json_t *root, struct trial_report *report)
{
    json_t *work = fields_object(fields, root, "work");
    fields_at(fields, "work");
    fields_integer(fields, work, "tasks", 0, INT64_MAX);
    fields_integer(fields, work, "messages", 0, INT64_MAX);
    fields_integer(fields, work, "switches", 0, INT64_MAX);
    fields_string(fields, work, "checksum");
    fields_at(fields, "%s", "");
    report->work = json_incref(work);
    report->counters = json_incref(fields_object(fields, root, "counters"));
    report->rusage = json_incref(fields_object(fields, root, "rusage"));
    report->memory = json_incref(fields_array(fields, root, "memory"));
}

static void parse_root(struct fields *fields, const json_t *root,
                       const struct trial_request *request, struct trial_report *report)
{
    if (!json_is_object(root)) {
        fields_fail(fields, "output", "is not a JSON object");
        return;
    }
    check_identity(fields, root, request);
    parse_status(fields, root, report);
    parse_metrics(fields, root, report);
    parse_work(fields, root, report);
}

void trial_parse(const char *text, size_t bytes, const struct trial_request *request,
                 struct trial_report *report)
{
    struct fields fields = {.path = ""};
    json_error_t error;
    *report = (struct trial_report){.status = TRIAL_OK};
    json_t *root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
    if (bytes == 0) {
        fields_fail(&fields, "output", "nothing was printed");
    } else if (root == NULL) {
        fields_fail(&fields, "output", "line %d column %d: %s", error.line, error.column,
                    error.text);
    } else {
        parse_root(&fields, root, request, report);
    }
    json_decref(root);
    if (!fields_ok(&fields)) {
        trial_report_destroy(report);
        report->status = TRIAL_BAD_OUTPUT;
        report->reason = alloc_copy(fields.error);
    }
}
