/* compare_json.c - a comparison as JSON: the same as the table, for programs. */
#include <errno.h>
#include <math.h>

#include "commands.h"
#include "compare.h"

/* As in results.json: 12 digits are beyond what any clock gives. */
#define DUMP_FLAGS (JSON_INDENT(1) | JSON_REAL_PRECISION(12))

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

static json_t *cell_json(const struct result_row *row)
{
    json_t *object = json_object();
    json_t *params = json_object();
    for (size_t i = 0; i < row->params_count; i++) {
        json_object_set_new(params, row->params[i].name, json_integer(row->params[i].value));
    }
    json_object_set_new(object, "workload", json_string(row->workload));
    json_object_set_new(object, "backend", json_string(row->backend));
    json_object_set_new(object, "procs", json_integer(row->procs));
    json_object_set_new(object, "tune", text_or_null(row->tune));
    json_object_set_new(object, "params", params);
    json_object_set_new(object, "metric", text_or_null(row->metric));
    json_object_set_new(object, "unit", text_or_null(row->unit));
    return object;
}

static json_t *side_json(const struct result_row *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "status", json_string(trial_status_name(row->status)));
    json_object_set_new(object, "median", number_or_null(row->median));
    json_object_set_new(object, "trials", json_integer((json_int_t)row->trials_count));
    return object;
}

static json_t *interval_json(struct interval interval)
{
    if (!isfinite(interval.low) || !isfinite(interval.high)) {
        return json_null();
    }
    json_t *pair = json_array();
    json_array_append_new(pair, json_real(interval.low));
    json_array_append_new(pair, json_real(interval.high));
    return pair;
}

static json_t *row_json(const struct compare_row *row)
{
    json_t *object = cell_json(row->base->metric != NULL ? row->base : row->head);
    json_object_set_new(object, "base", side_json(row->base));
    json_object_set_new(object, "head", side_json(row->head));
    json_object_set_new(object, "ratio", number_or_null(row->ratio.value));
    json_object_set_new(object, "ci95", interval_json(row->ratio));
    json_object_set_new(object, "verdict", json_string(verdict_name(row->verdict)));
    json_object_set_new(object, "reason",
                        row->reason[0] != '\0' ? json_string(row->reason) : json_null());
    json_object_set_new(object, "control", json_boolean(row->control));
    return object;
}

static json_t *alone_json(const struct result_row *const *rows, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(array, cell_json(rows[i]));
    }
    return array;
}

static json_t *file_json(const char *name, const struct results *results)
{
    json_t *revision = json_object_get(results->context, "revision");
    json_t *time = json_object_get(results->context, "time");
    json_t *object = json_object();
    json_object_set_new(object, "file", json_string(name));
    json_object_set_new(object, "revision", revision != NULL ? json_incref(revision) : json_null());
    json_object_set_new(object, "time", time != NULL ? json_incref(time) : json_null());
    json_object_set_new(object, "complete", json_boolean(results->complete));
    return object;
}

int compare_print_json(FILE *stream, const struct comparison *comparison,
                       const struct compare_names *names, const json_t *machines)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < comparison->rows_count; i++) {
        json_array_append_new(rows, row_json(&comparison->rows[i]));
    }
    json_t *root = json_object();
    json_object_set_new(root, "schema", json_string("switchyard-compare/1"));
    json_object_set_new(root, "base", file_json(names->base, comparison->base));
    json_object_set_new(root, "head", file_json(names->head, comparison->head));
    json_object_set_new(root, "threshold", json_real(comparison->options.threshold));
    json_object_set_new(root, "paired", json_boolean(comparison->options.paired));
    json_object_set_new(root, "machines_differ", json_deep_copy(machines));
    json_object_set_new(root, "rows", rows);
    json_object_set_new(root, "only_base",
                        alone_json(comparison->only_base, comparison->only_base_count));
    json_object_set_new(root, "only_head",
                        alone_json(comparison->only_head, comparison->only_head_count));
    json_object_set_new(root, "exit_status", json_integer(compare_status(comparison)));
    int status = json_dumpf(root, stream, DUMP_FLAGS) == 0 ? 0 : -EIO;
    fputc('\n', stream);
    json_decref(root);
    return status;
}
