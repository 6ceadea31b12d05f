/* export_gbench.c - the JSON of google-benchmark, for its tools/compare.py.
 *
 * Each process is a repetition. The format knows times only, so other metrics are left out. It
 * wants cpu_time, which is not measured per operation: it repeats real_time, and the context says
 * so.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "export.h"

static json_t *context_json(const struct results *results)
{
    json_t *context = json_object();
    const json_t *cpu = json_object_get(results->context, "cpu");
    json_t *time = json_object_get(results->context, "time");
    json_t *count = json_object_get(cpu, "count");
    json_t *type = json_object_get(results->context, "build_type");
    bool release = json_is_string(type) && strcmp(json_string_value(type), "Debug") != 0;
    json_object_set_new(context, "date", time != NULL ? json_incref(time) : json_null());
    json_object_set_new(context, "executable", json_string("switchyard"));
    json_object_set_new(context, "num_cpus", count != NULL ? json_incref(count) : json_null());
    json_object_set_new(context, "library_build_type", json_string(release ? "release" : "debug"));
    json_object_set_new(context, "cpu_time", json_string("not measured; repeats real_time"));
    json_object_update_missing(context, results->context);
    return context;
}

/* What all entries of a row have in common. */
static json_t *entry(const struct result_row *row, const char *name, const char *run_name,
                     const char *type, double value)
{
    const char *unit = strcmp(row->unit, "µs") == 0 ? "us" : row->unit;
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "run_name", json_string(run_name));
    json_object_set_new(object, "run_type", json_string(type));
    json_object_set_new(object, "repetitions", json_integer((json_int_t)row->trials_count));
    json_object_set_new(object, "threads", json_integer(row->procs));
    json_object_set_new(object, "real_time", json_real(value));
    json_object_set_new(object, "cpu_time", json_real(value));
    json_object_set_new(object, "time_unit", json_string(unit));
    return object;
}

static void add_trials(json_t *benchmarks, const struct result_row *row, const char *name)
{
    for (size_t i = 0; i < row->trials_count; i++) {
        const struct result_trial *trial = &row->trials[i];
        if (!isfinite(trial->median)) {
            continue;
        }
        json_t *object = entry(row, name, name, "iteration", trial->median);
        json_object_set_new(object, "repetition_index", json_integer(trial->number));
        json_object_set_new(object, "iterations",
                            json_integer((json_int_t)export_iterations(trial)));
        json_array_append_new(benchmarks, object);
    }
}

static void add_aggregate(json_t *benchmarks, const struct result_row *row, const char *run_name,
                          const char *aggregate, double value)
{
    if (!isfinite(value)) {
        return;
    }
    char *name = alloc_format("%s_%s", run_name, aggregate);
    json_t *object = entry(row, name, run_name, "aggregate", value);
    json_object_set_new(object, "aggregate_name", json_string(aggregate));
    json_object_set_new(object, "aggregate_unit", json_string("time"));
    json_object_set_new(object, "iterations", json_integer((json_int_t)row->trials_count));
    json_array_append_new(benchmarks, object);
    free(name);
}

static void add_row(json_t *benchmarks, const struct result_row *row)
{
    double mean;
    double deviation;
    char *name = export_row_name(row);
    export_moments(row, &mean, &deviation);
    add_trials(benchmarks, row, name);
    add_aggregate(benchmarks, row, name, "mean", mean);
    add_aggregate(benchmarks, row, name, "median", row->median);
    add_aggregate(benchmarks, row, name, "stddev", deviation);
    free(name);
}

int export_gbench(struct export *export)
{
    json_t *benchmarks = json_array();
    for (size_t i = 0; i < export->results->rows_count; i++) {
        const struct result_row *row = &export->results->rows[i];
        if (export_leave_out_failed(export, row)) {
            continue;
        }
        if (export_seconds(row->unit) > 0) {
            add_row(benchmarks, row);
        } else {
            export_leave_out(export, row, "no time");
        }
    }
    json_t *root = json_object();
    json_object_set_new(root, "context", context_json(export->results));
    json_object_set_new(root, "benchmarks", benchmarks);
    return export_json(export, root);
}
