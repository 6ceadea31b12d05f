/* history_entry.c - a line of the history from what was measured; see history.h. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "compare_machine.h"
#include "history.h"
#include "json_text.h"

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

/* FNV-1a (Fowler, Noll and Vo). */
static uint64_t hash(const char *text)
{
    uint64_t value = FNV_BASIS;
    for (; *text != '\0'; text++) {
        value = (value ^ (unsigned char)*text) * FNV_PRIME;
    }
    return value;
}

void history_machine(const json_t *context, char machine[17])
{
    json_t *parts = compare_machine_parts(context);
    char *text = json_dumps(parts, JSON_COMPACT | JSON_SORT_KEYS);
    snprintf(machine, 17, "%016llx", (unsigned long long)hash(text != NULL ? text : ""));
    free(text);
    json_decref(parts);
}

/* --- Values ---------------------------------------------------------------------------------- */

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static void add_value(json_t *values, const char *name, const char *unit, double value, double low,
                      double high)
{
    if (isfinite(value)) {
        json_array_append_new(values, json_pack("{s:s, s:s, s:f, s:o, s:o}", "name", name, "unit",
                                                unit, "value", value, "low", number_or_null(low),
                                                "high", number_or_null(high)));
    }
}

/* "switch.ring tasks=10 rounds=5000 2 procs nosteal switch green": all that a row is named by. */
static char *name_of(const struct result_row *row, const char *backend)
{
    char *name = alloc_copy(row->workload);
    for (size_t i = 0; i < row->params_count; i++) {
        char *longer =
            alloc_format("%s %s=%lld", name, row->params[i].name, (long long)row->params[i].value);
        free(name);
        name = longer;
    }
    char *whole =
        alloc_format("%s procs=%d%s%s %s %s", name, row->procs, row->tune != NULL ? " " : "",
                     row->tune != NULL ? row->tune : "", row->metric, backend);
    free(name);
    return whole;
}

static void add_row(json_t *values, const struct results *results, const struct result_row *row)
{
    char *name = name_of(row, row->backend);
    add_value(values, name, row->unit, row->median, row->ci_low, row->ci_high);
    free(name);
    const struct result_row *partner =
        strcmp(row->backend, "green") == 0 ? results_partner(results, row, "pthread") : NULL;
    if (partner != NULL && partner->status == TRIAL_OK) {
        struct interval ratio = result_ratio(partner, row);
        name = name_of(row, "pthread/green");
        add_value(values, name, HISTORY_RATIO, ratio.value, ratio.low, ratio.high);
        free(name);
    }
}

static json_t *values_of_results(const struct json_text *text, const char *source,
                                 char error[RESULT_ERROR_BYTES])
{
    struct results *results = NULL;
    if (results_from_text(text, source, &results, error) < 0) {
        return NULL;
    }
    json_t *values = json_array();
    for (size_t i = 0; i < results->rows_count; i++) {
        const struct result_row *row = &results->rows[i];
        if (row->status == TRIAL_OK && row->metric != NULL) {
            add_row(values, results, row);
        }
    }
    results_free(results);
    return values;
}

static double member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void add_paired(json_t *values, const char *workload, const json_t *stage)
{
    const json_t *head = json_object_get(stage, "head");
    const json_t *interval = json_object_get(head, "ci95");
    char *name = alloc_format("%s head/base", workload);
    add_value(values, name, HISTORY_RATIO, member(head, "ratio"),
              json_number_value(json_array_get(interval, 0)),
              json_number_value(json_array_get(interval, 1)));
    free(name);
    name = alloc_format("%s A/A", workload);
    add_value(values, name, HISTORY_CONTROL,
              log(member(json_object_get(stage, "control"), "ratio")), NAN, NAN);
    free(name);
}

static json_t *values_of_gate(const json_t *root)
{
    json_t *values = json_array();
    const json_t *time = json_object_get(root, "time");
    const json_t *exact = json_object_get(root, "exact");
    for (size_t i = 0; i < json_array_size(time); i++) {
        const json_t *metric = json_array_get(time, i);
        const char *workload = json_string_value(json_object_get(metric, "workload"));
        if (workload != NULL) {
            add_paired(values, workload, json_object_get(metric, "first"));
        }
    }
    for (size_t i = 0; i < json_array_size(exact); i++) {
        const json_t *row = json_array_get(exact, i);
        const char *workload = json_string_value(json_object_get(row, "workload"));
        if (workload != NULL) {
            char *name = alloc_format("%s instructions", workload);
            add_value(values, name, "instructions",
                      member(json_object_get(row, "head"), "instructions"), NAN, NAN);
            free(name);
        }
    }
    return values;
}

/* --- The line -------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "unknown";
}

/* The values of either kind of file; NULL and one line in error. */
static json_t *values_of(const struct json_text *text, const json_t *root, const char *source,
                         char error[RESULT_ERROR_BYTES])
{
    struct fields fields = {.path = ""};
    if (strcmp(text_of(root, "schema"), "switchyard-gate/1") != 0) {
        return values_of_results(text, source, error);
    }
    fields_object(&fields, root, "context");
    if (!fields_ok(&fields)) {
        json_text_refuse(text, source, &fields, error);
        return NULL;
    }
    return values_of_gate(root);
}

json_t *history_entry_from_text(const struct json_text *text, const char *source,
                                char error[RESULT_ERROR_BYTES])
{
    char machine[17];
    json_t *root = NULL;
    if (json_text_parse(text, source, &root, error) < 0) {
        return NULL;
    }
    json_t *entry = NULL;
    json_t *values = values_of(text, root, source, error);
    if (values != NULL && json_array_size(values) == 0) {
        json_text_refuse_at(text, source, 0, "holds no value that could be kept", error);
    } else if (values != NULL) {
        const json_t *context = json_object_get(root, "context");
        history_machine(context, machine);
        entry =
            json_pack("{s:s, s:s, s:s, s:s, s:o, s:O}", "schema", "switchyard-history/1", "time",
                      text_of(context, "time"), "revision", text_of(context, "revision"), "machine",
                      machine, "about", compare_machine_parts(context), "values", values);
    }
    json_decref(values);
    json_decref(root);
    return entry;
}
