/* row_text.c - see row_text.h. */
#include "row_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "result_quality.h"

/* 12 digits are far beyond what any clock gives, and keep the file small and readable. */
#define DUMP_FLAGS JSON_REAL_PRECISION(12)
#define NUMBER_FORMAT "%.12g"

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

static json_t *value_or_null(json_t *value)
{
    return value != NULL ? json_incref(value) : json_null();
}

static json_t *params_json(const struct result_row *row)
{
    json_t *params = json_object();
    for (size_t i = 0; i < row->params_count; i++) {
        json_object_set_new(params, row->params[i].name, json_integer(row->params[i].value));
    }
    return params;
}

static json_t *interval_json(const struct result_row *row)
{
    if (!isfinite(row->ci_low) || !isfinite(row->ci_high)) {
        return json_null();
    }
    json_t *interval = json_array();
    json_array_append_new(interval, json_real(row->ci_low));
    json_array_append_new(interval, json_real(row->ci_high));
    return interval;
}

/* Writes the members of the object, to go on behind them, and frees it. */
static void put_members(FILE *out, json_t *object)
{
    char *text = json_dumps(object, DUMP_FLAGS | JSON_EMBED);
    fputs(text != NULL ? text : "", out);
    free(text);
    json_decref(object);
}

static void put_trial(FILE *out, const struct result_trial *trial)
{
    json_t *head = json_object();
    json_object_set_new(head, "trial", json_integer(trial->number));
    json_object_set_new(head, "status", json_string(trial_status_name(trial->status)));
    json_object_set_new(head, "reason", text_or_null(trial->reason));
    json_object_set_new(head, "note", text_or_null(trial->note));
    json_object_set_new(head, "disturbed", quality_disturbed_json(trial->disturbances));
    json_object_set_new(head, "median", number_or_null(trial->median));
    json_t *tail = json_object();
    json_object_set_new(tail, "work", value_or_null(trial->work));
    json_object_set_new(tail, "memory", value_or_null(trial->memory));
    fputc('{', out);
    put_members(out, head);
    fputs(", \"samples\": [", out);
    for (size_t i = 0; i < trial->samples_count; i++) {
        fprintf(out, "%s" NUMBER_FORMAT, i > 0 ? ", " : "", trial->samples[i]);
    }
    fputs("], ", out);
    put_members(out, tail);
    fputc('}', out);
}

static void put_histogram(FILE *out, const struct result_row *row)
{
    if (row->histogram_count == 0) {
        fputs("null", out);
        return;
    }
    for (size_t i = 0; i < row->histogram_count; i++) {
        fprintf(out, "%s[%llu, %llu]", i > 0 ? ", " : "[",
                (unsigned long long)row->histogram[i].low,
                (unsigned long long)row->histogram[i].count);
    }
    fputc(']', out);
}

static json_t *row_head(const struct result_row *row)
{
    json_t *head = json_object();
    json_object_set_new(head, "workload", json_string(row->workload));
    json_object_set_new(head, "backend", json_string(row->backend));
    json_object_set_new(head, "procs", json_integer(row->procs));
    json_object_set_new(head, "tune", text_or_null(row->tune));
    json_object_set_new(head, "params", params_json(row));
    json_object_set_new(head, "metric", text_or_null(row->metric));
    json_object_set_new(head, "unit", text_or_null(row->unit));
    json_object_set_new(head, "status", json_string(trial_status_name(row->status)));
    json_object_set_new(head, "reason", text_or_null(row->reason));
    json_object_set_new(head, "note", text_or_null(row->note));
    json_object_set_new(head, "median", number_or_null(row->median));
    json_object_set_new(head, "ci95", interval_json(row));
    json_object_set_new(head, "min", number_or_null(row->min));
    json_object_set_new(head, "max", number_or_null(row->max));
    json_object_set_new(head, "p50", number_or_null(row->p50));
    json_object_set_new(head, "p90", number_or_null(row->p90));
    json_object_set_new(head, "p99", number_or_null(row->p99));
    json_object_set_new(head, "p999", number_or_null(row->p999));
    json_object_set_new(head, "p9999", number_or_null(row->p9999));
    json_object_set_new(head, "outliers", quality_outliers_json(quality_outliers(row)));
    return head;
}

static json_t *row_tail(const struct result_row *row)
{
    json_t *tail = json_object();
    json_object_set_new(tail, "work", value_or_null(row->work));
    json_object_set_new(tail, "counters", value_or_null(row->counters));
    json_object_set_new(tail, "rusage", value_or_null(row->rusage));
    json_object_set_new(tail, "memory", value_or_null(row->memory));
    return tail;
}

static void put_trials(FILE *out, const char *name, const struct result_trial *trials, size_t count)
{
    fprintf(out, ",\n \"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? ",\n  " : "\n  ", out);
        put_trial(out, &trials[i]);
    }
    fputc(']', out);
}

static void put_row(FILE *out, const struct result_row *row)
{
    fputc('{', out);
    put_members(out, row_head(row));
    put_trials(out, "trials", row->trials, row->trials_count);
    if (row->rejected_count > 0) {
        put_trials(out, "rejected", row->rejected, row->rejected_count);
    }
    fputs(",\n \"histogram\": ", out);
    put_histogram(out, row);
    fputs(",\n ", out);
    put_members(out, row_tail(row));
    fputc('}', out);
}

char *row_text(const struct result_row *row)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (out == NULL) {
        return NULL;
    }
    put_row(out, row);
    bool whole = ferror(out) == 0;
    if (fclose(out) != 0 || !whole) {
        free(text);
        return NULL;
    }
    return text;
}
