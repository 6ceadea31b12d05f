/* result_write.c - the model into results.json, so that the file on disk is always whole. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "result.h"
#include "result_parts.h"
#include "result_quality.h"
#include "target.h"

/* 12 digits are far beyond what any clock gives, and keep the file small and readable. */
#define DUMP_FLAGS (JSON_INDENT(1) | JSON_REAL_PRECISION(12))

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

static json_t *trial_json(const struct result_trial *trial)
{
    json_t *samples = json_array();
    for (size_t i = 0; i < trial->samples_count; i++) {
        json_array_append_new(samples, json_real(trial->samples[i]));
    }
    json_t *object = json_object();
    json_object_set_new(object, "trial", json_integer(trial->number));
    json_object_set_new(object, "status", json_string(trial_status_name(trial->status)));
    json_object_set_new(object, "reason", text_or_null(trial->reason));
    json_object_set_new(object, "note", text_or_null(trial->note));
    json_object_set_new(object, "disturbed", quality_disturbed_json(trial->disturbances));
    json_object_set_new(object, "median", number_or_null(trial->median));
    json_object_set_new(object, "samples", samples);
    json_object_set_new(object, "work", value_or_null(trial->work));
    json_object_set_new(object, "memory", value_or_null(trial->memory));
    return object;
}

static json_t *trials_json(const struct result_row *row)
{
    json_t *trials = json_array();
    for (size_t i = 0; i < row->trials_count; i++) {
        json_array_append_new(trials, trial_json(&row->trials[i]));
    }
    return trials;
}

static json_t *histogram_json(const struct result_row *row)
{
    if (row->histogram_count == 0) {
        return json_null();
    }
    json_t *pairs = json_array();
    for (size_t i = 0; i < row->histogram_count; i++) {
        json_t *pair = json_array();
        json_array_append_new(pair, json_integer((json_int_t)row->histogram[i].low));
        json_array_append_new(pair, json_integer((json_int_t)row->histogram[i].count));
        json_array_append_new(pairs, pair);
    }
    return pairs;
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

static json_t *row_json(const struct result_row *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "workload", json_string(row->workload));
    json_object_set_new(object, "backend", json_string(row->backend));
    json_object_set_new(object, "procs", json_integer(row->procs));
    json_object_set_new(object, "tune", text_or_null(row->tune));
    json_object_set_new(object, "params", params_json(row));
    json_object_set_new(object, "metric", text_or_null(row->metric));
    json_object_set_new(object, "unit", text_or_null(row->unit));
    json_object_set_new(object, "status", json_string(trial_status_name(row->status)));
    json_object_set_new(object, "reason", text_or_null(row->reason));
    json_object_set_new(object, "note", text_or_null(row->note));
    json_object_set_new(object, "median", number_or_null(row->median));
    json_object_set_new(object, "ci95", interval_json(row));
    json_object_set_new(object, "min", number_or_null(row->min));
    json_object_set_new(object, "max", number_or_null(row->max));
    json_object_set_new(object, "p50", number_or_null(row->p50));
    json_object_set_new(object, "p90", number_or_null(row->p90));
    json_object_set_new(object, "p99", number_or_null(row->p99));
    json_object_set_new(object, "p999", number_or_null(row->p999));
    json_object_set_new(object, "p9999", number_or_null(row->p9999));
    json_object_set_new(object, "outliers", quality_outliers_json(quality_outliers(row)));
    json_object_set_new(object, "trials", trials_json(row));
    json_object_set_new(object, "histogram", histogram_json(row));
    json_object_set_new(object, "work", value_or_null(row->work));
    json_object_set_new(object, "counters", value_or_null(row->counters));
    json_object_set_new(object, "rusage", value_or_null(row->rusage));
    json_object_set_new(object, "memory", value_or_null(row->memory));
    return object;
}

static json_t *results_json(const struct results *results)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < results->rows_count; i++) {
        json_array_append_new(rows, row_json(&results->rows[i]));
    }
    json_t *root = json_object();
    json_object_set_new(root, "schema", json_string(RESULTS_SCHEMA));
    json_object_set_new(root, "context", value_or_null(results->context));
    json_object_set_new(root, "complete", json_boolean(results->complete));
    json_object_set_new(root, "results", rows);
    return root;
}

static int write_all(int file, const char *text, size_t bytes)
{
    while (bytes > 0) {
        ssize_t written = write(file, text, bytes);
        if (written < 0 && errno != EINTR) {
            return -errno;
        }
        if (written > 0) {
            text += written;
            bytes -= (size_t)written;
        }
    }
    return 0;
}

/* Writes, syncs and closes. */
static int fill_file(int file, const char *text)
{
    int status = write_all(file, text, strlen(text));
    if (status == 0 && fsync(file) != 0) {
        status = -errno;
    }
    if (close(file) != 0 && status == 0) {
        status = -errno;
    }
    return status;
}

/* The rename itself must reach the disk too. Some file systems cannot sync folders: no matter. */
static void sync_folder_of(const char *path)
{
    char *copy = alloc_copy(path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
    free(copy);
}

static int replace_file(const char *path, const char *text)
{
    char target[PATH_MAX];
    int resolved = target_resolve(path, target);
    if (resolved < 0) {
        return resolved;
    }
    char *temporary = alloc_format("%s.tmp", target);
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int status = file < 0 ? -errno : fill_file(file, text);
    if (status == 0 && rename(temporary, target) != 0) {
        status = -errno;
    }
    if (status < 0 && file >= 0) {
        unlink(temporary);
    }
    if (status == 0) {
        sync_folder_of(target);
    }
    free(temporary);
    return status;
}

int results_save(const struct results *results, const char *path)
{
    json_t *root = results_json(results);
    char *text = json_dumps(root, DUMP_FLAGS);
    json_decref(root);
    if (text == NULL) {
        return -ENOMEM;
    }
    int status = replace_file(path, text);
    free(text);
    return status;
}
