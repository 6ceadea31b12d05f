/* exact_baseline.c - the file that the exact layer compares with: ci/baseline.json, docs/ci.md. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "alloc.h"
#include "buildinfo.h"
#include "gate_exact.h"
#include "json_fields.h"
#include "json_text.h"
#include "plot_file.h"
#include "textfile.h"

static const char schema[] = "switchyard-exact/1";

json_t *exact_fingerprint(const struct exact_tools *tools)
{
    struct utsname name;
    uname(&name);
    json_t *fingerprint = exact_tools_json(tools);
    json_object_set_new(fingerprint, "architecture", json_string(name.machine));
    json_object_set_new(fingerprint, "compiler", json_string(BUILDINFO_COMPILER));
    json_object_set_new(fingerprint, "flags", json_string(BUILDINFO_FLAGS));
    json_object_set_new(fingerprint, "build_type", json_string(BUILDINFO_TYPE));
    return fingerprint;
}

/* Four decimals: the file shall only change where a count did. */
static json_t *rounded(double value)
{
    return json_real(round(value * 1e4) / 1e4 + 0.0);
}

static json_t *row_json(const struct exact_row *row)
{
    json_t *object = json_pack("{s:s, s:s, s:[I, I]}", "workload", row->cell->workload, "count",
                               row->cell->count, "between", (json_int_t)row->cell->few,
                               (json_int_t)row->cell->many);
    for (int kind = 0; kind < EXACT_KINDS; kind++) {
        json_object_set_new(object, exact_name((enum exact_kind)kind), rounded(row->head.of[kind]));
    }
    return object;
}

int exact_baseline_save(const struct exact_layer *layer, const json_t *fingerprint,
                        const char *path)
{
    json_t *root = json_pack("{s:s, s:O, s:[]}", "schema", schema, "fingerprint",
                             (json_t *)(uintptr_t)fingerprint, "counts");
    json_t *counts = json_object_get(root, "counts");
    for (size_t i = 0; i < layer->rows_count; i++) {
        json_array_append_new(counts, row_json(&layer->rows[i]));
    }
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(12) | JSON_SORT_KEYS);
    json_decref(root);
    if (text == NULL) {
        return -ENOMEM;
    }
    char *file = alloc_format("%s\n", text);
    int status = file_write(path, file, strlen(file));
    free(file);
    free(text);
    return status;
}

static const struct gate_cell *cell_named(const char *workload)
{
    for (size_t i = 0; i < gate_cells_count; i++) {
        if (strcmp(gate_cells[i].workload, workload) == 0) {
            return &gate_cells[i];
        }
    }
    return NULL;
}

static bool has_row(const struct exact_layer *layer, const struct gate_cell *cell)
{
    for (size_t i = 0; i < layer->rows_count; i++) {
        if (layer->rows[i].cell == cell) {
            return true;
        }
    }
    return false;
}

const struct gate_cell *exact_baseline_lacks(const struct exact_layer *layer,
                                             const struct gate_build *build)
{
    for (size_t i = 0; i < gate_cells_count; i++) {
        if (gate_build_has(build, &gate_cells[i]) && !has_row(layer, &gate_cells[i])) {
            return &gate_cells[i];
        }
    }
    return NULL;
}

static void parse_row(struct fields *fields, const json_t *object, struct exact_layer *layer)
{
    struct exact_row row = {.cell = cell_named(fields_string(fields, object, "workload"))};
    const json_t *between = fields_array(fields, object, "between");
    if (row.cell == NULL) {
        fields_fail(fields, "workload", "is none that the gate knows");
        return;
    }
    if (has_row(layer, row.cell)) {
        fields_fail(fields, "workload", "is there twice");
    }
    if (json_integer_value(json_array_get(between, 0)) != row.cell->few ||
        json_integer_value(json_array_get(between, 1)) != row.cell->many) {
        fields_fail(fields, "between", "is not %lld, %lld: write the baseline anew",
                    (long long)row.cell->few, (long long)row.cell->many);
    }
    for (int kind = 0; kind < EXACT_KINDS; kind++) {
        const char *name = exact_name((enum exact_kind)kind);
        row.base.of[kind] = fields_number_or_null(fields, object, name);
        if (!isfinite(row.base.of[kind])) {
            fields_fail(fields, name, "is not a number");
        }
    }
    layer->rows = alloc_append(layer->rows, layer->rows_count, sizeof *layer->rows);
    layer->rows[layer->rows_count++] = row;
}

static void parse_root(struct fields *fields, const json_t *root, struct exact_layer *layer,
                       json_t **fingerprint)
{
    fields_schema(fields, root, schema);
    if (!fields_ok(fields)) {
        return;
    }
    *fingerprint = json_incref(fields_object(fields, root, "fingerprint"));
    const json_t *counts = fields_array(fields, root, "counts");
    for (size_t i = 0; i < json_array_size(counts) && fields_ok(fields); i++) {
        fields_at(fields, "counts[%zu]", i);
        parse_row(fields, json_array_get(counts, i), layer);
    }
    if (fields_ok(fields) && layer->rows_count == 0) {
        fields_fail(fields, NULL, "counts nothing");
    }
}

int exact_baseline_from_text(struct exact_layer *layer, json_t **fingerprint,
                             const struct json_text *text, const char *source,
                             char error[RESULT_ERROR_BYTES])
{
    struct fields fields = {.path = ""};
    json_t *root = NULL;
    *layer = (struct exact_layer){.rows = NULL};
    *fingerprint = NULL;
    int status = json_text_parse(text, source, &root, error);
    if (status < 0) {
        return status;
    }
    parse_root(&fields, root, layer, fingerprint);
    json_decref(root);
    if (fields_ok(&fields)) {
        return 0;
    }
    json_text_refuse(text, source, &fields, error);
    json_decref(*fingerprint);
    *fingerprint = NULL;
    exact_layer_destroy(layer);
    return -EINVAL;
}

int exact_baseline_load(struct exact_layer *layer, json_t **fingerprint, const char *path,
                        char error[RESULT_ERROR_BYTES])
{
    struct json_text text;
    *layer = (struct exact_layer){.rows = NULL};
    *fingerprint = NULL;
    int status = json_text_load(path, &text, error);
    if (status == 0) {
        status = exact_baseline_from_text(layer, fingerprint, &text, path, error);
    }
    json_text_destroy(&text);
    return status;
}
