/* spoil.c - see spoil.h. */
#include "spoil.h"

#include <string.h>

#include <check.h>

void spoil_row(json_t *row, const char *status)
{
    static const char *const numbers[] = {"median", "ci95", "min", "max",
                                          "p50",    "p90",  "p99", "p999"};
    size_t i;
    json_t *trial;
    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        json_object_set_new(row, numbers[i], json_null());
    }
    json_object_set_new(row, "status", json_string(status));
    json_object_set_new(row, "reason", json_string("made up"));
    json_array_foreach(json_object_get(row, "trials"), i, trial)
    {
        json_object_set_new(trial, "status", json_string(status));
        json_object_set_new(trial, "reason", json_string("made up"));
        json_object_set_new(trial, "median", json_null());
        json_object_set_new(trial, "samples", json_array());
    }
}

static const char *text_of(const json_t *row, const char *name)
{
    return json_string_value(json_object_get(row, name));
}

void spoil_cells(json_t *golden, const char *workload, int procs, const char *param, int64_t value,
                 const char *status)
{
    size_t i;
    size_t count = 0;
    json_t *row;
    json_array_foreach(json_object_get(golden, "results"), i, row)
    {
        const json_t *own = json_object_get(json_object_get(row, "params"), param);
        if (strcmp(text_of(row, "workload"), workload) == 0 &&
            strcmp(text_of(row, "backend"), "green") == 0 && text_of(row, "tune") == NULL &&
            (procs < 0 || json_integer_value(json_object_get(row, "procs")) == procs) &&
            (param == NULL || (own != NULL && json_integer_value(own) == value))) {
            spoil_row(row, status);
            count++;
        }
    }
    ck_assert_uint_gt(count, 0);
}
