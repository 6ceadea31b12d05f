/* export_hyperfine.c - the JSON of hyperfine, for the scripts that read it.
 *
 * A row is a command, a process a run, and times are in seconds: of one operation, not of the
 * process, so that user and system, which are known of the process only, are null. Metrics that
 * are no times are left out.
 */
#include <math.h>
#include <stdlib.h>

#include "export.h"

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *parameters_json(const struct result_row *row)
{
    json_t *parameters = json_object();
    for (size_t i = 0; i < row->params_count; i++) {
        json_object_set_new(parameters, row->params[i].name,
                            json_sprintf("%lld", (long long)row->params[i].value));
    }
    json_object_set_new(parameters, "backend", json_string(row->backend));
    json_object_set_new(parameters, "procs", json_sprintf("%d", row->procs));
    return parameters;
}

/* min and max are of the runs, as in hyperfine. */
static json_t *row_json(const struct result_row *row)
{
    double mean;
    double deviation;
    double low = INFINITY;
    double high = -INFINITY;
    double seconds = export_seconds(row->unit);
    json_t *times = json_array();
    json_t *codes = json_array();
    for (size_t i = 0; i < row->trials_count; i++) {
        double time = row->trials[i].median * seconds;
        if (isfinite(time)) {
            json_array_append_new(times, json_real(time));
            json_array_append_new(codes, json_integer(0)); /* else the trial were not ok */
            low = fmin(low, time);
            high = fmax(high, time);
        }
    }
    export_moments(row, &mean, &deviation);
    char *name = export_row_name(row);
    json_t *object = json_object();
    json_object_set_new(object, "command", json_string(name));
    json_object_set_new(object, "mean", number_or_null(mean * seconds));
    json_object_set_new(object, "stddev", number_or_null(deviation * seconds));
    json_object_set_new(object, "median", json_real(row->median * seconds));
    json_object_set_new(object, "user", json_null());
    json_object_set_new(object, "system", json_null());
    json_object_set_new(object, "min", number_or_null(low));
    json_object_set_new(object, "max", number_or_null(high));
    json_object_set_new(object, "times", times);
    json_object_set_new(object, "exit_codes", codes);
    json_object_set_new(object, "parameters", parameters_json(row));
    free(name);
    return object;
}

int export_hyperfine(struct export *export)
{
    json_t *list = json_array();
    for (size_t i = 0; i < export->results->rows_count; i++) {
        const struct result_row *row = &export->results->rows[i];
        if (export_leave_out_failed(export, row)) {
            continue;
        }
        if (export_seconds(row->unit) > 0) {
            json_array_append_new(list, row_json(row));
        } else {
            export_leave_out(export, row, "no time");
        }
    }
    json_t *root = json_object();
    json_object_set_new(root, "results", list);
    return export_json(export, root);
}
